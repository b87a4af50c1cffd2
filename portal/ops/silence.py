"""The record says that somebody died, opted out or is in custody: nothing goes to them, whoever wrote it
down."""

from datetime import datetime

from django.db.models import Q

from portal.notifications.contact import end_silence, silence
from portal.notifications.rules import Silence
from portal.people.models import YoungPerson


def silence_by_record(now: datetime) -> int:
    """Bring every contact choice in line with the record. Returns how many changed.

    The services that change the record silence at once; this catches imports, and ends a silence whose
    reason is gone.
    """
    has_account = YoungPerson.objects.filter(user__isnull=False).select_related("user__contact_choice")
    to_silence = has_account.filter(
        Q(died_on__isnull=False) | Q(opted_out_at__isnull=False) | Q(in_custody_since__isnull=False)
    )
    changed = 0
    for person in to_silence.filter(
        Q(user__contact_choice=None)
        | Q(user__contact_choice__silenced_at=None)
        | ~Q(user__contact_choice__silenced_why=Silence.DIED)
    ):
        why = _why(person)
        choice = getattr(person.user, "contact_choice", None)
        if choice is None or choice.silenced_why != why:
            silence(user=person.user, why=why, now=now)  # type: ignore[arg-type]
            changed += 1
    over = has_account.filter(
        died_on=None,
        opted_out_at=None,
        in_custody_since=None,
        user__contact_choice__silenced_at__isnull=False,
    )
    for person in over:
        end_silence(user=person.user)  # type: ignore[arg-type]
        changed += 1
    return changed


def _why(person: YoungPerson) -> Silence:
    if person.died_on:
        return Silence.DIED
    return Silence.OPTED_OUT if person.opted_out_at else Silence.CUSTODY
