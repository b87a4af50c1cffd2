"""Deciding: many rules made ready once, then asked about one person on one day.

Every distinct condition of all the rules gets one bit. For a person we fill in two whole numbers: the
conditions that hold, and those that do not; a condition in neither is unknown. "All of these" is then two
comparisons, and because 60 rules share most of their conditions, each is weighed once. The quick answer and
the full explanation read the same two numbers, so they cannot disagree.

The logic is Kleene's: one "no" settles "all of", one "yes" settles "any of", and what is unknown stays
unknown only while it can still matter.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date
from functools import lru_cache
from typing import Any

from entitlements.circumstances import Catalogue, catalogue
from entitlements.definition import Age, Circumstance, OwnQuestion, Rate, Rule, Status, TriedFirst
from entitlements.facts import Answer, CareLeaverStatus, Facts, Source, StatusPeriod, age_on
from entitlements.layout import Layout, Place, mask_of
from entitlements.outcome import Asked, Outcome
from entitlements.ready import ALL_CODES, ANY_CODES, GAP, Block, Told, block_of, pick_of, reason_of, told_of
from entitlements.weighing import (
    AGE_UNKNOWN,
    NEED_TO_KNOW,
    NO,
    WEIGHERS,
    YES,
    InForce,
    Reason,
    Weighed,
    status_days,
    turning_points,
    weigh_age,
    weigh_in_force,
    weigh_status,
)

DERIVED = Source.DERIVED
_DAYS_REMEMBERED = 1000
_SAYS_NOTHING = (0, 0)


_Sheet = tuple[int, int, int, tuple[Block, ...], list[tuple[Place, Weighed]]]
"""One person on one day, weighed: bits that hold, bits that do not, bits nobody said but that follow, and the
blocks and single conditions behind them."""


class Rulebook:
    """Rules made ready to be asked together. Make it once and keep it: it never changes."""

    def __init__(self, rules: Iterable[Rule], circumstances: Catalogue | None = None) -> None:
        self.rules = tuple(rules)
        self.circumstances = circumstances or catalogue()
        layout = Layout(self.rules, self.circumstances)
        self._leaves = layout.leaves
        self._groups = layout.groups
        self._masks = [mask_of(root) for root in layout.roots]
        picks = (pick_of(root) for root in layout.roots)
        self._each = list(zip(self.rules, self._masks, picks, strict=True))
        self._sort_leaves(len(layout))

    def conditions(self) -> Iterator[Any]:
        """Every single condition of every rule."""
        return (place.leaf for place in self._leaves)

    def answers(self, facts: Facts, on: date, *, status: CareLeaverStatus | None = None) -> list[Answer]:
        """One answer a rule, in the order of the rules. `status` stands in for the recorded one."""
        yes, no, *_rest = self._weigh_all(facts, on, _period(facts, on, status))
        return [NO if no & mask else YES if yes & mask == mask else NEED_TO_KNOW for mask in self._masks]

    def outcomes(self, facts: Facts, on: date, *, status: CareLeaverStatus | None = None) -> list[Outcome]:
        """The same answers with every reason."""
        sheet = self._weigh_all(facts, on, _period(facts, on, status))
        yes, no, *_rest = sheet
        reasons = self._reasons(sheet, facts)
        asked = Asked(facts, on, status, self)
        return [
            Outcome(
                rule,
                NO if no & mask else YES if yes & mask == mask else NEED_TO_KNOW,
                pick(reasons),
                asked,
            )
            for rule, mask, pick in self._each
        ]

    def for_rates(self, rates: tuple[Rate, ...]) -> "Rulebook":
        """The conditions of rates, asked as if each were a rule."""
        return _made_ready(tuple(Rule(code="", when=rate.when) for rate in rates), self.circumstances)

    def turning_points(self, facts: Facts) -> set[date]:
        """Every day on which some answer may change, all else staying as it is."""
        days = {day for place in self._leaves for day in turning_points(place.leaf, facts)}
        days |= status_days(facts)
        return days - {date.min}

    def _sort_leaves(self, places: int) -> None:
        """Ages, statuses and days are weighed once and remembered; circumstances are bits ready made."""
        self._ages: list[tuple[Place, Age]] = []
        self._statuses: list[tuple[Place, Status]] = []
        self._started: list[tuple[Place, InForce]] = []
        self._told: list[Told] = []
        self._others: list[tuple[Place, Callable[[Any, Facts, date], Weighed]]] = []
        for place in self._leaves:
            leaf = place.leaf
            if isinstance(leaf, Age):
                self._ages.append((place, leaf))
            elif isinstance(leaf, Status):
                self._statuses.append((place, leaf))
            elif isinstance(leaf, Circumstance | TriedFirst | OwnQuestion):
                self._told.append(told_of(place, leaf.key))
            elif isinstance(leaf, InForce):
                self._started.append((place, leaf))
            else:
                self._others.append((place, WEIGHERS[type(leaf)]))
        self._group_reasons = [
            (group.at, group.bit, ANY_CODES if group.is_any else ALL_CODES, pick_of(group.kids))
            for group in self._groups
        ]
        self._width = places
        self._told_by_key: dict[str, list[Told]] = {}
        for told in self._told:
            self._told_by_key.setdefault(told.key, []).append(told)
        self._by_place = {told.at: told for told in self._told}
        self._ready = self._reasons_by_fact()
        keys = (*self.circumstances.entries, *(told.key for told in self._told))
        self._if_told = {key: said for key in keys if any(said := self._said(key))}
        self._by_day: dict[date, Block] = {}
        self._by_age: dict[tuple[int, int, Source] | None, Block] = {}
        self._by_status: dict[tuple[CareLeaverStatus, Source] | None, Block] = {}
        self._unknown = [GAP] * places
        for told in self._told:
            self._unknown[told.at] = told.unknown

    def _reasons_by_fact(self) -> dict[str, list[dict[Source, list[tuple[int, Reason]]]]]:
        """The reasons an answer gives, by circumstance, then untrue, true or stale, then source."""
        ready: dict[str, list[dict[Source, list[tuple[int, Reason]]]]] = {}
        for told in self._told:
            tables = ready.setdefault(told.key, [{source: [] for source in Source} for _answer in range(3)])
            for source in Source:
                tables[0][source].append((told.at, told.if_false[source]))
                tables[1][source].append((told.at, told.if_true[source]))
                tables[2][source].append((told.at, told.stale))
        return ready

    def _said(self, key: str) -> tuple[int, int]:
        """What "no" and "yes" to a circumstance say, as bits: four numbers side by side in one.

        They are what holds, what does not, and the same for what follows from it. Adding somebody's answers
        together is then one step for each answer.
        """
        no, yes = (
            self._bits({key: value})
            | self._bits(self.circumstances.settled_by(key, value)) << 2 * self._width
            for value in (False, True)
        )
        return no, yes

    def _bits(self, values: Mapping[str, bool]) -> int:
        yes = no = 0
        for key, value in values.items():
            for told in self._told_by_key.get(key, ()):
                if value is not told.negated:
                    yes |= told.bit
                else:
                    no |= told.bit
        return yes | no << self._width

    # Weighing: every condition once, then the groups, the inner ones first.

    def _weigh_all(self, facts: Facts, on: date, period: StatusPeriod | None) -> _Sheet:
        age, status = self._age_block(facts, on), self._status_block(period)
        day = self._day_block(on)
        yes, no = age.yes | status.yes | day.yes, age.no | status.no | day.no
        followed = 0
        told = self._add_up(facts) | status.follows
        if told:
            width, full = self._width, (1 << self._width) - 1
            said_yes, said_no = told & full, told >> width & full
            follows_yes, follows_no = told >> 2 * width & full, told >> 3 * width
            # What was said comes first; two things that follow and clash stay unknown.
            followed = (follows_yes ^ follows_no) & ~(said_yes | said_no)
            yes |= said_yes | (follows_yes & followed)
            no |= said_no | (follows_no & followed)
        weighed = [(place, weigher(place.leaf, facts, on)) for place, weigher in self._others]
        for place, (answer, _code, _source, _key) in weighed:
            if answer is not NEED_TO_KNOW:
                if (answer is YES) is not place.negated:
                    yes |= 1 << place.at
                else:
                    no |= 1 << place.at
        for _at, bit, is_any, mask, _kids in self._groups:
            if is_any:
                if yes & mask:
                    yes |= bit
                elif no & mask == mask:
                    no |= bit
            elif no & mask:
                no |= bit
            elif yes & mask == mask:
                yes |= bit
        return yes, no, followed, (age, status, day), weighed

    def _add_up(self, facts: Facts) -> int:
        """Everything said about their circumstances and all that follows from it: see `_said`."""
        told = 0
        if_told = self._if_told.get
        for key, (value, _source, _as_of, stale) in facts.circumstances.items():
            if not stale:
                told |= if_told(key, _SAYS_NOTHING)[value]
        if facts.children is not None:
            parent = if_told("parent", _SAYS_NOTHING)[facts.children > 0]
            told |= parent >> 2 * self._width << 2 * self._width
            told |= (parent & (1 << 2 * self._width) - 1) << 2 * self._width
        return told

    def _day_block(self, on: date) -> Block:
        block = self._by_day.get(on)
        if block is None:
            if len(self._by_day) > _DAYS_REMEMBERED:
                self._by_day.clear()
            block = block_of([(place, weigh_in_force(leaf, on)) for place, leaf in self._started], 0)
            self._by_day[on] = block
        return block

    def _age_block(self, facts: Facts, on: date) -> Block:
        window = facts.birth_window()
        if window is None:
            known = None
        else:
            oldest = age_on(window[0], on)
            youngest = oldest if window[1] is window[0] else age_on(window[1], on)
            known = (youngest, oldest, facts.born_source)
        block = self._by_age.get(known)
        if block is None:
            weighed = [(place, weigh_age(age, *known) if known else AGE_UNKNOWN) for place, age in self._ages]
            block = self._by_age[known] = block_of(weighed, 0)
        return block

    def _status_block(self, period: StatusPeriod | None) -> Block:
        known = None if period is None else (period.status, period.source)
        block = self._by_status.get(known)
        if block is None:
            held = self.circumstances.by_status[period.status] if period else {}
            weighed = [(place, weigh_status(leaf, period)) for place, leaf in self._statuses]
            block = self._by_status[known] = block_of(weighed, self._bits(held) << 2 * self._width)
        return block

    # Explaining: the same two numbers, read back as reasons.

    def _reasons(self, sheet: _Sheet, facts: Facts) -> list[Reason]:
        yes, no, followed, blocks, weighed = sheet
        shown = self._unknown.copy()
        for block in blocks:
            for at, reason in block.reasons:
                shown[at] = reason
        ready = self._ready.get
        for key, (value, source, _as_of, stale) in facts.circumstances.items():
            tables = ready(key)
            if tables is not None:
                for at, reason in tables[2 if stale else value][source]:
                    shown[at] = reason
        while followed:
            last = followed.bit_length() - 1
            followed ^= 1 << last
            told = self._by_place[last]
            holds = bool(yes >> last & 1) is not told.negated
            shown[last] = (told.if_true if holds else told.if_false)[DERIVED]
        for place, found in weighed:
            shown[place.at] = reason_of(place, found)
        for at, bit, codes, pick in self._group_reasons:
            answer = YES if yes & bit else NO if no & bit else NEED_TO_KNOW
            # A `Reason`, made the quick way: this line runs for every group of every person.
            shown[at] = tuple.__new__(Reason, (codes[answer], answer, None, False, None, "", pick(shown)))
        return shown


def _period(facts: Facts, on: date, status: CareLeaverStatus | None) -> StatusPeriod | None:
    return facts.status_on(on) if status is None else StatusPeriod(status)


@lru_cache(maxsize=4096)
def _made_ready(rules: tuple[Rule, ...], circumstances: Catalogue) -> Rulebook:
    return Rulebook(rules, circumstances)


def rulebook(rules: Iterable[Rule]) -> Rulebook:
    """These rules made ready, remembered for the next one who asks for the same."""
    return _made_ready(tuple(rules), catalogue())
