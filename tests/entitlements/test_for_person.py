"""One person's groups, as their own page and their adviser see them."""

from datetime import date

import pytest

from entitlements.facts import Award, CareLeaverStatus, Facts, Known, StatusPeriod
from entitlements.for_person import Groups, assess_all, book
from tests.entitlements.conftest import page_of, publish

ON = date(2026, 11, 23)
MAYA = Facts(
    born_on=date(2007, 3, 9),
    statuses=(StatusPeriod(CareLeaverStatus.FORMER_RELEVANT),),
    circumstances={"moving_to_first_tenancy": Known(True)},
)
YUSUF = Facts(born_on=date(2008, 12, 20), statuses=(StatusPeriod(CareLeaverStatus.ELIGIBLE),))


def codes(groups: Groups, name: str) -> set[str]:
    return {found.code for found in getattr(groups, name)}


def test_a_yes_says_why_and_until_when(handbook):
    found = next(f for f in assess_all(MAYA, ON, already={}).now if f.code == "setting-up-home-allowance")

    assert found.until_on == date(2032, 3, 9)
    assert any("first home of your own" in reason for _answer, reason in found.reasons)
    assert found.can_ask


def test_what_starts_at_18_names_the_day(handbook):
    found = next(f for f in assess_all(YUSUF, ON, already={}).later if f.code == "supported-lodgings")

    assert found.from_on == date(2026, 12, 20)
    assert found.when == "From 20 December 2026."


def test_an_estimated_birthday_names_no_day(handbook):
    guessed = Facts(born_on=date(2009, 6, 1), born_estimated=True, statuses=YUSUF.statuses)

    found = next(f for f in assess_all(guessed, ON, already={}).later if f.code == "supported-lodgings")

    assert found.from_on is None
    assert found.when == "When you turn 18."


def test_what_is_all_taken_is_used_and_not_on_offer(handbook):
    had = {
        "setting-up-home-allowance": [
            Award(date(2026, 5, 1), pence=200_000),
            Award(date(2026, 6, 1), pence=100_000),
        ]
    }

    assert "setting-up-home-allowance" in codes(assess_all(MAYA, ON, already=had), "used")


@pytest.mark.parametrize("pence", [0, 299_999])
def test_what_is_partly_taken_is_still_on_offer(handbook, pence):
    had = {"setting-up-home-allowance": [Award(date(2026, 5, 1), pence=pence)]}

    assert "setting-up-home-allowance" in codes(assess_all(MAYA, ON, already=had), "now")


def test_last_years_gift_does_not_use_up_this_years(handbook):
    had = {"birthday-gift": [Award(date(2025, 3, 9), pence=3_500)]}
    assert "birthday-gift" in codes(assess_all(MAYA, ON, already=had), "now")

    had = {"birthday-gift": [Award(date(2026, 3, 9), pence=3_500)]}
    assert "birthday-gift" in codes(assess_all(MAYA, ON, already=had), "used")


def test_the_ledger_may_say_that_nothing_is_left(handbook):
    assert "laptop" in codes(assess_all(MAYA, ON, used={"laptop"}), "used")


def test_a_maybe_says_which_question_decides(handbook):
    found = next(f for f in assess_all(MAYA, ON, already={}).maybe if f.code == "volunteering-allowance")

    assert found.question == "Do you volunteer for five hours a week or more?"


def test_a_no_is_listed_with_its_reason(handbook):
    found = next(f for f in assess_all(YUSUF, ON, already={}).never if f.code == "home-at-16-17")

    assert found.because


def test_everything_is_somewhere_and_once(handbook):
    groups = assess_all(MAYA, ON)
    assert sum(len(found) for _name, found in groups) == 59


def test_it_costs_two_queries_the_first_time_and_one_after(handbook, django_assert_max_num_queries):
    with django_assert_max_num_queries(2):
        assess_all(MAYA, ON)
    with django_assert_max_num_queries(1):
        assess_all(YUSUF, ON)


def test_a_published_change_counts_at_once(handbook):
    assert "laptop" in book().by_code
    page_of("laptop").unpublish()
    assert "laptop" not in book().by_code
    publish(page_of("laptop"))
    assert "laptop" in book().by_code
