"""Is it really you? The one door to what a borrowed sign-in must not do (rule 9): the PIN.

Somebody without a PIN chooses one here, after a fresh code to the contact we know; from then on a code alone does not
open this door. django-allauth's own question lets people through who have neither password nor second factor, which is
every young person; so it is asked here, with the same codes, limits and hashes as signing in.
"""

from datetime import date, datetime, timedelta

from django.contrib.auth import HASH_SESSION_KEY
from django.contrib.sessions.backends.base import SessionBase
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from portal.accounts import pins, services
from portal.accounts.models import Device, SignInCode, User
from portal.accounts.sessions import come_back

LASTS = timedelta(minutes=15)
ASKED, TYPED, SURE = "sure_asked", "code_at", "sure_at"


def is_sure(session: SessionBase, *, now: datetime) -> bool:
    """Whether the PIN was given here in the last 15 minutes."""
    return _within(session, SURE, now)


def way_to(user: User) -> tuple[str, str]:
    """The channel and contact a code goes to: the phone, else the email; empty when we know neither."""
    if user.phone:
        return SignInCode.Channel.SMS, user.phone
    return (SignInCode.Channel.EMAIL, user.email) if user.email else ("", "")


def ask(*, user: User, session: SessionBase, caller: str, now: datetime) -> SignInCode | None:
    """Write down that a code is wanted, for a worker to send. None when too many were, or nobody can be reached."""
    channel, destination = way_to(user)
    if not destination:
        return None
    asked, browser_key = services.ask_for_code(
        channel=channel, destination=destination, caller=caller, now=now, device=_this_browser(user, session)
    )
    session[ASKED] = browser_key
    return asked


def _this_browser(user: User, session: SessionBase) -> Device | None:
    """So that a stranger who uses up the three codes of a number keeps nobody from their own page (rule 12)."""
    return Device.objects.filter(user=user, session_key=session.session_key).first()


def is_asked(session: SessionBase) -> bool:
    """Whether a code was asked for here."""
    return ASKED in session


def code_was_typed(session: SessionBase, *, now: datetime) -> None:
    """A code of theirs was right here, at signing in or since."""
    session.pop(ASKED, None)
    session[TYPED] = now.timestamp()


def may_choose(user: User, session: SessionBase, *, now: datetime) -> bool:
    """Whether they may choose their first PIN: they have none, and typed a code here in the last 15 minutes."""
    return not user.pin_hash and _within(session, TYPED, now)


def prove(*, user: User, session: SessionBase, typed: str, now: datetime) -> None:
    """The code is right: for 15 minutes a first PIN may be chosen. Refuses `wrong_code`, `code_over`."""
    used = services.use_code(browser_key=session.get(ASKED, ""), typed=typed, now=now)
    if used.user_id != user.pk:
        raise ValidationError(_("This code no longer works. Ask for a new one."), code="code_over")
    code_was_typed(session, now=now)


def choose(*, user: User, session: SessionBase, pin: str, born_on: date | None, now: datetime) -> None:
    """Their first PIN, and with it sure. Refuses as `pins.choose_pin` does, and `code_over` without a fresh code."""
    if not _within(session, TYPED, now):
        raise ValidationError(_("This code no longer works. Ask for a new one."), code="code_over")
    pins.choose_pin(user=user, pin=pin, born_on=born_on, session_key=session.session_key or "", now=now)
    _let_through(user, session, now)


def give_pin(*, user: User, session: SessionBase, typed: str, now: datetime) -> None:
    """The PIN is right: sure for 15 minutes, and back from being away. Refuses as `pins.try_pin` does."""
    pins.try_pin(user=user, typed=typed, now=now)
    _let_through(user, session, now)


def change(
    *, user: User, session: SessionBase, typed: str, pin: str, born_on: date | None, now: datetime
) -> None:
    """Another PIN, and with it sure; every other sign-in ends. Refuses as `pins.change_pin` does."""
    pins.change_pin(
        user=user, typed=typed, pin=pin, born_on=born_on, session_key=session.session_key or "", now=now
    )
    _let_through(user, session, now)


def sign_out_others(*, user: User, session: SessionBase, now: datetime) -> None:
    """Every other phone and computer is out; this one goes on."""
    services.sign_out_others(user=user, session_key=session.session_key or "", by=user, now=now)
    go_on(user, session)


def go_on(user: User, session: SessionBase) -> None:
    """This sign-in goes on, under a new key (rule 14), though everything else of the account ended."""
    before = session.session_key
    session.cycle_key()
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    Device.objects.filter(user=user, session_key=before).update(session_key=session.session_key)


def _let_through(user: User, session: SessionBase, now: datetime) -> None:
    go_on(user, session)
    session.pop(TYPED, None)
    come_back(session)
    session[SURE] = now.timestamp()


def _within(session: SessionBase, key: str, now: datetime) -> bool:
    at = session.get(key)
    return isinstance(at, int | float) and 0 <= now.timestamp() - at <= LASTS.total_seconds()
