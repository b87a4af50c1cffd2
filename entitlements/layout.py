"""Making rules ready: every distinct condition of them all gets one place, and each rule is a set of places.

"None of these" becomes "all of: not this, not that", so that only *all* and *any* are left, over conditions
that hold or do not hold.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

from entitlements.circumstances import Catalogue
from entitlements.definition import (
    Age,
    Circumstance,
    Condition,
    Group,
    GroupKind,
    Lives,
    Rule,
    Single,
    State,
    Status,
    Times,
    Weeks,
    Where,
)
from entitlements.weighing import Before, InForce, Leaf

LIVES = {
    Where.IN_LEWISHAM: "lives_in_lewisham",
    Where.OUTSIDE_LEWISHAM: "lives_outside_lewisham",
    Where.IN_LONDON: "lives_in_london",
}
_READ_FIRST = {InForce: 0, Status: 1, Age: 2}


class Place(NamedTuple):
    """One condition and where its bit is. Negated: the bit means that it does not hold."""

    at: int
    leaf: Leaf
    negated: bool


class GroupPlace(NamedTuple):
    """Several places together: any of them, or all of them."""

    at: int
    bit: int
    is_any: bool
    mask: int
    kids: tuple[int, ...]


class Layout:
    """Where each condition stands. `roots` holds the places that must all hold, one tuple a rule."""

    def __init__(self, rules: Iterable[Rule], circumstances: Catalogue) -> None:
        self.circumstances = circumstances
        self.leaves: list[Place] = []
        self.groups: list[GroupPlace] = []
        self._places: dict[tuple[Any, ...], int] = {}
        self.roots = [self._root(rule) for rule in rules]

    def __len__(self) -> int:
        return len(self._places)

    def _root(self, rule: Rule) -> tuple[int, ...]:
        places = self._all_of(rule.when, False, rule.code)
        if rule.state is not State.IN_FORCE or rule.starts_on or rule.ends_on:
            places.append(self._leaf(InForce(rule.state, rule.starts_on, rule.ends_on), False))
        kinds = {place.at: type(place.leaf) for place in self.leaves}
        unique = dict.fromkeys(places)
        return tuple(sorted(unique, key=lambda at: _READ_FIRST.get(kinds.get(at, Group), 9)))

    def _all_of(self, condition: Condition, negated: bool, code: str) -> list[int]:
        """The places that must all hold for the condition (or its opposite) to hold."""
        if not isinstance(condition, Group):
            return [self._leaf(self._as_leaf(condition, code), negated)]
        turned = negated != (condition.kind is GroupKind.NONE)
        together = negated == (condition.kind is GroupKind.ANY)
        if together:
            return [place for part in condition.of for place in self._all_of(part, turned, code)]
        parts = (self._all_of(part, turned, code) for part in condition.of)
        kids = [self._group(False, places) for places in parts if places]
        return [self._group(True, kids)] if kids else []

    def _as_leaf(self, condition: Single, code: str) -> Leaf:
        if isinstance(condition, Lives):
            condition = Circumstance(LIVES[condition.where])
        if isinstance(condition, Times | Weeks) and not condition.code:
            condition = replace(condition, code=code)
        if isinstance(condition, Circumstance) and condition.key in self.circumstances:
            words = self.circumstances[condition.key]
            if words.before_turning:
                return Before(words.key, words.before_turning, words.within_days)
        return condition

    def _leaf(self, leaf: Leaf, negated: bool) -> int:
        at = self._places.setdefault((leaf, negated), len(self._places))
        if at == len(self.leaves) + len(self.groups):
            self.leaves.append(Place(at, leaf, negated))
        return at

    def _group(self, is_any: bool, kids: Sequence[int]) -> int:
        kids = tuple(dict.fromkeys(kids))
        if len(kids) == 1:
            return kids[0]
        at = self._places.setdefault((is_any, frozenset(kids)), len(self._places))
        if at == len(self.leaves) + len(self.groups):
            self.groups.append(GroupPlace(at, 1 << at, is_any, mask_of(kids), kids))
        return at


def mask_of(places: Iterable[int]) -> int:
    """One number with the bit of each place set."""
    return sum(1 << place for place in set(places))
