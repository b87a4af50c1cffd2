"""Counting who can have what: everybody against the whole handbook, once a night."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from django.db import transaction

from entitlements.for_person import Book, book
from entitlements.rules import Answer, Award, Facts
from portal.clock import local_date
from portal.ledger.history import had_between
from portal.people.everybody import AT_A_TIME, Somebody, everybody
from portal.take_up.models import TakeUp

YES, NEED_TO_KNOW = Answer.YES, Answer.NEED_TO_KNOW


def count_take_up(*, now: datetime, at_a_time: int = AT_A_TIME) -> int:
    """Count everybody as they are today, and put the counts in the place of the last ones. Returns how many people.

    Five thousand people are read at a time, in three queries, and asked of the same rulebook as every page. Counted
    twice is the same; of two that finish at the same moment the database refuses one, which is then tried again.
    """
    on = local_date(now)
    count = _Count(book(), on)
    for somebody in everybody(on, had=count.had, nothing_had=count.nothing, at_a_time=at_a_time):
        count.add(somebody)
    count.keep()
    return count.people


@dataclass
class _Team:
    """The counts of one team, each a list in the order of the handbook."""

    size: int
    had: list[int] = field(init=False)
    unclaimed: list[int] = field(init=False)
    not_reached: list[int] = field(init=False)
    not_known: list[int] = field(init=False)

    def __post_init__(self) -> None:
        self.had, self.unclaimed, self.not_reached, self.not_known = ([0] * self.size for _count in range(4))


class _Count:
    """One night's counting."""

    def __init__(self, handbook: Book, on: date) -> None:
        self.versions, self.rules, self.on = handbook.versions, handbook.rules, on
        self.place = {version.entitlement.code: at for at, version in enumerate(handbook.versions)}
        self.nothing: Mapping[str, tuple[Award, ...]] = dict.fromkeys(self.place, ())
        self.teams: dict[int | None, _Team] = defaultdict(lambda: _Team(len(self.place)))
        self.people = 0

    def had(self, first: int, last: int) -> Mapping[int, Mapping[str, tuple[Award, ...]]]:
        """What our ledger knows of those who had something; what is not there was never had."""
        return {pk: {**self.nothing, **theirs} for pk, theirs in had_between(first, last).items()}

    def add(self, somebody: Somebody) -> None:
        """Ask every rule about one person. Whoever had something of an entitlement is counted there, and only there."""
        self.people += 1
        team = self.teams[somebody.team_id]
        fits, not_known = team.unclaimed if somebody.reached else team.not_reached, team.not_known
        answers = self.rules.answers(somebody.facts, self.on)
        for at in self._taken(somebody.facts):
            team.had[at] += 1
            answers[at] = Answer.NO
        for at, answer in enumerate(answers):
            if answer is YES:
                fits[at] += 1
            elif answer is NEED_TO_KNOW:
                not_known[at] += 1

    def keep(self) -> None:
        """Write the counts; the quiet ones are forgotten here."""
        rows = [
            TakeUp(
                entitlement=version.entitlement,
                team_id=team_id,
                counted_on=self.on,
                had=team.had[at],
                unclaimed=team.unclaimed[at],
                not_reached=team.not_reached[at],
                not_known=team.not_known[at],
            )
            for team_id, team in self.teams.items()
            for at, version in enumerate(self.versions)
            if not version.quiet
        ]
        with transaction.atomic():
            TakeUp.objects.all().delete()
            TakeUp.objects.bulk_create(rows)

    def _taken(self, facts: Facts) -> list[int]:
        if facts.awards is self.nothing:
            return []
        return [self.place[code] for code, each in facts.awards.items() if each and code in self.place]
