"""A drop-in next week, and young people with advisers."""

from collections.abc import Callable
from datetime import UTC, datetime, time

import pytest

from portal.drop_ins.models import Series, Session
from portal.notifications.models import ContactChoice
from tests.factories import StaffFactory, YoungPersonFactory


@pytest.fixture
def series(db, now) -> Series:
    """Every Thursday from two to five in the afternoon, London time."""
    return Series.objects.create(
        name="Open door",
        host="Duty adviser",
        weekday=3,
        opens=time(14),
        closes=time(17),
        places=5,
        starts_on=now.date(),
    )


@pytest.fixture
def make_session(db) -> Callable[..., Session]:
    """A session: Thursday 3 December 2026 at two, unless told otherwise."""

    def make(places=1, starts_at=datetime(2026, 12, 3, 14, tzinfo=UTC), **facts):
        ends_at = starts_at.replace(hour=starts_at.hour + 3)
        plain = {"name": "Open door", "where": "Bromley Road", "host": "Duty adviser"}
        return Session.objects.create(places=places, starts_at=starts_at, ends_at=ends_at, **plain, **facts)

    return make


@pytest.fixture
def session(make_session) -> Session:
    return make_session()


@pytest.fixture
def adviser(db):
    return StaffFactory()


@pytest.fixture
def young_people(adviser, now) -> list:
    """Four young people of one adviser, who asked for texts."""
    people = [YoungPersonFactory(adviser=adviser, user__phone=f"+4477009000{n:02}") for n in range(4)]
    for person in people:
        ContactChoice.objects.create(user=person.user, sms_on_at=now, sms_on_for=person.user.phone)
    return people
