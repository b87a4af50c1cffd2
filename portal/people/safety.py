"""Messages that are not safe, news that could not go by message, an account that somebody else may be in."""

from datetime import datetime

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from portal.accounts.models import Role, User
from portal.accounts.services import freeze, unfreeze
from portal.audit.services import record
from portal.clock import local_date
from portal.notifications import contact
from portal.notifications.models import ContactChoice
from portal.notifications.outbox import promise
from portal.people.models import YoungPerson
from portal.people.services import MANAGER_TOLD_WITHIN, duty_or_managers
from portal.verbs import verb

OPENS_AGAIN = (Role.TEAM_MANAGER, Role.SERVICE_MANAGER)


@verb
def messages_not_safe(*, young_person: YoungPerson, now: datetime) -> None:
    """Silence everything in one tap (rule 24). Their adviser, or duty, hears it: what has a deadline is theirs to tell
    in a safe way. Twice is once. Does nothing for somebody without an account."""
    user = young_person.user
    if user is None or ContactChoice.objects.filter(user=user).exclude(not_safe_since=None).exists():
        return
    contact.not_safe_now(user=user, now=now)
    _record("messages_not_safe", young_person, by=user, now=now)
    on = local_date(now)
    adviser = young_person.adviser_on(on)
    for person in [adviser] if adviser else duty_or_managers(young_person, on=on):
        promise(
            "not_safe", to=person, key=f"not_safe:{young_person.ref}:{now:%Y%m%d%H%M%S}:{person.pk}", due_at=now,
            not_after=now + MANAGER_TOLD_WITHIN, now=now,
        )  # fmt: skip


@verb
def messages_safe_again(*, young_person: YoungPerson, by: User, now: datetime) -> None:
    """They said that messages are safe again, to somebody who works with them. Refuses `not_yours`."""
    user = _theirs(young_person, by=by, now=now)
    contact.safe_again(user=user)
    _record("messages_safe_again", young_person, by=by, now=now)


@verb
def told_another_way(*, young_person: YoungPerson, by: User, now: datetime) -> int:
    """Somebody told them what no message could. Returns of how many; twice is once. Refuses `not_yours`."""
    done = contact.see_to(user=_theirs(young_person, by=by, now=now), by=by, now=now)
    if done:
        _record("told_another_way", young_person, by=by, now=now)
    return done


@verb
def shut_account(*, young_person: YoungPerson, by: User, now: datetime) -> None:
    """Somebody else may be in their account: out everywhere at the next page, no code, nothing lost (rule 16). Shut
    already: nothing happens. Refuses `not_yours`."""
    user = _theirs(young_person, by=by, now=now)
    if user.frozen_at is None:
        freeze(user=user, by=by, now=now)


@verb
def open_account(*, young_person: YoungPerson, by: User, now: datetime) -> None:
    """A manager opens it again, once they are sure who holds the phone. Refuses `not_yours` and `not_a_manager`."""
    user = _theirs(young_person, by=by, now=now)
    if not by.holds(*OPENS_AGAIN, on=local_date(now)):
        raise ValidationError(_("A manager opens an account again."), code="not_a_manager")
    if user.frozen_at is not None:
        unfreeze(user=user, by=by, now=now)


def _theirs(young_person: YoungPerson, *, by: User, now: datetime) -> User:
    """The account of somebody whom `by` may see now, and who is not `by`."""
    seen = YoungPerson.objects.visible_to(by, on=local_date(now)).exclude(user=by).exclude(user=None)
    found = seen.select_related("user").filter(pk=young_person.pk).first()
    if found is None or found.user is None:
        raise ValidationError(_("This is not yours to do."), code="not_yours")
    return found.user


def _record(action: str, young_person: YoungPerson, *, by: User, now: datetime) -> None:
    record(
        action, by=by, now=now, young_person_id=young_person.pk, subject=f"young_person:{young_person.ref}"
    )
