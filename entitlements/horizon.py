"""What begins and what ends at 18, 21 and 25, before it happens, with the last day to ask."""

from collections import defaultdict
from dataclasses import dataclass, replace
from datetime import date

from entitlements.facts import Answer, birthday_on, with_expected_status
from entitlements.for_person import Assessed, Groups
from entitlements.models import Per
from entitlements.weighing import DAY, NEED_TO_KNOW, NO, YES

MILESTONES = (18, 21, 25)


@dataclass(frozen=True)
class Milestone:
    """One birthday to come, and what begins and ends on it: surely, or maybe when a fact is still missing.

    `on` is empty when the day is not known; the changes are the same.
    """

    age: int
    on: date | None
    begins_surely: tuple[Assessed, ...]
    begins_maybe: tuple[Assessed, ...]
    ends_surely: tuple[Assessed, ...]
    ends_maybe: tuple[Assessed, ...]

    @property
    def begins(self) -> tuple[Assessed, ...]:
        return self.begins_surely + self.begins_maybe

    @property
    def ends(self) -> tuple[Assessed, ...]:
        return self.ends_surely + self.ends_maybe

    @property
    def last_day(self) -> date | None:
        """The last day on which what ends may still be asked for."""
        return self.on - DAY if self.on else None

    @property
    def to_ask_for(self) -> bool:
        """Whether something that ends is asked for here."""
        return any(found.can_ask for found in self.ends)


def ahead(groups: Groups, *, on: date) -> list[Milestone]:
    """The birthdays to come on which something in these groups changes, for the person they are about.

    Somebody in care until 18 is taken to be former relevant from that day, as the law expects (see
    `with_expected_status`); all else stays as it is. What was had and comes only once does not end again. A birth date
    that is a guess is taken as the latest it may be, so that no birthday is left out, and names no day.
    """
    found = {id(one.outcome.rule): one for _name, each in groups for one in each}
    if not found:
        return []
    asked = next(iter(found.values())).outcome.asked
    facts = with_expected_status(asked.facts)
    window = facts.birth_window()
    if window is None:
        return []
    facts = replace(facts, born_on=window[1], born_estimated=False, born_between=None)
    once = {id(one.outcome.rule) for one in groups.used if one.version.cap_period == Per.ONCE}
    coming = []
    for age in MILESTONES:
        birthday = birthday_on(window[1], age)
        if birthday <= on:
            continue
        answers = (asked.book.answers(facts, day) for day in (birthday - DAY, birthday))
        changes: dict[tuple[bool, Answer], list[Assessed]] = defaultdict(list)
        for rule, before, after in zip(asked.book.rules, *answers, strict=True):
            one = found.get(id(rule))
            if one is None or (before is NO) == (after is NO):
                continue
            if before is NO:
                changes[True, after].append(one)
            elif id(rule) not in once:
                changes[False, before].append(one)
        if changes:
            each = (
                _by_name(changes[begins, sure]) for begins in (True, False) for sure in (YES, NEED_TO_KNOW)
            )
            coming.append(Milestone(age, birthday if window[0] == window[1] else None, *each))
    return coming


def _by_name(found: list[Assessed]) -> tuple[Assessed, ...]:
    return tuple(sorted(found, key=lambda one: one.summary.title))
