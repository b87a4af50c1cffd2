"""Working days: what "within five working days" means, over weekends, Christmas and Easter."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.working_days import add_working_days, bank_holidays, is_working_day, working_days_between


@pytest.mark.parametrize(
    ("start", "days", "expected"),
    [
        (date(2026, 11, 23), 0, date(2026, 11, 23)),
        (date(2026, 11, 23), 5, date(2026, 11, 30)),  # Monday to Monday
        (date(2026, 11, 20), 1, date(2026, 11, 23)),  # Friday to Monday
        (date(2026, 11, 21), 1, date(2026, 11, 23)),  # asked on a Saturday
        (date(2026, 12, 22), 5, date(2026, 12, 31)),  # Christmas Friday, Boxing Day moved to Monday 28
        (date(2027, 3, 25), 1, date(2027, 3, 30)),  # over Good Friday and Easter Monday
        (date(2026, 11, 23), -1, date(2026, 11, 20)),
    ],
)
def test_working_days_skip_weekends_and_bank_holidays(start: date, days: int, expected: date) -> None:
    assert add_working_days(start, days) == expected


def test_saturday_sunday_and_christmas_are_not_working_days() -> None:
    assert is_working_day(date(2026, 11, 23))
    assert not is_working_day(date(2026, 11, 21))
    assert not is_working_day(date(2026, 11, 22))
    assert not is_working_day(date(2026, 12, 25))


def test_the_list_of_bank_holidays_reaches_two_years_ahead() -> None:
    assert max(bank_holidays()) >= date(2028, 12, 1)


@given(st.dates(date(2024, 1, 1), date(2028, 10, 1)), st.integers(0, 40))
def test_counting_undoes_adding(start: date, days: int) -> None:
    end = add_working_days(start, days)

    assert working_days_between(start, end) == days
    assert working_days_between(end, start) == -days
    assert days == 0 or is_working_day(end)


@given(st.dates(date(2024, 1, 1), date(2028, 10, 1)), st.integers(0, 40))
def test_a_later_start_never_gives_an_earlier_day(start: date, days: int) -> None:
    assert add_working_days(start, days) <= add_working_days(start + timedelta(days=1), days)
