"""What a page of this room is handed: a request as the middleware and the guards leave it."""

from datetime import date, datetime

from django.http import HttpRequest

from portal.accounts.models import User
from portal.people.models import YoungPerson


class PortalRequest(HttpRequest):
    """Somebody signed in, one moment, one London day, and on a young person's own pages their record."""

    user: User  # type: ignore[assignment]
    now: datetime
    today: date
    young_person: YoungPerson
