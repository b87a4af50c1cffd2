"""The days of each step, by the 2006 Regulations. No database."""

from datetime import date

import pytest
from django.core.exceptions import ValidationError

from portal.complaints import rules
from portal.complaints.rules import Action, Stage, State

MONDAY = date(2026, 11, 23)


@pytest.mark.parametrize(
    ("stage", "state", "due_on"),
    [
        (Stage.FIRST, State.LOOKING, date(2026, 12, 7)),  # 10 working days
        (Stage.INVESTIGATION, State.LOOKING, date(2026, 12, 30)),  # 25; Christmas and Boxing Day do not count
        (Stage.PANEL, State.PANEL_TO_MEET, date(2027, 1, 7)),  # 30; nor does New Year's Day
    ],
)
def test_each_step_begins_with_its_own_days(stage, state, due_on):
    assert rules.begins(stage, on=MONDAY) == (state, due_on)


@pytest.mark.parametrize(
    ("stage", "due_on", "latest"),
    [
        (Stage.FIRST, date(2026, 12, 7), date(2026, 12, 21)),  # 20
        (Stage.INVESTIGATION, date(2026, 12, 30), date(2027, 2, 25)),  # 65
    ],
)
def test_a_step_may_take_longer_once_and_never_longer_than_the_law_says(stage, due_on, latest):
    assert rules.extended(stage, State.LOOKING, began_on=MONDAY, due_on=due_on) == latest

    with pytest.raises(ValidationError) as refusal:
        rules.extended(stage, State.LOOKING, began_on=MONDAY, due_on=latest)
    assert refusal.value.code == "no_longer"


def test_a_panel_cannot_take_longer():
    with pytest.raises(ValidationError):
        rules.extended(Stage.PANEL, State.PANEL_TO_MEET, began_on=MONDAY, due_on=date(2027, 1, 7))


def test_after_the_panel_met_it_writes_in_5_and_the_council_answers_in_15():
    writes, by = rules.after_panel(Action.PANEL_MET, State.PANEL_TO_MEET, on=MONDAY)
    assert (writes, by) == (State.PANEL_TO_FIND, date(2026, 11, 30))

    answers, by = rules.after_panel(Action.PANEL_FOUND, writes, on=by)
    assert (answers, by) == (State.COUNCIL_TO_ANSWER, date(2026, 12, 21))


@pytest.mark.parametrize(
    ("state", "due_on", "by_staff", "allowed"),
    [
        (State.ANSWERED, None, False, True),
        (State.LOOKING, date(2026, 11, 24), False, False),  # still in time
        (State.LOOKING, date(2026, 11, 20), False, True),  # late: nobody has to wait
        (State.LOOKING, date(2026, 11, 24), True, True),  # both sides agreed
        (State.STOPPED, None, False, False),
        (State.STOPPED, None, True, False),
    ],
)
def test_the_next_step_comes_after_an_answer_or_when_we_are_late(state, due_on, by_staff, allowed):
    def ask():
        return rules.next_stage(Stage.FIRST, state, due_on=due_on, on=MONDAY, by_staff=by_staff)

    if allowed:
        assert ask() == Stage.INVESTIGATION
    else:
        with pytest.raises(ValidationError) as refusal:
            ask()
        assert refusal.value.code == "not_now"


def test_after_the_panel_there_is_the_ombudsman_and_no_fourth_step():
    with pytest.raises(ValidationError) as refusal:
        rules.next_stage(Stage.PANEL, State.ANSWERED, due_on=None, on=MONDAY, by_staff=True)

    assert refusal.value.code == "last_step"
    assert "Ombudsman" in refusal.value.message
