"""What happens by itself: each job on its own, daily ones once a London day (rules 58, 64 and 70)."""

from datetime import UTC, date, datetime, time, timedelta

import pytest
from django.core.management import call_command
from django.db import connection

from portal.notifications.models import ContactChoice, Notification
from portal.ops import due
from portal.ops.due import Job
from portal.ops.models import JobRun
from portal.ops.silence import silence_by_record
from tests.factories import YoungPersonFactory

pytestmark = [pytest.mark.django_db, pytest.mark.sqlite]


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def test_one_job_that_fails_stops_no_other_and_is_tried_again(now):
    done = []

    def fails(now):
        raise RuntimeError("some words that must not be kept")

    jobs = (Job("first", "", fails), Job("second", "", done.append))
    outcomes = [due.run(clock=lambda: now, jobs=jobs) for _ in range(2)]

    assert outcomes == [{"first": "RuntimeError", "second": "done"}] * 2
    assert len(done) == 2
    assert JobRun.objects.get(name="first").failure == "RuntimeError"


@pytest.mark.parametrize(
    ("start", "days", "hour_utc_before", "hour_utc_after"),
    [("2027-03-26", 4, 5, 4), ("2027-10-29", 4, 4, 5), ("2027-03-31", 2, 4, 4), ("2028-02-28", 3, 5, 5)],
)
def test_a_daily_job_is_done_once_each_london_day_at_its_hour_over_both_clock_changes(
    start, days, hour_utc_before, hour_utc_after
):
    done = []
    jobs = (Job("daily", "", done.append, time(5)),)
    moment = at(f"{start} 00:00")

    for minute in range(0, days * 24 * 60, 10):  # a round each ten minutes
        due.run(clock=lambda minute=minute: moment + timedelta(minutes=minute), jobs=jobs)

    assert [when.date() for when in done] == [
        date.fromisoformat(start) + timedelta(days=n) for n in range(days)
    ]
    assert all((when.hour, when.minute) in {(hour_utc_before, 0), (hour_utc_after, 0)} for when in done)
    assert (done[0].hour, done[-1].hour) == (hour_utc_before, hour_utc_after)


def test_a_machine_that_slept_through_the_hour_does_the_job_later_that_day():
    done = []

    due.run(clock=lambda: at("2026-11-23 19:00"), jobs=(Job("daily", "", done.append, time(5)),))

    assert len(done) == 1


def test_a_daily_job_whose_worker_died_is_done_by_another_after_a_while(now):
    done = []
    jobs = (Job("daily", "", done.append, time(5)),)
    JobRun.objects.create(name="daily", held_until=now + due.HELD_FOR)

    assert due.run(clock=lambda: now, jobs=jobs) == {"daily": "held"}
    assert due.run(clock=lambda: now + due.HELD_FOR, jobs=jobs) == {"daily": "done"}


def test_time_goes_on_during_a_round_so_that_a_lease_counts_from_when_a_message_is_taken_up(now):
    clock = due._going_on_from(now)

    first, second = clock(), clock()

    assert now <= first < second


def test_the_whole_timetable_runs_twice_without_harm_and_each_job_says_when(now, capsys):
    assert set(due.run(clock=lambda: now).values()) == {"done"}
    assert set(due.run(clock=lambda: now).values()) == {"done"}

    call_command("run_due", "--list")
    listed = capsys.readouterr().out
    assert all(f"{job.name}: {job.what} ({job.when})" in listed for job in due.JOBS)


def test_run_due_by_hand_delivers_and_says_what_it_did(now, capsys):
    person = YoungPersonFactory(user__phone="+447700900001")
    ContactChoice.objects.create(user=person.user, sms_on_at=now, sms_on_for=person.user.phone)
    Notification.objects.create(
        to=person.user,
        kind="paid",
        key="x",
        due_at=now - timedelta(minutes=1),
        not_after=now + timedelta(days=1),
        made_at=now,
    )

    call_command("run_due")

    assert Notification.objects.get().state == "SENT"
    assert "messages: done" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("fact", "why"), [("died_on", "DIED"), ("in_custody_since", "CUSTODY"), ("opted_out_at", "OPTED_OUT")]
)
def test_what_the_record_says_silences_and_its_end_ends_the_silence(fact, why, now):
    person = YoungPersonFactory()
    setattr(person, fact, now if fact.endswith("_at") else now.date())
    person.save()

    assert silence_by_record(now) == 1
    assert silence_by_record(now) == 0
    assert ContactChoice.objects.get(user=person.user).silenced_why == why

    setattr(person, fact, None)
    person.save()
    assert silence_by_record(now) == 1
    assert ContactChoice.objects.get(user=person.user).silenced_at is None


def test_healthz_asks_nobody(client, django_assert_num_queries):
    with django_assert_num_queries(0):
        assert client.get("/healthz").status_code == 200


def test_readyz_says_which_part_is_not_well(client, now, settings):
    never_rung = {"help_numbers": "failing"}  # the duty team's, until an editor has rung it
    parts = {"database": "ok", "broker": "ok", "workers": "failing"}
    assert client.get("/readyz").json() == parts | never_rung

    due.run(clock=lambda: now, jobs=())
    answer = client.get("/readyz")  # and the site stays up with its help block

    assert (answer.status_code, answer.json()["workers"]) == (200, "ok")
    assert connection.is_usable()
