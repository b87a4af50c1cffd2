"""Processes that export payments: several at once, or one that is killed at a line of the export code.

`guard_off` takes away what keeps a payment in one batch (the row lock, the check and the constraint) or, for a crash,
writes straight under the final name in two halves.
"""

import os
import sys
import time
import traceback
from datetime import datetime
from pathlib import Path
from types import FrameType
from typing import Any

from tests.races.processes import EverybodyHere

ROOT = Path(__file__).parents[2]
WATCHED = (str(ROOT / "portal" / "finance"), str(ROOT / "portal" / "exports.py"))
KILLED = 77


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


def kill_at_each_line(job: dict[str, Any]) -> dict[str, Any]:
    """For each line of the export code in turn: owe some payments, kill the exporter there, run it again twice.

    Stops when an exporter comes through alive, or something is wrong. Gives back how often one was killed, and what
    was found wrong.
    """
    from tests.races import crash_scene

    lines, wrong = 0, []
    while True:
        crash_scene.owe_some(job)
        lines += job["step"]
        if _run_apart(job, die_at=lines) != KILLED:
            break
        wrong += crash_scene.half_files()
        for _again in range(2):
            assert _run_apart(job, die_at=0) == 0
        wrong += crash_scene.what_is_wrong()
        if wrong:
            break
    return {"killed": lines // job["step"] - 1, "wrong": wrong}


def _run_apart(job: dict[str, Any], *, die_at: int) -> int:
    """Export in a process of its own that ends without a word at its n-th line; 0 is never. Gives its exit code."""
    from django.db import connections

    others = _other_connections()
    connections.close_all()
    child = os.fork()
    if child:
        code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        while _other_connections() > others:  # the server is still finding out that its client is gone
            time.sleep(0.02)
        return code
    code = 1
    try:
        if die_at:
            sys.settrace(_Death(die_at).watch)
        export(job)
        code = 0
    except BaseException:
        traceback.print_exc()
    finally:
        os._exit(code)


def _other_connections() -> int:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
        return int(cursor.fetchone()[0])


class _Death:
    """Counts lines of the export code, and ends the process at one: nothing is flushed, closed or rolled back."""

    def __init__(self, at: int) -> None:
        self.left = at

    def watch(self, frame: FrameType, event: str, _argument: Any) -> Any:
        if not frame.f_code.co_filename.startswith(WATCHED):
            return None
        if event == "line":
            self.left -= 1
            if not self.left:
                os._exit(KILLED)
        return self.watch


def take_the_guards_off(kind: str) -> None:
    """What the guards are there to prevent."""
    from portal.finance import batches
    from portal.payments.models import Instalment

    if kind == "crash":

        def write_in_halves(path: Path, content: bytes) -> None:
            path.parent.mkdir(parents=True, exist_ok=True)
            with open(path, "wb", buffering=0) as file:
                file.write(content[: len(content) // 2])
                _a_line_of_the_export_code()
                file.write(content[len(content) // 2 :])

        batches.write_whole = write_in_halves
        return

    def take_without_a_lock(on: Any) -> list[Instalment]:
        found = list(batches._owed(on))
        EverybodyHere.wait()
        return found

    def mark_anyway(*, instalments: list[int], now: Any) -> int:
        return Instalment.objects.filter(pk__in=instalments).update(state="IN_BATCH")

    batches._take, batches.mark_in_batch = take_without_a_lock, mark_anyway


def _a_line_of_the_export_code() -> None:
    """Lets the twin be killed between its two halves: a line that counts as the export code's own."""
    exec(compile("pass\n" * 21, f"{WATCHED[0]}/halves.py", "exec"))  # noqa: S102


def run(job: dict[str, Any]) -> dict[str, Any]:
    """What one of the processes does."""
    if job["guard_off"]:
        take_the_guards_off(job["guard_off"])
    return kill_at_each_line(job) if job.get("step") else {"said": export(job)}
