"""Dates in working days: Monday to Friday without the bank holidays of England and Wales. No clock, no network."""

from datetime import date, datetime, time, timedelta
from functools import cache

from govuk_bank_holidays.bank_holidays import BankHolidays

ONE_DAY = timedelta(days=1)


@cache
def bank_holidays() -> frozenset[date]:
    """The bank holidays of England and Wales that the installed list knows, never asked of the network."""
    known = BankHolidays(use_cached_holidays=True).get_holidays(division=BankHolidays.ENGLAND_AND_WALES)
    return frozenset(holiday["date"] for holiday in known)


def is_working_day(day: date) -> bool:
    """Whether the council's offices work on a day."""
    return day.weekday() < 5 and day not in bank_holidays()


def add_working_days(start: date, days: int) -> date:
    """The day `days` working days from `start`, which itself is never counted. Negative goes back; 0 is `start`."""
    step = ONE_DAY if days >= 0 else -ONE_DAY
    day, left = start, abs(days)
    while left:
        day += step
        left -= is_working_day(day)
    return day


def working_days_between(first: date, last: date) -> int:
    """How many working days come after `first`, up to and with `last`. Negative when `last` is before `first`.

    So `working_days_between(start, add_working_days(start, n)) == n` for every n from 0.
    """
    if last < first:
        return -working_days_between(last, first)
    return sum(is_working_day(first + ONE_DAY * n) for n in range(1, (last - first).days + 1))


def office_is_open(at: datetime, *, opens: time, closes: time) -> bool:
    """Whether the council's offices work at a moment, which is London time; the last minute is closed already."""
    return is_working_day(at.date()) and opens <= at.time() < closes


def opens_next(at: datetime, *, opens: time) -> date:
    """The day the offices open again, for a moment when they are closed."""
    if is_working_day(at.date()) and at.time() < opens:
        return at.date()
    return add_working_days(at.date(), 1)


def read_from(at: datetime, *, opens: time, closes: time) -> datetime:
    """The first moment from `at`, both London time, at which somebody in the offices can read something."""
    if office_is_open(at, opens=opens, closes=closes):
        return at
    return datetime.combine(opens_next(at, opens=opens), opens, at.tzinfo)


def after_office_time(at: datetime, length: timedelta, *, opens: time, closes: time) -> datetime:
    """The moment at which the offices have worked for `length` (less than their day) since `at`, both London time."""
    start = read_from(at, opens=opens, closes=closes)
    over = start + length - datetime.combine(start.date(), closes, start.tzinfo)
    if over < timedelta(0):
        return start + length
    return datetime.combine(add_working_days(start.date(), 1), opens, start.tzinfo) + over
