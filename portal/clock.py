"""The only reader of the time. Views are handed `request.now`; services take `now=`, rules and queries `on=`.

The demo and the tests may move the clock by `CLOCK_OFFSET_FILE`: a file holding whole seconds. Production
settings refuse it, so nobody can move the time there.
"""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from django.conf import settings
from django.http import HttpRequest, HttpResponse

LONDON = ZoneInfo("Europe/London")


def now() -> datetime:
    """This moment, in UTC."""
    return datetime.now(UTC) + moved_by()


def local_date(moment: datetime) -> date:
    """The date in London at a moment. All days people see are London days."""
    return moment.astimezone(LONDON).date()


def moved_by() -> timedelta:
    """How far the demo or a test has moved the clock; nothing in production."""
    path = getattr(settings, "CLOCK_OFFSET_FILE", "")
    if not path:
        return timedelta()
    try:
        return timedelta(seconds=int(Path(path).read_text().strip() or 0))
    except (FileNotFoundError, ValueError):
        return timedelta()


class RequestTimeMiddleware:
    """Gives each request one moment, `request.now` (UTC), and one day, `request.today` (London)."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.now = now()  # type: ignore[attr-defined]
        request.today = local_date(request.now)  # type: ignore[attr-defined]
        return self.get_response(request)
