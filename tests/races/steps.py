"""Random steps of random people at the drop-ins, and what must be true after each."""

import random
from datetime import timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import Q

from portal import clock
from portal.drop_ins import services
from portal.drop_ins.models import Booking, PlaceOffer, Session, WaitingPlace
from portal.drop_ins.rules import BookingState
from portal.people.models import YoungPerson


class Steps:
    """Somebody does something, again and again. Time goes on by a few minutes each step."""

    def __init__(self, seed: int, now) -> None:
        self.chance = random.Random(seed)
        self.now = now
        self.sessions = list(Session.objects.all())
        self.people = list(YoungPerson.objects.select_related("user"))
        self.done: dict[str, int] = {}

    def step(self) -> str:
        """One random step; a refusal is a step too."""
        self.now += timedelta(minutes=self.chance.randrange(1, 25))
        verbs = [self.book, self.book, self.book, self.cancel, self.cancel, self.move, self.join, self.join,
                 self.accept, self.decline, self.expire, self.walk_in]  # fmt: skip
        verb = self.chance.choice(verbs)
        person, session = self.chance.choice(self.people), self.chance.choice(self.sessions)
        try:
            verb(person, Session.objects.get(pk=session.pk))
            name = verb.__name__
        except ValidationError as refusal:
            name = f"{verb.__name__}: {refusal.code}"
        self.done[name] = self.done.get(name, 0) + 1
        return name

    def book(self, person, session):
        services.book(session=session, young_person=person, by=person.user, now=self.now)

    def cancel(self, person, session):
        booking = self._one(
            Booking.objects.filter(state=BookingState.BOOKED, session__starts_at__gt=self.now)
        )
        if booking:
            services.cancel(booking=booking, by=None, now=self.now)

    def move(self, person, session):
        booking = self._one(
            Booking.objects.filter(state=BookingState.BOOKED, session__starts_at__gt=self.now)
        )
        if booking:
            services.move(booking=booking, to=session, by=None, now=self.now)

    def join(self, person, session):
        services.join_waiting_list(session=session, young_person=person, by=person.user, now=self.now)

    def accept(self, person, session):
        offer = self._one(PlaceOffer.objects.filter(state=PlaceOffer.State.STANDS))
        if offer:
            services.accept_offer(offer=offer, by=offer.waiting.young_person.user, now=self.now)

    def decline(self, person, session):
        offer = self._one(PlaceOffer.objects.filter(state=PlaceOffer.State.STANDS))
        if offer:
            services.decline_offer(offer=offer, by=offer.waiting.young_person.user, now=self.now)

    def expire(self, person, session):
        services.expire_offers(now=self.now)

    def walk_in(self, person, session):
        services.walk_in(session=session, by=person.user, now=self.now)

    def _one(self, found):
        some = list(found.order_by("pk"))
        return self.chance.choice(some) if some else None


def faults(now) -> list[str]:
    """What is not as it must be: empty when all is well (rule 46)."""
    found = []
    for session in Session.objects.all():
        holding = session.bookings.live().count()
        standing = PlaceOffer.objects.filter(waiting__session=session, state=PlaceOffer.State.STANDS)
        if holding != session.booked or standing.count() != session.offered:
            found.append(
                f"{session}: counted {session.booked}+{session.offered}, are {holding}+{standing.count()}"
            )
        if holding + standing.count() > session.places:
            found.append(f"{session}: {holding} booked and {standing.count()} offered of {session.places}")
        line = session.waiting.filter(state=WaitingPlace.State.WAITING)
        if session.left and line.exists() and session.starts_at - now > timedelta(minutes=30):
            found.append(f"{session}: a place is free while somebody waits")
        found += _out_of_order(session)
    return found


def _out_of_order(session) -> list[str]:
    """Nobody was ever offered a place before somebody who had joined earlier and still waits."""
    still = session.waiting.filter(state=WaitingPlace.State.WAITING).order_by("joined_at", "pk").first()
    if still is None:
        return []
    passed = session.waiting.exclude(offers=None).filter(
        Q(joined_at__gt=still.joined_at) | Q(joined_at=still.joined_at, pk__gt=still.pk)
    )
    return [f"{session}: {waiting} was offered before {still}" for waiting in passed]


def run(job: dict[str, Any]) -> dict[str, int]:
    """One of several processes that walk at the same time; how often it did what."""
    walk = Steps(job["seed"], clock.now())
    for _ in range(job["steps"]):
        walk.step()
    return walk.done
