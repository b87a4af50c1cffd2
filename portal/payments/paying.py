"""What Finance tells us about a payment. Each verb may come twice without harm."""

from datetime import datetime

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from portal.accounts.models import User
from portal.audit.services import record
from portal.clock import local_date
from portal.ledger.services import spend, unspend
from portal.payments import authority
from portal.payments.holding import tell, tell_staff, verb
from portal.payments.models import Award, Instalment
from portal.payments.noting import note_failed, note_paid

State = Instalment.State


@verb
def mark_in_batch(*, instalments: list[int], now: datetime) -> int:
    """Finance takes these (their pks) into a batch: all of them, or none (`not_owed`). Returns how many."""
    held = list(Instalment.objects.select_for_update().filter(pk__in=instalments).order_by("pk"))
    if len(held) != len(set(instalments)) or any(one.state not in {State.OWED, State.FAILED} for one in held):
        raise ValidationError(_("One of these is already with Finance."), code="not_owed")
    return Instalment.objects.filter(pk__in=[one.pk for one in held]).update(
        state=State.IN_BATCH, failed_why=""
    )


@verb
def mark_owed_again(*, instalments: list[int], now: datetime) -> int:
    """Finance called a batch off before it was loaded: these (their pks) are to be paid again. Returns how many."""
    held = (
        Instalment.objects.select_for_update().filter(pk__in=instalments, state=State.IN_BATCH).order_by("pk")
    )
    return Instalment.objects.filter(pk__in=[one.pk for one in held]).update(state=State.OWED)


@verb
def mark_paid(*, instalment: Instalment, how: str = "", by: User | None = None, now: datetime) -> Instalment:
    """It was paid, by the batch or another way (`how` in words, `by` whom). Paid already: nothing happens.

    Refuses `cancelled`.
    """
    one = _hold(instalment)
    if one.state == State.PAID:
        return one
    if one.state == State.CANCELLED:
        raise ValidationError(_("This was taken back before it was paid."), code="cancelled")
    one.state, one.paid_at, one.failed_why, one.tries = State.PAID, now, "", one.tries + 1
    one.save()
    if one.taken_from is not None:
        spend(allowance=one.taken_from, pence=one.pence, key=_key(one, "spend"), by=None, now=now)
    _close_when_all_paid(one.award)
    _tell(one, "paid", now=now)
    note_paid(one, how=how, by=by, now=now)
    return one


@verb
def mark_failed(*, instalment: Instalment, reason: str, now: datetime) -> Instalment:
    """It did not arrive, perhaps days after it was called paid: it is owed again. Failed already: nothing happens.

    Refuses `cancelled` and `no_reason`.
    """
    one = _hold(instalment)
    if one.state == State.FAILED:
        return one
    if one.state == State.CANCELLED:
        raise ValidationError(_("This was taken back before it was paid."), code="cancelled")
    if not reason.strip():
        raise ValidationError(_("Say why it failed."), code="no_reason")
    came_back = one.state == State.PAID
    if came_back and one.taken_from is not None:
        unspend(allowance=one.taken_from, pence=one.pence, key=_key(one, "unspend"), by=None, now=now)
    if not came_back:
        one.tries += 1
    one.state, one.paid_at, one.failed_why = State.FAILED, None, reason.strip()[:200]
    one.save()
    Award.objects.filter(pk=one.award_id, state=Award.State.CLOSED).update(state=Award.State.OPEN)
    _tell(one, "payment_failed", now=now)
    note_failed(one, now=now)
    _tell_holder(one, now=now)
    return one


def _tell_holder(one: Instalment, *, now: datetime) -> None:
    """Whoever looks after them hears the same day: the money may have been for food, and help on the spot is not."""
    asked, on = one.award.asked, local_date(now)
    holder = asked.young_person.holder_on(on)
    people = [holder] if holder is not None else authority.role_holders("DUTY_ADVISER", on=on)
    tell_staff(asked, "decision_due", people, key=f"failed:{one.ref}:{one.tries}", now=now)


def _hold(instalment: Instalment) -> Instalment:
    """The award before its instalment, and the ledger after: the order of every verb here."""
    Award.objects.select_for_update(no_key=True).get(pk=instalment.award_id)
    return (
        Instalment.objects.select_for_update(of=("self",))
        .select_related("award__asked__young_person__user", "award__allowance", "allowance")
        .get(pk=instalment.pk)
    )


def _key(one: Instalment, what: str) -> str:
    return f"instalment:{one.ref}:{what}:{one.tries}"


def _close_when_all_paid(award: Award) -> None:
    if not award.instalments.exclude(state__in=[State.PAID, State.CANCELLED]).exists():
        Award.objects.filter(pk=award.pk, state=Award.State.OPEN).update(state=Award.State.CLOSED)


def _tell(one: Instalment, kind: str, *, now: datetime) -> None:
    asked = one.award.asked
    record(
        f"instalment_{kind}",
        by=None,
        now=now,
        young_person_id=asked.young_person_id,
        subject=f"payment_request:{asked.ref}",
        detail={"instalment": one.ref, "pence": one.pence},
    )
    tell(asked, kind, key=f"{kind}:{one.ref}:{one.tries}", now=now)
