"""The workflow and delegated authority, at the penny and on the day. No database."""

from datetime import date

import pytest
from django.core.exceptions import ValidationError

from portal.payments import rules
from portal.payments.rules import MOVES, Action, Authority, Level, Status, Who

TEAM_MANAGER = Authority(Level.TEAM_MANAGER, 50_000)
FINE = {
    "already_pence": 0,
    "authority": TEAM_MANAGER,
    "at_least": Level.ADVISER,
    "decider": 1,
    "touched_by": {2},
    "young_person_user": 3,
}


def refusal(call, *args, **kwargs) -> str:
    with pytest.raises(ValidationError) as refused:
        call(*args, **kwargs)
    return refused.value.code


def test_a_manager_decides_up_to_their_limit_and_not_a_penny_more() -> None:
    rules.check_authority(pence=50_000, **FINE)

    assert refusal(rules.check_authority, pence=50_001, **FINE) == "above_authority"


def test_what_was_agreed_in_thirty_days_counts_together() -> None:
    split = {**FINE, "already_pence": 20_000}

    rules.check_authority(pence=30_000, **split)

    assert refusal(rules.check_authority, pence=30_001, **split) == "above_authority"


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"decider": 2}, "own_work"),
        ({"decider": 3}, "own_request"),
        ({"authority": None}, "no_authority"),
        ({"at_least": Level.SERVICE_MANAGER}, "below_level"),
        ({"at_least": Level.PANEL}, "below_level"),
    ],
)
def test_nobody_decides_their_own_work_for_themselves_without_authority_or_below_the_level(
    change, code
) -> None:
    assert refusal(rules.check_authority, pence=1, **{**FINE, **change}) == code


LIMITS = {Level.ADVISER: 10_000, Level.TEAM_MANAGER: 50_000, Level.SERVICE_MANAGER: 250_000}


@pytest.mark.parametrize(
    ("pence", "already", "at_least", "needed"),
    [
        (10_000, 0, Level.ADVISER, Level.ADVISER),
        (10_001, 0, Level.ADVISER, Level.TEAM_MANAGER),
        (1, 10_000, Level.ADVISER, Level.TEAM_MANAGER),
        (50_000, 0, Level.ADVISER, Level.TEAM_MANAGER),
        (50_001, 0, Level.ADVISER, Level.SERVICE_MANAGER),
        (250_000, 0, Level.ADVISER, Level.SERVICE_MANAGER),
        (250_001, 0, Level.ADVISER, Level.PANEL),
        (1, 0, Level.TEAM_MANAGER, Level.TEAM_MANAGER),  # the entitlement's own approver is a minimum
        (60_000, 0, Level.TEAM_MANAGER, Level.SERVICE_MANAGER),  # and the bands still apply above it
        (1, 0, Level.PANEL, Level.PANEL),
    ],
)
def test_the_amount_lifts_the_level_above_the_entitlements_own(pence, already, at_least, needed) -> None:
    assert rules.level_needed(pence=pence, already_pence=already, at_least=at_least, limits=LIMITS) == needed


def test_a_decision_thirty_days_ago_still_counts_and_one_day_more_does_not() -> None:
    assert rules.window_starts_on(date(2026, 11, 30)) == date(2026, 10, 31)


@pytest.mark.parametrize("action", [Action.DECLINE, Action.PART_APPROVE, Action.KEEP])
def test_only_the_service_manager_refuses_what_the_plan_promises(action) -> None:
    assert refusal(rules.check_plan, action=action, in_plan=True, level=Level.TEAM_MANAGER) == "in_the_plan"

    rules.check_plan(action=action, in_plan=True, level=Level.SERVICE_MANAGER)
    rules.check_plan(action=action, in_plan=False, level=Level.ADVISER)


def test_agreeing_what_the_plan_promises_needs_nobody_special() -> None:
    rules.check_plan(action=Action.APPROVE, in_plan=True, level=Level.ADVISER)


@pytest.mark.parametrize(
    ("confirmed", "in_force", "demo", "code"),
    [
        (False, True, False, "unconfirmed"),
        (False, False, True, "not_in_force"),
        (True, False, False, "not_in_force"),
    ],
)
def test_an_example_or_something_not_started_never_becomes_money(confirmed, in_force, demo, code) -> None:
    assert refusal(rules.check_can_be_money, confirmed=confirmed, in_force=in_force, demo=demo) == code


def test_the_demo_may_play_with_examples_and_production_pays_what_is_confirmed() -> None:
    rules.check_can_be_money(confirmed=False, in_force=True, demo=True)
    rules.check_can_be_money(confirmed=True, in_force=True, demo=False)


@pytest.mark.parametrize(
    ("action", "pence", "asked", "why", "code"),
    [
        (Action.APPROVE, None, 100, "", "no_amount"),
        (Action.APPROVE, 0, 100, "", "no_amount"),
        (Action.APPROVE, 101, 100, "", "above_asked"),
        (Action.PART_APPROVE, 100, 100, "", "not_a_part"),
        (Action.PART_APPROVE, 50, None, "", "not_a_part"),
        (Action.APPROVE, rules.MAX_PENCE + 1, None, "", "too_much"),
    ],
)
def test_amounts_that_do_not_fit_their_decision(action, pence, asked, why, code) -> None:
    assert refusal(rules.check_amount, action, pence=pence, asked_pence=asked, why_above=why) == code


def test_more_than_asked_needs_a_reason_and_an_unknown_price_does_not() -> None:
    rules.check_amount(Action.APPROVE, pence=101, asked_pence=100, why_above="The price went up.")
    rules.check_amount(Action.APPROVE, pence=101, asked_pence=None)
    rules.check_amount(Action.PART_APPROVE, pence=99, asked_pence=100)


def test_every_no_needs_a_known_code_and_words() -> None:
    for code, words in (("", "Because."), ("OTHER", "  "), ("NOT_A_CODE", "Because.")):
        assert refusal(rules.check_reason, code=code, words=words, codes=rules.Reason.values) == "no_reason"


EVERYBODY = set(Who)


def test_every_status_is_reached_and_every_open_one_can_be_left() -> None:
    reached = {move.target for move in MOVES.values()} | {Status.DRAFT}

    assert reached == set(Status)
    for status in rules.OPEN:
        assert rules.steps_from(status, who={Who.STAFF, Who.DECIDER}), "nobody's silence blocks it"


def test_every_refusal_can_be_looked_at_again_and_a_second_look_ends() -> None:
    for status in (Status.DECLINED, Status.PART_APPROVED):
        assert Action.ASK_REVIEW in rules.steps_from(status, who={Who.ASKER})
    assert rules.steps_from(Status.NOT_CHANGED, who=EVERYBODY) == []
    assert rules.steps_from(Status.WITHDRAWN, who=EVERYBODY) == []


def test_a_young_person_never_decides_and_staff_never_send_for_them() -> None:
    deciding = {action for action, move in MOVES.items() if move.who is Who.DECIDER}

    for status in Status:
        assert deciding.isdisjoint(rules.steps_from(status, who={Who.ASKER}))
        assert Action.SUBMIT not in rules.steps_from(status, who={Who.STAFF, Who.DECIDER})


def test_a_step_from_the_wrong_place_says_it_has_moved_on() -> None:
    assert refusal(rules.check_move, Action.APPROVE, status=Status.APPROVED, who=EVERYBODY) == "not_now"
    assert refusal(rules.check_move, Action.APPROVE, status=Status.SUBMITTED, who={Who.ASKER}) == "not_yours"
    assert rules.check_move(Action.APPROVE, status=Status.SUBMITTED, who=EVERYBODY) == Status.APPROVED


def test_promises_count_in_working_days() -> None:
    monday = date(2026, 11, 23)

    assert rules.decide_by(monday, None) == date(2026, 11, 30)
    assert rules.decide_by(monday, 2) == date(2026, 11, 25)
    assert rules.money_by(date(2026, 11, 26)) == date(2026, 12, 1)


def test_a_clock_that_waited_keeps_its_days_and_gives_at_least_one() -> None:
    wednesday = date(2026, 11, 25)

    assert rules.days_left(wednesday, date(2026, 11, 30)) == 3
    assert rules.days_left(wednesday, date(2026, 11, 20)) == 0
    assert rules.resumed(date(2026, 12, 2), 3) == date(2026, 12, 7)
    assert rules.resumed(date(2026, 12, 2), 0) == date(2026, 12, 3)
