"""The last place goes to exactly one person (rule 46). Real processes on PostgreSQL; each guard has a twin
without it.

`./run proof` (PROOF=1) runs the full figures: 500 people on 20 places, 80 at once, and 600 random steps.
"""

import os
import random
import subprocess
import sys
import time
from collections import Counter
from datetime import UTC, datetime

import pytest
from django.db import connection

from portal.drop_ins.models import Booking, Session
from portal.notifications.models import Notification
from portal.people.models import YoungPerson
from tests.races.crowd import session_of, young_people
from tests.races.portal_server import ROOT, Portal, at_once, environment, sign_in
from tests.races.steps import Steps, faults

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.alone, pytest.mark.proof]

FULL = bool(os.environ.get("PROOF"))
SEED = int(os.environ.get("SEED", random.randrange(10_000)))
ON_POSTGRESQL = pytest.mark.skipif(
    "sqlite" in os.environ.get("DATABASE_URL", ""), reason="the larger figure is PostgreSQL's"
)


def press(
    people: list[YoungPerson], session: Session, *, at_a_time: int, workers: int, threads: int
) -> list[int]:
    """Everybody presses "Book it", so many at once, on a real server. Returns the answers' statuses."""
    cookies = sign_in(person.user for person in people)
    path = f"/me/bookings/new/{session.ref}/"
    with Portal(workers=workers, threads=threads, DATABASE_CONN_MAX_AGE="60") as portal:
        portal.get("/drop-ins/")
        began = time.monotonic()
        answers = at_once(at_a_time, lambda cookie: portal.post(path, cookie, how="THERE"), cookies)
        took = time.monotonic() - began
    print(f"{len(people)} people, {at_a_time} at once, {session.places} places: {took:.1f} s")
    # The second is what a machine out of breath says (rule 66).
    kindly = ("All the places are taken", "Many people are doing this right now")
    refusals = [text for status, text in answers if status == 200]
    assert [text[:300] for text in refusals if not any(words in text for words in kindly)] == []
    return [status for status, _text in answers]


@ON_POSTGRESQL
def test_the_places_go_to_exactly_as_many_people_and_the_rest_are_refused_kindly():
    people, places, at_a_time = (500, 20, 80) if FULL else (60, 5, 30)
    session = session_of(places)

    statuses = press(young_people(people), session, at_a_time=at_a_time, workers=2, threads=at_a_time // 2)

    assert Counter(statuses) == {302: places, 200: people - places}
    session.refresh_from_db()
    assert (session.booked, Booking.objects.count()) == (places, places)
    assert Notification.objects.count() == 2 * places, "two reminders for each place, none for the refused"


@pytest.mark.sqlite
@pytest.mark.skipif("sqlite" not in os.environ.get("DATABASE_URL", ""), reason="the demo's database")
def test_on_the_demos_database_fifty_people_get_exactly_five_places():
    session = session_of(5)

    statuses = press(young_people(50), session, at_a_time=16, workers=1, threads=8)

    assert Counter(statuses) == {302: 5, 200: 45}
    assert Booking.objects.count() == 5


def by_processes(how: str, people: list[YoungPerson], session: Session, *, processes: int) -> int:
    """Several processes book at the same moment. Returns how many bookings they made."""
    shares = [[str(person.pk) for person in people[n::processes]] for n in range(processes)]
    running = [
        subprocess.Popen(
            [sys.executable, "-m", "tests.races.booker", how, str(session.pk), *share],
            cwd=ROOT, env=environment(), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )
        for share in shares
    ]  # fmt: skip
    for process in running:
        assert process.stdout.readline() == "ready\n"
    for process in running:
        process.stdin.write("go\n")
        process.stdin.flush()
    return sum(int(process.communicate(timeout=180)[0]) for process in running)


@ON_POSTGRESQL
def test_by_the_service_several_processes_never_pass_the_places_and_by_counting_first_they_do():
    people = young_people(60)

    assert by_processes("guarded", people, guarded := session_of(5), processes=4) == 5
    assert Booking.objects.filter(session=guarded).count() == 5

    twin = [
        by_processes("naive", people, session_of(5, datetime(2027, 1, 7 * n, 14, tzinfo=UTC)), processes=4)
        for n in range(1, 4)
    ]
    print("counted first and then inserted, on 5 places:", twin)
    assert max(twin) > 5, "without the guard the places are oversold"


@pytest.mark.sqlite
def test_whatever_people_do_places_offers_and_the_line_stay_true(now):
    steps = 600 if FULL else 200
    print("seed", SEED)
    young_people(14)
    for day in (3, 10, 17):
        session_of(3, datetime(2026, 12, day, 14, tzinfo=UTC))
    walk = Steps(SEED, now)

    for number in range(steps):
        name = walk.step()
        assert faults(walk.now) == [], f"seed {SEED}, step {number}: {name}"

    print(sorted(walk.done.items()))
    assert {"book", "cancel", "move", "join", "accept"} <= set(walk.done), (
        "the walk came to everything that matters"
    )


@ON_POSTGRESQL
def test_whatever_people_do_at_the_same_moment_nothing_goes_wrong(now):
    steps, processes = (300, 6) if FULL else (80, 3)
    print("seed", SEED)
    young_people(14)
    for day in (3, 10, 17):
        session_of(3, datetime(2026, 12, day, 14, tzinfo=UTC))

    running = [
        subprocess.Popen(
            [sys.executable, "-m", "tests.races.steps", str(SEED + n), str(steps)],
            cwd=ROOT, env=environment(), stdout=subprocess.PIPE, text=True,
        )
        for n in range(processes)
    ]  # fmt: skip
    for process in running:
        said = process.communicate(timeout=300)[0]
        assert process.returncode == 0, "no deadlock, no error"
        print(said.strip())

    assert faults(now) == []
    assert connection.vendor == "postgresql"
