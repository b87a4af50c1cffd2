"""What a PIN may be, and how long one waits after wrong tries (rule 9)."""

import unicodedata
from collections.abc import Iterator
from datetime import date, timedelta
from itertools import pairwise

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

PIN_DIGITS = 6
# After so many wrong tries in a row: how long until the next. From the last of these on, after each wrong try.
PIN_WAITS = {5: timedelta(minutes=15), 10: timedelta(hours=1), 15: timedelta(days=1)}
PIN_LAST_WAIT = max(PIN_WAITS)


def digits_of(typed: str) -> str:
    """The digits in what somebody typed, of any script, as 0 to 9."""
    return "".join(str(unicodedata.decimal(mark)) for mark in typed if mark.isdecimal())


def check_pin(pin: str, *, born_on: date | None = None, number: str | None = None) -> None:
    """A PIN is six digits that whoever knows the person, or holds their phone, does not try first.

    Refuses `not_six`; and `easy_pin`: all the same, in a row, a part that repeats, the birthday, the end of the number.
    """
    if len(pin) != PIN_DIGITS or not (pin.isascii() and pin.isdecimal()):
        raise ValidationError(_("Your PIN must be 6 numbers"), code="not_six")
    steps = {(int(after) - int(before)) % 10 for before, after in pairwise(pin)}
    repeats = any(pin == pin[:length] * (PIN_DIGITS // length) for length in (1, 2, 3))
    doubled = pin[0::2] == pin[1::2] and steps - {0} <= {1, 9}  # 112233
    known = set(_written(born_on)) if born_on else set()
    if steps in ({1}, {9}) or repeats or doubled or pin in known or (number or "").endswith(pin):
        raise ValidationError(
            _("This is too easy to guess. Do not use your birthday, your phone number or numbers in a row"),
            code="easy_pin",
        )


def tries_left(tries: int) -> int:
    """How many more wrong tries before a wait, after so many wrong ones in a row; none: it waits now."""
    return next((most - tries for most in PIN_WAITS if tries <= most), 0)


def _written(day: date) -> Iterator[str]:
    """A day as people write it with six digits."""
    dd, mm, yyyy = f"{day:%d}", f"{day:%m}", f"{day:%Y}"
    for parts in (
        (dd, mm, yyyy[2:]),
        (mm, dd, yyyy[2:]),
        (yyyy[2:], mm, dd),
        (yyyy[2:], dd, mm),
        (yyyy, mm),
        (mm, yyyy),
    ):
        yield "".join(parts)
    yield f"{day.day}{day.month}{yyyy}"
    yield yyyy + dd
    yield dd + yyyy
