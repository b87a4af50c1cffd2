"""What may happen to a request, who may do it, and what we promise. Pure: no database, no clock, no settings.

Money is whole pence; days are London days. A refusal is a `ValidationError` with a code.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import IntEnum, StrEnum

from django.core.exceptions import ValidationError
from django.db.models import TextChoices
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from portal.working_days import add_working_days, is_working_day, working_days_between

DECISION_DAYS = 5  # working days to decide, where the entitlement's version does not say
MONEY_DAYS = 3  # working days from a yes to the money
WINDOW = timedelta(days=30)  # over which everything agreed for one person counts together
TOLD_WITHIN = timedelta(days=3)  # after this a message about a step says nothing new: the page has it
MAX_PENCE = 10_000_000  # £100,000: above this somebody mistyped


class Status(TextChoices):
    """Where a request is. The labels are what a young person reads."""

    DRAFT = "DRAFT", gettext_lazy("Not sent yet")
    SUBMITTED = "SUBMITTED", gettext_lazy("Sent")
    MORE_WANTED = "MORE_WANTED", gettext_lazy("We asked you something")
    RECOMMENDED = "RECOMMENDED", gettext_lazy("Nearly there")
    WITH_PANEL = "WITH_PANEL", gettext_lazy("With the panel")
    APPROVED = "APPROVED", gettext_lazy("Yes")
    PART_APPROVED = "PART_APPROVED", gettext_lazy("Yes, in part")
    DECLINED = "DECLINED", gettext_lazy("No")
    WITHDRAWN = "WITHDRAWN", gettext_lazy("You took it back")
    REVIEW_ASKED = "REVIEW_ASKED", gettext_lazy("Someone else is looking")
    CHANGED = "CHANGED", gettext_lazy("Changed after a second look")
    NOT_CHANGED = "NOT_CHANGED", gettext_lazy("Not changed after a second look")


WAITING = frozenset({Status.SUBMITTED, Status.RECOMMENDED, Status.WITH_PANEL, Status.REVIEW_ASKED})
"""Somebody on our side holds it, and the clock runs."""
OPEN = WAITING | {Status.MORE_WANTED}
AGREED = frozenset({Status.APPROVED, Status.PART_APPROVED, Status.CHANGED})
BEING_PAID = AGREED | {Status.REVIEW_ASKED, Status.NOT_CHANGED}
"""Where an award may stand: what was agreed in part is paid while somebody else looks, and after."""
DECIDED = AGREED | {Status.DECLINED, Status.NOT_CHANGED}
NEEDS_A_REASON = frozenset({Status.DECLINED, Status.PART_APPROVED, Status.NOT_CHANGED})


class Action(TextChoices):
    """One step of a request. The labels are what staff read."""

    START = "START", gettext_lazy("Started")
    SUBMIT = "SUBMIT", gettext_lazy("Sent")
    ASK_MORE = "ASK_MORE", gettext_lazy("Ask for more")
    ANSWER_MORE = "ANSWER_MORE", gettext_lazy("Answered")
    GO_ON = "GO_ON", gettext_lazy("Go on without waiting")
    RECOMMEND = "RECOMMEND", gettext_lazy("Recommend")
    SEND_TO_PANEL = "SEND_TO_PANEL", gettext_lazy("Send to the panel")
    APPROVE = "APPROVE", gettext_lazy("Approve")
    PART_APPROVE = "PART_APPROVE", gettext_lazy("Approve part")
    DECLINE = "DECLINE", gettext_lazy("Decline")
    WITHDRAW = "WITHDRAW", gettext_lazy("Taken back")
    ASK_REVIEW = "ASK_REVIEW", gettext_lazy("Second look asked for")
    CHANGE = "CHANGE", gettext_lazy("Change the decision")
    KEEP = "KEEP", gettext_lazy("Keep the decision")


class Who(StrEnum):
    """Who may take a step: who asks, who works with them, or who decides."""

    ASKER = "ASKER"
    STAFF = "STAFF"
    DECIDER = "DECIDER"


@dataclass(frozen=True, slots=True)
class Move:
    who: Who
    sources: frozenset[Status]
    target: Status


_IN_HAND = frozenset({Status.SUBMITTED, Status.RECOMMENDED, Status.WITH_PANEL})

MOVES: Mapping[Action, Move] = {  # the whole workflow: who may, from where, to where
    Action.SUBMIT: Move(Who.ASKER, frozenset({Status.DRAFT}), Status.SUBMITTED),
    Action.ASK_MORE: Move(Who.STAFF, _IN_HAND, Status.MORE_WANTED),
    Action.ANSWER_MORE: Move(Who.ASKER, frozenset({Status.MORE_WANTED}), Status.SUBMITTED),
    # They answered by phone, or cannot: nobody's silence blocks what was asked for them.
    Action.GO_ON: Move(Who.STAFF, frozenset({Status.MORE_WANTED}), Status.SUBMITTED),
    Action.RECOMMEND: Move(Who.STAFF, frozenset({Status.SUBMITTED}), Status.RECOMMENDED),
    # A second look at what a panel decided gets its day this way too, and stays a second look: see the service.
    Action.SEND_TO_PANEL: Move(
        Who.STAFF,
        frozenset({Status.SUBMITTED, Status.RECOMMENDED, Status.REVIEW_ASKED}),
        Status.WITH_PANEL,
    ),
    Action.APPROVE: Move(Who.DECIDER, _IN_HAND, Status.APPROVED),
    Action.PART_APPROVE: Move(Who.DECIDER, _IN_HAND, Status.PART_APPROVED),
    Action.DECLINE: Move(Who.DECIDER, _IN_HAND, Status.DECLINED),
    # Until Finance has taken it: the service refuses once a payment is in a batch (safety rule 31).
    Action.WITHDRAW: Move(
        Who.ASKER,
        OPEN | {Status.APPROVED, Status.PART_APPROVED, Status.CHANGED},
        Status.WITHDRAWN,
    ),
    Action.ASK_REVIEW: Move(
        Who.ASKER, frozenset({Status.DECLINED, Status.PART_APPROVED}), Status.REVIEW_ASKED
    ),
    Action.CHANGE: Move(Who.DECIDER, frozenset({Status.REVIEW_ASKED}), Status.CHANGED),
    Action.KEEP: Move(Who.DECIDER, frozenset({Status.REVIEW_ASKED}), Status.NOT_CHANGED),
}


def check_move(action: Action, *, status: str, who: Collection[Who]) -> Status:
    """Whether this step may be taken now, by somebody who is these things to the request. Returns where it leads.

    Refuses `not_yours` and `not_now`.
    """
    move = MOVES[action]
    if move.who not in who:
        raise ValidationError(_("This is not yours to do."), code="not_yours")
    if status not in move.sources:
        raise ValidationError(_("This has moved on since you opened it."), code="not_now")
    return move.target


def steps_from(status: str, *, who: Collection[Who]) -> list[Action]:
    """The steps open to somebody now, in the order of the table."""
    return [action for action, move in MOVES.items() if move.who in who and status in move.sources]


class Level(IntEnum):
    """How high a decision stands; an entitlement's own approver is a minimum, the amount may lift it."""

    ADVISER = 1
    TEAM_MANAGER = 2
    SERVICE_MANAGER = 3
    PANEL = 4


LEVEL_OF_ROLE: Mapping[str, Level] = {
    "PERSONAL_ADVISER": Level.ADVISER,
    "SOCIAL_WORKER": Level.ADVISER,
    "DUTY_ADVISER": Level.ADVISER,
    "TEAM_MANAGER": Level.TEAM_MANAGER,
    "SERVICE_MANAGER": Level.SERVICE_MANAGER,
}
LEVEL_OF_APPROVER: Mapping[str, Level] = {
    "": Level.ADVISER,
    "PA": Level.ADVISER,
    "TEAM_MANAGER": Level.TEAM_MANAGER,
    "SERVICE_MANAGER": Level.SERVICE_MANAGER,
    "PANEL": Level.PANEL,
}


class Ages(TextChoices):
    """Whom a band of authority is for: under 18 the social worker decides with the plan, from 18 the adviser."""

    ANY = "ANY", gettext_lazy("any age")
    UNDER_18 = "UNDER_18", gettext_lazy("under 18")
    FROM_18 = "FROM_18", gettext_lazy("18 and over")


DEFAULT_BANDS: tuple[tuple[str, Ages, int], ...] = (  # example figures until the council confirms its own
    ("PERSONAL_ADVISER", Ages.FROM_18, 10_000),
    ("DUTY_ADVISER", Ages.FROM_18, 10_000),
    ("SOCIAL_WORKER", Ages.UNDER_18, 10_000),
    ("TEAM_MANAGER", Ages.ANY, 50_000),
    ("SERVICE_MANAGER", Ages.ANY, 250_000),
)


@dataclass(frozen=True, slots=True)
class Authority:
    """What one person may decide today for somebody of this age: how high they stand, and up to how many pence."""

    level: Level
    limit_pence: int


def check_authority(
    *,
    pence: int,
    already_pence: int,
    authority: Authority | None,
    at_least: Level,
    decider: int,
    touched_by: Collection[int | None],
    young_person_user: int | None,
) -> Authority:
    """You decide up to your authority, everything agreed in 30 days counted together, and never on your own work.

    `pence`: what this decision turns on, `already_pence`: agreed for the same person in the last 30 days, over all
    kinds. `authority` is None for somebody who was given none (new staff) or whose role has none for this age.
    `at_least`: the entitlement's own approver. Refuses `own_request`, `own_work`, `no_authority`, `below_level`,
    `above_authority`.
    """
    if young_person_user is not None and decider == young_person_user:
        raise ValidationError(_("Nobody decides for themselves."), code="own_request")
    if decider in touched_by:
        raise ValidationError(_("Someone else must decide: you had a hand in this."), code="own_work")
    if authority is None:
        raise ValidationError(_("You have no authority to decide this."), code="no_authority")
    if authority.level < at_least:
        raise ValidationError(_("Someone more senior decides this kind of request."), code="below_level")
    if pence + already_pence > authority.limit_pence:
        raise ValidationError(_("This is above your delegated authority."), code="above_authority")
    return authority


def level_needed(*, pence: int, already_pence: int, at_least: Level, limits: Mapping[Level, int]) -> Level:
    """The lowest level that could decide this; the panel when no band reaches."""
    for level in sorted(limits):
        if level >= at_least and pence + already_pence <= limits[level]:
            return level
    return Level.PANEL


def window_starts_on(on: date) -> date:
    """The first day whose decisions count together with one made on `on`; a decision 30 days ago still counts."""
    return on - WINDOW


PAPER_DAYS = 5  # working days before a panel meets on which its papers are closed
PLANNED_AHEAD = timedelta(days=3 * 366)  # a panel's day is no later than this
QUORUM = 3  # members who must be there, where nobody says another number


def papers_by(meets_on: date) -> date:
    """The last day on which something may be put before a panel."""
    return add_working_days(meets_on, -PAPER_DAYS)


def check_meets_on(meets_on: date, *, on: date) -> None:
    """Whether a panel's day is near enough to count from. Refuses `panel_in_the_past` and `panel_too_far`."""
    if meets_on < on:
        raise ValidationError(_("The panel must meet today or later."), code="panel_in_the_past")
    if meets_on > on + PLANNED_AHEAD:
        raise ValidationError(_("Choose a day within three years."), code="panel_too_far")


def check_meeting(*, meets_on: date, papers_on: date, quorum: int, on: date) -> None:
    """Whether a panel may be planned like this. Refuses what `check_meets_on` refuses, `not_a_working_day`,
    `papers_too_late`, `no_quorum` (one person is no panel)."""
    check_meets_on(meets_on, on=on)
    if not is_working_day(meets_on):
        raise ValidationError(_("Choose a working day."), code="not_a_working_day")
    if papers_on > meets_on:
        raise ValidationError(
            _("Papers close on the day of the panel, or before it."), code="papers_too_late"
        )
    if quorum < 2:
        raise ValidationError(_("A panel is two people or more."), code="no_quorum")


def check_panel(
    *,
    meets_on: date,
    on: date,
    present: Collection[int],
    members: Collection[int],
    quorum: int,
    no_part: Collection[int],
) -> None:
    """A panel decides on its day or after, by enough members who were there and had no hand in the request.

    All people are user ids. Refuses `panel_not_met`, `not_a_member` and `no_quorum`.
    """
    if on < meets_on:
        raise ValidationError(
            _("The panel has not met yet. Until then only its chair may decide."), code="panel_not_met"
        )
    if not set(present) <= set(members):
        raise ValidationError(_("Somebody named here is not a member of the panel."), code="not_a_member")
    if len(set(present) - set(no_part)) < quorum:
        raise ValidationError(
            _(
                "Too few members were there: it takes %(quorum)s who had no hand in this request.",
            ),
            code="no_quorum",
            params={"quorum": quorum},
        )


def check_chair(*, decider: int, chair: int | None, why: str) -> None:
    """Between meetings the chair may decide alone, and says why it could not wait.

    Refuses `not_the_chair` and `panel_needs_why`.
    """
    if chair is None or decider != chair:
        raise ValidationError(_("Only the chair of the panel may decide alone."), code="not_the_chair")
    if not why.strip():
        raise ValidationError(_("Say why this could not wait for the panel."), code="panel_needs_why")


def check_plan(*, action: Action, in_plan: bool, level: Level | None) -> None:
    """Refusing what the pathway plan promises, wholly or in part, needs the service manager. Refuses `in_the_plan`."""
    refusing = action in {Action.DECLINE, Action.PART_APPROVE, Action.KEEP}
    if refusing and in_plan and (level is None or level < Level.SERVICE_MANAGER):
        raise ValidationError(
            _("The pathway plan promises this. Only the service manager can refuse it."), code="in_the_plan"
        )


def check_can_be_money(*, confirmed: bool, in_force: bool, demo: bool) -> None:
    """An unconfirmed example, or something that has not started, never becomes real money. Refuses with its reason."""
    if not in_force:
        raise ValidationError(
            _("This had not started, or had ended, when it was asked for."), code="not_in_force"
        )
    if not confirmed and not demo:
        raise ValidationError(
            _("This amount is an example from another council. The budget holder must confirm it first."),
            code="unconfirmed",
        )


def check_amount(action: Action, *, pence: int | None, asked_pence: int | None, why_above: str = "") -> None:
    """Whether an amount fits its decision: more than nothing, less than asked for a part, above only with a reason.

    Refuses `no_amount`, `too_much`, `not_a_part`, `above_asked`.
    """
    if not pence or pence <= 0:
        raise ValidationError(_("Say how much."), code="no_amount")
    if pence > MAX_PENCE:
        raise ValidationError(_("Check the amount: it is very large."), code="too_much")
    if action == Action.PART_APPROVE and (asked_pence is None or pence >= asked_pence):
        raise ValidationError(_("A part is less than what was asked for."), code="not_a_part")
    if asked_pence is not None and pence > asked_pence and not why_above.strip():
        raise ValidationError(_("This is more than was asked for. Say why."), code="above_asked")


class Reason(TextChoices):
    """Why a request was refused, cut or held up. The labels are what a young person reads first."""

    NOT_FOR_YOU_YET = "NOT_FOR_YOU_YET", gettext_lazy("This is not for you yet")
    RULE_SAYS_NO = "RULE_SAYS_NO", gettext_lazy("The rules for this do not fit your situation")
    NOTHING_LEFT = "NOTHING_LEFT", gettext_lazy("There is not enough left of this money")
    ALREADY_HAD = "ALREADY_HAD", gettext_lazy("You have had this already")
    COSTS_LESS = "COSTS_LESS", gettext_lazy("We found it costs less")
    ANOTHER_WAY = "ANOTHER_WAY", gettext_lazy("There is a better way to get this")
    SOMEONE_ELSE_PAYS = "SOMEONE_ELSE_PAYS", gettext_lazy("Someone else should pay for this")
    OTHER = "OTHER", gettext_lazy("Another reason")


class MoreWanted(TextChoices):
    """What we may ask for. The labels are what a young person reads."""

    PRICE = "PRICE", gettext_lazy("A photo or link that shows the price")
    PAPER = "PAPER", gettext_lazy("A photo of a letter or paper")
    WHEN = "WHEN", gettext_lazy("When you need it")
    WHICH = "WHICH", gettext_lazy("Which one you want")
    QUESTION = "QUESTION", gettext_lazy("An answer to a question")


class HowHelped(TextChoices):
    """How somebody wants to be helped. The labels are what a young person reads."""

    BANK = "BANK", gettext_lazy("Money to my bank account")
    VOUCHER = "VOUCHER", gettext_lazy("A voucher")
    WE_BUY_IT = "WE_BUY_IT", gettext_lazy("You buy it for me")
    COLLECT = "COLLECT", gettext_lazy("I collect it at Bromley Road")


def check_reason(*, code: str, words: str, codes: Collection[str]) -> None:
    """Every no, part and question carries a coded reason and a sentence. Refuses `no_reason`."""
    if code not in codes or not words.strip():
        raise ValidationError(_("Give a reason in words the young person can use."), code="no_reason")


def decide_by(sent_on: date, decision_days: int | None) -> date:
    """The day we promise a decision by: the version's own working days, or five."""
    return add_working_days(sent_on, DECISION_DAYS if decision_days is None else decision_days)


def money_by(decided_on: date) -> date:
    """The day we promise the money by: three working days after the yes."""
    return add_working_days(decided_on, MONEY_DAYS)


def days_left(on: date, promised_on: date) -> int:
    """Working days still to run when the clock pauses; a late one keeps none."""
    return max(0, working_days_between(on, promised_on))


def resumed(on: date, days: int) -> date:
    """The new promise when the clock runs again: what was left, and at least the next working day."""
    return add_working_days(on, max(1, days))
