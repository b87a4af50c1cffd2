"""What a rule said about one person on one day: the answer, why, what would settle it, and until when."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any, NamedTuple, Protocol

from entitlements.circumstances import BORN_ON, CARE_STATUS, CHILDREN, Catalogue
from entitlements.definition import Circumstance, Rate, Rule
from entitlements.facts import Answer, CareLeaverStatus, Facts
from entitlements.plain_data import condition_to_data
from entitlements.weighing import DAY, NEED_TO_KNOW, NO, YES, Before, InForce, Reason


class Book(Protocol):
    """Rules made ready to be asked: `entitlements.rulebook.Rulebook`."""

    rules: tuple[Rule, ...]
    circumstances: Catalogue

    def for_rates(self, rates: tuple[Rate, ...]) -> "Book": ...

    def answers(self, facts: Facts, on: date, *, status: CareLeaverStatus | None = None) -> list[Answer]: ...

    def outcomes(
        self, facts: Facts, on: date, *, status: CareLeaverStatus | None = None
    ) -> list["Outcome"]: ...

    def turning_points(self, facts: Facts) -> set[date]: ...


@dataclass(eq=False)
class Asked:
    """Whom an answer is about, which day, and the rules that were asked."""

    facts: Facts
    on: date
    status: CareLeaverStatus | None
    book: Book

    @cached_property
    def days(self) -> list[date]:
        """The days on which the answer of some rule may change."""
        return sorted(self.book.turning_points(self.facts))

    @cached_property
    def by_rule(self) -> dict[int, tuple[Answer, ...]]:
        """For each rule (by `id`) its answers: before the first of `days`, and on each of them."""
        days = [self.days[0] - DAY, *self.days] if self.days else [self.on]
        answers = [self.book.answers(self.facts, day, status=self.status) for day in days]
        return {
            id(rule): each for rule, each in zip(self.book.rules, zip(*answers, strict=True), strict=True)
        }


class Span(NamedTuple):
    """One answer, from `from_on` until the day before `until_on`. Empty: as far as is known."""

    from_on: date | None
    until_on: date | None
    answer: Answer

    def covers(self, on: date) -> bool:
        return (self.from_on is None or self.from_on <= on) and (self.until_on is None or on < self.until_on)


class Amount(NamedTuple):
    """The rate that applies, or those that may (and the questions that would choose).

    `pence` already counts the children of a rate for each child; None when that, or the rate, is unknown.
    """

    rate: Rate | None
    pence: int | None
    possible: tuple[Rate, ...] = ()
    questions: tuple[str, ...] = ()


@dataclass(eq=False)
class Outcome:
    """What a rule says about one person on one day, and all that follows from it.

    `reasons` holds one for each condition, in the order to read them. The rest is worked out when asked for.
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
        """The first reason that decides: the first no, the first unknown, or else the first yes."""
        deciding = (reason for reason in self.reasons if reason.answer is self.answer)
        return next(deciding, None)

    @cached_property
    def questions(self) -> tuple[str, ...]:
        """Keys of the unknown facts that can still matter: status and birthday first, quiet ones last."""
        if self.answer is not NEED_TO_KNOW:
            return ()
        return in_asking_order(_keys(self.reasons), self.asked.book.circumstances)

    @cached_property
    def spans(self) -> tuple[Span, ...]:
        """The whole of time, cut where the answer changes, all else staying as it is."""
        days, answers = self.asked.days, self.asked.by_rule[id(self.rule)]
        cuts: list[tuple[date | None, Answer]] = [(None, answers[0])]
        cuts += [
            (day, then)
            for day, before, then in zip(days, answers, answers[1:], strict=False)
            if then is not before
        ]
        ends = [*(day for day, _answer in cuts[1:]), None]
        return tuple(Span(start, end, answer) for (start, answer), end in zip(cuts, ends, strict=True))

    @cached_property
    def window(self) -> Span | None:
        """The stretch of time to tell them about: today's, or the next one, that is not a no."""
        ahead = (span for span in self.spans if span.until_on is None or span.until_on > self.asked.on)
        return next((span for span in ahead if span.answer is not NO), None)

    @property
    def from_on(self) -> date | None:
        """The first day of the window, past or to come. None: always so, or never."""
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
        return _amount(self.rule, self.asked)

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


def _amount(rule: Rule, asked: Asked) -> Amount:
    """The rate for this person on the day that governs it. Of two that fit, the one that started last.

    The caller picks the day: `Rate.governs` says whether it is the day of asking, deciding or spending.
    """
    facts, on, status, book = asked.facts, asked.on, asked.status, asked.book
    rates = tuple(rate for rate in rule.rates if rate.covers(on))
    rates = tuple(sorted(rates, key=lambda rate: rate.starts_on or date.min, reverse=True))
    possible: list[Rate] = []
    questions: dict[str, None] = {}
    outcomes = book.for_rates(rates).outcomes(facts, on, status=status)
    for rate, outcome in zip(rates, outcomes, strict=True):
        if outcome.answer is NO:
            continue
        possible.append(rate)
        questions |= dict.fromkeys(outcome.questions)
        if outcome.answer is YES:
            break
    if len(possible) == 1 and not questions:
        return _in_pence(possible[0], facts)
    return Amount(None, None, tuple(possible), tuple(questions))


def _in_pence(rate: Rate, facts: Facts) -> Amount:
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
