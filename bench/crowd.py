"""The jobs for everybody, in a process of their own: `python -m bench.crowd FOLDER PEOPLE`, measured and said as JSON.

A process of its own, because its memory is measured, and because the people added to the demo are nobody else's.
FOLDER is the data of a demo and is changed.
"""

import json
import resource
import statistics
import sys
import time
from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from bench import demo

APART = 1_000_000  # between the primary keys of one copy of the demo's people and those of the next
RULES = 60


def main(folder: str, people: int) -> dict[str, Any]:
    """Milliseconds of processor time, queries, and the most memory that was ever taken (in MB), for each job."""
    demo.start(folder)

    from entitlements.for_person import book
    from portal import clock

    enlarge(people)
    sixty_rules()
    now = clock.now()
    book()
    before = _megabytes()
    said = {name: _measured(job) for name, job in jobs(clock.local_date(now), now).items()}
    return {"people": people, "jobs": said, "before_mb": before, "most_mb": _megabytes()}


def jobs(on: date, now: Any) -> dict[str, Callable[[], object]]:
    """Counting take-up for everybody, and an editor's preview of one changed rule."""
    from dataclasses import replace

    from entitlements.definition import Age, Group, GroupKind
    from entitlements.for_person import book
    from entitlements.impact import compare
    from portal.desk.population import everybody
    from portal.take_up.services import count_take_up

    rule = next(rule for rule in book().rules.rules if rule.code == "setting-up-home-allowance")
    stricter = replace(rule, when=Group(GroupKind.ALL, (*rule.when.of, Age(19, 23))))
    return {
        "take-up": lambda: count_take_up(now=now),
        "preview": lambda: compare(rule, stricter, everybody(on), on),
    }


def _measured(job: Callable[[], object]) -> dict[str, float]:
    """The middle of three runs."""
    took = []
    for _run in range(3):
        with demo.counting() as asked:
            started = time.process_time()
            job()
            took.append((time.process_time() - started) * 1000)
    return {"ms": statistics.median(took), "low_ms": min(took), "high_ms": max(took), "queries": len(asked)}


def enlarge(people: int) -> None:
    """Copy the demo's young people and all that is known of them until there are so many. In SQLite's own words."""
    from django.db import connection, transaction

    from portal.people.models import Circumstance, StatusPeriod, YoungPerson

    have = YoungPerson.objects.count()
    numbers = "WITH RECURSIVE n(copy) AS (SELECT 1 UNION ALL SELECT copy + 1 FROM n WHERE copy <= %s)"
    named = {"ref": "id || '-' || copy", "person_id": "id || '-' || copy", "user_id": "NULL"}
    with transaction.atomic(), connection.cursor() as cursor:

        def copy(model: Any, instead: Mapping[str, str | None], rest: str) -> None:
            """Only names of our own tables and columns stand in these words."""
            names, values = _columns(model, instead)
            table = model._meta.db_table
            words = f"INSERT INTO {table} ({names}) {numbers} SELECT {values} FROM {table}, n {rest}"  # noqa: S608
            cursor.execute(words, [people // have])

        copy(
            YoungPerson,
            {"id": f"id + copy * {APART}", **named},
            f"ORDER BY copy, id LIMIT {max(people - have, 0)}",
        )
        theirs = f"young_person_id + copy * {APART}"
        for model in (StatusPeriod, Circumstance):
            copied = f"WHERE {theirs} IN (SELECT id FROM {YoungPerson._meta.db_table})"  # noqa: S608
            copy(model, {"id": None, "young_person_id": theirs}, copied)


def _columns(model: Any, instead: Mapping[str, str | None]) -> tuple[str, str]:
    """The columns of a table, and what a copy holds in each; without those that are None."""
    names = [field.column for field in model._meta.concrete_fields]
    chosen = {name: instead.get(name, name) for name in names}
    kept = {name: value for name, value in chosen.items() if value is not None}
    return ", ".join(kept), ", ".join(kept.values())


def sixty_rules() -> None:
    """Publish copies of the first entitlement until there are sixty."""
    from cms.content_version import changed
    from entitlements.models import Entitlement, EntitlementVersion

    for number in range(RULES - EntitlementVersion.objects.current().count()):
        version = EntitlementVersion.objects.current().filter(quiet=False)[0]
        entitlement = Entitlement.objects.create(code=f"measured-{number}")
        version.pk, version._state.adding, version.entitlement = None, True, entitlement
        version.save()
        entitlement.current = version
        entitlement.save()
    changed()


def _megabytes() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    print(json.dumps(main(sys.argv[1], int(sys.argv[2]))))
