"""Gain, lose and stay, counted without pointing at anybody."""

from datetime import date

import pytest

from entitlements.impact import Impact, compare, say_counts
from entitlements.rules import Age, CareLeaverStatus, Facts, Group, GroupKind, Rule, StatusPeriod

ON = date(2026, 11, 23)


def aged(age: int) -> Facts:
    return Facts(born_on=date(2026 - age, 1, 1), statuses=(StatusPeriod(CareLeaverStatus.FORMER_RELEVANT),))


def rule(first: int, until: int) -> Rule:
    return Rule("laptop", Group(GroupKind.ALL, (Age(first, until),)))


def test_everybody_is_counted_once():
    people = [aged(age) for age in (16, 17, 18, 19, 20, 21, 22)] + [Facts()]

    assert compare(rule(16, 19), rule(18, 21), people, ON) == Impact(gain=2, lose=2, unchanged=4)


def test_something_new_takes_nothing_from_anybody():
    assert compare(None, rule(18, 21), [aged(17), aged(18), Facts()], ON) == Impact(
        gain=2, lose=0, unchanged=1
    )


@pytest.mark.parametrize(
    ("impact", "said"),
    [
        (Impact(0, 0, 620), ("0", "0", "620")),
        (Impact(5, 0, 615), ("5", "0", "615")),
        (Impact(4, 0, 616), ("fewer than 5", "0", "about 620")),
        (Impact(12, 1, 607), ("12", "fewer than 5", "about 610")),
        (Impact(600, 0, 3), ("600", "0", "fewer than 5")),
    ],
)
def test_a_small_count_is_hidden_and_cannot_be_worked_out_from_the_rest(impact, said):
    assert tuple(say_counts(impact).values()) == said
