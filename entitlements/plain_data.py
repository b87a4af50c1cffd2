"""Rules to plain JSON and back without loss, and from the handbook's own records."""

from collections.abc import Mapping, Sequence
from dataclasses import fields
from datetime import date
from enum import StrEnum
from typing import Any

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
    State,
    Status,
    Times,
    TriedFirst,
    Turned,
    Weeks,
    Where,
)
from entitlements.facts import CareLeaverStatus

VERSION = 1
"""The shape of the JSON. A reader refuses a number it does not know."""


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
    "OWN_QUESTION": OwnQuestion,
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
    values = {field.name: getattr(condition, field.name) for field in fields(condition)}
    return {"is": _NAMES[type(condition)]} | {name: _plain(v) for name, v in values.items() if v is not None}


def condition_from_data(data: Mapping[str, Any]) -> Condition:
    """A condition from plain JSON. Refuses, with `ValueError`, a kind or a field it does not know."""
    kind = data.get("is", "")
    if kind in GroupKind.__members__:
        return Group(GroupKind(kind), tuple(condition_from_data(part) for part in data["of"]))
    if kind not in _KINDS:
        raise ValueError(f"There is no condition called {kind!r}.")
    given = {name: value for name, value in data.items() if name != "is"}
    unknown = given.keys() - {field.name for field in fields(_KINDS[kind])}
    if unknown:
        raise ValueError(f"{kind} has no {', '.join(sorted(unknown))}.")
    read = {name: _READERS.get(name, _same)(value) for name, value in given.items()}
    made: Condition = _KINDS[kind](**read)
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
