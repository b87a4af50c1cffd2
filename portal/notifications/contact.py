"""How somebody may be reached at this moment, and the few verbs that change it. Everyone who sends asks
here."""

from datetime import datetime, time

from django.contrib.auth.base_user import AbstractBaseUser
from django.db import transaction

from portal.notifications import rules
from portal.notifications.models import Channel, ContactChoice, Notification
from portal.notifications.words import Kind


def contact_of(user: AbstractBaseUser, *, kind: Kind) -> rules.Contact:
    """What the sender needs to know, read now. No choice made means that no channel is on (rule 23).

    Staff are reached by the email they work with. Nothing goes to the phone of an account that was shut.
    """
    choice = ContactChoice.objects.filter(user_id=user.pk).first() or ContactChoice()
    sms, email = getattr(user, "phone", None) or "", getattr(user, "email", None) or ""
    email_to = email if choice.email_on_at or kind.for_staff else ""
    return rules.Contact(
        sms_to=sms if choice.sms_on_at and not (kind.apart_from_codes and email_to) else "",
        email_to=email_to,
        language=getattr(user, "language", "en"),
        says_more=choice.says_more,
        quiet=rules.quiet_for(choice.quiet_from, choice.quiet_until),
        not_safe=choice.not_safe_since is not None
        or not user.is_active
        or bool(getattr(user, "frozen_at", None)),
        silence=choice.silenced_why,
    )


@transaction.atomic
def turn_on(*, user: AbstractBaseUser, channel: str, now: datetime) -> None:
    """The person wants to be reached this way, at the number or address their account has now."""
    _change(user, **{_on_field(channel): now, "asked_again_at": now})


@transaction.atomic
def turn_off(*, user: AbstractBaseUser, channel: str) -> None:
    """Nothing goes this way any more."""
    _change(user, **{_on_field(channel): None})


@transaction.atomic
def not_safe_now(*, user: AbstractBaseUser, now: datetime) -> None:
    """Silence everything, in one tap (rule 24). What had a deadline becomes a task for a person when its
    time comes."""
    _change(user, not_safe_since=now)


@transaction.atomic
def safe_again(*, user: AbstractBaseUser) -> None:
    """Messages may go again, by the channels that were on."""
    _change(user, not_safe_since=None)


def see_to(*, user: AbstractBaseUser, by: AbstractBaseUser, now: datetime) -> int:
    """Somebody told them in person what could not be delivered. Returns of how many messages."""
    return (
        Notification.objects.for_a_person()
        .filter(to_id=user.pk)
        .update(task_done_at=now, task_done_by_id=by.pk)
    )


@transaction.atomic
def widen_quiet(
    *, user: AbstractBaseUser, quiet_from: time | None, quiet_until: time | None, now: datetime
) -> None:
    """Choose wider quiet hours, or none but the usual ones; what is waiting moves with the choice."""
    _change(user, quiet_from=quiet_from, quiet_until=quiet_until)
    quiet = rules.quiet_for(quiet_from, quiet_until)
    waiting = Notification.objects.filter(
        to_id=user.pk, state=Notification.State.DUE, exempt_from_quiet=False
    )
    for notification in waiting:
        at = rules.when_to_send(
            wanted_at=notification.wanted_at or notification.due_at,
            not_after=notification.not_after,
            now=now,
            quiet=quiet,
        )
        waiting.filter(pk=notification.pk).update(due_at=at or notification.due_at)


@transaction.atomic
def silence(*, user: AbstractBaseUser, why: rules.Silence, now: datetime) -> None:
    """Nothing electronic goes from this moment: the person died, opted out, or is in custody."""
    _change(user, silenced_at=now, silenced_why=why)


@transaction.atomic
def end_silence(*, user: AbstractBaseUser) -> None:
    """The reason for the silence is gone from the record."""
    _change(user, silenced_at=None, silenced_why="")


def _change(user: AbstractBaseUser, **values: object) -> None:
    ContactChoice.objects.update_or_create(user_id=user.pk, defaults=values)


def _on_field(channel: str) -> str:
    return {Channel.SMS: "sms_on_at", Channel.EMAIL: "email_on_at"}[Channel(channel)]
