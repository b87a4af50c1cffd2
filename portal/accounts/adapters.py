"""How django-allauth behaves here: nobody signs up by themselves, guesses are counted in the database, keys
are encrypted.
"""

from datetime import timedelta
from functools import cache
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.models import SocialLogin
from cryptography.fernet import Fernet, MultiFernet
from django.conf import settings
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from portal.accounts import limits, sessions
from portal.accounts.models import STAFF_ROLES, User
from portal.clock import moved_by

PASSWORD_WITHIN = timedelta(minutes=15)
TRIES_HERE = 5  # one account from one network address
TRIES_ANYWHERE = 30  # one account from everywhere; the council's directory sign-in stays open meanwhile


class AccountAdapter(DefaultAccountAdapter):
    """Accounts come from the case record and an invitation, never from open sign-up."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        """Count the try before the password is looked at, in the database, the same for known and unknown."""
        email = str(credentials.get("email") or credentials.get("username") or "").lower()
        now = request.now  # type: ignore[attr-defined]
        here = f"{email}|{limits.caller(request)}"
        if not (
            limits.take("password_here", here, at_most=TRIES_HERE, within=PASSWORD_WITHIN, now=now)
            and limits.take("password", email, at_most=TRIES_ANYWHERE, within=PASSWORD_WITHIN, now=now)
        ):
            raise ValidationError(_("Too many tries. Wait 15 minutes."), code="too_many_tries")

    def authenticate(self, request: HttpRequest, **credentials: Any) -> User | None:
        """The account these belong to, if it is one of staff. A right password forgets this address's wrong ones."""
        self._login_failed_rl_usage = None
        user = super().authenticate(request, **credentials)
        if user is None or user.frozen_at is not None or not is_staff(user, request):
            return None
        limits.forget("password_here", f"{(user.email or '').lower()}|{limits.caller(request)}")
        return user

    def login(self, request: HttpRequest, user: User) -> None:
        """Every way in ends here: the age of the sign-in is counted from now."""
        super().login(request, user)
        sessions.note_use(request.session, now=request.now - moved_by())  # type: ignore[attr-defined]

    def _rollback_login_failed_rl_usage(self) -> None:
        """Nothing to roll back: the library's own counter, in the cache, is not used."""

    def add_message(self, *args: Any, **kwargs: Any) -> None:
        """None of the library's messages: they name people."""

    def send_notification_mail(self, *args: Any, **kwargs: Any) -> None:
        """What is sent goes through our own outbox."""


class StaffAccountAdapter(DefaultSocialAccountAdapter):
    """A staff sign-in from the council's own directory joins an account that exists; it never makes one."""

    def is_open_for_signup(self, request: HttpRequest, sociallogin: SocialLogin) -> bool:
        return False

    def pre_social_login(self, request: HttpRequest, sociallogin: SocialLogin) -> None:
        """Only an open account that holds a role today comes in this way; everybody else sees the staff page again."""
        user = sociallogin.user if sociallogin.is_existing else None
        if user is None or not user.is_active or user.frozen_at is not None or not is_staff(user, request):
            raise ImmediateHttpResponse(redirect("account_login"))


class StaffMFAAdapter(DefaultMFAAdapter):
    """The keys of authenticator apps are encrypted with a key outside the database."""

    def get_totp_issuer(self) -> str:
        return str(settings.BRAND_NAME)

    def encrypt(self, text: str) -> str:
        return _keys().encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        return _keys().decrypt(encrypted_text.encode()).decode()


def is_staff(user: User, request: HttpRequest) -> bool:
    """Whether somebody holds a staff role today."""
    return user.holds(*STAFF_ROLES, on=request.today)  # type: ignore[attr-defined]


@cache
def _keys() -> MultiFernet:
    return MultiFernet([Fernet(key) for key in settings.FIELD_KEYS])
