"""One process of a crowd that books by the service, or by counting and then inserting: the guard off."""

from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from portal import clock
from portal.drop_ins import services
from portal.drop_ins.models import Booking, Session
from portal.people.models import YoungPerson
from tests.races.processes import EverybodyHere


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
        EverybodyHere.wait()  # everybody has looked, nobody has written
        try:
            Booking.objects.create(session=session, young_person=person, made_at=clock.now())
        except IntegrityError:
            return False
    return True


def run(job: dict[str, Any]) -> int:
    """Book for each of its people; how many places it got."""
    session = Session.objects.get(pk=job["session"])
    book = {"guarded": guarded, "naive": naive}[job["how"]]
    people = YoungPerson.objects.filter(pk__in=job["people"]).select_related("user")
    return sum(book(session, person) for person in people)
