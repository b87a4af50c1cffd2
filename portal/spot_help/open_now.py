"""Whose line is open at this moment, first; then the others, with when they open."""

from dataclasses import dataclass
from datetime import date, datetime

from django.conf import settings

from cms import phones
from portal.clock import LONDON
from portal.working_days import office_is_open, opens_next

DUTY, OUT_OF_HOURS = "duty", "out-of-hours"


@dataclass(frozen=True)
class Line:
    """A number, whether somebody answers it now, and else the day it opens."""

    phone: phones.Phone
    is_open: bool
    opens_on: date | None = None


def lines(now: datetime) -> list[Line]:
    """The council's own two numbers, the one that is open first."""
    at = now.astimezone(LONDON)
    opens, closes = settings.OFFICE_OPENS, settings.OFFICE_CLOSES
    duty, late = phones.phone(DUTY), phones.phone(OUT_OF_HOURS)
    if office_is_open(at, opens=opens, closes=closes):
        return [Line(duty, is_open=True), Line(late, is_open=False)]
    return [Line(late, is_open=True), Line(duty, is_open=False, opens_on=opens_next(at, opens=opens))]
