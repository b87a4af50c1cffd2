"""Closing what is not paid by batch, on proof that it reached them: vouchers, cards, petty cash, things collected."""

from datetime import datetime

from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from portal.accounts.models import CASEWORK_ROLES, User
from portal.audit.services import record
from portal.case_notes.services import in_its_language
from portal.clock import local_date
from portal.finance.batches import BY_BANK
from portal.finance.models import Receipt
from portal.payments.holding import verb
from portal.payments.models import Award, Instalment, PaymentRequest, Provision
from portal.payments.rules import check_can_be_money
from portal.payments.services import mark_paid


def to_hand_over(asked: PaymentRequest, *, now: datetime) -> Instalment | None:
    """The oldest part of a request that is due and is to be handed over, not paid by bank; None when there is none."""
    return (
        Instalment.objects.owed(on=local_date(now))
        .filter(award__asked=asked, award__state=Award.State.OPEN, award__pay_to=None)
        .exclude(award__how_helped__in=sorted(BY_BANK))
        .first()
    )


@verb
def hand_over(*, ref: str, instalment: str, how: str, proof: str, by: User, now: datetime) -> Receipt:
    """Write down that help reached them, and count it as paid. `ref` is the request's, `instalment` the part's.

    The same part with the same proof twice is once. Refuses `not_yours` (not casework, or for oneself), `no_proof`,
    `proof_used` for a proof that closed something else, and `not_owed`. A thing that was ordered is handed over against
    the code on the young person's page alone: `not_ready`, `wrong_code`.
    """
    on = local_date(now)
    asked = PaymentRequest.objects.visible_to(by, on=on).select_related("young_person").get(ref=ref)
    if not by.holds(*CASEWORK_ROLES, on=on) or asked.young_person.user_id == by.pk:
        raise ValidationError(_("A member of staff must hand this over."), code="not_yours")
    proof = " ".join(proof.split()).upper()
    thing = Provision.objects.select_for_update(of=("self",)).filter(
        instalment__ref=instalment, instalment__award__asked=asked
    ).first()  # fmt: skip
    if thing is not None:
        if thing.ready_at is None:
            raise ValidationError(_("It is not here yet. Say first that it is ready."), code="not_ready")
        if proof.replace(" ", "") not in {thing.code, f"{instalment} {thing.code}".replace(" ", "")}:
            raise ValidationError(_("That is not the code on their page."), code="wrong_code")
        how, proof = Receipt.How.COLLECTED, f"{instalment} {thing.code}"
    if not proof:
        raise ValidationError(_("Write the number on the voucher, receipt or slip."), code="no_proof")
    held = (
        Instalment.objects.select_for_update(of=("self",)).filter(ref=instalment, award__asked=asked).first()
    )
    if held is None:
        raise ValidationError(_("There is nothing to hand over here."), code="not_owed")
    before = Receipt.objects.filter(instalment=held).first()
    if before is not None and (before.how, before.proof) == (how, proof):
        return before
    if Receipt.objects.filter(how=how, proof=proof).exists():
        raise ValidationError(_("This number closed something else. Check it."), code="proof_used")
    due = to_hand_over(asked, now=now)
    if before is not None or due is None or due.pk != held.pk:
        raise ValidationError(_("There is nothing to hand over here."), code="not_owed")
    version = held.award.version
    if version is not None:
        check_can_be_money(confirmed=version.is_confirmed, in_force=True, demo=settings.DEMO)
    receipt = Receipt.objects.create(
        instalment=held, how=Receipt.How(how), proof=proof, handed_by=by, handed_at=now
    )
    with in_its_language():
        how_given = f"{receipt.get_how_display().capitalize()}, {proof}."
    mark_paid(instalment=held, how=how_given, by=by, now=now)
    if thing is not None:
        thing.collected_at = now
        thing.save(update_fields=["collected_at"])
    record(
        "handed_over",
        by=by,
        now=now,
        young_person_id=asked.young_person_id,
        subject=f"payment_request:{asked.ref}",
        detail={"instalment": held.ref, "how": how, "pence": held.pence},
    )
    return receipt
