"""How somebody may be reached at this moment, and the few verbs that change it. Everyone who sends asks
here."""

from dataclasses import dataclass
from datetime import datetime, time

from django.contrib.auth import get_user_model
from django.contrib.auth.base_user import AbstractBaseUser
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from portal.notifications import rules
from portal.notifications.models import Channel, ContactChoice, Notification
from portal.notifications.outbox import ring
from portal.notifications.words import KINDS, Kind

FIELDS = {
    Channel.SMS: ("phone", "sms_on_at", "sms_on_for"),
    Channel.EMAIL: ("email", "email_on_at", "email_on_for"),
}


@dataclass(frozen=True, slots=True)
class Way:
    """One way to reach somebody, as far as a page may show it: never the whole number or address."""

    shown: str  # "12", "r…@example.org"; empty when their account has none
    on_since: datetime | None = None
    moved: bool = False  # it was on for another number or address, and is off since that changed


@dataclass(frozen=True, slots=True)
class Standing:
    """How one person can be reached today."""

    text: Way
    email: Way
    says_more: bool
    quiet: rules.Quiet
    not_safe_since: datetime | None
    silence: str
    asks_again: bool  # it is time to ask whether what is on is still theirs alone
    no_thanks: bool

    @property
    def is_on(self) -> bool:
        """Whether they turned anything on, for what their account has now."""
        return bool(self.text.on_since or self.email.on_since)

    @property
    def is_stopped(self) -> bool:
        """Whether nothing goes, whatever is on."""
        return bool(self.not_safe_since or self.silence)

    @property
    def has_moved(self) -> bool:
        """Whether a way went off because the number or address changed, and nothing else is on."""
        return not self.is_on and not self.is_stopped and (self.text.moved or self.email.moved)

    @property
    def may_be_offered(self) -> bool:
        """Whether to ask if they want messages: none is on, none is stopped, and they never said no."""
        known = self.text.shown or self.email.shown
        return bool(known) and not (self.is_on or self.is_stopped or self.no_thanks)


def standing_of(user: AbstractBaseUser, *, now: datetime) -> Standing:
    """How somebody can be reached today, for the pages that say so. One query, none where the choice was read
    with the account (`select_related("contact_choice")`)."""
    if "contact_choice" in user._state.fields_cache:
        choice = user._state.fields_cache["contact_choice"] or ContactChoice()
    else:
        choice = ContactChoice.objects.filter(user_id=user.pk).first() or ContactChoice()
    text, email = _way(user, choice, Channel.SMS), _way(user, choice, Channel.EMAIL)
    said_at = choice.asked_again_at or text.on_since or email.on_since
    is_on = bool(text.on_since or email.on_since)
    stopped = choice.not_safe_since is not None or bool(choice.silenced_why)
    return Standing(
        text=text,
        email=email,
        says_more=choice.says_more,
        quiet=rules.quiet_for(choice.quiet_from, choice.quiet_until),
        not_safe_since=choice.not_safe_since,
        silence=choice.silenced_why,
        asks_again=is_on and not stopped and rules.must_ask_again(said_at, now=now),
        no_thanks=choice.no_thanks_at is not None,
    )


def contact_of(user: AbstractBaseUser, *, kind: Kind) -> rules.Contact:
    """What the sender needs to know, read now. No choice made means that no channel is on, and one made for
    another number or address is none (rule 23).

    Staff are reached by the email they work with. Nothing goes to the phone of an account that was shut.
    """
    choice = ContactChoice.objects.filter(user_id=user.pk).first() or ContactChoice()
    email_to = _to(user, "email") if kind.for_staff else _on_to(user, choice, Channel.EMAIL)
    return rules.Contact(
        sms_to="" if kind.apart_from_codes and email_to else _on_to(user, choice, Channel.SMS),
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
    """The person wants to be reached this way, at the number or address their account has now: on already for
    that one, it stays on since then. Refuses `no_contact`.

    Their account is held, so that a reminder which is being looked at now sees the one or the other.
    """
    has, on_at, on_for = FIELDS[Channel(channel)]
    account = get_user_model().objects.select_for_update(no_key=True).get(pk=user.pk)
    if not _to(account, has):
        raise ValidationError(_("We have no number or email for this yet."), code="no_contact")
    choice = ContactChoice.objects.filter(user_id=user.pk).first() or ContactChoice()
    since = getattr(choice, on_at) if _on_to(account, choice, Channel(channel)) else None
    _change(user, **{on_at: since or now, on_for: _to(account, has), "asked_again_at": now})
    _wake(user, quiet=rules.quiet_for(choice.quiet_from, choice.quiet_until), now=now)


def _wake(user: AbstractBaseUser, *, quiet: rules.Quiet, now: datetime) -> None:
    """A reminder whose time came while nothing was on goes after all, if it can still come before its event."""
    reminders = [name for name, kind in KINDS.items() if kind.reminds]
    unsaid = Notification.objects.filter(
        to_id=user.pk, state=Notification.State.SILENT, kind__in=reminders, not_after__gt=now
    )
    for notification in unsaid:
        at = rules.when_to_send(wanted_at=now, not_after=notification.not_after, now=now, quiet=quiet)
        if at is not None:
            unsaid.filter(pk=notification.pk).update(state=Notification.State.DUE, why="", due_at=at)
            if at <= now:
                transaction.on_commit(ring, robust=True)


@transaction.atomic
def turn_off(*, user: AbstractBaseUser, channel: str) -> None:
    """Nothing goes this way any more."""
    _has, on_at, on_for = FIELDS[Channel(channel)]
    _change(user, **{on_at: None, on_for: ""})


@transaction.atomic
def still_theirs(*, user: AbstractBaseUser, now: datetime) -> None:
    """They said that what is on reaches them alone; they are asked again in 90 days (rule 23)."""
    _change(user, asked_again_at=now)


@transaction.atomic
def say_more(*, user: AbstractBaseUser, more: bool) -> None:
    """Whether a message may say a little more than the most neutral sentence (rule 22)."""
    _change(user, says_more=more)


@transaction.atomic
def no_thanks(*, user: AbstractBaseUser, now: datetime) -> None:
    """They were asked whether they want messages and said no: nobody asks them twice."""
    _change(user, no_thanks_at=now)


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
    user._state.fields_cache.pop("contact_choice", None)  # what was read with this account before


def _to(user: AbstractBaseUser, field: str) -> str:
    return getattr(user, field, None) or ""


def _on_to(user: AbstractBaseUser, choice: ContactChoice, channel: Channel) -> str:
    """Where this way goes now: nowhere while it is off, or was turned on for another number or address."""
    has, on_at, on_for = FIELDS[channel]
    to = _to(user, has)
    return to if getattr(choice, on_at) and getattr(choice, on_for) == to else ""


def _way(user: AbstractBaseUser, choice: ContactChoice, channel: Channel) -> Way:
    has, on_at, _on_for = FIELDS[channel]
    to, since = _to(user, has), getattr(choice, on_at)
    if not to:
        return Way("", moved=since is not None)
    shown = rules.last_digits(to) if channel is Channel.SMS else rules.first_letter(to)
    is_on = bool(_on_to(user, choice, channel))
    return Way(shown, on_since=since if is_on else None, moved=since is not None and not is_on)
