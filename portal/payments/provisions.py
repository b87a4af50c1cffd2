"""Things instead of money: ordered, then ready to be collected with a code. Handing over is Finance's `hand_over`."""

import secrets
from datetime import date, datetime

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from portal.accounts.models import CASEWORK_ROLES, User
from portal.audit.services import record
from portal.clock import local_date
from portal.payments.holding import hold, tell, verb
from portal.payments.models import Award, Instalment, PaymentRequest, Provision
from portal.payments.noting import note_thing
from portal.payments.rules import BEING_PAID, HowHelped

IN_KIND = {HowHelped.WE_BUY_IT, HowHelped.COLLECT}
CODE_DIGITS = 6


@verb
def order(
    *, ref: str, what: str, order_number: str = "", expected_on: date | None = None, by: User, now: datetime
) -> Provision:
    """Somebody ordered what was agreed. Ordered already: nothing happens.

    Refuses `not_yours`, `nothing_to_order` (not agreed, or not in kind) and `no_words`.
    """
    asked = _hold(ref, by=by, now=now)
    one = _owed(asked)
    if one is None:
        raise ValidationError(_("There is nothing to order here."), code="nothing_to_order")
    before = Provision.objects.filter(instalment=one).first()
    if before is not None:
        return before
    if not what.strip():
        raise ValidationError(_("Say what was ordered."), code="no_words")
    made = Provision.objects.create(
        instalment=one, what=what.strip()[:120], order_number=order_number.strip(), expected_on=expected_on,
        ordered_by=by, ordered_at=now,
    )  # fmt: skip
    _written(asked, one, "ordered", by=by, now=now)
    note_thing(asked, made, by=by, now=now)
    return made


@verb
def ready(*, ref: str, by: User, now: datetime) -> Provision:
    """It is here, and can be collected: from now their page shows the code. Ready already: the same code.

    Refuses `not_yours` and `not_ordered`.
    """
    asked = _hold(ref, by=by, now=now)
    found = provision_of(asked)
    if found is None:
        raise ValidationError(_("Nothing was ordered here."), code="not_ordered")
    if found.ready_at is None:
        found.ready_by, found.ready_at = by, now
        found.code = f"{secrets.randbelow(10**CODE_DIGITS):0{CODE_DIGITS}}"
        found.save()
        _written(asked, found.instalment, "ready", by=by, now=now)
        note_thing(asked, found, by=by, now=now)
    return found


def provision_of(asked: PaymentRequest) -> Provision | None:
    """What was ordered for a request, if anything was: the newest."""
    return Provision.objects.select_related("instalment").filter(instalment__award__asked=asked).last()


def may_order(asked: PaymentRequest) -> bool:
    """Whether something agreed is to be given in kind and nobody has ordered it."""
    one = _owed(asked)
    return one is not None and not Provision.objects.filter(instalment=one).exists()


def _hold(ref: str, *, by: User, now: datetime) -> PaymentRequest:
    asked = hold(ref, by=by, now=now)
    if not by.holds(*CASEWORK_ROLES, on=local_date(now)) or by.pk == asked.young_person.user_id:
        raise ValidationError(_("This is not yours to do."), code="not_yours")
    return asked


def _owed(asked: PaymentRequest) -> Instalment | None:
    if asked.status not in BEING_PAID:
        return None
    found = Instalment.objects.filter(
        award__asked=asked, award__state=Award.State.OPEN, award__how_helped__in=sorted(IN_KIND),
        state=Instalment.State.OWED,
    )  # fmt: skip
    return found.order_by("due_on", "pk").first()


def _written(asked: PaymentRequest, one: Instalment, what: str, *, by: User, now: datetime) -> None:
    record(f"provision_{what}", by=by, now=now, young_person_id=asked.young_person_id,
           subject=f"payment_request:{asked.ref}", detail={"instalment": one.ref})  # fmt: skip
    tell(asked, f"provision_{what}", key=f"provision:{what}:{one.ref}", now=now)
