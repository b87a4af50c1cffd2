"""Everybody at once, as facts without names: for counts, never for a list about people."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from datetime import date
from typing import Any, NamedTuple

from entitlements.facts import NO_AWARDS, Award, Facts
from portal.people.facts import Reader
from portal.people.models import YoungPerson, said_about

AT_A_TIME = 5_000
Awards = Mapping[str, tuple[Award, ...]]


class Somebody(NamedTuple):
    """One young person. `reached`: has signed in at least once."""

    team_id: int | None
    reached: bool
    facts: Facts


def everybody(
    on: date,
    *,
    had: Callable[[int, int], Mapping[int, Awards]] | None = None,
    nothing_had: Awards = NO_AWARDS,
    at_a_time: int = AT_A_TIME,
) -> Iterator[Somebody]:
    """Every young person who is alive, as they are on a day: two queries for each five thousand, one more for `had`.

    `had(first, last)` reads what those from one primary key to another had; who is not there gets `nothing_had`. Only
    one batch is in memory at a time, however many people there are.
    """
    reader = Reader(on)
    alive = YoungPerson.objects.filter(died_on=None).order_by("pk")
    people = alive.values_list(
        "pk", "team_id", "user__last_login", "born_on", "born_estimated", "children", "in_custody_since"
    )
    batch = list(people[:at_a_time])
    while batch:
        first, last = batch[0][0], batch[-1][0]
        said: dict[int, list[Any]] = defaultdict(list)
        for row in said_about(young_person__gte=first, young_person__lte=last):
            said[row[0]].append(row)
        theirs = had(first, last) if had else {}
        for pk, team_id, seen_at, born_on, estimated, children, custody in batch:
            facts = reader.facts(
                said.get(pk, ()),
                born_on=born_on,
                born_estimated=estimated,
                children=children,
                in_custody_since=custody,
                awards=theirs.get(pk, nothing_had),
            )
            yield Somebody(team_id, seen_at is not None, facts)
        batch = list(people.filter(pk__gt=last)[:at_a_time]) if len(batch) == at_a_time else []
