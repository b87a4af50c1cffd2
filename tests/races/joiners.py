"""One of several processes that come in by the same desk code at once, each with the six numbers of its own phone."""

from datetime import datetime
from typing import Any

from tests.races.processes import EverybodyHere


def take_the_guard_off() -> None:
    """Nothing is asked of the code while it is used up: everybody looks, then everybody comes in."""
    from portal.accounts import services
    from portal.accounts.models import Invitation, User

    def join(asked: Any, *, now: datetime) -> None:
        unused = Invitation.objects.filter(pk=asked.invitation_id, used_at=None).exists()
        EverybodyHere.wait()
        assert unused
        Invitation.objects.filter(pk=asked.invitation_id).update(used_at=now)
        User.objects.filter(pk=asked.user_id).update(phone=asked.destination)

    services._join = join


def run(job: dict[str, Any]) -> str:
    """What one of the processes does: "in", or why it was refused."""
    from django.core.exceptions import ValidationError

    from portal.accounts import services

    if job["guard_off"]:
        take_the_guard_off()
    try:
        services.use_code(browser_key=job["key"], typed=job["six"], now=datetime.fromisoformat(job["now"]))
    except ValidationError as refusal:
        return str(refusal.code)
    return "in"
