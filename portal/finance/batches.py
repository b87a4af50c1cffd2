"""Making a batch, writing its file, closing it.

The set is fixed in one transaction; the file follows from the batch alone, so that whoever is stopped at any line
can be followed by anybody else, and nothing is paid twice or left out (safety rules 49 and 68).
"""

import logging
from collections.abc import Iterable
from datetime import date, datetime
from pathlib import Path
from typing import NamedTuple

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.files.storage import storages
from django.db.models import Prefetch, QuerySet
from django.utils.translation import gettext as _

from portal.accounts.models import Role, User
from portal.audit.services import record
from portal.clock import LONDON, local_date
from portal.exports import is_whole, write_whole
from portal.finance import payment_file
from portal.finance.account import opened, standing_for
from portal.finance.models import BankDetails, Batch, Method, Payee, PayeeKind, Payment, PayTo
from portal.finance.rules import LeftOut, State, may_be_paid_to
from portal.payments.holding import verb
from portal.payments.models import Award, Decision, Instalment
from portal.payments.rules import AGREED, BEING_PAID, HowHelped
from portal.payments.services import mark_in_batch, mark_owed_again
from portal.refs import new_ref

log = logging.getLogger(__name__)
BY_BANK = {"", HowHelped.BANK}


class Waiting(NamedTuple):
    """One sum that is due, as finance sees it: no story, no evidence. `left_out` says why it must wait."""

    instalment: Instalment
    payee: Payee | None
    order_number: str
    payee_kind: str
    payee_name: str
    pence: int
    cost_code: str
    details: BankDetails | None
    left_out: LeftOut | None


class Made(NamedTuple):
    """A new batch, and what was due and is not in it."""

    batch: Batch
    left_out: list[Waiting]


def waiting(*, by: User, on: date) -> list[Waiting]:
    """What is due on a day and not in a batch, oldest first, as it stands for this finance officer."""
    return _as_waiting(_owed(on), by=by, on=on)


@verb
def make_batch(*, by: User, now: datetime) -> Made:
    """Fix the set of what is due today and may be paid by this finance officer.

    Left out, each with its reason: unconfirmed examples and invented people outside the demo, and whatever the officer
    asked for, decided or is owed. Refuses `not_finance` and `nothing_to_pay`. What a colleague is taking at this
    moment is theirs.
    """
    on = local_date(now)
    check_finance(by, on=on)
    due = _as_waiting(_take(on), by=by, on=on)
    paid = [one for one in due if one.left_out is None]
    if not paid:
        raise ValidationError(_("Nothing is waiting to be paid."), code="nothing_to_pay")
    ref = new_ref()
    batch = Batch.objects.create(
        ref=ref,
        made_by=by,
        made_at=now,
        columns=[
            list(pair)
            for pair in payment_file.columns_from(
                settings.PAYMENT_FILE_COLUMNS, with_accounts=settings.BANK_DETAILS_ENABLED
            )
        ],
        count=len(paid),
        total_pence=sum(one.pence for one in paid),
        file_name=f"payments-{on:%Y%m%d}-{ref}.csv",
    )
    Payment.objects.bulk_create(_payment(batch, one) for one in paid)
    mark_in_batch(instalments=[one.instalment.pk for one in paid], now=now)
    record("batch_made", by=by, now=now, subject=f"batch:{ref}",
           detail={"count": batch.count, "pence": batch.total_pence, "left_out": len(due) - len(paid)})  # fmt: skip
    return Made(batch, [one for one in due if one.left_out is not None])


@verb
def write_file(*, batch: Batch, now: datetime) -> Batch:
    """Put the whole file under its name, or leave it as it is: twice is once, and the same bytes.

    Refuses `batch_changed` when the batch no longer gives the file that was written, and `cannot_write`.
    """
    held = Batch.objects.select_for_update().get(pk=batch.pk)
    if held.emptied_at is not None:
        raise ValidationError(
            _("Its bank details were removed, as they must be. Your payment system holds the file."),
            code="emptied",
        )
    made = payment_file.build(batch=held.ref, columns=held.columns, rows=rows_of(held))
    if (made.how_many, made.total_pence) != (held.count, held.total_pence) or held.sha256 not in {
        "",
        made.sha256,
    }:
        log.error("batch %s does not give its own file any more", held.ref)
        raise ValidationError(
            _("This batch has changed since it was made. Tell your administrator."), code="batch_changed"
        )
    path = path_of(held)
    if not is_whole(path, made.sha256):
        try:
            write_whole(path, made.content)
        except OSError as fault:
            log.error("the file of batch %s could not be written: %s", held.ref, fault.strerror)
            raise ValidationError(
                _("The file could not be written. Nothing is lost: try again."), code="cannot_write"
            ) from fault
    if not held.sha256:
        held.sha256, held.file_written_at = made.sha256, now
        held.save(update_fields=["sha256", "file_written_at"])
    return held


def content_of(*, batch: Batch, by: User, now: datetime) -> bytes:
    """The bytes of a batch's file, the same each time; a file that was lost is written again. The look is recorded."""
    check_finance(by, on=local_date(now))
    if Batch.objects.filter(pk=batch.pk, state=Batch.State.VOID).exists():
        raise ValidationError(_("This batch was called off. Its file pays nobody."), code="called_off")
    batch = write_file(batch=batch, now=now)
    content = path_of(batch).read_bytes()
    record("batch_downloaded", by=by, now=now, subject=f"batch:{batch.ref}", detail={"bytes": len(content)})
    return content


@verb
def close_batch(*, ref: str, typed_pence: int, by: User, now: datetime) -> Batch:
    """Finance has loaded the file and typed its total from their own screen. Closed already with that total: once.

    Refuses `not_finance`, `no_file` and `total_differs`.
    """
    check_finance(by, on=local_date(now))
    held = Batch.objects.select_for_update().get(ref=ref)
    if typed_pence != held.total_pence:
        raise ValidationError(_("That is not the total of this batch."), code="total_differs")
    if not held.is_open:
        return held
    if not held.sha256 or not is_whole(path_of(held), held.sha256):
        raise ValidationError(_("This batch has no file yet. Download it first."), code="no_file")
    held.state, held.closed_by, held.closed_at = Batch.State.CLOSED, by, now
    held.save(update_fields=["state", "closed_by", "closed_at"])
    record("batch_closed", by=by, now=now, subject=f"batch:{ref}", detail={"pence": held.total_pence})
    return held


@verb
def call_off(*, ref: str, why: str, not_loaded: bool, by: User, now: datetime) -> Batch:
    """Undo an open batch that nobody loaded: its payments are due again, and its file pays nobody.

    `not_loaded`: the officer says so, and stands for it. Called off already: nothing happens. Refuses `not_finance`,
    `closed`, `maybe_loaded` and `no_reason`.
    """
    check_finance(by, on=local_date(now))
    held = Batch.objects.select_for_update(of=("self",)).get(ref=ref)
    if held.state == Batch.State.VOID:
        return held
    if not held.is_open:
        raise ValidationError(_("This batch is closed: its payments are on their way."), code="closed")
    if not not_loaded:
        raise ValidationError(_("First make sure that nobody loaded this file."), code="maybe_loaded")
    if not why.strip():
        raise ValidationError(_("Say why it is called off."), code="no_reason")
    payments = held.payments.select_for_update(of=("self",)).order_by("pk")
    mark_owed_again(instalments=[one.instalment_id for one in payments], now=now)
    held.payments.update(state=State.VOID, settled_at=now)
    held.state, held.closed_by, held.closed_at, held.void_why = Batch.State.VOID, by, now, why.strip()[:200]
    held.save(update_fields=["state", "closed_by", "closed_at", "void_why"])
    record("batch_called_off", by=by, now=now, subject=f"batch:{ref}", detail={"pence": held.total_pence})
    return held


def finish_files(*, now: datetime) -> list[Batch]:
    """Write the file of every open batch that has none: what a stopped exporter left behind."""
    left = Batch.objects.filter(state=Batch.State.OPEN, sha256="").order_by("pk")
    return [write_file(batch=batch, now=now) for batch in left]


def path_of(batch: Batch) -> Path:
    """Where the file of a batch stands; never under a path the web server serves."""
    return Path(storages["exports"].path(batch.file_name))


def check_finance(by: User, *, on: date) -> None:
    """Only somebody who is a finance officer on this day, and not frozen; else `not_finance`."""
    if by.frozen_at or not by.holds(Role.FINANCE_OFFICER, on=on):
        raise ValidationError(_("Only a finance officer can do this."), code="not_finance")


def _owed(on: date) -> QuerySet[Instalment]:
    return (
        Instalment.objects.owed(on=on)
        .filter(award__state=Award.State.OPEN, award__asked__status__in=sorted(BEING_PAID))
        .select_related(
            "award__asked__young_person__user", "award__version", "award__made_by", "award__pay_to__payee"
        )
        .prefetch_related(
            Prefetch("award__asked__decisions", Decision.objects.order_by("round").select_related("by")),
            "award__asked__touches",
        )
    )


def _take(on: date) -> list[Instalment]:
    # Held first, and read after: whom it goes to is chosen under the same lock (`payees.choose_payee`), so what is
    # read now is what stands until the batch is made.
    taken = (
        _owed(on)
        .order_by("pk")
        .select_for_update(of=("self",), skip_locked=True)
        .values_list("pk", flat=True)
    )
    return list(_owed(on).filter(pk__in=list(taken)))


def _as_waiting(owed: Iterable[Instalment], *, by: User, on: date) -> list[Waiting]:
    found = list(owed)
    accounts = standing_for(one.award.asked.young_person_id for one in found)
    return [
        _one_waiting(one, by=by, on=on, details=accounts.get(one.award.asked.young_person_id))
        for one in found
    ]


def _one_waiting(one: Instalment, *, by: User, on: date, details: BankDetails | None) -> Waiting:
    award = one.award
    asked, person, version = award.asked, award.asked.young_person, award.version
    pay_to: PayTo | None = getattr(award, "pay_to", None)
    payee = pay_to.payee if pay_to else None
    hands = {award.made_by_id, asked.raised_by_id, person.user_id, pay_to.chosen_by_id if pay_to else None}
    hands |= {decision.by_id for decision in asked.decisions.all()} | {t.user_id for t in asked.touches.all()}
    if payee is None and details is not None and details.state == BankDetails.State.CONFIRMED:
        # Whoever wrote down the call chose where the money goes.
        hands |= {details.confirmed_by_id, details.rang_by_id}
    left_out = None
    if version is not None and not version.is_confirmed and not settings.DEMO:
        left_out = LeftOut.UNCONFIRMED
    elif person.in_the_demo and not settings.DEMO:
        left_out = LeftOut.DEMO_PERSON
    elif person.died_on:
        left_out = LeftOut.DIED
    elif by.pk in hands:
        left_out = LeftOut.OWN
    elif payee is None and award.how_helped == HowHelped.WE_BUY_IT:
        left_out = LeftOut.NO_SUPPLIER
    elif payee is None and award.how_helped not in BY_BANK:
        left_out = LeftOut.NOT_BY_BATCH
    elif payee is None and details is not None and person.user is not None and person.user.frozen_at:
        left_out = LeftOut.FROZEN
    elif payee is None and details is not None and getattr(details, "bounced", False):
        left_out = LeftOut.BOUNCED
    elif payee is None and details is not None and _is_new(details, on=on):
        left_out = LeftOut.NEW_DETAILS
    return Waiting(
        instalment=one,
        payee=payee,
        order_number=pay_to.order_number if pay_to else "",
        payee_kind=payee.kind if payee else PayeeKind.YOUNG_PERSON,
        payee_name=payee.name if payee else f"{person.given_name} {person.family_name}".strip(),
        pence=one.pence,
        cost_code=(version.cost_code if version else "") or settings.PAYMENT_COST_CODE,
        details=details if payee is None else None,
        left_out=left_out,
    )


def _is_new(details: BankDetails, *, on: date) -> bool:
    if details.use_from is None or details.state == BankDetails.State.WITH_FINANCE:
        return False
    confirmed = details.state == BankDetails.State.CONFIRMED
    return not may_be_paid_to(use_from=details.use_from, confirmed=confirmed, on=on)


def _payment(batch: Batch, one: Waiting) -> Payment:
    award = one.instalment.award
    asked = award.asked
    agreed = [decision for decision in asked.decisions.all() if decision.outcome in AGREED]
    approver, decided_at = (agreed[-1].by, agreed[-1].at) if agreed else (award.made_by, award.made_at)
    return Payment(
        batch=batch,
        instalment=one.instalment,
        payee=one.payee,
        payee_kind=one.payee_kind,
        payee_name=one.payee_name,
        vendor_number=one.payee.vendor_number if one.payee else "",
        order_number=one.order_number,
        person_id=asked.young_person.person_id,
        request_ref=asked.ref,
        method=Method.FASTER if asked.urgent and settings.FASTER_PAYMENTS else Method.BACS,
        account=one.details.sealed if one.details else "",
        details=one.details,
        pence=one.pence,
        cost_code=one.cost_code,
        due_on=one.instalment.due_on,
        approver=str(approver),
        decided_at=decided_at,
        state=State.IN_BATCH,
    )


def rows_of(batch: Batch) -> list[payment_file.Row]:
    """What the file of a batch is made from: its own rows, as they were copied when it was made."""
    payments = list(batch.payments.all())
    for one in payments:
        # An empty account would go to wherever finance paid last: better no file at all.
        if one.account and not opened(one.account).is_whole:
            log.error("the account of payment %s cannot be read: its key is not in FIELD_KEYS", one.ref)
            raise ValidationError(
                _(
                    "The bank details in this batch cannot be read: their key is missing. Tell your administrator."
                ),
                code="no_key",
            )
    return [
        payment_file.Row(
            payment=one.ref,
            request=one.request_ref,
            person=one.person_id,
            payee_kind=one.payee_kind,
            payee=one.payee_name,
            vendor=one.vendor_number,
            order=one.order_number,
            method=one.method,
            pence=one.pence,
            cost_code=one.cost_code,
            approver=one.approver,
            approved_at=one.decided_at.astimezone(LONDON),
            due_on=one.due_on.isoformat(),
            sort_code=account.sort_code,
            account_number=account.number,
            account_name=account.name,
        )
        for one in payments
        for account in [opened(one.account)]
    ]
