"""Reading what finance's system answers, line by line, and what the bank sends back days later."""

import logging
from datetime import datetime
from hashlib import sha256

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from portal.accounts.models import User
from portal.audit.services import record
from portal.clock import local_date
from portal.finance import rules
from portal.finance.batches import check_finance
from portal.finance.models import Batch, Payment, Remittance, RemittanceLine
from portal.finance.remittance_file import CannotRead, FailureReason, Line, Outcome, read
from portal.finance.rules import Result, State
from portal.payments.holding import verb
from portal.payments.services import mark_failed, mark_paid

log = logging.getLogger(__name__)

FAILED_WORDS = {  # what the young person and their adviser read: what happened, and what puts it right
    FailureReason.ACCOUNT_CLOSED: gettext_noop(
        "The bank says this account is closed. Give us another account."
    ),
    FailureReason.WRONG_DETAILS: gettext_noop(
        "The account details did not match. Check the numbers with your adviser."
    ),
    FailureReason.REFUSED: gettext_noop(
        "The bank did not take the payment. Ask your bank, or give us another account."
    ),
    FailureReason.OTHER: gettext_noop("The payment did not arrive. Your adviser will find out why."),
}


@verb
def read_remittance(*, content: bytes, by: User, now: datetime) -> Remittance:
    """Mark each payment paid or failed as its line says. The same bytes again only try what was not matched before.

    A line that contradicts an earlier one, or names another amount, changes nothing and alarms. Refuses
    `not_finance`, and `cannot_read` with every fault and its line: then nothing at all is changed.
    """
    check_finance(by, on=local_date(now))
    try:
        lines = read(content)
    except CannotRead as refusal:
        faults = [_("Line %(number)d: %(words)s") % fault._asdict() for fault in refusal.faults[:20]]
        raise ValidationError([ValidationError(fault, code="cannot_read") for fault in faults]) from None
    remittance, is_new = Remittance.objects.get_or_create(
        sha256=sha256(content).hexdigest(), defaults={"read_by": by, "read_at": now}
    )
    remittance = Remittance.objects.select_for_update().get(pk=remittance.pk)
    remittance.repeated = not is_new
    known = {line.number: line for line in remittance.lines.all()}
    disputed = rules.disputed((line.reference, line.outcome) for line in lines)
    for line in lines:
        before = known.get(line.number)
        if before is None or (before.result in rules.TRIED_AGAIN and before.looked_at is None):
            _keep(remittance, line, before, disputed=line.reference in disputed, now=now)
    record("remittance_read", by=by, now=now, subject=f"remittance:{remittance.ref}",
           detail={"lines": len(lines), "repeated": not is_new})  # fmt: skip
    return remittance


@verb
def bank_return(*, payment: Payment, reason: str, by: User, now: datetime) -> Payment:
    """The bank sent a payment back, told by letter or phone. It is owed again. Returned already: nothing happens.

    Refuses `not_finance`, and `not_sent` for a batch that is not closed: still open, or called off.
    """
    check_finance(by, on=local_date(now))
    held = Payment.objects.select_for_update(of=("self",)).select_related("batch").get(pk=payment.pk)
    if held.batch.state != Batch.State.CLOSED or held.state == State.VOID:
        raise ValidationError(_("This payment has not been sent yet."), code="not_sent")
    if held.state != State.FAILED:
        _fail(held, FailureReason(reason), returned=True, now=now)
        record("payment_returned", by=by, now=now, subject=f"payment:{held.ref}",
               detail={"reason": reason, "pence": held.pence})  # fmt: skip
    return held


@verb
def look_at_line(*, line: RemittanceLine, note: str, by: User, now: datetime) -> None:
    """Somebody found out what an unmatched line is about, and writes it down. Refuses `not_finance` and `no_note`."""
    check_finance(by, on=local_date(now))
    if not note.strip():
        raise ValidationError(_("Write what you found out."), code="no_note")
    RemittanceLine.objects.unmatched().filter(pk=line.pk).update(
        looked_at=now, looked_by=by, note=note.strip()[:300]
    )
    record("remittance_line_looked_at", by=by, now=now, subject=f"remittance_line:{line.pk}")


def _keep(
    remittance: Remittance, line: Line, before: RemittanceLine | None, *, disputed: bool, now: datetime
) -> None:
    payment = (
        Payment.objects.select_for_update(of=("self",))
        .select_related("batch", "instalment")
        .filter(ref=line.reference)
        .first()
    )
    result = rules.settle(
        line.outcome,
        state=State(payment.state) if payment else None,
        pence=line.pence,
        expected_pence=payment.pence if payment else 0,
        sent=payment is not None and not payment.batch.is_open,
        disputed=disputed,
    )
    if result == Result.APPLIED and payment is not None:
        result = _apply(payment, line, now=now)
    if result in rules.ALARMING:
        log.error("remittance %s line %d: %s", remittance.ref, line.number, result.value)
    kept = before or RemittanceLine(remittance=remittance, number=line.number)
    kept.reference, kept.pence, kept.outcome = line.reference, line.pence, line.outcome
    kept.on, kept.reason, kept.payment, kept.result = line.on, line.reason, payment, result
    kept.save()


def _apply(payment: Payment, line: Line, *, now: datetime) -> Result:
    try:
        with transaction.atomic():
            if line.outcome == Outcome.PAID:
                mark_paid(instalment=payment.instalment, now=now)
                payment.state, payment.settled_at = State.PAID, now
                payment.save(update_fields=["state", "settled_at"])
            else:
                _fail(payment, FailureReason(line.reason), returned=line.outcome == Outcome.RETURNED, now=now)
    except ValidationError as refusal:  # taken back meanwhile: a person must look
        log.error("payment %s could not be marked: %s", payment.ref, getattr(refusal, "code", ""))
        return Result.CONTRADICTS
    return Result.APPLIED


def _fail(payment: Payment, reason: FailureReason, *, returned: bool, now: datetime) -> None:
    mark_failed(instalment=payment.instalment, reason=FAILED_WORDS[reason], now=now)
    payment.state, payment.settled_at = State.FAILED, now
    payment.failed_why, payment.returned = reason, returned
    payment.save(update_fields=["state", "settled_at", "failed_why", "returned"])
