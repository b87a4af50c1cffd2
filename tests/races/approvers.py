"""One of several processes that approve requests at the same moment; `guard_off` checks first and writes after."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from typing import Any

from tests.races.processes import EverybodyHere

BUSY_TRIES = 40


def approve_all(job: dict[str, Any]) -> list[str]:
    """Approve each request in a thread of its own; what became of each, `approved` or the code of its refusal."""
    from django.core.exceptions import ValidationError
    from django.db import connection

    from portal.accounts.models import User
    from portal.payments import services

    now = datetime.fromisoformat(job["now"])

    if job["guard_off"]:
        take_the_guards_off(everybody_looked=threading.Barrier(len(job["refs"])))

    def approve(ref: str) -> str:
        by = User.objects.get(pk=job["by"])
        try:
            for _try in range(BUSY_TRIES):
                try:
                    services.approve(ref=ref, by=by, now=now)
                except ValidationError as refusal:
                    if refusal.code != "busy":
                        return str(refusal.code)
                else:
                    return "approved"
            return "busy"
        finally:
            connection.close()

    with ThreadPoolExecutor(len(job["refs"])) as pool:
        return list(pool.map(approve, job["refs"]))


def take_the_guards_off(*, everybody_looked: threading.Barrier) -> None:
    """Everybody looks whether there is room, then everybody writes: what one conditional update prevents."""
    from django.core.exceptions import ValidationError

    from portal.ledger.models import Allowance, Entry
    from portal.payments import deciding, holding

    def check_then_update(
        *, allowance: Any, pence: int, key: str, by: Any, now: Any, first: Any = None
    ) -> None:
        allowance.refresh_from_db()
        if allowance.left_pence < pence:
            raise ValidationError("over", code="over_cap")
        EverybodyHere.wait(everybody_looked)
        fresh = Allowance.objects.get(pk=allowance.pk)
        Allowance.objects.filter(pk=fresh.pk).update(reserved_pence=fresh.reserved_pence + pence)
        if first is not None:
            first.save(force_insert=True)
        Entry.objects.create(allowance=allowance, kind="RESERVE", pence=pence, key=key, by=by, at=now)

    deciding.reserve = check_then_update
    holding.locked = lambda found, *of: found


def run(job: dict[str, Any]) -> dict[str, Any]:
    """What one of the processes does."""
    return {"results": approve_all(job)}
