"""Periods of an allowance, and the sums that must always agree. Pure: no database, no clock, no settings.

Money is whole pence; days are London days.
"""

from calendar import monthrange
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import NamedTuple

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

MOST_PENCE = 100_000_000  # a million pounds: more than this for one young person is a slip of the keyboard
ACADEMIC_YEAR_STARTS = 9  # 1 September
TERMS = {"autumn": (9, 12), "spring": (1, 3), "summer": (4, 8)}  # first and last month


class Kind(StrEnum):
    """What an entry of the ledger says happened."""

    RESERVE = "RESERVE"
    RELEASE = "RELEASE"
    SPEND = "SPEND"
    UNSPEND = "UNSPEND"
    OPENING = "OPENING"
    ELSEWHERE = "ELSEWHERE"
    EXCEPTION = "EXCEPTION"
    UNEXCEPT = "UNEXCEPT"
    CAP = "CAP"
    NO_CAP = "NO_CAP"


class Period(NamedTuple):
    """The name a period goes by in the ledger, and its last day (None: it does not end by itself)."""

    name: str
    ends_on: date | None


def period_for(per: str, *, on: date, item: str = "") -> Period:
    """The period a day falls in, for a cap that counts ONCE, by YEAR, ACADEMIC_YEAR, MONTH, WEEK, TERM or ITEM.

    `item` names the one thing a cap by ITEM counts for, such as a request's reference. An empty `per` counts once.
    """
    match per:
        case "YEAR":
            return Period(f"{on.year}", date(on.year, 12, 31))
        case "ACADEMIC_YEAR":
            first = on.year if on.month >= ACADEMIC_YEAR_STARTS else on.year - 1
            return Period(_academic_year(first), date(first + 1, ACADEMIC_YEAR_STARTS, 1) - timedelta(days=1))
        case "MONTH":
            return Period(f"{on:%Y-%m}", _month_end(on.year, on.month))
        case "WEEK":
            year, week, weekday = on.isocalendar()
            return Period(f"{year}-W{week:02}", on + timedelta(days=7 - weekday))
        case "TERM":
            name, last = next(
                (name, last) for name, (first, last) in TERMS.items() if first <= on.month <= last
            )
            return Period(f"{on.year}-{name}", _month_end(on.year, last))
        case "ITEM":
            return Period(item or "each", None)
        case "" | "ONCE":
            return Period("once", None)
    raise ValueError(f"no such period: {per}")


def check_amount(pence: int) -> None:
    """A movement is a whole number of pence, at least one and at most a million pounds, or `not_an_amount`."""
    if type(pence) is not int or not 1 <= pence <= MOST_PENCE:
        raise ValidationError(_("That is not an amount we can use."), code="not_an_amount")


def cap_after(published: int | None, *, taken: int) -> int | None:
    """The cap once a new version says `published`: what was already promised above it stays promised."""
    return None if published is None else max(published, taken)


def cap_when_given_back(cap: int | None, *, published: int | None, pence: int) -> int | None:
    """The cap once `pence` came back: what a lower cap let stand above it stands only while it is promised.

    So money given back under a cap that has come down is not awarded again above the new cap.
    """
    if cap is None or published is None:
        return cap
    return min(cap, max(published, cap - pence))


def unused_exception(exception: int, *, extra: int, left: int | None) -> int:
    """How much of an exception nobody used, in pence: what is left under the cap and all its exceptions, at most.

    `left` is None when there is no cap any more: then no exception is used.
    """
    return min(exception, extra) if left is None else max(0, min(exception, extra, left))


class Movement(NamedTuple):
    """One entry, as plain data."""

    kind: str
    pence: int


@dataclass(frozen=True, slots=True)
class Sums:
    """What the counters of one allowance must say."""

    cap_pence: int | None = None
    extra_pence: int = 0
    reserved_pence: int = 0
    spent_pence: int = 0


def sums_of(movements: Iterable[Movement]) -> Sums:
    """Add up a whole history, oldest first."""
    cap: int | None = None
    extra = reserved = spent = 0
    for kind, pence in movements:
        match kind:
            case Kind.RESERVE:
                reserved += pence
            case Kind.RELEASE:
                reserved -= pence
            case Kind.SPEND:
                reserved, spent = reserved - pence, spent + pence
            case Kind.UNSPEND:
                reserved, spent = reserved + pence, spent - pence
            case Kind.OPENING | Kind.ELSEWHERE:
                spent += pence
            case Kind.EXCEPTION:
                extra += pence
            case Kind.UNEXCEPT:
                extra -= pence
            case Kind.CAP:
                cap = pence
            case Kind.NO_CAP:
                cap = None
            case _:
                raise ValueError(f"no such movement: {kind}")
    return Sums(cap, extra, reserved, spent)


def faults(counters: Sums, history: Sums) -> list[str]:
    """Where counters and history differ, or either breaks the promise; a sentence each, empty when all is well."""
    found = [
        f"{name} is {getattr(counters, name)}, its entries say {getattr(history, name)}"
        for name in ("cap_pence", "extra_pence", "reserved_pence", "spent_pence")
        if getattr(counters, name) != getattr(history, name)
    ]
    if min(history.reserved_pence, history.spent_pence, history.extra_pence) < 0:
        found.append("more was taken back than was ever given")
    ceiling = history.cap_pence
    if ceiling is not None and history.reserved_pence + history.spent_pence > ceiling + history.extra_pence:
        found.append("more is spoken for than the cap and its exceptions allow")
    return found


def _academic_year(first: int) -> str:
    return f"{first}-{(first + 1) % 100:02}"


def _month_end(year: int, month: int) -> date:
    return date(year, month, monthrange(year, month)[1])
