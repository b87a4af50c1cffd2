"""A rule as data: who an entitlement is for, when it counts, and how much it is.

Everything here is immutable and turns into plain JSON and back without loss (`to_data`, `from_data`), so an
editor's blocks can build it and a published version can keep it for ever. Nothing here decides anything:
`entitlements.rulebook` does that.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from entitlements.facts import CareLeaverStatus

VERSION = 1
"""The shape of the JSON. A reader refuses a number it does not know."""


class State(StrEnum):
    IN_FORCE = "IN_FORCE"
    ANNOUNCED = "ANNOUNCED"
    PROSPECTIVE = "PROSPECTIVE"


class Per(StrEnum):
    """A stretch of time in which something may be had. Terms start on 1 September, 1 January and 1 May."""

    ONCE = "ONCE"
    YEAR = "YEAR"
    FINANCIAL_YEAR = "FINANCIAL_YEAR"
    ACADEMIC_YEAR = "ACADEMIC_YEAR"
    TERM = "TERM"
    MONTH = "MONTH"
    WEEK = "WEEK"


class Where(StrEnum):
    IN_LEWISHAM = "IN_LEWISHAM"
    OUTSIDE_LEWISHAM = "OUTSIDE_LEWISHAM"
    IN_LONDON = "IN_LONDON"


class GroupKind(StrEnum):
    ALL = "ALL"
    ANY = "ANY"
    NONE = "NONE"


class Overlap(StrEnum):
    """How another entitlement gets in the way: while it runs, or for good once it was had."""

    NOT_AS_WELL_AS = "NOT_AS_WELL_AS"
    INSTEAD_OF = "INSTEAD_OF"


class Governs(StrEnum):
    """Which day chooses the rate."""

    ASKED = "ASKED"
    DECIDED = "DECIDED"
    SPENT = "SPENT"


@dataclass(frozen=True, slots=True)
class Age:
    """Whole years: `from_age` counts, `until_age` does not (18 to 25 ends on the 25th birthday)."""

    from_age: int | None = None
    until_age: int | None = None


@dataclass(frozen=True, slots=True)
class Status:
    """Holds one of these legal statuses on the day."""

    any_of: tuple[CareLeaverStatus, ...]


@dataclass(frozen=True, slots=True)
class Circumstance:
    """The circumstance with this key is true of them."""

    key: str


@dataclass(frozen=True, slots=True)
class Lives:
    """Where their home is."""

    where: Where


@dataclass(frozen=True, slots=True)
class Turned:
    """They turn `age` on or after `from_on` and before `until_on`: a window for the date of birth."""

    age: int
    from_on: date | None = None
    until_on: date | None = None


@dataclass(frozen=True, slots=True)
class TriedFirst:
    """Other money was asked for first. `label` reads after "asked for": "a grant from your college"."""

    what: str
    label: str

    @property
    def key(self) -> str:
        """The circumstance that holds the answer."""
        return f"tried.{self.what}"


@dataclass(frozen=True, slots=True)
class Children:
    """At least this many children live with them."""

    at_least: int = 1


@dataclass(frozen=True, slots=True)
class NotWith:
    """Not together with another entitlement. `title` is what a reader knows it by."""

    code: str
    overlap: Overlap = Overlap.NOT_AS_WELL_AS
    title: str = ""


@dataclass(frozen=True, slots=True)
class Times:
    """Had fewer than `at_most` times in the period the day falls in. An empty code is this entitlement."""

    at_most: int
    per: Per = Per.ONCE
    code: str = ""


@dataclass(frozen=True, slots=True)
class Weeks:
    """Had for fewer than `at_most` weeks in all. An empty code is this entitlement."""

    at_most: int
    code: str = ""


@dataclass(frozen=True, slots=True)
class Group:
    """Conditions together: all of them, any of them, or none of them. An empty group tests nothing."""

    kind: GroupKind
    of: tuple["Condition", ...] = ()


Condition = (
    Age | Status | Circumstance | Lives | Turned | TriedFirst | Children | NotWith | Times | Weeks | Group
)

ALWAYS = Group(GroupKind.ALL)


@dataclass(frozen=True, slots=True)
class ApproverBand:
    """Above this many pence, somebody else decides."""

    above_pence: int
    approver: str


@dataclass(frozen=True, slots=True)
class Rate:
    """An amount, from a day until a day (both counted), for those who meet `when`.

    `pence` is for one child when `per_child`, and for one `per` (a week, a term). `at_most_weeks` ends a weekly
    one. `attendance_percent`: paid for a term when they went to at least this share of it.
    `inside`: comes out of that other entitlement's allowance, and is not on top of it.
    """

    pence: int
    per: str = "ONCE"
    starts_on: date | None = None
    ends_on: date | None = None
    governs: Governs = Governs.ASKED
    when: Group = ALWAYS
    per_child: bool = False
    at_most_weeks: int | None = None
    attendance_percent: int | None = None
    inside: str = ""
    approver: str = ""
    above: tuple[ApproverBand, ...] = ()

    def covers(self, on: date) -> bool:
        return (self.starts_on is None or self.starts_on <= on) and (self.ends_on is None or on <= self.ends_on)

    def approver_for(self, pence: int) -> str:
        """The lowest level that may decide this sum, or "" when the rate does not say."""
        passed = [band for band in self.above if pence > band.above_pence]
        return max(passed, key=lambda band: band.above_pence).approver if passed else self.approver


@dataclass(frozen=True, slots=True)
class Rule:
    """Who one entitlement is for. `starts_on` and `ends_on` are its first and last day in force."""

    code: str
    when: Group = ALWAYS
    state: State = State.IN_FORCE
    starts_on: date | None = None
    ends_on: date | None = None
    rates: tuple[Rate, ...] = ()

    def __hash__(self) -> int:
        return hash((self.code, self.state, self.starts_on, len(self.when.of)))


def rule_from_record(table: Mapping[str, Any]) -> Rule:
    """A `Rule` from one handbook record: its `code` (or `id`), `status` and `[rule]` table.

    `min_age` counts, `max_age` does not and may be missing; an empty list tests nothing. `[rule]` may also be
    given on its own, without a code.
    """
    rule = table.get("rule", table)
    named = rule.get("circumstances", rule)
    conditions: list[Condition] = []
    if rule.get("statuses"):
        conditions.append(Status(tuple(CareLeaverStatus(status.upper()) for status in rule["statuses"])))
    if rule.get("min_age") is not None or rule.get("max_age") is not None:
        conditions.append(Age(rule.get("min_age"), rule.get("max_age")))
    conditions.extend(_named(named.get("all", ())))
    if named.get("any"):
        conditions.append(Group(GroupKind.ANY, _named(named["any"])))
    if named.get("none"):
        conditions.append(Group(GroupKind.NONE, _named(named["none"])))
    return Rule(
        code=str(table.get("code") or table.get("id") or ""),
        when=Group(GroupKind.ALL, tuple(conditions)),
        state=State(str(table.get("status", "in_force")).upper()),
    )


def _named(keys: Sequence[str]) -> tuple[Condition, ...]:
    return tuple(Circumstance(key) for key in keys)


# To plain data and back. Each condition is one object whose "is" names it; empty fields are left out.

_KINDS: dict[str, type] = {
    "AGE": Age,
    "STATUS": Status,
    "CIRCUMSTANCE": Circumstance,
    "LIVES": Lives,
    "TURNED": Turned,
    "TRIED_FIRST": TriedFirst,
    "CHILDREN": Children,
    "NOT_WITH": NotWith,
    "TIMES": Times,
    "WEEKS": Weeks,
}
_NAMES = {kind: name for name, kind in _KINDS.items()}
_READERS: dict[str, Any] = {
    "any_of": lambda names: tuple(CareLeaverStatus(name) for name in names),
    "where": Where,
    "overlap": Overlap,
    "per": Per,
    "from_on": date.fromisoformat,
    "until_on": date.fromisoformat,
}


def condition_to_data(condition: Condition) -> dict[str, Any]:
    """One condition as plain JSON."""
    if isinstance(condition, Group):
        return {"is": condition.kind.value, "of": [condition_to_data(part) for part in condition.of]}
    values = {name: getattr(condition, name) for name in condition.__dataclass_fields__}
    return {"is": _NAMES[type(condition)]} | {name: _plain(v) for name, v in values.items() if v is not None}


def condition_from_data(data: Mapping[str, Any]) -> Condition:
    """A condition from plain JSON. Refuses, with `ValueError`, a kind or a field it does not know."""
    kind = data.get("is", "")
    if kind in GroupKind.__members__:
        return Group(GroupKind(kind), tuple(condition_from_data(part) for part in data["of"]))
    if kind not in _KINDS:
        raise ValueError(f"There is no condition called {kind!r}.")
    fields = {name: value for name, value in data.items() if name != "is"}
    unknown = fields.keys() - _KINDS[kind].__dataclass_fields__.keys()
    if unknown:
        raise ValueError(f"{kind} has no {', '.join(sorted(unknown))}.")
    made: Condition = _KINDS[kind](**{name: _READERS.get(name, _same)(value) for name, value in fields.items()})
    return made


def to_data(rule: Rule) -> dict[str, Any]:
    """The whole rule as plain JSON, with the version of its shape."""
    return {
        "version": VERSION,
        "code": rule.code,
        "state": rule.state.value,
        "starts_on": _plain(rule.starts_on),
        "ends_on": _plain(rule.ends_on),
        "when": condition_to_data(rule.when),
        "rates": [_rate_to_data(rate) for rate in rule.rates],
    }


def from_data(data: Mapping[str, Any]) -> Rule:
    """The rule that `to_data` wrote. Refuses, with `ValueError`, a version or condition it does not know."""
    if data.get("version") != VERSION:
        raise ValueError(f"This rule has shape {data.get('version')!r}; we read shape {VERSION}.")
    return Rule(
        code=data["code"],
        when=_group(data["when"]),
        state=State(data["state"]),
        starts_on=_day(data.get("starts_on")),
        ends_on=_day(data.get("ends_on")),
        rates=tuple(_rate_from_data(rate) for rate in data.get("rates", ())),
    )


def _rate_to_data(rate: Rate) -> dict[str, Any]:
    return {
        "pence": rate.pence,
        "per": rate.per,
        "starts_on": _plain(rate.starts_on),
        "ends_on": _plain(rate.ends_on),
        "governs": rate.governs.value,
        "when": condition_to_data(rate.when),
        "per_child": rate.per_child,
        "at_most_weeks": rate.at_most_weeks,
        "attendance_percent": rate.attendance_percent,
        "inside": rate.inside,
        "approver": rate.approver,
        "above": [{"above_pence": band.above_pence, "approver": band.approver} for band in rate.above],
    }


def _rate_from_data(data: Mapping[str, Any]) -> Rate:
    return Rate(
        **{
            **data,
            "starts_on": _day(data.get("starts_on")),
            "ends_on": _day(data.get("ends_on")),
            "governs": Governs(data["governs"]),
            "when": _group(data["when"]),
            "above": tuple(ApproverBand(**band) for band in data.get("above", ())),
        }
    )


def _group(data: Mapping[str, Any]) -> Group:
    condition = condition_from_data(data)
    return condition if isinstance(condition, Group) else Group(GroupKind.ALL, (condition,))


def _plain(value: Any) -> Any:
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, StrEnum):
        return value.value
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    return value


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


def _same(value: Any) -> Any:
    return value
