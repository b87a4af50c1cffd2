"""Each reminder is delivered exactly once, whatever dies (rule 50). Real Celery workers, Redis, PostgreSQL
and HTTP.

`./run proof` (PROOF=1) runs the full figures: 1,000 due, a worker killed each 5 s, Redis flushed each 30 s
and stopped, PostgreSQL restarted hard, and a provider that hangs up on one in ten after taking the message.
"""

import os
import random
import time
from datetime import datetime, timedelta

import pytest

from portal import clock as portal_clock
from portal.accounts.models import User
from portal.notifications.models import ContactChoice, Notification
from portal.notifications.rules import Quiet, is_quiet
from tests.faults.machine_room import MachineRoom
from tests.faults.notify_twin import NotifyTwin
from tests.races.crowd import session_of, young_people
from tests.races.portal_server import Portal, sign_in

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.alone,
    pytest.mark.proof,
    pytest.mark.skipif("sqlite" in os.environ.get("DATABASE_URL", ""), reason="about PostgreSQL"),
]

FULL = bool(os.environ.get("PROOF"))
# The same lines go dead in every run of the suite; `./run proof` draws new ones and prints their number.
SEED = int(os.environ.get("SEED", random.randrange(10_000) if FULL else 2026))
HANG_GUARD = 1500 if FULL else 240  # seconds; not a figure of speed
AFTERNOON = datetime(2026, 11, 23, 14, 0, tzinfo=portal_clock.UTC)


def people(number: int, prefix: str) -> list[User]:
    users = User.objects.bulk_create(
        User(username=f"{prefix}{n}", phone=f"+4477{sum(map(ord, prefix)) % 1000:03}{n:05}", password="!")
        for n in range(number)
    )
    ContactChoice.objects.bulk_create(
        ContactChoice(user=user, sms_on_at=AFTERNOON, sms_on_for=user.phone) for user in users
    )
    return users


def messages(users: list[User], *, due_at: datetime, not_after: datetime, **facts) -> set[str]:
    made = Notification.objects.bulk_create(
        Notification(
            to=user, kind="drop_in_soon", key=f"{user.username}:reminder", wanted_at=due_at, due_at=due_at,
            not_after=not_after, about_at=not_after, made_at=due_at, **facts,
        )
        for user in users
    )  # fmt: skip
    return {message.ref for message in made}


@pytest.fixture
def twin():
    made = []

    def make(**facts) -> NotifyTwin:
        made.append(NotifyTwin(seed=SEED, clock=portal_clock.now, **facts))
        return made[-1]

    yield make
    for notify in made:
        notify.close()


@pytest.fixture
def room():
    rooms = []

    def make(**facts) -> MachineRoom:
        rooms.append(MachineRoom(**facts))
        return rooms[-1]

    yield make
    for machines in rooms:
        machines.close()


def left(room: MachineRoom) -> int:
    """How many messages still wait; many while the database cannot say."""
    answer = room.ask(
        "SELECT count(*) FROM notifications_notification "
        "WHERE state = 'CLAIMED' OR (state = 'DUE' AND due_at < '2026-11-23 20:00+00')"
    )
    return answer[0][0] if answer else 1_000_000


def until(done, room: MachineRoom, what: str) -> None:
    deadline = time.monotonic() + HANG_GUARD
    while not done():
        assert time.monotonic() < deadline, f"seed {SEED}: still waiting for {what}"
        room.tend()
        time.sleep(0.1)


def test_each_reminder_is_delivered_exactly_once_through_every_fault(clock, twin, room):
    number = 1000 if FULL else 60
    print("seed", SEED)
    clock.set(AFTERNOON)
    notify = twin(takes=0.15)
    evening, event = AFTERNOON + timedelta(hours=8), AFTERNOON + timedelta(hours=20)
    due = messages(people(number, "due"), due_at=AFTERNOON, not_after=event)
    at_night = messages(
        people(8, "night"), due_at=evening, not_after=event
    )  # ten in the evening: it is quiet
    too_late = messages(
        people(8, "late"), due_at=AFTERNOON - timedelta(hours=3), not_after=AFTERNOON - timedelta(hours=1)
    )
    gone = people(8, "gone")
    ContactChoice.objects.filter(user__in=gone).update(silenced_at=AFTERNOON, silenced_why="DIED")
    never = messages(gone, due_at=AFTERNOON, not_after=event)
    machines = room(notify_url=notify.url, workers=3 if FULL else 2)
    began = time.monotonic()

    faults = cause_faults_by_time(machines) if FULL else cause_faults_by_progress(machines, notify, number)
    last_fault = time.monotonic()
    until(lambda: left(machines) == 0, machines, "the last messages")
    settled = time.monotonic()
    machines.stop_workers()
    clock.set(evening + timedelta(minutes=5))
    machines.run_due()

    counted = notify.counted()
    twice = {reference for reference, times in counted.items() if times > 1}
    print(f"{number} due, {faults} faults, {notify.hung_up} lines dead after the message was taken.")
    print(f"Settled {settled - last_fault:.0f} s after the last fault, {settled - began:.0f} s in all.")
    print(f"Delivered twice: {len(twice)}.")
    assert twice == set(), f"seed {SEED}"
    assert set(counted) == due
    assert not (at_night | too_late | never) & set(counted)
    assert not any(is_quiet(at, Quiet()) for at in notify.times())

    clock.set(AFTERNOON + timedelta(hours=18, minutes=5))  # five past eight the next morning
    machines.run_due()
    wait_for_leases(machines)
    assert notify.counted() == {**dict.fromkeys(due, 1), **dict.fromkeys(at_night, 1)}
    states = dict(machines.ask("SELECT state, count(*) FROM notifications_notification GROUP BY state"))
    assert states == {"SENT": number + 8, "MISSED": 8, "WITHDRAWN": 8}


def wait_for_leases(machines: MachineRoom) -> None:
    """Rounds by hand until those the provider hung up on were asked about."""
    for _ in range(20):
        if (
            machines.ask("SELECT 1 FROM notifications_notification WHERE state IN ('CLAIMED', 'DUE') LIMIT 1")
            == []
        ):
            return
        time.sleep(1.5)
        machines.run_due()


def cause_faults_by_progress(machines: MachineRoom, notify: NotifyTwin, number: int) -> int:
    """One of each fault, while messages are on their way."""

    def after(share: float) -> None:
        until(lambda: len(notify.counted()) >= number * share, machines, f"{share:.0%} of the messages")

    after(0.1)
    machines.kill_a_worker(0)
    after(0.2)
    machines.flush_redis()
    after(0.3)
    machines.restart_postgresql_hard()
    after(0.45)
    machines.stop_redis()
    machines.kill_a_worker(1)
    time.sleep(1)
    machines.start_redis()
    after(0.6)
    machines.kill_a_worker(0)
    machines.kill_a_worker(1)
    return 6


def cause_faults_by_time(machines: MachineRoom) -> int:
    """For three minutes: a worker killed each 5 s, Redis flushed each 30 s and stopped once, PostgreSQL
    restarted twice."""
    chance, faults = random.Random(SEED), 0
    for second in range(0, 180, 5):
        time.sleep(5)
        machines.kill_a_worker(chance.randrange(len(machines.workers)))
        faults += 1
        if second % 30 == 25:
            machines.flush_redis()
            faults += 1
        if second in {50, 130}:
            machines.restart_postgresql_hard()
            faults += 1
        if second == 90:
            machines.stop_redis()
            time.sleep(5)
            machines.start_redis()
            faults += 1
        machines.tend()
    return faults


def test_without_asking_the_provider_some_reminders_come_twice(clock, twin, room):
    """The twin: the same machines and messages, and nobody asks by reference before sending again."""
    clock.set(AFTERNOON)
    notify = twin(hang_up=0.3, takes=0.02)
    due = messages(people(40, "due"), due_at=AFTERNOON, not_after=AFTERNOON + timedelta(hours=20))
    machines = room(notify_url=notify.url, workers=1, provider="tests.faults.blind.Blind")

    until(lambda: left(machines) == 0, machines, "the last messages")

    doubles = {reference for reference, times in notify.counted().items() if times > 1}
    print(f"40 due, {notify.hung_up} lines dead after taking: {len(doubles)} came twice or more")
    assert doubles
    assert set(notify.counted()) == due


def test_people_book_and_cancel_while_redis_is_stopped_and_after_the_database_crashed(clock, room):
    """Rule 57: no page needs the broker, and nothing that was acknowledged is lost."""
    clock.set(AFTERNOON)
    [one, other] = young_people(2)
    session = session_of(2)
    cookies = sign_in([one.user, other.user])
    machines = room(notify_url="http://127.0.0.1:1", workers=0)
    machines.stop_redis()
    on_this = {
        name: machines.environ[name] for name in ("DATABASE_URL", "REDIS_URL", "DJANGO_SETTINGS_MODULE")
    }

    with Portal(workers=1, threads=4, **on_this) as portal:
        path = f"/me/bookings/new/{session.ref}/"
        began = time.monotonic()
        assert portal.post(path, cookies[0], how="THERE")[0] == 302
        print(f"booked without Redis in {time.monotonic() - began:.2f} s")
        machines.restart_postgresql_hard()
        assert portal.post(path, cookies[1], how="THERE")[0] == 302
        refs = dict(machines.ask("SELECT young_person_id, ref FROM drop_ins_booking"))
        ref = refs[one.pk]
        assert portal.post(f"/me/bookings/{ref}/cancel/", cookies[0])[0] == 302
        assert portal.get("/readyz")[0] == 503

    assert sorted(machines.ask("SELECT state FROM drop_ins_booking")) == [("BOOKED",), ("CANCELLED",)]
