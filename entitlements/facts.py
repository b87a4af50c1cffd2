"""What is known about one person: plain, dated, and honest about what is not known.

Nothing here reads a clock, a database or a setting. Whoever calls says which day they mean (a day in
Europe/London), and hands over what they know. What they leave out is unknown, and unknown is never "no".
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from enum import IntEnum, StrEnum
from types import MappingProxyType
from typing import NamedTuple

MISSING_BIRTH_DATE = date(1900, 1, 1)
"""Case records hold this day when nobody knows the birth date."""


class Answer(IntEnum):
    """The three answers, ordered: every condition must hold, so the lowest one wins."""

    NO = 0
    NEED_TO_KNOW = 1
    YES = 2

    @property
    def opposite(self) -> "Answer":
        return _OPPOSITE[self]


_OPPOSITE = {Answer.NO: Answer.YES, Answer.NEED_TO_KNOW: Answer.NEED_TO_KNOW, Answer.YES: Answer.NO}


class CareLeaverStatus(StrEnum):
    """Legal status under the Children Act 1989 (sections 23A, 23C, 24, schedule 2 paragraph 19B).

    It comes from the case record or from the person, with dates. It is never worked out from a birthday.
    """

    ELIGIBLE = "ELIGIBLE"
    RELEVANT = "RELEVANT"
    FORMER_RELEVANT = "FORMER_RELEVANT"
    QUALIFYING = "QUALIFYING"
    NONE_OF_THESE = "NONE_OF_THESE"
    """Known not to be any of the four: never in care, or not long enough. Not the same as unknown."""


class Source(StrEnum):
    """Who says so."""

    RECORD = "RECORD"
    ADVISER = "ADVISER"
    TOLD = "TOLD"
    DERIVED = "DERIVED"


class Known(NamedTuple):
    """One circumstance somebody has answered. A stale one is kept for the page, and counts as unknown."""

    value: bool
    source: Source = Source.RECORD
    as_of: date | None = None
    stale: bool = False


@dataclass(frozen=True, slots=True)
class StatusPeriod:
    """A legal status from `starts_on` to `ends_on`, both days counted. Empty: always so, or still so."""

    status: CareLeaverStatus
    starts_on: date | None = None
    ends_on: date | None = None
    source: Source = Source.RECORD

    def covers(self, on: date) -> bool:
        return (self.starts_on or date.min) <= on <= (self.ends_on or date.max)


@dataclass(frozen=True, slots=True)
class Award:
    """Something already had: once on `on`, or running until `ends_on` (both days counted)."""

    on: date
    ends_on: date | None = None
    pence: int = 0

    @property
    def last_on(self) -> date:
        return self.ends_on or self.on


NOTHING: Mapping[str, Known] = MappingProxyType({})
NO_AWARDS: Mapping[str, tuple[Award, ...]] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Facts:
    """Everything the rules may ask about one person. What is left out is unknown.

    `born_estimated`: the day is a guess, so it is taken as *some day in that calendar year*, or between the
    two days of `born_between` when somebody could say more.
    `statuses`: dated periods; None is unknown, and an empty tuple is unknown too.
    `children`: how many live with them.
    `awards`: what they already had, by entitlement code; a code that is not there is unknown, `()` is none.
    """

    born_on: date | None = None
    born_estimated: bool = False
    born_between: tuple[date, date] | None = None
    born_source: Source = Source.RECORD
    statuses: tuple[StatusPeriod, ...] | None = None
    circumstances: Mapping[str, Known] = field(default_factory=lambda: NOTHING)
    children: int | None = None
    awards: Mapping[str, tuple[Award, ...]] = field(default_factory=lambda: NO_AWARDS)

    def birth_window(self) -> tuple[date, date] | None:
        """The first and last day they may have been born, the same day twice when it is known."""
        if self.born_between is not None:
            return self.born_between
        born_on = self.born_on
        if born_on is None or born_on == MISSING_BIRTH_DATE:
            return None
        if self.born_estimated:
            return date(born_on.year, 1, 1), date(born_on.year, 12, 31)
        return born_on, born_on

    def status_on(self, on: date) -> StatusPeriod | None:
        """The period that covers the day (the latest to start, if records overlap), or None when unknown.

        Once the last recorded status has ended the person holds none. Before the first recorded one, or in a
        gap between two, nobody has said: that is unknown.
        """
        periods = self.statuses
        if not periods:
            return None
        if len(periods) == 1 and periods[0].covers(on):
            return periods[0]
        covering = [period for period in periods if period.covers(on)]
        if covering:
            return max(covering, key=lambda period: period.starts_on or date.min)
        ended = [period.ends_on for period in periods if period.ends_on is not None]
        if len(ended) == len(periods) and on > max(ended):
            return StatusPeriod(CareLeaverStatus.NONE_OF_THESE, max(ended) + timedelta(days=1))
        return None

    def with_told(self, key: str, value: bool, *, as_of: date | None = None) -> "Facts":
        """The same facts, and one more circumstance the person just told us."""
        return replace(self, circumstances={**self.circumstances, key: Known(value, Source.TOLD, as_of)})

    def with_status(self, status: CareLeaverStatus, *, source: Source = Source.TOLD) -> "Facts":
        """The same facts with one status for every day, as the checker takes it from an answer."""
        return replace(self, statuses=(StatusPeriod(status, source=source),))


def age_on(born_on: date, on: date) -> int:
    """Whole years. Somebody born on 29 February turns a year older on 1 March in common years."""
    return on.year - born_on.year - ((on.month, on.day) < (born_on.month, born_on.day))


def birthday_on(born_on: date, age: int) -> date:
    """The day they turn `age`: 1 March in a common year for somebody born on 29 February."""
    if (born_on.month, born_on.day) == (2, 29):
        try:
            return date(born_on.year + age, 2, 29)
        except ValueError:
            return date(born_on.year + age, 3, 1)
    return born_on.replace(year=born_on.year + age)


def born_between_for_age(age: int, on: date) -> tuple[date, date]:
    """The first and last birth dates of somebody who says they are `age` on a day."""
    return _years_before(on, age + 1) + timedelta(days=1), _years_before(on, age)


def _years_before(on: date, years: int) -> date:
    try:
        return on.replace(year=on.year - years)
    except ValueError:
        return date(on.year - years, 2, 28)


def with_expected_status(facts: Facts) -> Facts:
    """Facts as they are likely to be after 18, for saying what may start then; never for deciding.

    Somebody eligible or relevant until 18 becomes former relevant that day (Children Act 1989, section
    23C(1)). The record still has to say so: this only lets a page show "from your 18th birthday".
    """
    window = facts.birth_window()
    if window is None or not facts.statuses:
        return facts
    last = max(facts.statuses, key=lambda period: period.starts_on or date.min)
    if last.ends_on is not None or last.status not in (CareLeaverStatus.ELIGIBLE, CareLeaverStatus.RELEVANT):
        return facts
    eighteen = birthday_on(window[1], 18)
    then = StatusPeriod(CareLeaverStatus.FORMER_RELEVANT, eighteen, source=Source.DERIVED)
    kept = tuple(period for period in facts.statuses if period is not last)
    return replace(facts, statuses=(*kept, replace(last, ends_on=eighteen - timedelta(days=1)), then))
