"""The steps of a complaint and their days. Pure: no database, no clock, no settings.

Source: the Children Act 1989 Representations Procedure (England) Regulations 2006 (SI 2006/1738), which care leavers
may use by section 24D of the Act: regulation 14 (first answer), 15 and 17 (investigation), 18 to 20 (panel), and the
Local Government and Social Care Ombudsman after them. Days are working days of England and Wales, London days.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from django.core.exceptions import ValidationError
from django.db.models import IntegerChoices, TextChoices
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from portal.working_days import add_working_days

FIRST_ANSWER, FIRST_ANSWER_AT_MOST = 10, 20  # regulation 14
INVESTIGATION, INVESTIGATION_AT_MOST = 25, 65  # regulation 17
PANEL_MEETS = 30  # regulation 19, from the day it was asked for
PANEL_FINDS = 5  # regulation 20, from the meeting
COUNCIL_ANSWERS = 15  # regulation 20, from the findings
PANEL_ASKED_WITHIN = 20  # regulation 18, from the answer of step 2
READ_WITHIN = 1  # a person opens every text within a working day (safety rule 29)
TOLD_WITHIN = timedelta(days=3)
MOST_LETTERS = 10_000


class Stage(IntegerChoices):
    """The three steps. The labels are what the person who complained reads."""

    FIRST = 1, gettext_lazy("Step 1: a manager looks")
    INVESTIGATION = 2, gettext_lazy("Step 2: somebody from outside the team looks into it")
    PANEL = 3, gettext_lazy("Step 3: three people from outside look")


class State(TextChoices):
    """Where a complaint is within its step. The labels are what the person who complained reads."""

    LOOKING = "LOOKING", gettext_lazy("We are looking into it")
    PANEL_TO_MEET = "PANEL_TO_MEET", gettext_lazy("The three people have not met yet")
    PANEL_TO_FIND = "PANEL_TO_FIND", gettext_lazy("The three people have met and are writing")
    COUNCIL_TO_ANSWER = "COUNCIL_TO_ANSWER", gettext_lazy("The three people have written. We answer next")
    ANSWERED = "ANSWERED", gettext_lazy("Answered")
    STOPPED = "STOPPED", gettext_lazy("You asked us to stop")


OPEN = frozenset({State.LOOKING, State.PANEL_TO_MEET, State.PANEL_TO_FIND, State.COUNCIL_TO_ANSWER})
"""Somebody on our side holds it, and a clock runs."""
MAY_BE_ANSWERED = frozenset({State.LOOKING, State.COUNCIL_TO_ANSWER})


class Action(TextChoices):
    """One line of a complaint's story. The labels are what staff read."""

    MADE = "MADE", gettext_lazy("Complained")
    SAID_MORE = "SAID_MORE", gettext_lazy("Said more")
    GIVEN = "GIVEN", gettext_lazy("Given to")
    EXTENDED = "EXTENDED", gettext_lazy("Needs longer")
    ANSWERED = "ANSWERED", gettext_lazy("Answered")
    NEXT_STEP = "NEXT_STEP", gettext_lazy("Next step asked for")
    PANEL_MET = "PANEL_MET", gettext_lazy("The panel met")
    PANEL_FOUND = "PANEL_FOUND", gettext_lazy("The panel wrote")
    INDEPENDENT = "INDEPENDENT", gettext_lazy("Who looks from outside")
    STOPPED = "STOPPED", gettext_lazy("Asked us to stop")


class Reach(TextChoices):
    """How somebody wants to hear back. Asked, never assumed. The labels are what they read."""

    HERE = "HERE", gettext_lazy("I will look here myself")
    USUAL = "USUAL", gettext_lazy("Send me a message that says nothing, the usual way")
    REACH_ME = "REACH_ME", gettext_lazy("Call, text or email me")
    SOMEBODY = "SOMEBODY", gettext_lazy("Tell somebody who passes it on")
    NEVER = "NEVER", gettext_lazy("Do not contact me")


@dataclass(frozen=True, slots=True)
class Clock:
    """How long a step takes, and how long it may take when it is hard to sort out."""

    days: int
    at_most: int


CLOCKS: Mapping[int, Clock] = {
    Stage.FIRST: Clock(FIRST_ANSWER, FIRST_ANSWER_AT_MOST),
    Stage.INVESTIGATION: Clock(INVESTIGATION, INVESTIGATION_AT_MOST),
}
_AFTER: Mapping[str, tuple[State, State, int]] = {  # from, to, working days for what comes next
    Action.PANEL_MET: (State.PANEL_TO_MEET, State.PANEL_TO_FIND, PANEL_FINDS),
    Action.PANEL_FOUND: (State.PANEL_TO_FIND, State.COUNCIL_TO_ANSWER, COUNCIL_ANSWERS),
}


def begins(stage: int, *, on: date) -> tuple[State, date]:
    """How a step begins when it is asked for on a day: its state, and the day by which it should be done."""
    if stage == Stage.PANEL:
        return State.PANEL_TO_MEET, add_working_days(on, PANEL_MEETS)
    return State.LOOKING, add_working_days(on, CLOCKS[stage].days)


def extended(stage: int, state: str, *, began_on: date, due_on: date) -> date:
    """The last day a step may take when it is hard to sort out. Refuses `no_longer` the second time and for a panel."""
    if state != State.LOOKING or stage not in CLOCKS:
        raise ValidationError(_("This step cannot take longer."), code="no_longer")
    latest = add_working_days(began_on, CLOCKS[stage].at_most)
    if due_on >= latest:
        raise ValidationError(_("This step has its longest time already."), code="no_longer")
    return latest


def needs_independent(stage: int, state: str) -> bool:
    """Whether this step goes no further without somebody from outside: the independent person of an investigation
    (regulation 17), and the three people of a panel before they meet (regulation 19)."""
    return (stage, state) in {(Stage.INVESTIGATION, State.LOOKING), (Stage.PANEL, State.PANEL_TO_MEET)}


def check_independent(stage: int, state: str, *, independent: str) -> None:
    """Whether somebody from outside is named where the law wants it. Refuses `no_independent`."""
    if needs_independent(stage, state) and not independent.strip():
        raise ValidationError(_("Write first who looks from outside."), code="no_independent")


def check_answer(*, stage: int, state: str, words: str, independent: str) -> None:
    """Whether it may be answered now. Refuses `not_now`, `no_independent` and `no_words`."""
    if state not in MAY_BE_ANSWERED:
        raise ValidationError(_("This has moved on since you opened it."), code="not_now")
    check_independent(stage, state, independent=independent)
    if not words.strip():
        raise ValidationError(_("Write the answer in words they can use."), code="no_words")


def next_stage(stage: int, state: str, *, due_on: date | None, on: date, by_staff: bool) -> Stage:
    """The step that comes next. Whoever complained asks for it after an answer, or when the answer is late; staff may
    also move it on before, because both sides agreed. Refuses `last_step` and `not_now`."""
    if stage >= Stage.PANEL:
        raise ValidationError(_("This was the last step here. The Ombudsman can look now."), code="last_step")
    late = state == State.LOOKING and due_on is not None and due_on < on
    if state == State.ANSWERED or late or (by_staff and state == State.LOOKING):
        return Stage(stage + 1)
    raise ValidationError(_("We are still looking into it."), code="not_now")


def after_panel(action: Action, state: str, *, on: date) -> tuple[State, date]:
    """Where the panel's meeting or its findings lead, and by when what follows is done. Refuses `not_now`."""
    source, target, days = _AFTER[action]
    if state != source:
        raise ValidationError(_("This has moved on since you opened it."), code="not_now")
    return target, add_working_days(on, days)


def ask_panel_by(answered_on: date) -> date:
    """The last day to ask for the panel: 20 working days after the answer of step 2."""
    return add_working_days(answered_on, PANEL_ASKED_WITHIN)
