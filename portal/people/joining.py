"""Letting somebody in for the first time: a code their adviser says to them, and nobody else."""

from datetime import datetime

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from portal.accounts.models import Invitation, User
from portal.accounts.services import cancel_invitation, make_invitation
from portal.audit.services import record
from portal.clock import local_date
from portal.people.models import YoungPerson
from portal.verbs import verb


@verb
def invite(*, young_person: YoungPerson, by: User, now: datetime) -> tuple[Invitation, str]:
    """A new invitation for a young person, and its code to say or show, told once. Any earlier open one is cancelled.

    Their account is made here, without a way in until the code is used. Refuses `not_yours`; `closed` for an account
    that is closed, or whose owner died; `shut` for one that is frozen; and `in_use` once somebody has come in by it:
    from then on a new phone needs two people (rule 17).
    """
    locked = held_for(young_person, by=by, now=now)
    if locked.user is None:
        account = User(first_name=locked.name)
        account.set_unusable_password()
        account.save()
        YoungPerson.objects.filter(pk=locked.pk).update(user=account)
        young_person.user = locked.user = account
    if not locked.user.is_active or locked.died_on is not None:
        raise ValidationError(_("This account is closed."), code="closed")
    if locked.user.frozen_at is not None:
        raise ValidationError(_("This account is shut. A manager opens it first."), code="shut")
    if locked.user.was_ever_used:
        raise ValidationError(
            _("They are in already. For a lost phone or a new number there is a page of its own."),
            code="in_use",
        )
    invitation, code = make_invitation(user=locked.user, by=by, now=now)
    record(
        "invited", by=by, now=now, young_person_id=locked.pk, subject=f"young_person:{locked.ref}",
        detail={"invitation": invitation.pk},
    )  # fmt: skip
    return invitation, code


@verb
def call_off(*, young_person: YoungPerson, by: User, now: datetime) -> None:
    """Take back the code that is out. One that was used stays used. Refuses `not_yours`."""
    locked = held_for(young_person, by=by, now=now)
    for invitation in Invitation.objects.filter(user=locked.user_id, used_at=None, cancelled_at=None):
        cancel_invitation(invitation=invitation, by=by, now=now)


def last_invitation(young_person: YoungPerson) -> Invitation | None:
    """The newest code that was made for somebody, used or not."""
    made = Invitation.objects.filter(user=young_person.user_id or 0).select_related("made_by")
    return made.order_by("-made_at", "-pk").first()


def held_for(young_person: YoungPerson, *, by: User, now: datetime) -> YoungPerson:
    """The row of somebody whom `by` may see now and who is not `by`, locked. Refuses `not_yours`."""
    seen = YoungPerson.objects.visible_to(by, on=local_date(now)).exclude(user=by)
    held = seen.filter(pk=young_person.pk).select_for_update(of=("self",)).select_related("user").first()
    if held is None:
        raise ValidationError(_("This is not yours to do."), code="not_yours")
    return held
