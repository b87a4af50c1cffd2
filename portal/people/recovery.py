"""A lost phone or a new number: two people say that it is them, a code lets them in, and it can be undone (rule 17)."""

import logging
from datetime import datetime, timedelta

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import F, OuterRef, Q, Subquery
from django.utils.translation import gettext as _

from portal.accounts.models import Invitation, SignInCode, User
from portal.accounts.services import cancel_invitation, end_ways_in, make_invitation, unfreeze
from portal.audit.services import record
from portal.clock import local_date
from portal.integrations.messages import NoAnswer, Refused, message_provider
from portal.notifications import rules, words
from portal.notifications.models import ContactChoice
from portal.notifications.outbox import promise
from portal.people.joining import held_for
from portal.people.models import SHORTEST_REASON, UNDONE_WITHIN, Recovery, RecoveryQuerySet, YoungPerson
from portal.people.services import managers_answering_for
from portal.verbs import verb

log = logging.getLogger(__name__)

ALONE_AFTER = timedelta(hours=24)
OPEN_FOR = timedelta(days=7)
CODE_LASTS = timedelta(minutes=15)
STAFF_TOLD_WITHIN = timedelta(days=1)
OLD_TOLD_WITHIN = timedelta(days=2)  # a notice that could not go by then says nothing useful any more


@verb
def ask(
    *, young_person: YoungPerson, how: str, said: str, by: User, now: datetime, new_way: str = "",
    undoes: Recovery | None = None,
) -> Recovery:  # fmt: skip
    """Begin: how a worker made sure who it is, and the new number or address (normalised) if they know it. With
    `undoes`, to put back the old ones instead. Managers hear that somebody waits for a second person.

    Refuses `not_yours`, `closed`, `not_in_yet` (they need an invitation instead), `too_short` (under 20 characters),
    `open_already`, and `too_late` for what cannot be undone any more.
    """
    held = held_for(young_person, by=by, now=now)
    said = " ".join(said.split())
    if held.user is None or not held.user.was_ever_used:
        raise ValidationError(_("They were never in. Invite them instead."), code="not_in_yet")
    if not held.user.is_active or held.died_on is not None:
        raise ValidationError(_("This account is closed."), code="closed")
    if len(said) < SHORTEST_REASON:
        raise ValidationError(_("Say a little more: at least 20 characters."), code="too_short")
    settle(held.recoveries.all(), now=now)
    if undoes is not None:
        undoes.refresh_from_db()
        newest = held.recoveries.exclude(done_at=None).order_by("-done_at", "-pk").first()
        if newest != undoes or not undoes.can_be_undone(now):
            raise ValidationError(_("This cannot be undone any more."), code="too_late")
    if held.recoveries.open(now=now).exists():
        raise ValidationError(_("A colleague has begun this already. See below."), code="open_already")
    asked = Recovery.objects.create(
        young_person=held, undoes=undoes, how=how, words=said, new_way="" if undoes else new_way, asked_by=by,
        asked_at=now, ready_at=now + ALONE_AFTER, ends_at=now + OPEN_FOR,
    )  # fmt: skip
    _record("undo_asked" if undoes else "new_phone_asked", asked, by=by, now=now, how=how)
    for manager in managers_answering_for(held, on=local_date(now)):
        if manager.pk != by.pk:
            _tell("new_phone_second", asked, manager, now=now)
    return asked


@verb
def confirm(*, recovery: Recovery, by: User, now: datetime) -> None:
    """The second member of staff says that it is them. Of two at once one counts.

    Refuses `not_yours`, `same_person` (whoever began it), `over`, and `already`.
    """
    held_for(recovery.young_person, by=by, now=now)
    if recovery.asked_by_id == by.pk:
        raise ValidationError(_("Somebody else must confirm what you began."), code="same_person")
    mine = Recovery.objects.open(now=now).filter(pk=recovery.pk)
    if not mine.exists():
        raise ValidationError(_("This is over. Begin again if you need to."), code="over")
    first = Recovery.objects.filter(pk=recovery.pk, confirmed_at=None, stopped_at=None, done_at=None)
    if not first.update(confirmed_by=by, confirmed_at=now):
        raise ValidationError(_("A colleague has confirmed it already."), code="already")
    _record("undo_confirmed" if recovery.undoes_id else "new_phone_confirmed", recovery, by=by, now=now)
    _tell("new_phone_ready", recovery, recovery.asked_by, now=now)


@verb
def stop(*, recovery: Recovery, by: User, now: datetime) -> None:
    """It is not them, or it is not needed: the code that is out stops too. Twice is once. Refuses `not_yours`, and
    `over` when they have come in by it."""
    held_for(recovery.young_person, by=by, now=now)
    locked = _locked(recovery)
    if locked.came_in_at is not None:
        raise ValidationError(_("They are in already. You can undo it."), code="over")
    ended = Recovery.objects.filter(pk=locked.pk, stopped_at=None, done_at=None)
    if not ended.update(stopped_at=now, stopped_by=by, new_way=""):
        return
    if locked.invitation is not None:
        cancel_invitation(invitation=locked.invitation, by=by, now=now)
    _record("undo_stopped" if recovery.undoes_id else "new_phone_stopped", recovery, by=by, now=now)


@verb
def give_code(*, recovery: Recovery, by: User, now: datetime) -> tuple[Invitation, str]:
    """A code of 15 minutes to say to them, told once; an earlier one stops. Nothing else changes until they have come
    in by it: then their old ways in end. Only an account that was shut loses them now, because the code opens it.

    Refuses `not_yours`, `over`, `not_ready` (nobody confirmed, and the 24 hours are not over), and `shut` for an
    account that is shut and that no second person confirmed.
    """
    held = held_for(recovery.young_person, by=by, now=now)
    user, locked = _ready(recovery, held, undoing=False, now=now)
    old = {"old_phone": user.phone, "old_email": user.email} if user.phone or user.email else {}
    _open_again(locked, user, by=by, now=now)
    invitation, code = make_invitation(user=user, by=by, now=now, lasts=CODE_LASTS)
    Recovery.objects.filter(pk=locked.pk).update(
        invitation=invitation, code_at=now, **{name: way or "" for name, way in old.items()}
    )
    _record("new_phone_code", locked, by=by, now=now, invitation=invitation.pk)
    return invitation, code


@verb
def put_back(*, recovery: Recovery, by: User, now: datetime) -> None:
    """Undo it: the ways in from before are the only ones again, and everybody who came in since is out.

    Refuses as `give_code`, `too_late`, and `taken` when the old number or address is somebody else's by now.
    """
    held = held_for(recovery.young_person, by=by, now=now)
    user, locked = _ready(recovery, held, undoing=True, now=now)
    before = locked.undoes
    if before is None or not before.can_be_undone(now):
        raise ValidationError(_("This cannot be undone any more."), code="too_late")
    replaced = {"old_phone": user.phone or "", "old_email": user.email or ""}
    _open_again(locked, user, by=by, now=now)
    for invitation in Invitation.objects.filter(user=user, used_at=None, cancelled_at=None):
        cancel_invitation(invitation=invitation, by=by, now=now)
    end_ways_in(user=user, by=by, now=now)
    try:
        with transaction.atomic():
            User.objects.filter(pk=user.pk).update(
                phone=before.old_phone or None, email=before.old_email or None
            )
    except IntegrityError:
        raise ValidationError(
            _("The old number or address belongs to somebody else now. Give them a new way in instead."),
            code="taken",
        ) from None
    Recovery.objects.filter(pk=locked.pk).update(code_at=now, done_at=now, **replaced)
    _record("new_phone_undone", locked, by=by, now=now)


def latest(young_person: YoungPerson) -> Recovery | None:
    """The newest of somebody's, with whoever began and confirmed it."""
    named = young_person.recoveries.select_related("asked_by", "confirmed_by", "invitation", "undoes")
    return named.order_by("-asked_at", "-pk").first()


def last_change(young_person: YoungPerson, *, now: datetime) -> Recovery | None:
    """The last time their way in was changed by staff, while it can be undone: for the young person to see."""
    since = now - UNDONE_WITHIN
    done = Q(done_at__gt=since) | Q(done_at=None, invitation__used_at__gt=since)
    named = young_person.recoveries.select_related("asked_by", "confirmed_by", "invitation")
    return named.filter(done).order_by("-asked_at", "-pk").first()


# ----------------------------------------------------------------------------------------------------------------------
# What happens by itself


def settle(recoveries: RecoveryQuerySet, *, now: datetime) -> None:
    """Write down what has come in, and end what a week has passed over. Twice is once."""
    going_on = recoveries.filter(done_at=None, stopped_at=None)
    used = Invitation.objects.filter(pk=OuterRef("invitation")).values("used_at")
    going_on.filter(invitation__used_at__isnull=False).update(done_at=Subquery(used))
    going_on.filter(ends_at__lte=now, done_at=None).update(stopped_at=F("ends_at"), new_way="")


def look_after(now: datetime) -> int:
    """Each minute: what has come in is done, and its old number and address get their one neutral notice; what can no
    longer be undone is forgotten. Returns how many notices went."""
    settle(Recovery.objects.all(), now=now)
    over = Q(done_at__lte=now - UNDONE_WITHIN) | Q(stopped_at__lte=now - UNDONE_WITHIN)
    kept = ~Q(old_phone="") | ~Q(old_email="") | ~Q(new_way="")
    Recovery.objects.filter(over).filter(kept).update(old_phone="", old_email="", new_way="")
    sent = 0
    waiting = Recovery.objects.filter(done_at__isnull=False, told_old_at=None)
    for one in waiting.select_related("young_person__user__contact_choice").order_by("pk"):
        sent += _tell_old(one, now=now)
    return sent


def _tell_old(one: Recovery, *, now: datetime) -> int:
    """One neutral sentence to each old way that is not theirs any more; none at night, none where it is not safe, and
    never a second one (rule 23). Taken once: of two workers one sends."""
    user = one.young_person.user
    if user is None or one.done_at is None:
        return 0
    choice = ContactChoice.objects.filter(user=user).first() or ContactChoice()
    late = now > one.done_at + OLD_TOLD_WITHIN
    unsafe = choice.not_safe_since is not None or bool(choice.silenced_why) or not user.is_active
    if not (late or unsafe) and rules.is_quiet(now, rules.Quiet()):
        return 0
    if not Recovery.objects.filter(pk=one.pk, told_old_at=None).update(told_old_at=now) or late or unsafe:
        return 0
    old = {
        SignInCode.Channel.SMS: one.old_phone if one.old_phone != user.phone else "",
        SignInCode.Channel.EMAIL: one.old_email if one.old_email != user.email else "",
    }
    sent = 0
    for channel, destination in old.items():
        if destination:
            sent += _send(one, channel, destination, language=user.language)
    return sent


def _send(one: Recovery, channel: str, destination: str, *, language: str) -> int:
    """The reference is the same at every try, so that the provider takes it once."""
    reference, provider = f"{one.ref}-{channel}", message_provider()
    body = words.text("contact_changed", language=language, channel=channel)
    try:
        if not provider.find(reference):
            provider.send(reference, channel, destination, body)
    except (Refused, NoAnswer) as failure:
        log.warning("recovery %s: its old way was not told: %s", one.ref, type(failure).__name__)
        if isinstance(failure, NoAnswer):
            Recovery.objects.filter(pk=one.pk).update(told_old_at=None)  # again in the next round
        return 0
    return 1


# ----------------------------------------------------------------------------------------------------------------------
# Pieces


def _locked(recovery: Recovery) -> Recovery:
    """The row and its newest code, so that nobody comes in by it meanwhile."""
    found = Recovery.objects.select_for_update(of=("self",)).select_related("undoes__invitation")
    locked = found.get(pk=recovery.pk)
    if locked.invitation_id is not None:
        locked.invitation = Invitation.objects.select_for_update().get(pk=locked.invitation_id)
    return locked


def _ready(recovery: Recovery, held: YoungPerson, *, undoing: bool, now: datetime) -> tuple[User, Recovery]:
    locked = _locked(recovery)
    user = User.objects.select_for_update(of=("self",)).get(young_person=held)
    if not locked.is_open(now) or bool(locked.undoes_id) is not undoing or not user.is_active:
        raise ValidationError(_("This is over. Begin again if you need to."), code="over")
    if not locked.is_ready(now):
        raise ValidationError(_("A colleague has to confirm it first, or 24 hours pass."), code="not_ready")
    return user, locked


def _open_again(recovery: Recovery, user: User, *, by: User, now: datetime) -> None:
    """An account was shut, because somebody else may hold the old phone: first, whoever holds it is out for good."""
    if user.frozen_at is None:
        return
    if recovery.confirmed_at is None:
        raise ValidationError(
            _("This account is shut. It opens again only when a colleague confirms."), code="shut"
        )
    end_ways_in(user=user, by=by, now=now)
    unfreeze(user=user, by=by, now=now)


def _tell(kind: str, recovery: Recovery, to: User, *, now: datetime) -> None:
    promise(
        kind, to=to, key=f"{kind}:{recovery.ref}:{to.pk}", due_at=now, not_after=now + STAFF_TOLD_WITHIN, now=now,
        subject=f"recovery:{recovery.ref}", exempt_from_quiet=True,
    )  # fmt: skip


def _record(
    action: str, recovery: Recovery, *, by: User, now: datetime, **detail: int | str | bool | None
) -> None:
    record(
        action, by=by, now=now, young_person_id=recovery.young_person_id, subject=f"recovery:{recovery.ref}",
        detail=detail,
    )  # fmt: skip
