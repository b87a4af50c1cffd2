"""One process of a crowd that books by the service, or by counting and then inserting: the guard off.

    python -m tests.races.booker guarded|naive <session id> <start, in seconds of the epoch> <young person
    ids...>

Prints how many places it got.
"""

import sys

import django

django.setup()

from django.core.exceptions import ValidationError  # noqa: E402
from django.db import IntegrityError, transaction  # noqa: E402

from portal import clock  # noqa: E402
from portal.drop_ins import services  # noqa: E402
from portal.drop_ins.models import Booking, Session  # noqa: E402
from portal.people.models import YoungPerson  # noqa: E402


def guarded(session: Session, person: YoungPerson) -> bool:
    """As the portal books."""
    try:
        services.book(session=session, young_person=person, by=person.user, now=clock.now())
    except ValidationError:
        return False
    return True


def naive(session: Session, person: YoungPerson) -> bool:
    """Count, see that there is room, insert."""
    with transaction.atomic():
        if Booking.objects.filter(session=session).count() >= session.places:
            return False
        try:
            Booking.objects.create(session=session, young_person=person, made_at=clock.now())
        except IntegrityError:
            return False
    return True


def main(how: str, session_id: str, *people: str) -> None:
    session = Session.objects.get(pk=session_id)
    waiting = list(YoungPerson.objects.filter(pk__in=people).select_related("user"))
    print("ready", flush=True)
    sys.stdin.readline()
    book = {"guarded": guarded, "naive": naive}[how]
    print(sum(book(session, person) for person in waiting))


if __name__ == "__main__":
    main(*sys.argv[1:])
