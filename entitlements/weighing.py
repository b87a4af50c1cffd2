"""Weighing one condition: does it hold for this person on this day, who says so, when might that change?"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, NamedTuple

from entitlements.circumstances import BORN_ON, CARE_STATUS, CHILDREN
from entitlements.definition import (
    Age,
    Children,
    Circumstance,
    Condition,
    NotWith,
    Overlap,
    OwnQuestion,
    Per,
    State,
    Status,
    Times,
    Told,
    TriedFirst,
    Turned,
    Weeks,
)
from entitlements.facts import Answer, Facts, Source, StatusPeriod, birthday_on

NO, NEED_TO_KNOW, YES = Answer.NO, Answer.NEED_TO_KNOW, Answer.YES
DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class InForce:
    """The entitlement itself has started and has not ended. Announced is not started, whatever the day."""

    state: State
    starts_on: date | None
    ends_on: date | None


@dataclass(frozen=True, slots=True)
class Before:
    """In the days just before a birthday: a circumstance the calendar answers, asked only when it cannot."""

    key: str
    age: int
    within_days: int


Leaf = Age | Status | Told | Turned | Children | NotWith | Times | Weeks | InForce | Before


class Weighed(NamedTuple):
    """What one condition came to. `key` is the question that would settle it, "" when it is settled."""

    answer: Answer
    code: str
    source: Source | None = None
    key: str = ""


class Reason(NamedTuple):
    """One condition and what it came to. `code` is stable; `wording.sentence` says it in words.

    `negated`: the condition stands in a "none of" group, and `answer` is already turned round.
    `parts`: the reasons inside a group. Codes: see `CODES` in `entitlements.wording`.
    """

    code: str
    answer: Answer
    condition: "Leaf | Condition | None" = None
    negated: bool = False
    source: Source | None = None
    key: str = ""
    parts: tuple["Reason", ...] = ()


NOT_THEN = Weighed(NO, "IS_NOT_TRUE", Source.DERIVED)
JUST_THEN = Weighed(YES, "IS_TRUE", Source.DERIVED)
AGE_UNKNOWN = Weighed(NEED_TO_KNOW, "AGE_UNKNOWN", key=BORN_ON)


def weigh_age(condition: Age, youngest: int, oldest: int, source: Source) -> Weighed:
    """In whole years, the least and the most they may be: the same number when the birth date is certain."""
    from_age, until_age = condition.from_age, condition.until_age
    if from_age is not None and oldest < from_age:
        return Weighed(NO, "TOO_YOUNG", source)
    if until_age is not None and youngest >= until_age:
        return Weighed(NO, "TOO_OLD", source)
    if (from_age is None or youngest >= from_age) and (until_age is None or oldest < until_age):
        return Weighed(YES, "AGE_FITS", source)
    return Weighed(NEED_TO_KNOW, "AGE_ESTIMATED", source, BORN_ON)


def weigh_status(condition: Status, period: StatusPeriod | None) -> Weighed:
    """`period` is the status they hold on the day, None when nobody has said."""
    if period is None:
        return Weighed(NEED_TO_KNOW, "STATUS_UNKNOWN", key=CARE_STATUS)
    if period.status in condition.any_of:
        return Weighed(YES, "STATUS_FITS", period.source)
    return Weighed(NO, "STATUS_OTHER", period.source)


def weigh_in_force(condition: InForce, on: date) -> Weighed:
    """Announced and prospective never count as started, whatever their first day."""
    if condition.state is not State.IN_FORCE or on < (condition.starts_on or date.min):
        return Weighed(NO, "NOT_STARTED_YET")
    if condition.ends_on is not None and on > condition.ends_on:
        return Weighed(NO, "ENDED")
    return Weighed(YES, "IN_FORCE")


def _weigh_circumstance(condition: Told, facts: Facts, on: date) -> Weighed:
    fact = facts.circumstances.get(condition.key)
    if fact is None:
        return Weighed(NEED_TO_KNOW, "NOT_KNOWN", key=condition.key)
    if fact.stale:
        return Weighed(NEED_TO_KNOW, "OUT_OF_DATE", fact.source, condition.key)
    return Weighed(YES, "IS_TRUE", fact.source) if fact.value else Weighed(NO, "IS_NOT_TRUE", fact.source)


def _weigh_before(condition: Before, facts: Facts, on: date) -> Weighed:
    window = facts.birth_window()
    if window is None:
        told = _weigh_circumstance(Circumstance(condition.key), facts, on)
        return told._replace(key=BORN_ON) if told.answer is NEED_TO_KNOW else told
    days = timedelta(days=condition.within_days)
    first = birthday_on(window[0], condition.age)
    last = first if window[0] == window[1] else birthday_on(window[1], condition.age)
    if on >= last or on < first - days:
        return NOT_THEN
    if last - days <= on < first:
        return JUST_THEN
    return _weigh_circumstance(Circumstance(condition.key), facts, on)


def _weigh_turned(condition: Turned, facts: Facts, on: date) -> Weighed:
    window = facts.birth_window()
    if window is None:
        return AGE_UNKNOWN
    first, last = birthday_on(window[0], condition.age), birthday_on(window[1], condition.age)
    if condition.from_on is not None and last < condition.from_on:
        return Weighed(NO, "TURNED_TOO_EARLY", facts.born_source)
    if condition.until_on is not None and first >= condition.until_on:
        return Weighed(NO, "TURNED_TOO_LATE", facts.born_source)
    fits_from = condition.from_on is None or first >= condition.from_on
    fits_until = condition.until_on is None or last < condition.until_on
    if fits_from and fits_until:
        return Weighed(YES, "TURNED_FITS", facts.born_source)
    return Weighed(NEED_TO_KNOW, "AGE_ESTIMATED", facts.born_source, BORN_ON)


def _weigh_children(condition: Children, facts: Facts, on: date) -> Weighed:
    children = facts.children
    if children is None:
        parent = facts.circumstances.get("parent")
        if parent is not None and not parent.stale and not parent.value:
            return Weighed(NO if condition.at_least > 0 else YES, "CHILDREN_FEWER", parent.source)
        if parent is not None and not parent.stale and condition.at_least <= 1:
            return Weighed(YES, "CHILDREN_ENOUGH", parent.source)
        return Weighed(NEED_TO_KNOW, "CHILDREN_UNKNOWN", key=CHILDREN)
    if children >= condition.at_least:
        return Weighed(YES, "CHILDREN_ENOUGH")
    return Weighed(NO, "CHILDREN_FEWER")


def _weigh_not_with(condition: NotWith, facts: Facts, on: date) -> Weighed:
    awards = facts.awards.get(condition.code)
    if awards is None:
        return Weighed(NEED_TO_KNOW, "OTHER_NOT_KNOWN", key=f"had.{condition.code}")
    if condition.overlap is Overlap.INSTEAD_OF:
        in_the_way = any(award.on <= on for award in awards)
    else:
        in_the_way = any(award.on <= on <= award.last_on for award in awards)
    return Weighed(NO, "HAS_OTHER") if in_the_way else Weighed(YES, "OTHER_NOT_HAD")


def _weigh_times(condition: Times, facts: Facts, on: date) -> Weighed:
    awards = facts.awards.get(condition.code)
    if awards is None:
        return Weighed(NEED_TO_KNOW, "TIMES_NOT_KNOWN", key=f"had.{condition.code}")
    starts_on = period_start(condition.per, on)
    had = sum(starts_on <= award.on <= on for award in awards)
    return Weighed(YES, "TIMES_LEFT") if had < condition.at_most else Weighed(NO, "TIMES_USED")


def _weigh_weeks(condition: Weeks, facts: Facts, on: date) -> Weighed:
    awards = facts.awards.get(condition.code)
    if awards is None:
        return Weighed(NEED_TO_KNOW, "WEEKS_NOT_KNOWN", key=f"had.{condition.code}")
    had = sum(_weeks_before(award.on, award.last_on, on) for award in awards)
    return Weighed(YES, "WEEKS_LEFT") if had < condition.at_most else Weighed(NO, "WEEKS_USED")


def _weeks_before(starts_on: date, last_on: date, on: date) -> int:
    """Weeks that had been paid in full or in part before the day."""
    days = (min(last_on, on - DAY) - starts_on).days + 1 if starts_on < on else 0
    return (max(days, 0) + 6) // 7


WEIGHERS: dict[type, Callable[[Any, Facts, date], Weighed]] = {
    Circumstance: _weigh_circumstance,
    TriedFirst: _weigh_circumstance,
    OwnQuestion: _weigh_circumstance,
    Before: _weigh_before,
    Turned: _weigh_turned,
    Children: _weigh_children,
    NotWith: _weigh_not_with,
    Times: _weigh_times,
    Weeks: _weigh_weeks,
}
"""How to weigh each of the other kinds of condition."""


def period_start(per: Per, on: date) -> date:
    """The first day of the period a day falls in. Weeks start on Monday."""
    if per is Per.ONCE:
        return date.min
    if per is Per.WEEK:
        return on - timedelta(days=on.weekday())
    months = _PERIOD_MONTHS[per]
    begun = [month for month in months if month <= on.month]
    return date(on.year, begun[-1], 1) if begun else date(on.year - 1, months[-1], 1)


_PERIOD_MONTHS: dict[Per, tuple[int, ...]] = {
    Per.YEAR: (1,),
    Per.FINANCIAL_YEAR: (4,),
    Per.ACADEMIC_YEAR: (9,),
    Per.TERM: (1, 5, 9),
    Per.MONTH: tuple(range(1, 13)),
}
_LONGEST_DAYS = {Per.WEEK: 7, Per.MONTH: 31, Per.TERM: 124}


def next_period_start(per: Per, on: date) -> date | None:
    """The first day of the period after the one a day falls in; never, when it is once in all."""
    if per is Per.ONCE:
        return None
    return period_start(per, period_start(per, on) + timedelta(days=_LONGEST_DAYS.get(per, 366)))


def status_days(facts: Facts) -> set[date]:
    """The days on which their status changes, and with it what a status settles."""
    starts = {period.starts_on for period in facts.statuses or () if period.starts_on}
    return starts | {period.ends_on + DAY for period in facts.statuses or () if period.ends_on}


def turning_points(condition: Leaf, facts: Facts) -> set[date]:
    """Every day on which this condition, but for a status, may turn out otherwise than the day before."""
    if isinstance(condition, InForce):
        return {condition.starts_on or date.min, condition.ends_on + DAY if condition.ends_on else date.min}
    if isinstance(condition, Age | Before):
        return _birthdays(condition, facts.birth_window())
    if isinstance(condition, Times | Weeks | NotWith):
        awards = facts.awards.get(condition.code, ())
        return {day for award in awards for day in _award_days(condition, award.on, award.last_on)}
    return set()


def _birthdays(condition: Age | Before, window: tuple[date, date] | None) -> set[date]:
    if window is None:
        return set()
    if isinstance(condition, Before):
        days = [birthday_on(born_on, condition.age) for born_on in window]
        return {*days, *(day - timedelta(days=condition.within_days) for day in days)}
    ages = [age for age in (condition.from_age, condition.until_age) if age is not None]
    return {birthday_on(born_on, age) for age in ages for born_on in window}


def _award_days(condition: Times | Weeks | NotWith, starts_on: date, last_on: date) -> set[date]:
    if isinstance(condition, Times):
        after = next_period_start(condition.per, starts_on)
        return {starts_on, after} if after else {starts_on}
    if isinstance(condition, NotWith):
        return {starts_on, last_on + DAY}
    weeks = min(condition.at_most, (last_on - starts_on).days // 7 + 1)
    return {starts_on + timedelta(days=7 * week + 1) for week in range(weeks)}
