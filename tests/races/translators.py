"""One of several processes in which an editor presses "Translate" at the same moment."""

from typing import Any

MONTH = "2026-11"


def take_the_guard_off() -> None:
    """Look first, then count: everybody finds room for themselves before anybody has taken any."""
    from django.db.models import F

    from cms import outside_translator
    from cms.models import OutsideTranslation
    from tests.races.processes import EverybodyHere

    def take(letters: int, *, month: str) -> None:
        row = OutsideTranslation.objects.get(pk=1, on=True, month=month)
        EverybodyHere.wait()
        if row.used + letters > row.monthly_cap:
            raise outside_translator.CapReached
        OutsideTranslation.objects.update(used=F("used") + letters)

    outside_translator.take = take


def run(job: dict[str, Any]) -> str:
    """Take the letters of one page; what came of it."""
    from cms import outside_translator

    if job["guard_off"]:
        take_the_guard_off()
    try:
        outside_translator.take(job["letters"], month=MONTH)
    except outside_translator.CapReached:
        return "refused"
    return "sent"
