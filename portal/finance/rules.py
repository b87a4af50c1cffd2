"""What an answer about a payment does to it, and why a sum must wait. Pure: no database, no clock, no settings."""

from collections.abc import Iterable
from datetime import date
from enum import StrEnum

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from portal.finance.remittance_file import FailureReason, Outcome
from portal.working_days import add_working_days, working_days_between

OPEN_TOO_LONG = 1  # working days a batch may stay open before somebody is told
HELD_FOR = (
    2  # whole working days between giving bank details and the first day they may be used (safety rule 36)
)


class State(TextChoices):
    """Where one attempt to pay stands."""

    IN_BATCH = "IN_BATCH", _("sent to be paid")
    PAID = "PAID", _("paid")
    FAILED = "FAILED", _("did not arrive")
    VOID = "VOID", _("never sent: its batch was called off")


class Result(TextChoices):
    """What one line of a remittance did."""

    APPLIED = "APPLIED", _("done")
    REPEATED = "REPEATED", _("said before, nothing changed")
    UNKNOWN = "UNKNOWN", _("no payment has this reference")
    NOT_SENT = "NOT_SENT", _("its batch is not closed yet")
    WRONG_AMOUNT = "WRONG_AMOUNT", _("the amount is not ours")
    CONTRADICTS = "CONTRADICTS", _("it contradicts what was said before")


UNMATCHED = frozenset({Result.UNKNOWN, Result.NOT_SENT, Result.WRONG_AMOUNT, Result.CONTRADICTS})
ALARMING = frozenset({Result.WRONG_AMOUNT, Result.CONTRADICTS})
TRIED_AGAIN = frozenset({Result.UNKNOWN, Result.NOT_SENT})
"""What may come right when the same file is read again."""


DEAD_ACCOUNT = frozenset({FailureReason.ACCOUNT_CLOSED, FailureReason.WRONG_DETAILS})
"""What makes another try to the same account useless."""


class LeftOut(StrEnum):
    """Why a sum that is due is not put in a batch."""

    UNCONFIRMED = "UNCONFIRMED"
    DEMO_PERSON = "DEMO_PERSON"
    DIED = "DIED"
    NO_SUPPLIER = "NO_SUPPLIER"
    NOT_BY_BATCH = "NOT_BY_BATCH"
    OWN = "OWN"
    NEW_DETAILS = "NEW_DETAILS"
    BOUNCED = "BOUNCED"
    FROZEN = "FROZEN"


LEFT_OUT_WORDS = {
    LeftOut.UNCONFIRMED: _("The amount is an example that nobody has confirmed"),
    LeftOut.DEMO_PERSON: _("This is an invented person"),
    LeftOut.DIED: _("The young person has died. Speak to their adviser"),
    LeftOut.NO_SUPPLIER: _("Nobody has said yet which supplier to pay"),
    LeftOut.NOT_BY_BATCH: _("A voucher, card or cash: closed when it is handed over"),
    LeftOut.OWN: _("You had a hand in this. A colleague must pay it"),
    LeftOut.NEW_DETAILS: _("New bank details: two working days, and a phone call, before they are used"),
    LeftOut.BOUNCED: _(
        "The bank said that this account is closed or wrong. It waits until they give another one"
    ),
    LeftOut.FROZEN: _("Their account here is frozen, so nobody knows who gave these bank details"),
}

SETTLES: dict[tuple[Outcome, State], Result] = {
    (Outcome.PAID, State.IN_BATCH): Result.APPLIED,
    (Outcome.PAID, State.PAID): Result.REPEATED,
    (Outcome.PAID, State.FAILED): Result.CONTRADICTS,
    (Outcome.FAILED, State.IN_BATCH): Result.APPLIED,
    (Outcome.FAILED, State.PAID): Result.CONTRADICTS,
    (Outcome.FAILED, State.FAILED): Result.REPEATED,
    (Outcome.RETURNED, State.IN_BATCH): Result.APPLIED,
    (Outcome.RETURNED, State.PAID): Result.APPLIED,
    (Outcome.RETURNED, State.FAILED): Result.REPEATED,
    # Its batch was called off: whoever answers for it loaded a file that should not exist.
    (Outcome.PAID, State.VOID): Result.CONTRADICTS,
    (Outcome.FAILED, State.VOID): Result.CONTRADICTS,
    (Outcome.RETURNED, State.VOID): Result.CONTRADICTS,
}
"""What each answer does to a payment, by where the payment stands."""


def settle(
    outcome: Outcome, *, state: State | None, pence: int, expected_pence: int, sent: bool, disputed: bool
) -> Result:
    """What one line does. `state` is None for a reference that is not ours; `disputed`: one file says two things."""
    if state is None:
        return Result.UNKNOWN
    if pence != expected_pence:
        return Result.WRONG_AMOUNT
    if disputed:
        return Result.CONTRADICTS
    if not sent:
        return Result.NOT_SENT
    return SETTLES[outcome, state]


def disputed(answers: Iterable[tuple[str, Outcome]]) -> set[str]:
    """References that one file calls both paid and failed: neither is believed."""
    said: dict[str, set[Outcome]] = {}
    for reference, outcome in answers:
        said.setdefault(reference, set()).add(outcome)
    return {reference for reference, outcomes in said.items() if {Outcome.PAID, Outcome.FAILED} <= outcomes}


def open_too_long(*, made_on: date, on: date) -> bool:
    """Whether a batch has stayed open for over one working day (safety rule 68)."""
    return working_days_between(made_on, on) > OPEN_TOO_LONG


def first_day_of_use(given_on: date) -> date:
    """The first day that bank details given on a day may be paid to, once somebody has rung.

    Two whole working days lie between (safety rule 36): given on a Monday, used from the Thursday.
    """
    return add_working_days(given_on, HELD_FOR + 1)


def may_be_paid_to(*, use_from: date, confirmed: bool, on: date) -> bool:
    """Whether bank details may stand in a payment file of this day: their wait is over, and somebody has rung."""
    return confirmed and on >= use_from
