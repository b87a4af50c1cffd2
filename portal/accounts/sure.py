"""Is it really you? A fresh code to the contact we know, before what a borrowed sign-in must not do (rule 9).

django-allauth's own question lets people through who have neither password nor second factor, which is every young
person; so it is asked here, with the same codes, limits and hashes as signing in.
"""

from datetime import datetime, timedelta

from django.contrib.sessions.backends.base import SessionBase
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from portal.accounts import services
from portal.accounts.models import Device, SignInCode, User

LASTS = timedelta(minutes=15)
ASKED, SURE = "sure_asked", "sure_at"


def is_sure(session: SessionBase, *, now: datetime) -> bool:
    """Whether a fresh code was typed here in the last 15 minutes."""
    at = session.get(SURE)
    return isinstance(at, int | float) and 0 <= now.timestamp() - at <= LASTS.total_seconds()


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


def prove(*, user: User, session: SessionBase, typed: str, now: datetime) -> None:
    """The code is right: sure for 15 minutes, under a new sign-in key (rule 14). Refuses `wrong_code`, `code_over`."""
    used = services.use_code(browser_key=session.get(ASKED, ""), typed=typed, now=now)
    if used.user_id != user.pk:
        raise ValidationError(_("This code no longer works. Ask for a new one."), code="code_over")
    before = session.session_key
    session.cycle_key()
    Device.objects.filter(user=user, session_key=before).update(session_key=session.session_key)
    session.pop(ASKED, None)
    session[SURE] = now.timestamp()
