"""Whom money is paid to when it is not the young person. Finance keeps the list; casework chooses from it."""

from datetime import datetime, timedelta

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from portal.accounts.models import CASEWORK_ROLES, User
from portal.audit.services import record
from portal.clock import local_date
from portal.finance.batches import check_finance
from portal.finance.models import Payee, PayeeKind, PayTo
from portal.payments.holding import hold, verb
from portal.payments.models import Award, Instalment, PaymentRequest
from portal.people.models import YoungPerson


@verb
def add_payee(
    *,
    kind: str,
    name: str,
    vendor_number: str = "",
    young_person: YoungPerson | None = None,
    by: User,
    now: datetime,
) -> Payee:
    """A supplier, by its vendor number, for everybody; or a landlord, carer, prison account, prepaid card or appointee
    for one young person.

    Refuses `not_finance`, `no_name`, `no_number`, `number_used`, `no_person` and `invented_person`.
    """
    check_finance(by, on=local_date(now))
    name, vendor_number = " ".join(name.split()), vendor_number.strip().upper()
    is_supplier = PayeeKind(kind) == PayeeKind.SUPPLIER
    if not name:
        raise ValidationError(_("Write the name."), code="no_name")
    if is_supplier and not vendor_number:
        raise ValidationError(_("A supplier has a vendor number."), code="no_number")
    if not is_supplier and young_person is None:
        raise ValidationError(_("Say which young person it is for."), code="no_person")
    try:
        with transaction.atomic():
            made = Payee.objects.create(
                kind=kind, name=name, vendor_number=vendor_number, added_by=by, added_at=now,
                young_person=None if is_supplier else young_person,
            )  # fmt: skip
    except IntegrityError:
        raise ValidationError(_("Another supplier has this vendor number."), code="number_used") from None
    record("payee_added", by=by, now=now, young_person_id=made.young_person_id, subject=f"payee:{made.ref}")
    return made


@verb
def end_payee(*, ref: str, by: User, now: datetime) -> Payee:
    """It may be paid no more from today. Ended already: nothing happens. Refuses `not_finance` and `still_chosen`."""
    on = local_date(now)
    check_finance(by, on=on)
    payee = Payee.objects.select_for_update(of=("self",)).get(ref=ref)
    if payee.ended_on is not None:
        return payee
    if PayTo.objects.filter(payee=payee, award__state=Award.State.OPEN).exists():
        raise ValidationError(_("Something is still to be paid to them."), code="still_chosen")
    payee.ended_on = on - timedelta(days=1)
    payee.save(update_fields=["ended_on"])
    record("payee_ended", by=by, now=now, young_person_id=payee.young_person_id, subject=f"payee:{payee.ref}")
    return payee


def payees_for(asked: PaymentRequest) -> QuerySet[Payee]:
    """Whom an award may be paid to: suppliers, and those of this young person."""
    return Payee.objects.filter(Q(young_person=None) | Q(young_person=asked.young_person), ended_on=None)


@verb
def choose_payee(*, ref: str, payee: str, order_number: str = "", by: User, now: datetime) -> PayTo | None:
    """Casework says whom a request's award is paid to; an empty `payee` means the young person.

    Chosen before any of it is with Finance; whoever chose it cannot also pay it.

    Refuses `not_yours`, `nothing_agreed`, `with_finance` and `not_for_them`.
    """
    asked = hold(ref, by=by, now=now)
    if not by.holds(*CASEWORK_ROLES, on=local_date(now)) or by.pk == asked.young_person.user_id:
        raise ValidationError(_("This is not yours to do."), code="not_yours")
    award = asked.awards.select_for_update(of=("self",), no_key=True).filter(state=Award.State.OPEN).first()
    if award is None:
        raise ValidationError(_("Nothing is agreed that could be paid."), code="nothing_agreed")
    parts = award.instalments.select_for_update(of=("self",)).order_by("pk")  # a batch holds what it takes
    if any(part.state == Instalment.State.IN_BATCH for part in parts):
        raise ValidationError(_("Finance has it already. Ask them."), code="with_finance")
    if not payee:
        PayTo.objects.filter(award=award).delete()
        chosen = None
    else:
        found = payees_for(asked).filter(ref=payee).first()
        if found is None:
            raise ValidationError(_("They cannot be paid for this young person."), code="not_for_them")
        chosen, _made = PayTo.objects.update_or_create(
            award=award,
            defaults={
                "payee": found,
                "order_number": order_number.strip(),
                "chosen_by": by,
                "chosen_at": now,
            },
        )
    record("payee_chosen", by=by, now=now, young_person_id=asked.young_person_id,
           subject=f"payment_request:{asked.ref}", detail={"payee": payee})  # fmt: skip
    return chosen
