"""The few things a young person changes about themselves here."""

from collections.abc import Collection
from datetime import datetime, time

from django.contrib.auth.base_user import AbstractBaseUser
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from portal.accounts.models import User
from portal.audit.services import record
from portal.notifications import contact
from portal.notifications.models import Channel
from portal.people.models import YoungPerson
from portal.verbs import verb


def choose_language(*, user: AbstractBaseUser, language: str) -> None:
    """The language of pages and messages from now on."""
    User.objects.filter(pk=user.pk).update(language=language)


@verb
def choose_contact(
    *,
    young_person: YoungPerson,
    ways: Collection[str],
    says_more: bool,
    quiet_from: time | None,
    quiet_until: time | None,
    now: datetime,
) -> None:
    """How they want to be reached from now on: `ways` are the channels that are on, quiet hours only ever wider than
    the usual ones (rules 22 to 25). Refuses `stopped` while nothing goes to them at all, and `no_contact`."""
    user = _account(young_person)
    if contact.standing_of(user, now=now).is_stopped:
        raise ValidationError(_("All messages are stopped. Ask your adviser first."), code="stopped")
    contact.widen_quiet(user=user, quiet_from=quiet_from, quiet_until=quiet_until, now=now)
    contact.say_more(user=user, more=says_more)
    for channel in Channel:
        if channel in ways:
            contact.turn_on(user=user, channel=channel, now=now)
        else:
            contact.turn_off(user=user, channel=channel)
    _record("contact_chosen", young_person, now=now)


@verb
def stop_contact(*, young_person: YoungPerson, channel: str, now: datetime) -> None:
    """Nothing goes this way any more. Twice is once."""
    contact.turn_off(user=_account(young_person), channel=channel)
    _record("contact_stopped", young_person, now=now)


@verb
def say_less(*, young_person: YoungPerson, now: datetime) -> None:
    """Messages say as little as can be again."""
    contact.say_more(user=_account(young_person), more=False)
    _record("contact_chosen", young_person, now=now)


@verb
def say_whether_theirs(*, young_person: YoungPerson, theirs: bool, now: datetime) -> None:
    """Asked after 90 days: what is on reaches them alone, or nothing goes there from this moment (rule 23)."""
    user = _account(young_person)
    if theirs:
        contact.still_theirs(user=user, now=now)
    else:
        for channel in Channel:
            contact.turn_off(user=user, channel=channel)
    _record("contact_kept" if theirs else "contact_stopped", young_person, now=now)


@verb
def no_messages_thanks(*, young_person: YoungPerson, now: datetime) -> None:
    """They were asked whether they want messages, and said no. What was on for an older number is over too."""
    user = _account(young_person)
    contact.no_thanks(user=user, now=now)
    for channel in Channel:
        contact.turn_off(user=user, channel=channel)


def _account(young_person: YoungPerson) -> AbstractBaseUser:
    if young_person.user is None:  # whoever is signed in has one
        raise ValidationError(_("There is no account for this."), code="no_account")
    return young_person.user


def _record(action: str, young_person: YoungPerson, *, now: datetime) -> None:
    record(
        action, by=young_person.user, now=now, young_person_id=young_person.pk,
        subject=f"young_person:{young_person.ref}",
    )  # fmt: skip
