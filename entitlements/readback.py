"""A rule read back to the editor who built it, as one plain English sentence.

For editors and staff; what a young person reads about their own answer is in `entitlements.wording`.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from types import MappingProxyType

from entitlements.circumstances import Catalogue, catalogue
from entitlements.definition import (
    Age,
    ApproverBand,
    Children,
    Circumstance,
    Condition,
    Governs,
    Group,
    GroupKind,
    Lives,
    NotWith,
    Overlap,
    OwnQuestion,
    Per,
    Rate,
    Rule,
    Single,
    State,
    Status,
    Times,
    TriedFirst,
    Turned,
    Weeks,
)
from entitlements.facts import CareLeaverStatus
from entitlements.layout import LIVES

STATUS_NAMES = {
    CareLeaverStatus.ELIGIBLE: "eligible",
    CareLeaverStatus.RELEVANT: "relevant",
    CareLeaverStatus.FORMER_RELEVANT: "former relevant",
    CareLeaverStatus.QUALIFYING: "qualifying",
    CareLeaverStatus.NONE_OF_THESE: "not a care leaver",
}
PERIODS = {
    Per.ONCE: "in all",
    Per.YEAR: "in the calendar year",
    Per.FINANCIAL_YEAR: "in the financial year",
    Per.ACADEMIC_YEAR: "in the academic year",
    Per.TERM: "in the term",
    Per.MONTH: "in the month",
    Per.WEEK: "in the week",
}
EACH = {
    "YEAR": " a year",
    "FINANCIAL_YEAR": " a financial year",
    "ACADEMIC_YEAR": " an academic year",
    "TERM": " a term",
    "MONTH": " a month",
    "WEEK": " a week",
    "ITEM": " an item",
}
_GOVERNED = {Governs.ASKED: "asked for", Governs.DECIDED: "decided", Governs.SPENT: "spent"}


def read_back(rule: Rule, words: Catalogue | None = None) -> str:
    """The whole rule as a sentence: "Anyone 18 to 24 who is former relevant and is moving home."."""
    words = words or catalogue()
    conditions = list(_flat(rule.when))
    age = next((condition for condition in conditions if isinstance(condition, Age)), None)
    if age is not None:
        conditions.remove(age)
    statuses = [condition for condition in conditions if isinstance(condition, Status)]
    rest = [condition for condition in conditions if not isinstance(condition, Status)]
    clauses = [clause for condition in (*statuses, *rest) for clause in _clauses(condition, words, False)]
    subject = f"Anyone {_ages(age)}" if age else "Anyone"
    who = f" who {listed(clauses)}" if clauses else ""
    return f"{subject}{who}.{_when(rule)}"


def read_rate(
    rate: Rate, words: Catalogue | None = None, titles: Mapping[str, str] = MappingProxyType({})
) -> str:
    """One rate as a sentence: "£25 a week, for at most 12 weeks. Decided by the team manager.".

    `titles`: what readers call the entitlements that a rate may name, by their code.
    """
    parts = [pounds(rate.pence) + EACH.get(rate.per, "") + (" for each child" if rate.per_child else "")]
    if rate.at_most_weeks is not None:
        parts.append(f"for at most {_count(rate.at_most_weeks, 'week')}")
    if rate.attendance_percent is not None:
        parts.append(f"when they went to at least {rate.attendance_percent}% of the term")
    if rate.inside:
        parts.append(f"taken from what they have for “{titles.get(rate.inside) or rate.inside}”")
    if rate.starts_on:
        parts.append(f"when {_GOVERNED[rate.governs]} on or after {day(rate.starts_on)}")
    if rate.ends_on:
        parts.append(f"when {_GOVERNED[rate.governs]} on or before {day(rate.ends_on)}")
    who = read_back(Rule(code="", when=rate.when), words) if rate.when.of else ""
    return " ".join(part for part in (", ".join(parts) + ".", who, _deciders(rate)) if part)


def listed(items: Sequence[str], last: str = "and") -> str:
    """ "a", "a and b", "a, b and c"."""
    if len(items) < 2:
        return "".join(items)
    return f"{', '.join(items[:-1])} {last} {items[-1]}"


def day(on: date) -> str:
    return f"{on.day} {on:%B %Y}"


def pounds(pence: int) -> str:
    """Pence as people write them: £25, £71.93."""
    return f"£{pence // 100:,}" if pence % 100 == 0 else f"£{pence // 100:,}.{pence % 100:02d}"


def age_range(condition: Age) -> str:
    """ "18 to 24", "16 or 17", "17", "18 or over", "under 25"."""
    first, until = condition.from_age, condition.until_age
    if until is None:
        return f"{first} or over" if first is not None else "of any age"
    if first is None:
        return f"under {until}"
    if until - first <= 1:
        return str(first)
    return f"{first} {'or' if until - first == 2 else 'to'} {until - 1}"


def _ages(condition: Age) -> str:
    words = age_range(condition)
    return f"aged {words}" if words.isdigit() else words


def _flat(group: Condition) -> Sequence[Condition]:
    """Groups of "all" inside "all" say nothing more than one group does."""
    if isinstance(group, Group) and group.kind is GroupKind.ALL:
        return [condition for part in group.of for condition in _flat(part)]
    return [group]


def _clauses(condition: Condition, words: Catalogue, negated: bool) -> list[str]:
    """Everything that must hold, each as words that follow "who"."""
    if not isinstance(condition, Group):
        return [_clause(condition, words, negated)]
    turned = negated != (condition.kind is GroupKind.NONE)
    parts = [clauses for part in condition.of if (clauses := _clauses(part, words, turned))]
    if negated == (condition.kind is GroupKind.ANY):
        return [clause for clauses in parts for clause in clauses]
    choices = [clauses[0] if len(clauses) == 1 else f"({listed(clauses)})" for clauses in parts]
    return [_either(choices)] if choices else []


def _either(choices: list[str]) -> str:
    """Said once when every choice starts alike: "is in training or in further education"."""
    verbs = {choice.split(" ", 1)[0] for choice in choices}
    if len(choices) > 1 and len(verbs) == 1 and verbs <= {"is", "has", "was", "may", "lives"}:
        return f"{verbs.pop()} {listed([choice.split(' ', 1)[1] for choice in choices], 'or')}"
    return listed(choices, "or") if len(choices) < 2 else f"either {listed(choices, 'or')}"


def _clause(condition: Single, words: Catalogue, negated: bool) -> str:
    if isinstance(condition, Circumstance | Lives):
        return _circumstance(condition, words, negated)
    said, turned = _said(condition)
    return turned if negated else said


def _circumstance(condition: Circumstance | Lives, words: Catalogue, negated: bool) -> str:
    key = LIVES[condition.where] if isinstance(condition, Lives) else condition.key
    if key not in words:
        plain = key.replace("_", " ")
        return f"does not fit “{plain}”" if negated else f"fits “{plain}”"
    return words[key].readback_not if negated else words[key].readback


def _said(
    condition: Age | Status | Turned | TriedFirst | OwnQuestion | Children | NotWith | Times | Weeks,
) -> tuple[str, str]:
    """The words for a condition, and for its opposite."""
    if isinstance(condition, Age):
        return f"is {age_range(condition)}", f"is not {age_range(condition)}"
    if isinstance(condition, Status):
        names = listed([STATUS_NAMES[status] for status in condition.any_of], "or")
        return f"is {names}", f"is not {names}"
    if isinstance(condition, Turned):
        turns = f"{condition.age}{born_window(condition)}"
        return f"turns {turns}", f"does not turn {turns}"
    if isinstance(condition, TriedFirst):
        return f"has already asked for {condition.label}", f"has not asked for {condition.label}"
    if isinstance(condition, OwnQuestion):
        return condition.readback, f"is not somebody who {condition.readback}"
    if isinstance(condition, Children):
        least = condition.at_least
        many = "a child" if least == 1 else f"at least {least} children"
        few = "no child" if least == 1 else f"fewer than {least} children"
        return f"has {many} living with them", f"has {few} living with them"
    if isinstance(condition, NotWith):
        name = f"“{condition.title or condition.code}”"
        if condition.overlap is Overlap.INSTEAD_OF:
            return f"has not had {name}", f"has had {name}"
        return f"is not getting {name} at the same time", f"is getting {name} at the same time"
    what = f"“{condition.code}”" if condition.code else "this"
    if isinstance(condition, Weeks):
        weeks = _count(condition.at_most, "week")
        return f"has had {what} for less than {weeks}", f"has had {what} for {weeks} or more"
    period = PERIODS[condition.per]
    if condition.at_most == 1:
        return f"has not had {what} {_yet(condition.per)}", f"has had {what} {_yet(condition.per)}"
    times = _count(condition.at_most, "time")
    return f"has had {what} fewer than {times} {period}", f"has had {what} {times} or more {period}"


def born_window(condition: Turned) -> str:
    """ " on or after 1 April 2023 and before 1 April 2025"."""
    days = [f"on or after {day(condition.from_on)}"] if condition.from_on else []
    days += [f"before {day(condition.until_on)}"] if condition.until_on else []
    return f" {listed(days)}" if days else ""


def _yet(per: Per) -> str:
    return "before" if per is Per.ONCE else PERIODS[per]


def _when(rule: Rule) -> str:
    if rule.state is not State.IN_FORCE:
        return " It has not started yet, so nobody gets a yes."
    starts = f" It starts on {day(rule.starts_on)}." if rule.starts_on else ""
    ends = f" Its last day is {day(rule.ends_on)}." if rule.ends_on else ""
    return starts + ends


def _deciders(rate: Rate) -> str:
    if not rate.approver:
        return ""
    bands = sorted(rate.above, key=lambda band: band.above_pence)
    return f"Decided by the {_name(rate.approver)}{''.join(_band(band) for band in bands)}."


def _band(band: ApproverBand) -> str:
    return f", above {pounds(band.above_pence)} by the {_name(band.approver)}"


def _name(approver: str) -> str:
    return "personal adviser" if approver == "PA" else approver.replace("_", " ").lower()


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
