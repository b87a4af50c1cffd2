"""When a regular award is due, and what a change of it needs. Pure: no database, no clock.

Sums are pence. Days are London days. A payment pays one period of the ledger: a week, a month or a term.
"""

from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from django.core.exceptions import ValidationError
from django.db.models import TextChoices
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from portal.ledger.rules import TERMS, period_for

NOTICE = timedelta(days=14)  # nobody's money stops or shrinks sooner than this after they were told
MOST_PAYMENTS = 110  # two years of weeks, and a little: a longer award is agreed again
FURTHEST = timedelta(days=3 * 366)  # no last day is later than this from today
REVIEW_TOLD = timedelta(days=14)  # before the review date


class Every(TextChoices):
    WEEK = "WEEK", gettext_lazy("every week")
    MONTH = "MONTH", gettext_lazy("every month")
    TERM = "TERM", gettext_lazy("every term")


class ChangeKind(TextChoices):
    """What may be decided about a regular award. The labels are what staff read."""

    HOLD = "HOLD", gettext_lazy("Hold it")
    RESUME = "RESUME", gettext_lazy("Let it go on")
    CHANGE = "CHANGE", gettext_lazy("Change the amount")
    END = "END", gettext_lazy("End it")
    KEEP = "KEEP", gettext_lazy("Reviewed: it goes on as it is")


class ChangeReason(TextChoices):
    """Why. The labels are what a young person reads first."""

    MISSING_PAPER = "MISSING_PAPER", gettext_lazy("We still need a paper from you")
    ASKED = "ASKED", gettext_lazy("You asked us to")
    NOT_NOW = "NOT_NOW", gettext_lazy("Your situation has changed")
    COSTS = "COSTS", gettext_lazy("It costs something else now")
    RULES = "RULES", gettext_lazy("The rules for this have changed")


@dataclass(frozen=True, slots=True)
class Schedule:
    """A regular award as it is agreed: `each_pence` on every due day from the first to the last, both counted."""

    every: str
    each_pence: int
    starts_on: date
    ends_on: date
    review_on: date

    @property
    def due(self) -> list[tuple[str, date]]:
        """Each period it pays, with its due day."""
        return [(period_for(self.every, on=day).name, day) for day in due_days(self)]

    @property
    def pence(self) -> int:
        """The whole sum, which is set aside at once."""
        return self.each_pence * len(self.due)


def due_days(schedule: Schedule) -> Iterator[date]:
    """The first day, then the same weekday, day of the month (or the month's last), or first day of the next term."""
    start, last = schedule.starts_on, schedule.ends_on
    for place in range(MOST_PAYMENTS + 1):
        match schedule.every:
            case Every.WEEK:
                day = start + timedelta(weeks=place)
            case Every.MONTH:
                day = _months_on(start, place)
            case _:
                day = _terms_on(start, place)
        if day > last:
            return
        yield day


def check_schedule(schedule: Schedule, *, on: date) -> None:
    """Whether it can be agreed on a day. Refuses with `no_amount`, `starts_in_the_past`,
    `ends_first`, `too_far`, `too_many` and `review`."""
    if schedule.each_pence <= 0:
        raise ValidationError(_("Say how much."), code="no_amount")
    if schedule.starts_on < on:
        raise ValidationError(_("The first payment is today or later."), code="starts_in_the_past")
    if schedule.ends_on < schedule.starts_on:
        raise ValidationError(_("The last day comes after the first."), code="ends_first")
    if schedule.ends_on > on + FURTHEST:
        raise ValidationError(_("Choose a last day within three years."), code="too_far")
    if len(schedule.due) > MOST_PAYMENTS:
        raise ValidationError(_("Agree up to two years at once."), code="too_many")
    if not schedule.starts_on <= schedule.review_on <= schedule.ends_on:
        raise ValidationError(_("Look at it again between the first day and the last."), code="review")


def check_change(*, kind: str, code: str, words: str, starts_on: date, on: date, lower: bool) -> None:
    """What a dated decision needs: a reason and words, and notice where money stops or shrinks.

    A missing paper alone may hold money, with notice; it never changes or ends it (product: never stopped by missing
    evidence alone). What the young person asked for needs no notice. Refuses `no_reason`, `paper_alone`, `no_notice`.
    """
    if kind in {ChangeKind.RESUME, ChangeKind.KEEP}:
        return
    if code not in ChangeReason.values or not words.strip():
        raise ValidationError(_("Give a reason in words the young person can use."), code="no_reason")
    if code == ChangeReason.MISSING_PAPER and kind != ChangeKind.HOLD:
        raise ValidationError(
            _("A missing paper alone never ends or changes money. Hold it, with notice."), code="paper_alone"
        )
    stops = kind in {ChangeKind.HOLD, ChangeKind.END} or lower
    first = on + NOTICE if stops and code != ChangeReason.ASKED else on
    if starts_on < first:
        raise ValidationError(
            _("They must be told first: not before %(day)s.") % {"day": f"{first:%d %B %Y}"}, code="no_notice"
        )


def _months_on(start: date, months: int) -> date:
    year, month = divmod(start.year * 12 + start.month - 1 + months, 12)
    return date(year, month + 1, min(start.day, monthrange(year, month + 1)[1]))


def _terms_on(start: date, terms: int) -> date:
    firsts = sorted(first for first, _last in TERMS.values())
    day = start
    for _step in range(terms):
        later = [first for first in firsts if first > day.month]
        day = date(day.year, later[0], 1) if later else date(day.year + 1, firsts[0], 1)
    return day
