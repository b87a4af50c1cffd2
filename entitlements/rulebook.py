"""Deciding: many rules made ready once, then asked about one person on one day.

Every distinct condition of all the rules gets one bit. For a person we fill in two whole numbers: the
conditions that hold, and those that do not; a condition in neither is unknown. "All of these" is then two
comparisons, and because 60 rules share most of their conditions, each is weighed once. The quick answer and
the full explanation read the same two numbers, so they cannot disagree.

The logic is Kleene's: one "no" settles "all of", one "yes" settles "any of", and what is unknown stays
unknown only while it can still matter.
"""

from collections.abc import Callable, Iterable, Mapping
from datetime import date
from functools import lru_cache
from operator import itemgetter
from typing import NamedTuple

from entitlements.circumstances import Catalogue, catalogue
from entitlements.definition import Age, Circumstance, Rate, Rule, Status, TriedFirst
from entitlements.facts import Answer, CareLeaverStatus, Facts, Source, StatusPeriod, age_on
from entitlements.layout import Layout, Place, mask_of
from entitlements.outcome import Asked, Outcome
from entitlements.weighing import (
    AGE_UNKNOWN,
    NEED_TO_KNOW,
    NO,
    YES,
    Reason,
    Weighed,
    turning_points,
    weigh,
    weigh_ages,
    weigh_status,
)

_GROUP_CODES = {
    (True, YES): "ONE_OF_THESE",
    (True, NO): "NONE_OF_THESE",
    (True, NEED_TO_KNOW): "ONE_OF_THESE_UNKNOWN",
    (False, YES): "ALL_OF_THESE",
    (False, NO): "NOT_ALL_OF_THESE",
    (False, NEED_TO_KNOW): "ALL_OF_THESE_UNKNOWN",
}
DERIVED = Source.DERIVED
_GAP = Reason("NOT_KNOWN", NEED_TO_KNOW)


class _Told(NamedTuple):
    """A circumstance, with its reasons made beforehand for every answer and source."""

    at: int
    bit: int
    key: str
    negated: bool
    if_yes: dict[Source, Reason]
    if_no: dict[Source, Reason]
    unknown: Reason
    stale: Reason


class _Weights(NamedTuple):
    """What one answer says: bits that hold, bits that do not, and the same for what follows from it."""

    yes: int
    no: int
    follows_yes: int
    follows_no: int


class _Block(NamedTuple):
    """All age conditions for one age, or all status conditions for one status: weighed once, remembered."""

    yes: int
    no: int
    weights: _Weights
    reasons: list[tuple[int, Reason]]


_NOTHING = _Weights(0, 0, 0, 0)


class Rulebook:
    """Rules made ready to be asked together. Make it once and keep it: it never changes."""

    def __init__(self, rules: Iterable[Rule], circumstances: Catalogue | None = None) -> None:
        self.rules = tuple(rules)
        self.circumstances = circumstances or catalogue()
        layout = Layout(self.rules, self.circumstances)
        self._leaves = layout.leaves
        self._groups = layout.groups
        self._masks = [mask_of(root) for root in layout.roots]
        self._picks = [_pick(root) for root in layout.roots]
        self._sort_leaves(len(layout))

    def answers(self, facts: Facts, on: date, *, status: CareLeaverStatus | None = None) -> list[Answer]:
        """One answer a rule, in the order of the rules. `status` stands in for the recorded one."""
        yes, no = self._weigh_all(facts, on, _period(facts, on, status))
        return [NO if no & mask else YES if yes & mask == mask else NEED_TO_KNOW for mask in self._masks]

    def outcomes(self, facts: Facts, on: date, *, status: CareLeaverStatus | None = None) -> list[Outcome]:
        """The same answers with every reason."""
        period = _period(facts, on, status)
        yes, no = self._weigh_all(facts, on, period)
        reasons = self._reasons(yes, no, facts, on, period)
        asked = Asked(facts, on, status, self)
        found = [NO if no & mask else YES if yes & mask == mask else NEED_TO_KNOW for mask in self._masks]
        each = zip(self.rules, found, self._picks, strict=True)
        return [Outcome(rule, answer, pick(reasons), asked) for rule, answer, pick in each]

    def only(self, rule: Rule) -> "Rulebook":
        """One rule on its own, made ready once."""
        return _made_ready((rule,), self.circumstances)

    def for_rates(self, rates: tuple[Rate, ...]) -> "Rulebook":
        """The conditions of rates, asked as if each were a rule."""
        return _made_ready(tuple(Rule(code="", when=rate.when) for rate in rates), self.circumstances)

    def turning_points(self, facts: Facts) -> set[date]:
        """Every day on which some answer may change, all else staying as it is."""
        days = {day for place in self._leaves for day in turning_points(place.leaf, facts)}
        return days - {date.min}

    def _sort_leaves(self, places: int) -> None:
        """Ages and statuses are remembered by value, circumstances by answer; the rest is weighed anew."""
        self._ages: list[tuple[Place, Age]] = []
        self._statuses: list[tuple[Place, Status]] = []
        self._told: list[_Told] = []
        self._others: list[Place] = []
        for place in self._leaves:
            leaf = place.leaf
            if isinstance(leaf, Age):
                self._ages.append((place, leaf))
            elif isinstance(leaf, Status):
                self._statuses.append((place, leaf))
            elif isinstance(leaf, Circumstance | TriedFirst):
                self._told.append(_told(place, leaf.key))
            else:
                self._others.append(place)
        self._if_told = {True: self._all_weights(True), False: self._all_weights(False)}
        self._by_age: dict[tuple[int, int, Source] | None, _Block] = {}
        self._by_status: dict[tuple[CareLeaverStatus, Source] | None, _Block] = {}
        self._unknown = [_GAP] * places
        for told in self._told:
            self._unknown[told.at] = told.unknown

    def _all_weights(self, value: bool) -> dict[str, _Weights]:
        keys = (*self.circumstances.entries, *(told.key for told in self._told))
        weights = {
            key: self._weights({key: value}, self.circumstances.settled_by(key, value)) for key in keys
        }
        return {key: weight for key, weight in weights.items() if any(weight)}

    def _weights(self, said: Mapping[str, bool], follows: Mapping[str, bool]) -> _Weights:
        return _Weights(*self._bits(said), *self._bits(follows))

    def _bits(self, values: Mapping[str, bool]) -> tuple[int, int]:
        yes = no = 0
        for told in self._told:
            if told.key in values:
                if values[told.key] is not told.negated:
                    yes |= told.bit
                else:
                    no |= told.bit
        return yes, no

    # Weighing: every condition once, then the groups, the inner ones first.

    def _weigh_all(self, facts: Facts, on: date, period: StatusPeriod | None) -> tuple[int, int]:
        age, status = self._age_block(facts, on), self._status_block(period)
        yes, no = age.yes | status.yes, age.no | status.no
        said_yes, said_no, follows_yes, follows_no = self._weigh_told(facts, status.weights)
        open_bits = ~(said_yes | said_no | (follows_yes & follows_no))
        yes |= said_yes | (follows_yes & open_bits)
        no |= said_no | (follows_no & open_bits)
        for place in self._others:
            answer = weigh(place.leaf, facts, on, period).answer
            if answer is not NEED_TO_KNOW:
                if (answer is YES) is not place.negated:
                    yes |= 1 << place.at
                else:
                    no |= 1 << place.at
        for _index, bit, is_any, mask, _kids in self._groups:
            if is_any:
                if yes & mask:
                    yes |= bit
                elif no & mask == mask:
                    no |= bit
            elif no & mask:
                no |= bit
            elif yes & mask == mask:
                yes |= bit
        return yes, no

    def _weigh_told(self, facts: Facts, by_status: _Weights) -> _Weights:
        """What was said comes before what follows from it; two things that follow and clash stay unknown."""
        yes, no, follows_yes, follows_no = by_status
        if_told = self._if_told
        for key, fact in facts.circumstances.items():
            if not fact[3]:
                weights = if_told[fact[0]].get(key)
                if weights is not None:
                    yes |= weights[0]
                    no |= weights[1]
                    follows_yes |= weights[2]
                    follows_no |= weights[3]
        if facts.children is not None:
            weights = if_told[facts.children > 0].get("parent")
            if weights is not None:
                follows_yes |= weights[0] | weights[2]
                follows_no |= weights[1] | weights[3]
        return _Weights(yes, no, follows_yes, follows_no)

    def _age_block(self, facts: Facts, on: date) -> _Block:
        window = facts.birth_window()
        if window is None:
            known = None
        else:
            oldest = age_on(window[0], on)
            youngest = oldest if window[1] is window[0] else age_on(window[1], on)
            known = (youngest, oldest, facts.born_source)
        block = self._by_age.get(known)
        if block is None:
            weighed = [
                (place, weigh_ages(age, *known) if known else AGE_UNKNOWN) for place, age in self._ages
            ]
            block = self._by_age[known] = _block(weighed, _NOTHING)
        return block

    def _status_block(self, period: StatusPeriod | None) -> _Block:
        known = None if period is None else (period.status, period.source)
        block = self._by_status.get(known)
        if block is None:
            held = self.circumstances.by_status[period.status] if period else {}
            weighed = [(place, weigh_status(leaf, period)) for place, leaf in self._statuses]
            block = self._by_status[known] = _block(weighed, self._weights({}, held))
        return block

    # Explaining: the same two numbers, read back as reasons.

    def _reasons(
        self, yes: int, no: int, facts: Facts, on: date, period: StatusPeriod | None
    ) -> list[Reason]:
        shown = self._unknown.copy()
        for at, reason in self._age_block(facts, on).reasons:
            shown[at] = reason
        for at, reason in self._status_block(period).reasons:
            shown[at] = reason
        circumstances = facts.circumstances
        for at, bit, key, _negated, if_yes, if_no, _unknown, stale in self._told:
            fact = circumstances.get(key)
            if yes & bit:
                shown[at] = if_yes[DERIVED if fact is None or fact[3] else fact[1]]
            elif no & bit:
                shown[at] = if_no[DERIVED if fact is None or fact[3] else fact[1]]
            elif fact is not None and fact[3]:
                shown[at] = stale
        for place in self._others:
            shown[place.at] = _reason(place, weigh(place.leaf, facts, on, period))
        for group in self._groups:
            answer = YES if yes & group.bit else NO if no & group.bit else NEED_TO_KNOW
            code = _GROUP_CODES[group.is_any, answer]
            shown[group.at] = Reason(code, answer, parts=tuple([shown[kid] for kid in group.kids]))
        return shown


def _pick(root: tuple[int, ...]) -> Callable[[list[Reason]], tuple[Reason, ...]]:
    """Takes a rule's own reasons out of everybody's."""
    if len(root) > 1:
        return itemgetter(*root)
    return lambda reasons: tuple([reasons[at] for at in root])


def _reason(place: Place, weighed: Weighed) -> Reason:
    answer, code, source, key = weighed
    if place.negated and answer is not NEED_TO_KNOW:
        answer = answer.opposite
        code = "RULED_OUT" if answer is NO else "NOT_RULED_OUT"
    return Reason(code, answer, place.leaf, place.negated, source, key)


def _told(place: Place, key: str) -> _Told:
    true = {source: _reason(place, Weighed(YES, "IS_TRUE", source)) for source in Source}
    not_true = {source: _reason(place, Weighed(NO, "IS_NOT_TRUE", source)) for source in Source}
    if place.negated:
        true, not_true = not_true, true
    unknown = _reason(place, Weighed(NEED_TO_KNOW, "NOT_KNOWN", key=key))
    stale = _reason(place, Weighed(NEED_TO_KNOW, "OUT_OF_DATE", key=key))
    return _Told(place.at, 1 << place.at, key, place.negated, true, not_true, unknown, stale)


def _block(weighed: list[tuple[Place, Weighed]], weights: _Weights) -> _Block:
    reasons = [(place.at, _reason(place, found)) for place, found in weighed]
    yes = mask_of(at for at, reason in reasons if reason.answer is YES)
    no = mask_of(at for at, reason in reasons if reason.answer is NO)
    return _Block(yes, no, weights, reasons)


def _period(facts: Facts, on: date, status: CareLeaverStatus | None) -> StatusPeriod | None:
    return facts.status_on(on) if status is None else StatusPeriod(status)


@lru_cache(maxsize=4096)
def _made_ready(rules: tuple[Rule, ...], circumstances: Catalogue) -> Rulebook:
    return Rulebook(rules, circumstances)


def rulebook(rules: Iterable[Rule]) -> Rulebook:
    """These rules made ready, remembered for the next one who asks for the same."""
    return _made_ready(tuple(rules), catalogue())
