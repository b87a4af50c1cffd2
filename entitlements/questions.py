"""What to ask next, so that the fewest questions settle the most.

Care status comes first, then the birthday: nearly every rule turns on them. After that, the question whose
answers would settle the most entitlements. Quiet ones (immigration, custody, a crisis) come last.
"""

from collections.abc import Collection, Iterable
from dataclasses import replace
from datetime import date

from entitlements.circumstances import BORN_ON, CARE_STATUS, CHILDREN
from entitlements.definition import Rule
from entitlements.facts import Answer, CareLeaverStatus, Facts
from entitlements.outcome import in_asking_order
from entitlements.rulebook import Rulebook, rulebook

Rules = Rulebook | Iterable[Rule]


def next_question(
    rules: Rules,
    facts: Facts,
    on: date,
    *,
    skipped: Collection[str] = (),
    status: CareLeaverStatus | None = None,
) -> str | None:
    """The key of the one question to ask now, or None when nothing more can be settled.

    `skipped` are keys they answered "I don't know" to: never asked twice.
    """
    book = _book(rules)
    waiting = pending(book, facts, on, status=status)
    keys = [key for key in waiting if key not in skipped and _can_be_asked(key, facts)]
    if not keys:
        return None
    if keys[0] in (CARE_STATUS, BORN_ON):
        return keys[0]
    loud = [key for key in keys if not book.circumstances.is_quiet(key)] or keys
    return min(loud, key=lambda key: (_left(book, facts, on, key, status), -len(waiting[key])))


def pending(
    rules: Rules, facts: Facts, on: date, *, status: CareLeaverStatus | None = None
) -> dict[str, tuple[str, ...]]:
    """Every question that can still matter, in asking order, with the codes that wait for it."""
    book = _book(rules)
    waiting: dict[str, list[str]] = {}
    for outcome in book.outcomes(facts, on, status=status):
        for key in outcome.questions:
            waiting.setdefault(key, []).append(outcome.code)
    return {key: tuple(waiting[key]) for key in in_asking_order(waiting, book.circumstances)}


def settled_by(
    rules: Rules, facts: Facts, on: date, key: str, value: bool, *, status: CareLeaverStatus | None = None
) -> dict[str, Answer]:
    """What one answer to a circumstance would settle: the codes that become yes or no, and which."""
    book = _book(rules)
    before = book.answers(facts, on, status=status)
    after = book.answers(_supposing(facts, key, value), on, status=status)
    return {
        rule.code: then
        for rule, now, then in zip(book.rules, before, after, strict=True)
        if now is Answer.NEED_TO_KNOW and then is not Answer.NEED_TO_KNOW
    }


def _left(book: Rulebook, facts: Facts, on: date, key: str, status: CareLeaverStatus | None) -> int:
    """How many entitlements stay unsettled after a yes, and after a no, added together."""
    either = (book.answers(_supposing(facts, key, value), on, status=status) for value in (True, False))
    return sum(answers.count(Answer.NEED_TO_KNOW) for answers in either)


def _supposing(facts: Facts, key: str, value: bool) -> Facts:
    if key == CHILDREN:
        return replace(facts, children=int(value))
    if key.startswith("had."):
        code = key.removeprefix("had.")
        return facts if value else replace(facts, awards={**facts.awards, code: ()})
    return facts.with_told(key, value)


def _can_be_asked(key: str, facts: Facts) -> bool:
    """A birthday somebody already told us as well as they could is not asked for again."""
    return key != BORN_ON or facts.birth_window() is None


def _book(rules: Rules) -> Rulebook:
    return rules if isinstance(rules, Rulebook) else rulebook(rules)
