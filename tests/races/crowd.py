"""Many people at once, and a session for them to want."""

from datetime import UTC, datetime, timedelta

from portal.accounts.models import User
from portal.drop_ins.models import Session
from portal.people.models import YoungPerson


def young_people(number: int) -> list[YoungPerson]:
    """Many people with accounts, made quickly."""
    users = User.objects.bulk_create(User(username=f"crowd{n}", password="!") for n in range(number))
    return YoungPerson.objects.bulk_create(
        YoungPerson(
            user=user, person_id=f"C{n}", given_name=f"Young{n}", family_name="Person", born_on="2007-01-01"
        )
        for n, user in enumerate(users)
    )


def session_of(places: int, starts_at: datetime = datetime(2026, 12, 3, 14, tzinfo=UTC)) -> Session:
    return Session.objects.create(
        name="Open door",
        where="Bromley Road",
        places=places,
        starts_at=starts_at,
        ends_at=starts_at + timedelta(hours=3),
    )
