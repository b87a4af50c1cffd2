"""What begins and ends at 18, 21 and 25, told before it happens."""

from dataclasses import replace
from datetime import date

import pytest

from entitlements.facts import Award, CareLeaverStatus, Facts, Known, StatusPeriod
from entitlements.for_person import assess_all
from entitlements.horizon import Milestone, ahead

ON = date(2026, 11, 23)
FORMER = (StatusPeriod(CareLeaverStatus.FORMER_RELEVANT),)
# Nineteen, about to move into a first home, renting alone.
MAYA = Facts(
    born_on=date(2007, 3, 9), statuses=FORMER, circumstances={"moving_to_first_tenancy": Known(True)}
)
# Seventeen, in care, in supported housing, eighteen in four weeks.
YUSUF = Facts(
    born_on=date(2008, 12, 20),
    statuses=(StatusPeriod(CareLeaverStatus.ELIGIBLE),),
    circumstances={"living_semi_independently": Known(True)},
)


def birthdays(facts: Facts, had: dict[str, list[Award]] | None = None) -> dict[int, Milestone]:
    return {one.age: one for one in ahead(assess_all(facts, ON, already=had or {}), on=ON)}


def codes(found) -> set[str]:
    return {one.code for one in found}


def test_at_18_the_weekly_money_stops_and_what_is_for_adults_starts(handbook):
    at_18 = birthdays(YUSUF)[18]

    assert (at_18.on, at_18.last_day) == (date(2026, 12, 20), date(2026, 12, 19))
    assert {"weekly-living-allowance-16-17", "clothing-allowance-16-17"} <= codes(at_18.ends_surely)
    assert "supported-lodgings" in codes(at_18.begins)
    assert not codes(at_18.begins) & codes(at_18.ends)


def test_at_25_money_for_a_first_home_stops_with_the_last_day_to_ask(handbook):
    coming = birthdays(MAYA)

    assert set(coming) == {21, 25}
    assert "setting-up-home-allowance" in codes(coming[25].ends_surely)
    assert coming[25].last_day == date(2032, 3, 8)
    assert coming[25].to_ask_for


def test_what_is_not_known_may_start_or_stop_and_is_never_left_out(handbook):
    unknown = birthdays(replace(MAYA, circumstances={}))[25]

    assert "setting-up-home-allowance" in codes(unknown.ends_maybe)


def test_what_was_had_and_comes_once_does_not_stop_again(handbook):
    had = {"setting-up-home-allowance": [Award(date(2026, 5, 1), pence=300_000)]}

    assert "setting-up-home-allowance" not in codes(birthdays(MAYA, had)[25].ends)


def test_a_guessed_birthday_names_no_day_and_changes_nothing_else(handbook):
    sure, guessed = birthdays(MAYA), birthdays(replace(MAYA, born_estimated=True))

    assert (guessed[25].on, guessed[25].last_day) == (None, None)
    assert codes(guessed[25].ends_surely) == codes(sure[25].ends_surely)


def test_an_18th_birthday_that_may_have_been_is_still_ahead_while_nobody_knows(handbook):
    at_18 = birthdays(replace(YUSUF, born_estimated=True))[18]

    assert at_18.on is None
    assert "weekly-living-allowance-16-17" in codes(at_18.ends)


def test_a_birthday_that_has_passed_is_not_ahead(handbook):
    assert set(birthdays(replace(MAYA, born_on=date(2005, 11, 23)))) == {25}
    assert not birthdays(replace(MAYA, born_on=date(2001, 11, 23)))


def test_what_is_left_out_of_the_groups_is_left_out_of_the_birthdays(handbook):
    """An adviser's check-up is without the quiet ones: they stand on a page of their own."""
    groups = assess_all(YUSUF, ON, already={})
    for _name, found in groups:
        found[:] = [one for one in found if not one.summary.quiet]

    coming = ahead(groups, on=ON)

    assert coming
    assert not [one for each in coming for one in (*each.begins, *each.ends) if one.summary.quiet]


def test_somebody_born_on_29_february_asks_until_the_28th(handbook):
    leap = birthdays(replace(MAYA, born_on=date(2008, 2, 29)))

    assert (leap[21].on, leap[21].last_day) == (date(2029, 3, 1), date(2029, 2, 28))


@pytest.mark.parametrize("facts", [Facts(statuses=FORMER), replace(MAYA, born_on=date(1900, 1, 1))])
def test_without_a_birthday_nothing_is_foretold(handbook, facts):
    assert not birthdays(facts)
