"""Processes that export payments: several at once, or one that is killed at a line of the export code.

`guard_off` takes away what keeps a payment in one batch (the row lock, the check and the constraint) or, for a crash,
writes straight under the final name in two halves.
"""

from datetime import datetime
from typing import Any

from tests.races import killing
from tests.races.killing import ROOT
from tests.races.processes import EverybodyHere

WATCHED = (str(ROOT / "portal" / "finance"), str(ROOT / "portal" / "exports.py"))


def export(job: dict[str, Any]) -> str:
    """What `export_payments` does, as often as told; the refusal's code if there was one."""
    from django.core.exceptions import ValidationError

    from portal.accounts.models import User
    from portal.finance import services

    now, by = datetime.fromisoformat(job["now"]), User.objects.get(pk=job["by"])
    said = "nothing"
    for _time in range(job.get("times", 1)):
        try:
            services.finish_files(now=now)
            services.write_file(batch=services.make_batch(by=by, now=now).batch, now=now)
            said = "made"
        except ValidationError as refusal:
            if refusal.code not in {"nothing_to_pay", "busy"}:
                return str(refusal.code)
    return said


def kill_at_each_export_line(job: dict[str, Any]) -> dict[str, Any]:
    """Owe some payments, kill the exporter at a line, run it again twice; each time one step further."""
    from tests.races import crash_scene

    return killing.kill_at_each_line(
        lambda _round: export(job), watched=WATCHED, step=job["step"],
        prepare=lambda _round: crash_scene.owe_some(job),
        at_once=crash_scene.half_files, after=crash_scene.what_is_wrong,
    )  # fmt: skip


def take_the_guards_off(kind: str) -> None:
    """What the guards are there to prevent."""
    from portal.finance import batches
    from portal.payments.models import Instalment

    if kind == "crash":
        batches.write_whole = killing.in_halves(WATCHED)
        return

    def take_without_a_lock(on: Any) -> list[Instalment]:
        found = list(batches._owed(on))
        EverybodyHere.wait()
        return found

    def mark_anyway(*, instalments: list[int], now: Any) -> int:
        return Instalment.objects.filter(pk__in=instalments).update(state="IN_BATCH")

    batches._take, batches.mark_in_batch = take_without_a_lock, mark_anyway


def run(job: dict[str, Any]) -> dict[str, Any]:
    """What one of the processes does."""
    if job["guard_off"]:
        take_the_guards_off(job["guard_off"])
    return kill_at_each_export_line(job) if job.get("step") else {"said": export(job)}
