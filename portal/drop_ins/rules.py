"""What may be booked, when reminders are due, how long a freed place waits for somebody: pure, in London's
hours."""

import unicodedata
from collections.abc import Collection, Iterator
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from portal.notifications.rules import Quiet, next_opening

LONDON = ZoneInfo("Europe/London")

TOMORROW_AT = time(10)  # the day before, in London
SOON_BEFORE = timedelta(hours=2)
# A reminder for tomorrow that is this late gives way to the one that comes two hours before.
TOMORROW_ENDS_BEFORE = timedelta(hours=8)
OFFER_STANDS = timedelta(hours=4)  # counted from when the person can have read the message
OFFER_ENDS_BEFORE = timedelta(minutes=30)
WORD_TRIES = 5
WORD_LENGTH = (3, 30)


class SessionState(StrEnum):
    OPEN = "OPEN"
    CALLED_OFF = "CALLED_OFF"


class BookingState(StrEnum):
    """A booking, and the five ways it can turn out. None of them blames anybody."""

    BOOKED = "BOOKED"
    CANCELLED = "CANCELLED"
    CAME = "CAME"
    CAME_LATE = "CAME_LATE"
    TOLD_US = "TOLD_US"  # could not come and said so, too late to free the place
    WE_COULD_NOT = "WE_COULD_NOT"  # the session did not happen, or we could not see them
    DID_NOT_COME = "DID_NOT_COME"  # somebody asks whether they are well


OUTCOMES = frozenset(set(BookingState) - {BookingState.BOOKED, BookingState.CANCELLED})


def london_moment(day: date, clock: time) -> datetime:
    """A London day and time as a moment in UTC.

    Refuses a time that the clocks jump over (`no_such_time`) and one that comes twice (`comes_twice`):
    nobody could know which of the two was meant (rule 58).
    """
    local = datetime.combine(day, clock, LONDON)
    moment = local.astimezone(UTC)
    if moment.astimezone(LONDON).replace(tzinfo=None) != local.replace(tzinfo=None):
        raise ValidationError(
            _("The clocks go forward that night: this time does not happen."), code="no_such_time"
        )
    if local.replace(fold=1).utcoffset() != local.utcoffset():
        raise ValidationError(_("The clocks go back that night: this time comes twice."), code="comes_twice")
    return moment


def check_weekly(*, weekday: int, opens: time, closes: time) -> None:
    """Refuses (`clock_hour`) a weekly time in the hour of Sunday morning that the clocks skip in spring and repeat in
    autumn: its days could not all be made."""
    if weekday == 6 and (opens.hour == 1 or closes.hour == 1):
        raise ValidationError(
            _("The clocks change between 1 and 2 on a Sunday morning. Choose another time."),
            code="clock_hour",
        )


def check_outcome(outcome: str, *, day: date, on: date) -> None:
    """How a booking turned out is known on its day and after; before it only that they told us (`not_yet`)."""
    if outcome not in OUTCOMES:
        raise ValidationError(_("Choose how it turned out."), code="no_such_outcome")
    if on < day and outcome != BookingState.TOLD_US:
        raise ValidationError(_("This day has not come yet. Is it the right register?"), code="not_yet")


def days_of(
    *, weekday: int, first: date, last: date, closed: Collection[date], holidays: Collection[date]
) -> Iterator[date]:
    """The days of a weekly pattern, from `first` to `last` inclusive; none on closed days and bank
    holidays."""
    day = first + timedelta(days=(weekday - first.weekday()) % 7)
    while day <= last:
        if day not in closed and day not in holidays:
            yield day
        day += timedelta(days=7)


def reminders(*, starts_at: datetime, now: datetime) -> list[tuple[str, datetime, datetime]]:
    """The reminders of one booking that can still come in time: (kind, due at, not after).

    The day before at 10:00 in London, whatever the clocks do in between, and two hours before.
    """
    day_before = starts_at.astimezone(LONDON).date() - timedelta(days=1)
    tomorrow = datetime.combine(day_before, TOMORROW_AT, LONDON).astimezone(UTC)
    planned = [
        ("drop_in_tomorrow", tomorrow, max(tomorrow, starts_at - TOMORROW_ENDS_BEFORE)),
        ("drop_in_soon", starts_at - SOON_BEFORE, starts_at),
    ]
    return [reminder for reminder in planned if reminder[1] > now]


def offer_until(*, starts_at: datetime, now: datetime) -> datetime | None:
    """Until when a freed place is kept for the next in line; None when it is too late to offer it to anybody.

    Four hours from the moment a message can be read, and at most until half an hour before the start.
    """
    until = min(next_opening(now, Quiet()) + OFFER_STANDS, starts_at - OFFER_ENDS_BEFORE)
    return until if until > now else None


def check_may_book(*, state: str, starts_at: datetime, now: datetime, in_custody: bool) -> None:
    """Refuses a session that was called off (`called_off`) or has begun (`begun`), and holds bookings in
    custody (`held`)."""
    if in_custody:
        raise ValidationError(
            _("You cannot book right now. Your adviser can help you another way."), code="held"
        )
    if state != SessionState.OPEN:
        raise ValidationError(_("This day was called off. Please choose another one."), code="called_off")
    if starts_at <= now:
        raise ValidationError(_("This has already begun. You can just walk in."), code="begun")


def plain_word(word: str) -> str:
    """The word as it is compared: letter case, spaces and ways of writing one letter make no difference."""
    return " ".join(unicodedata.normalize("NFKC", word).casefold().split())


def check_word(word: str) -> str:
    """The plain word, or a refusal (`word_length`): three to thirty letters."""
    plain = plain_word(word)
    least, most = WORD_LENGTH
    if not least <= len(plain) <= most:
        raise ValidationError(
            _("Choose a word of %(least)d to %(most)d letters.") % {"least": least, "most": most},
            code="word_length",
        )
    return plain
