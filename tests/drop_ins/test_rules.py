"""Days, hours and reminders of drop-ins, over both clock changes of 2027 (rule 58)."""

from datetime import UTC, date, datetime, time, timedelta

import pytest
from django.core.exceptions import ValidationError

from portal.drop_ins import rules


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("starts_at", "tomorrow", "soon"),
    [
        # Winter: London is UTC.
        ("2026-12-03 14:00", "2026-12-02 10:00", "2026-12-03 12:00"),
        # Summer: two in the afternoon is 13:00 UTC, and ten in the morning is 09:00.
        ("2027-06-03 13:00", "2027-06-02 09:00", "2027-06-03 11:00"),
        # The clocks go forward on Sunday 28 March 2027: the day before is still winter.
        ("2027-03-28 13:00", "2027-03-27 10:00", "2027-03-28 11:00"),
        ("2027-03-29 13:00", "2027-03-28 09:00", "2027-03-29 11:00"),
        # And back on Sunday 31 October 2027: the day before is still summer.
        ("2027-10-31 14:00", "2027-10-30 09:00", "2027-10-31 12:00"),
        ("2027-11-01 14:00", "2027-10-31 10:00", "2027-11-01 12:00"),
        # The last day of March, and a 29 February.
        ("2027-04-01 13:00", "2027-03-31 09:00", "2027-04-01 11:00"),
        ("2028-03-01 14:00", "2028-02-29 10:00", "2028-03-01 12:00"),
    ],
)
def test_reminders_come_the_day_before_at_ten_in_london_and_two_hours_before(starts_at, tomorrow, soon):
    planned = rules.reminders(starts_at=utc(starts_at), now=utc("2026-11-01 09:00"))

    assert [(kind, due_at) for kind, due_at, _not_after in planned] == [
        ("drop_in_tomorrow", utc(tomorrow)),
        ("drop_in_soon", utc(soon)),
    ]
    assert all(due_at <= not_after <= utc(starts_at) for _kind, due_at, not_after in planned)


@pytest.mark.parametrize(
    ("booked_at", "kinds"),
    [
        ("2026-12-01 09:00", ["drop_in_tomorrow", "drop_in_soon"]),
        ("2026-12-02 10:00", ["drop_in_soon"]),
        ("2026-12-03 12:00", []),
    ],
)
def test_a_reminder_whose_time_has_gone_is_not_promised(booked_at, kinds):
    planned = rules.reminders(starts_at=utc("2026-12-03 14:00"), now=utc(booked_at))

    assert [kind for kind, _due_at, _not_after in planned] == kinds


def test_a_weekly_pattern_skips_closed_days_and_bank_holidays():
    fridays = rules.days_of(
        weekday=4,
        first=date(2026, 12, 18),
        last=date(2027, 1, 8),
        closed={date(2027, 1, 8)},
        holidays={date(2026, 12, 25), date(2027, 1, 1)},
    )

    assert list(fridays) == [date(2026, 12, 18)]


@pytest.mark.parametrize(
    ("day", "clock", "utc_hour"),
    [
        (date(2027, 3, 27), time(14), 14),
        (date(2027, 3, 28), time(14), 13),
        (date(2027, 10, 30), time(14), 13),
        (date(2027, 10, 31), time(14), 14),
    ],
)
def test_a_london_hour_is_the_same_on_the_wall_and_moves_in_utc(day, clock, utc_hour):
    assert rules.london_moment(day, clock) == datetime.combine(day, time(utc_hour), UTC)


@pytest.mark.parametrize(
    ("day", "code"), [(date(2027, 3, 28), "no_such_time"), (date(2027, 10, 31), "comes_twice")]
)
def test_an_hour_that_does_not_happen_or_comes_twice_is_refused(day, code):
    with pytest.raises(ValidationError) as refusal:
        rules.london_moment(day, time(1, 30))

    assert refusal.value.code == code


@pytest.mark.parametrize(
    ("now", "until"),
    [
        ("2026-12-01 10:00", "2026-12-01 14:00"),
        ("2026-12-01 22:00", "2026-12-02 12:00"),  # nobody is asked to answer at night
        ("2026-12-03 11:00", "2026-12-03 13:30"),  # never later than half an hour before the start
        ("2026-12-03 13:30", None),
    ],
)
def test_a_freed_place_is_kept_for_four_hours_from_when_the_message_can_be_read(now, until):
    kept = rules.offer_until(starts_at=utc("2026-12-03 14:00"), now=utc(now))

    assert kept == (utc(until) if until else None)


@pytest.mark.parametrize(
    ("typed", "plain"), [("  Red   Kite ", "red kite"), ("ＫＩＴＥ", "kite"), ("Émile", "émile")]
)
def test_a_word_is_compared_kindly(typed, plain):
    assert rules.plain_word(typed) == plain


@pytest.mark.parametrize("word", ["", "ab", "x" * 31])
def test_a_word_has_three_to_thirty_letters(word):
    with pytest.raises(ValidationError):
        rules.check_word(word)


def test_the_same_hour_every_week_of_the_year_is_two_in_the_afternoon_in_london():
    for week in range(60):
        day = date(2026, 12, 3) + timedelta(weeks=week)
        assert rules.london_moment(day, time(14)).astimezone(rules.LONDON).hour == 14
