"""An amount in words, the same everywhere it stands: page, request form, ledger, letter, JSON.

Works on a version as it was published; nothing here reads the database. All sums are whole pence.
"""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.utils.translation import get_language_bidi
from django.utils.translation import gettext as _

if TYPE_CHECKING:
    from entitlements.models import EntitlementVersion

WHOLE_SUM_PER = frozenset({"ONCE", "YEAR", "ACADEMIC_YEAR", "TERM", "MONTH"})
"""Where an amount is itself the most one person may have in that stretch of time."""


LEFT_TO_RIGHT = "\u200e"  # after Arabic letters a pound sign would jump behind its number


def say_pounds(pence: int) -> str:
    """A sum as people write it: `£3,000`, `£71.93`."""
    pounds, left = divmod(pence, 100)
    said = f"£{pounds:,}.{left:02}" if left else f"£{pounds:,}"
    return f"{LEFT_TO_RIGHT}{said}" if get_language_bidi() else said


def to_pence(pounds: Decimal | None) -> int | None:
    """Exact pence from pounds with at most two decimals."""
    return None if pounds is None else int(pounds.scaleb(2))


def pence_on(version: "EntitlementVersion", on: date | None = None) -> int | None:
    """The amount for everybody on a day: the dated rate that has started, else the plain amount. None: no sum."""
    if on is not None:
        started = [rate for rate in version.rates if _is_for_everybody(rate) and _covers(rate, on)]
        if started:
            pence: int = max(started, key=lambda rate: rate.get("starts_on") or "")["pence"]
            return pence
    return version.amount_pence


def cap_on(version: "EntitlementVersion", on: date) -> int | None:
    """The most one person may have in a cap period that a day falls in, in pence. None: no cap is set."""
    if version.cap_pence is None or version.cap_pence != version.amount_pence:
        return version.cap_pence
    return pence_on(version, on)


def say_amount(version: "EntitlementVersion", on: date | None = None) -> str:
    """The amount in a few words: `up to £3,000`, `£71.93 a week`, `Help, not money`, `It depends`."""
    pence = pence_on(version, on)
    if version.amount_type == "IN_KIND" and pence is None:
        return _("A thing or help, not money")
    if pence is None:
        return _("It depends on what you need")
    return say_sum(pence, amount_type=version.amount_type, per=version.per)


def say_sum(pence: int, *, amount_type: str, per: str) -> str:
    """A sum with how it is meant and how often: `up to £300`, `£25 a week`, `£500 each`."""
    sum_ = say_pounds(pence)
    if amount_type in {"UP_TO", "VARIES"}:
        sum_ = _("up to %(sum)s") % {"sum": sum_}
    how_often = say_per(per)
    return f"{sum_} {how_often}" if how_often else sum_


def say_per(per: str) -> str:
    """How often, to stand after a sum. Once is not said: the page says it in a sentence of its own."""
    return {
        "YEAR": _("a year"),
        "ACADEMIC_YEAR": _("an academic year"),
        "MONTH": _("a month"),
        "WEEK": _("a week"),
        "TERM": _("a term"),
        "ITEM": _("each"),
    }.get(per, "")


def say_how_often(version: "EntitlementVersion") -> str:
    """A short sentence under the amount, when the amount itself does not say it."""
    if version.amount_pence is None:
        return ""
    weeks = next((rate["at_most_weeks"] for rate in version.rates if rate.get("at_most_weeks")), None)
    if weeks:
        return _("For at most %(weeks)s weeks.") % {"weeks": weeks}
    return _("Once in all, not each year.") if version.per == "ONCE" else ""


def _is_for_everybody(rate: Mapping[str, Any]) -> bool:
    return not rate.get("when", {}).get("of") and not rate.get("per_child")


def _covers(rate: Mapping[str, Any], on: date) -> bool:
    day = on.isoformat()
    return (rate.get("starts_on") or "") <= day <= (rate.get("ends_on") or "9999")
