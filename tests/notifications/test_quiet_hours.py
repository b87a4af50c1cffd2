"""When a message may go: quiet hours, openings, and both clock changes of 2027 (rules 25 and 58)."""

from datetime import UTC, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.notifications.rules import (
    LONDON,
    Action,
    Contact,
    Quiet,
    is_quiet,
    last_opening,
    next_opening,
    quiet_for,
    wait_after,
    weigh,
    when_to_send,
)

USUAL = Quiet()


def london(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=LONDON).astimezone(UTC)


@pytest.mark.parametrize(
    ("at", "quiet"),
    [
        ("2026-11-23 07:59:59", True),
        ("2026-11-23 08:00", False),
        ("2026-11-23 20:59:59", False),
        ("2026-11-23 21:00", True),
        ("2026-11-24 00:00", True),
        # The clocks go forward on 28 March 2027 and back on 31 October 2027: the hours people see
        # stay the same.
        ("2027-03-28 07:59", True),
        ("2027-03-28 08:00", False),
        ("2027-10-31 07:59", True),
        ("2027-10-31 08:00", False),
        ("2027-10-31 21:00", True),
    ],
)
def test_it_is_quiet_from_nine_in_the_evening_until_eight_in_the_morning(at, quiet):
    assert is_quiet(london(at), USUAL) is quiet


@pytest.mark.parametrize(
    ("wanted", "opening_utc"),
    [
        ("2026-11-23 22:00", "2026-11-24 08:00"),
        ("2026-11-24 03:00", "2026-11-24 08:00"),
        ("2027-03-27 22:00", "2027-03-28 07:00"),  # eight o'clock in London is seven in UTC from this day on
        ("2027-03-28 00:30", "2027-03-28 07:00"),
        ("2027-10-30 22:00", "2027-10-31 08:00"),  # and eight again from this one
        ("2027-06-01 23:00", "2027-06-02 07:00"),
    ],
)
def test_the_next_opening_is_eight_in_london_across_both_clock_changes(wanted, opening_utc):
    assert next_opening(london(wanted), USUAL) == datetime.fromisoformat(opening_utc).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("chosen_from", "chosen_until", "quiet"),
    [
        (None, None, Quiet()),
        (time(19), time(10), Quiet(time(19), time(10))),
        (time(22), time(7), Quiet()),  # narrower is not obeyed
        (time(1), time(3), Quiet()),
        (time(12), time(20), Quiet(time(12), time(8))),  # no open hour left: the morning stays as it was
    ],
)
def test_quiet_hours_can_be_widened_and_never_narrowed(chosen_from, chosen_until, quiet):
    assert quiet_for(chosen_from, chosen_until) == quiet


def test_a_message_that_the_morning_would_make_too_late_goes_the_evening_before():
    wanted, event, now = london("2027-03-28 06:30"), london("2027-03-28 07:45"), london("2027-03-26 12:00")

    assert when_to_send(wanted_at=wanted, not_after=event, now=now, quiet=USUAL) == london("2027-03-27 20:30")


def test_a_message_with_no_opening_left_is_given_to_a_person():
    wanted, event, now = london("2026-11-24 06:30"), london("2026-11-24 07:45"), london("2026-11-24 02:00")

    assert when_to_send(wanted_at=wanted, not_after=event, now=now, quiet=USUAL) is None


FROM, UNTIL = datetime(2026, 10, 1), datetime(2028, 4, 1)  # noqa: DTZ001 (the strategy adds the zone)
moments = st.datetimes(min_value=FROM, max_value=UNTIL, timezones=st.just(UTC))
quiets = st.builds(quiet_for, st.none() | st.times(), st.none() | st.times())


@given(moments, quiets)
def test_openings_are_never_quiet_and_stand_on_the_right_side(moment, quiet):
    assert not is_quiet(next_opening(moment, quiet), quiet)
    assert not is_quiet(last_opening(moment, quiet), quiet)
    assert last_opening(moment, quiet) <= moment <= next_opening(moment, quiet)


@given(
    moments,
    st.timedeltas(timedelta(), timedelta(days=3)),
    st.timedeltas(timedelta(), timedelta(days=3)),
    quiets,
)
def test_whatever_is_planned_is_neither_quiet_nor_late_nor_past(wanted, left, before, quiet):
    now = wanted - before
    at = when_to_send(wanted_at=wanted, not_after=wanted + left, now=now, quiet=quiet)

    assert at is None or (now <= at <= wanted + left and not is_quiet(at, quiet))


REACHABLE = Contact(sms_to="+447700900001")
MORNING = london("2026-11-23 10:00")


def verdict(contact=REACHABLE, now=MORNING, **facts):
    return weigh(contact=contact, now=now, **{"not_after": now + timedelta(days=3), **facts})


@pytest.mark.parametrize(
    ("contact", "facts", "action", "why"),
    [
        (REACHABLE, {}, Action.SEND, ""),
        (Contact(), {}, Action.SILENT, "no_channel"),
        (Contact(sms_to="+44", not_safe=True), {}, Action.HELD, "not_safe"),
        (Contact(sms_to="+44", silence="CUSTODY"), {}, Action.HELD, "custody"),
        (Contact(sms_to="+44", silence="DIED"), {}, Action.NOTHING, "died"),
        (Contact(sms_to="+44", silence="OPTED_OUT"), {}, Action.NOTHING, "opted_out"),
        (Contact(sms_to="+44", silence="DIED"), {"exempt": True}, Action.NOTHING, "died"),
        (Contact(sms_to="+44", not_safe=True), {"exempt": True}, Action.HELD, "not_safe"),
        (REACHABLE, {"not_after": MORNING - timedelta(seconds=1)}, Action.MISSED, "late"),
        (REACHABLE, {"sent_today": 2}, Action.SEND, ""),
        (REACHABLE, {"sent_today": 3}, Action.LATER, ""),
        (REACHABLE, {"sent_today": 3, "exempt": True}, Action.SEND, ""),
        (
            REACHABLE,
            {"sent_today": 3, "not_after": MORNING + timedelta(hours=2)},
            Action.MISSED,
            "no_opening",
        ),
        (REACHABLE, {"last_of_subject": MORNING - timedelta(hours=5, minutes=59)}, Action.LATER, ""),
        (REACHABLE, {"last_of_subject": MORNING - timedelta(hours=6)}, Action.SEND, ""),
    ],
)
def test_every_message_is_weighed_at_the_moment_of_sending(contact, facts, action, why):
    answer = verdict(contact, **facts)

    assert (answer.action, answer.why) == (action, why)


def test_the_fourth_message_of_a_day_waits_for_the_next_morning():
    assert verdict(sent_today=3).at == london("2026-11-24 08:00")


def test_a_second_message_about_one_thing_waits_six_hours_and_then_for_an_opening():
    evening = london("2026-11-23 18:00")

    assert verdict(now=evening, last_of_subject=evening).at == london("2026-11-24 08:00")


def test_a_provider_that_fails_is_left_alone_longer_each_time():
    assert [int(wait_after(n).total_seconds()) for n in (1, 2, 3, 7, 50)] == [20, 40, 80, 900, 900]
