"""How long a sign-in lasts, and how it ends (rules 13, 14 and 20)."""

from datetime import UTC, datetime, timedelta

from allauth.account.authentication import get_authentication_records
from django.contrib.auth import logout
from django.contrib.sessions.backends.base import SessionBase
from django.http import HttpRequest, HttpResponse

from portal.accounts.models import Device

IDLE = timedelta(minutes=15)  # staff, and anybody on a shared phone
STAFF_DAY = timedelta(hours=10)
OWN_PHONE = timedelta(days=14)
AWAY_AFTER = timedelta(minutes=10)  # on one's own phone; then the PIN is asked, where there is one
NOTED_EVERY = timedelta(minutes=1)  # so that not every page writes the session
BEGAN, SEEN, OWN, DAY, AWAY = "began_at", "seen_at", "own_phone", "day", "away"


def is_over(session: SessionBase, *, staff: bool, now: datetime) -> bool:
    """Whether a sign-in has lasted long enough: idle for 15 minutes, unless it is their own phone; staff 10
    hours in all,
    their own phone 14 days."""
    began, seen = _moment(session, BEGAN), _moment(session, SEEN)
    if began is None or seen is None:
        return False
    if staff:
        return now - seen > IDLE or now - began > STAFF_DAY
    if session.get(OWN):
        return now - began > OWN_PHONE
    return now - seen > IDLE


def note_use(session: SessionBase, *, now: datetime) -> None:
    """Note that the sign-in is in use; the first time also when it began."""
    if _moment(session, BEGAN) is None:
        session[BEGAN] = now.timestamp()
    seen = _moment(session, SEEN)
    if seen is None or now - seen > NOTED_EVERY:
        session[SEEN] = now.timestamp()


def note_absence(session: SessionBase, *, now: datetime) -> None:
    """Whoever picks up a phone that lay for ten minutes may be somebody else (rule 13). Asked before `note_use`."""
    seen = _moment(session, SEEN)
    if session.get(OWN) and seen is not None and now - seen > AWAY_AFTER:
        session[AWAY] = True


def is_away(session: SessionBase) -> bool:
    """Whether they were away, and have not shown since that it is them."""
    return bool(session.get(AWAY))


def come_back(session: SessionBase) -> None:
    """It is them."""
    session.pop(AWAY, None)


def call_it_own(session: SessionBase) -> None:
    """This phone is theirs alone: the sign-in outlives the browser window."""
    session[OWN] = True
    session.set_expiry(OWN_PHONE)


def call_it_shared(session: SessionBase) -> None:
    """It is not theirs alone, or not after all: over with the browser, and after 15 idle minutes."""
    session.pop(OWN, None)
    session.set_expiry(None)


def showed_two_factors(request: HttpRequest) -> bool:
    """Whether this sign-in was with a second factor, or by the council's directory, which asks for its own."""
    records = get_authentication_records(request, request.user)  # type: ignore[arg-type]
    return any(record.get("method") in {"mfa", "socialaccount"} for record in records)


def end_sign_in(request: HttpRequest) -> None:
    """End it on the server, and forget that this browser was signed in. A phone called one's own is still known."""
    if request.session.session_key:
        Device.objects.filter(session_key=request.session.session_key, own_phone=False).delete()
    logout(request)


def clear_browser(response: HttpResponse, *, saved_too: bool = False) -> HttpResponse:
    """Ask the browser to drop the pages it kept; with `saved_too`, what it saved for times without signal."""
    response.headers["Clear-Site-Data"] = '"cache", "storage"' if saved_too else '"cache"'
    response.headers["Cache-Control"] = "no-store"
    return response


def _moment(session: SessionBase, key: str) -> datetime | None:
    from_epoch = session.get(key)
    return datetime.fromtimestamp(from_epoch, tz=UTC) if isinstance(from_epoch, int | float) else None
