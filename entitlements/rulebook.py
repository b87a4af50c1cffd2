"""Deciding: many rules made ready once, then asked about one person on one day.

Every distinct condition of all the rules gets one bit. For a person we fill in two whole numbers: the conditions
that hold, and those that do not; a condition in neither is unknown. "All of these" is then three comparisons, and
because 60 rules share most of their conditions, each is weighed once. The quick answer and the full explanation
read the same two numbers, so they cannot disagree.

The logic is Kleene's: one "no" settles "all of", one "yes" settles "any of", and what is unknown stays unknown
only while it can still matter.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property, lru_cache
from operator import itemgetter
from typing import Any, NamedTuple

from entitlements.circumstances import BORN_ON, CARE_STATUS, CHILDREN, Catalogue, catalogue
from entitlements.definition import (
    Age,
    Circumstance,
    Condition,
    Group,
    GroupKind,
    Lives,
    Rate,
    Rule,
    State,
    Status,
    Times,
    TriedFirst,
    Weeks,
    Where,
    condition_to_data,
)
from entitlements.facts import Answer, CareLeaverStatus, Facts, Source, StatusPeriod, age_on
from entitlements.weighing import (
    AGE_UNKNOWN,
    DAY,
    NEED_TO_KNOW,
    NO,
    YES,
    Before,
    InForce,
    Leaf,
    Reason,
    Weighed,
    turning_points,
    weigh,
    weigh_ages,
    weigh_status,
)

LIVES = {
    Where.IN_LEWISHAM: "lives_in_lewisham",
    Where.OUTSIDE_LEWISHAM: "lives_outside_lewisham",
    Where.IN_LONDON: "lives_in_london",
}
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
_READ_FIRST = {InForce: 0, Status: 1, Age: 2}


class Asked(NamedTuple):
    """Whom an answer is about, and which day."""

    facts: Facts
    on: date
    status: CareLeaverStatus | None


class Span(NamedTuple):
    """One answer, from `from_on` until the day before `until_on`. Empty: as far as is known."""

    from_on: date | None
    until_on: date | None
    answer: Answer

    def covers(self, on: date) -> bool:
        return (self.from_on is None or self.from_on <= on) and (self.until_on is None or on < self.until_on)


class Amount(NamedTuple):
    """The rate that applies, or those that may (and the questions that would choose).

    `pence` already counts the children of a rate for each child; it is None when that, or the rate, is unknown.
    """

    rate: Rate | None
    pence: int | None
    possible: tuple[Rate, ...] = ()
    questions: tuple[str, ...] = ()


@dataclass(eq=False)
class Outcome:
    """What a rule says about one person on one day, and all that follows from it.

    `reasons` holds one for each condition, first the one to read first. The rest is worked out when asked for.
    """

    rule: Rule
    answer: Answer
    reasons: tuple[Reason, ...]
    asked: Asked

    @property
    def code(self) -> str:
        return self.rule.code

    @property
    def main_reason(self) -> Reason | None:
        """The first reason that decides: the first no, or the first thing we need to know, or the first yes."""
        deciding = (reason for reason in self.reasons if reason.answer is self.answer)
        return next(deciding, None)

    @cached_property
    def questions(self) -> tuple[str, ...]:
        """Keys of the unknown facts that can still matter: status and birthday first, quiet ones last."""
        if self.answer is not NEED_TO_KNOW:
            return ()
        return in_asking_order(_keys(self.reasons), catalogue())

    @cached_property
    def spans(self) -> tuple[Span, ...]:
        """The whole of time, cut where the answer changes, all else staying as it is."""
        facts, _on, status = self.asked
        book = alone(self.rule)
        days = sorted(book.turning_points(facts))
        if not days:
            return (Span(None, None, self.answer),)
        answers = [book.answers(facts, day, status=status)[0] for day in (days[0] - DAY, *days)]
        cuts = [(None, answers[0])]
        cuts += [(day, then) for day, before, then in zip(days, answers, answers[1:]) if then is not before]
        ends = [*(day for day, _answer in cuts[1:]), None]
        return tuple(Span(start, end, answer) for (start, answer), end in zip(cuts, ends))

    @cached_property
    def window(self) -> Span | None:
        """The stretch of time to tell them about: today's, or the next one, that is not a no."""
        on = self.asked.on
        return next((s for s in self.spans if s.answer is not NO and (s.until_on is None or s.until_on > on)), None)

    @property
    def from_on(self) -> date | None:
        """The first day of the window: past when it has begun, to come when it has not. None: always, or never."""
        return self.window.from_on if self.window else None

    @property
    def until_on(self) -> date | None:
        """The first day the window no longer counts, a 25th birthday for one. None: no end is known."""
        return self.window.until_on if self.window else None

    @property
    def starts_later(self) -> bool:
        """No today, and from `from_on` no longer a no."""
        return self.answer is NO and self.window is not None

    @cached_property
    def next_change(self) -> Span | None:
        """The first span after today's: its `from_on` is the day, its `answer` what the answer becomes."""
        on = self.asked.on
        return next((span for span in self.spans if span.from_on is not None and span.from_on > on), None)

    @cached_property
    def amount(self) -> Amount:
        return amount_on(self.rule, self.asked.facts, self.asked.on, status=self.asked.status)

    @property
    def rate(self) -> Rate | None:
        return self.amount.rate

    def to_data(self) -> dict[str, Any]:
        """Plain JSON, for keeping beside a request: what the rule said on the day."""
        return {
            "code": self.code,
            "on": self.asked.on.isoformat(),
            "answer": self.answer.name,
            "reasons": [_reason_to_data(reason) for reason in self.reasons],
            "questions": list(self.questions),
            "from_on": self.from_on.isoformat() if self.from_on else None,
            "until_on": self.until_on.isoformat() if self.until_on else None,
        }


class _Group(NamedTuple):
    bit: int
    index: int
    is_any: bool
    mask: int
    kids: tuple[int, ...]


class _Place(NamedTuple):
    """One condition and where its bit is. Negated: the bit means that it does not hold."""

    index: int
    leaf: Leaf
    negated: bool


class _Told(NamedTuple):
    """A circumstance, with its reasons made beforehand for every answer and source."""

    index: int
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
    """All age conditions for one age, or all status conditions for one status: weighed once, then remembered."""

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
        self._places: dict[tuple[Any, ...], int] = {}
        self._leaves: list[_Place] = []
        self._groups: list[_Group] = []
        self._roots = [self._root(rule) for rule in self.rules]
        self._masks = [_mask(root) for root in self._roots]
        self._picks = [_pick(root) for root in self._roots]
        self._sort_leaves()

    def answers(self, facts: Facts, on: date, *, status: CareLeaverStatus | None = None) -> list[Answer]:
        """One answer a rule, in the order of the rules. `status` stands in for the recorded one."""
        yes, no = self._weigh_all(facts, on, _period(facts, on, status))
        return [NO if no & mask else YES if yes & mask == mask else NEED_TO_KNOW for mask in self._masks]

    def outcomes(self, facts: Facts, on: date, *, status: CareLeaverStatus | None = None) -> list[Outcome]:
        """The same answers with every reason."""
        period = _period(facts, on, status)
        yes, no = self._weigh_all(facts, on, period)
        reasons = self._reasons(yes, no, facts, on, period)
        asked = Asked(facts, on, status)
        return [
            Outcome(rule, NO if no & mask else YES if yes & mask == mask else NEED_TO_KNOW, pick(reasons), asked)
            for rule, mask, pick in zip(self.rules, self._masks, self._picks)
        ]

    def turning_points(self, facts: Facts) -> set[date]:
        """Every day on which some answer may change, all else staying as it is."""
        days = {day for place in self._leaves for day in turning_points(place.leaf, facts)}
        return days - {date.min}

    # Making ready: each condition gets its place, a bit in the two numbers.

    def _root(self, rule: Rule) -> tuple[int, ...]:
        places = self._all_of(rule.when, False, rule.code)
        if rule.state is not State.IN_FORCE or rule.starts_on or rule.ends_on:
            places.append(self._leaf(InForce(rule.state, rule.starts_on, rule.ends_on), False))
        leaves = {place.index: type(place.leaf) for place in self._leaves}
        return tuple(sorted(dict.fromkeys(places), key=lambda index: _READ_FIRST.get(leaves.get(index, Group), 9)))

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

    def _as_leaf(self, condition: Condition, code: str) -> Leaf:
        if isinstance(condition, Lives):
            condition = Circumstance(LIVES[condition.where])
        if isinstance(condition, Times | Weeks) and not condition.code:
            condition = replace(condition, code=code)
        if isinstance(condition, Circumstance) and condition.key in self.circumstances:
            words = self.circumstances[condition.key]
            if words.before_turning:
                return Before(words.key, words.before_turning, words.within_days)
        assert not isinstance(condition, Lives | Group)
        return condition

    def _leaf(self, leaf: Leaf, negated: bool) -> int:
        index = self._places.setdefault((leaf, negated), len(self._places))
        if index == len(self._leaves) + len(self._groups):
            self._leaves.append(_Place(index, leaf, negated))
        return index

    def _group(self, is_any: bool, kids: Sequence[int]) -> int:
        kids = tuple(dict.fromkeys(kids))
        if len(kids) == 1:
            return kids[0]
        index = self._places.setdefault((is_any, frozenset(kids)), len(self._places))
        if index == len(self._leaves) + len(self._groups):
            self._groups.append(_Group(1 << index, index, is_any, _mask(kids), kids))
        return index

    def _sort_leaves(self) -> None:
        """Ages and statuses are remembered by value, circumstances by answer; the rest is weighed each time."""
        self._ages = [place for place in self._leaves if isinstance(place.leaf, Age)]
        self._statuses = [place for place in self._leaves if isinstance(place.leaf, Status)]
        self._told = [_told(place) for place in self._leaves if isinstance(place.leaf, Circumstance | TriedFirst)]
        by_value = {place.index for place in (*self._ages, *self._statuses, *self._told)}
        self._others = [place for place in self._leaves if place.index not in by_value]
        self._if_told = {True: self._all_weights(True), False: self._all_weights(False)}
        self._by_age: dict[tuple[int, int, Source] | None, _Block] = {}
        self._by_status: dict[tuple[CareLeaverStatus, Source] | None, _Block] = {}
        self._unknown = [_GAP] * len(self._places)
        for told in self._told:
            self._unknown[told.index] = told.unknown

    def _all_weights(self, value: bool) -> dict[str, _Weights]:
        keys = (*self.circumstances.entries, *(told.key for told in self._told))
        weights = {key: self._weights({key: value}, self.circumstances.settled_by(key, value)) for key in keys}
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
                    yes |= 1 << place.index
                else:
                    no |= 1 << place.index
        for bit, _index, is_any, mask, _kids in self._groups:
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
                (place, weigh_ages(place.leaf, *known) if known else AGE_UNKNOWN) for place in self._ages
            ]
            block = self._by_age[known] = _block(weighed, _NOTHING)
        return block

    def _status_block(self, period: StatusPeriod | None) -> _Block:
        known = None if period is None else (period.status, period.source)
        block = self._by_status.get(known)
        if block is None:
            held = self.circumstances.by_status[period.status] if period else {}
            weighed = [(place, weigh_status(place.leaf, period)) for place in self._statuses]
            block = self._by_status[known] = _block(weighed, self._weights({}, held))
        return block

    # Explaining: the same two numbers, read back as reasons.

    def _reasons(self, yes: int, no: int, facts: Facts, on: date, period: StatusPeriod | None) -> list[Reason]:
        shown = self._unknown.copy()
        for index, reason in self._age_block(facts, on).reasons:
            shown[index] = reason
        for index, reason in self._status_block(period).reasons:
            shown[index] = reason
        circumstances = facts.circumstances
        for index, bit, key, _negated, if_yes, if_no, _unknown, stale in self._told:
            fact = circumstances.get(key)
            if yes & bit:
                shown[index] = if_yes[DERIVED if fact is None or fact[3] else fact[1]]
            elif no & bit:
                shown[index] = if_no[DERIVED if fact is None or fact[3] else fact[1]]
            elif fact is not None and fact[3]:
                shown[index] = stale
        for place in self._others:
            shown[place.index] = _reason(place, weigh(place.leaf, facts, on, period))
        for group in self._groups:
            answer = YES if yes & group.bit else NO if no & group.bit else NEED_TO_KNOW
            code = _GROUP_CODES[group.is_any, answer]
            shown[group.index] = Reason(code, answer, parts=tuple([shown[kid] for kid in group.kids]))
        return shown


def _mask(places: Iterable[int]) -> int:
    return sum(1 << place for place in set(places))


def _pick(root: tuple[int, ...]) -> Callable[[list[Reason]], tuple[Reason, ...]]:
    """Takes a rule's own reasons out of everybody's."""
    if len(root) > 1:
        return itemgetter(*root)
    return lambda reasons: tuple([reasons[index] for index in root])


def _reason(place: _Place, weighed: Weighed) -> Reason:
    answer, code, source, key = weighed
    if place.negated and answer is not NEED_TO_KNOW:
        answer = answer.opposite
        code = "RULED_OUT" if answer is NO else "NOT_RULED_OUT"
    return Reason(code, answer, place.leaf, place.negated, source, key)


def _told(place: _Place) -> _Told:
    assert isinstance(place.leaf, Circumstance | TriedFirst)
    true = {source: _reason(place, Weighed(YES, "IS_TRUE", source)) for source in Source}
    not_true = {source: _reason(place, Weighed(NO, "IS_NOT_TRUE", source)) for source in Source}
    if place.negated:
        true, not_true = not_true, true
    key = place.leaf.key
    unknown = _reason(place, Weighed(NEED_TO_KNOW, "NOT_KNOWN", key=key))
    stale = _reason(place, Weighed(NEED_TO_KNOW, "OUT_OF_DATE", key=key))
    return _Told(place.index, 1 << place.index, key, place.negated, true, not_true, unknown, stale)


def _block(weighed: list[tuple[_Place, Weighed]], weights: _Weights) -> _Block:
    reasons = [(place.index, _reason(place, found)) for place, found in weighed]
    yes = _mask(index for index, reason in reasons if reason.answer is YES)
    no = _mask(index for index, reason in reasons if reason.answer is NO)
    return _Block(yes, no, weights, reasons)


def _period(facts: Facts, on: date, status: CareLeaverStatus | None) -> StatusPeriod | None:
    return facts.status_on(on) if status is None else StatusPeriod(status)


@lru_cache(maxsize=2048)
def alone(rule: Rule) -> Rulebook:
    """One rule made ready to be asked on its own."""
    return Rulebook([rule])


@lru_cache(maxsize=32)
def rulebook(rules: tuple[Rule, ...]) -> Rulebook:
    """These rules made ready, remembered for the next one who asks."""
    return Rulebook(rules)


@lru_cache(maxsize=2048)
def _rates_book(rates: tuple[Rate, ...]) -> Rulebook:
    return Rulebook(Rule(code="", when=rate.when) for rate in rates)


def amount_on(rule: Rule, facts: Facts, on: date, *, status: CareLeaverStatus | None = None) -> Amount:
    """The rate for this person on the day that governs it. Of two that fit, the one that started last.

    The caller picks the day: `Rate.governs` says whether it is the day of asking, deciding or spending.
    """
    rates = tuple(rate for rate in rule.rates if rate.covers(on))
    rates = tuple(sorted(rates, key=lambda rate: rate.starts_on or date.min, reverse=True))
    possible: list[Rate] = []
    questions: dict[str, None] = {}
    for rate, outcome in zip(rates, _rates_book(rates).outcomes(facts, on, status=status)):
        if outcome.answer is NO:
            continue
        possible.append(rate)
        questions |= dict.fromkeys(outcome.questions)
        if outcome.answer is YES:
            break
    if len(possible) != 1 or questions:
        return Amount(None, None, tuple(possible), tuple(questions))
    return _amount(possible[0], facts)


def _amount(rate: Rate, facts: Facts) -> Amount:
    if not rate.per_child:
        return Amount(rate, rate.pence, (rate,))
    if facts.children is None:
        return Amount(rate, None, (rate,), (CHILDREN,))
    return Amount(rate, rate.pence * facts.children, (rate,))


def in_asking_order(keys: Iterable[str], circumstances: Catalogue) -> tuple[str, ...]:
    """Care status first, then the birthday, then the rest as they come, and quiet ones last."""
    first = {CARE_STATUS: 0, BORN_ON: 1}
    unique = dict.fromkeys(keys)
    return tuple(sorted(unique, key=lambda key: first.get(key, 3 if circumstances.is_quiet(key) else 2)))


def _keys(reasons: Iterable[Reason]) -> Iterator[str]:
    for reason in reasons:
        if reason.answer is NEED_TO_KNOW:
            if reason.parts:
                yield from _keys(reason.parts)
            elif reason.key:
                yield reason.key


def _reason_to_data(reason: Reason) -> dict[str, Any]:
    data: dict[str, Any] = {"code": reason.code, "answer": reason.answer.name}
    if isinstance(reason.condition, InForce):
        data["state"] = reason.condition.state.value
    elif isinstance(reason.condition, Before):
        data["condition"] = condition_to_data(Circumstance(reason.condition.key))
    elif reason.condition is not None:
        data["condition"] = condition_to_data(reason.condition)
    if reason.negated:
        data["negated"] = True
    if reason.source is not None:
        data["source"] = reason.source.value
    if reason.parts:
        data["parts"] = [_reason_to_data(part) for part in reason.parts]
    return data
