"""At every request of somebody signed in: is it still so, and did staff show two factors?"""

from collections.abc import Callable
from datetime import datetime
from urllib.parse import quote

from allauth.mfa.utils import is_mfa_enabled
from django.conf import settings
from django.contrib.auth import logout
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import translation

from cms.languages import ENGLISH, chosen_here, forget
from portal.accounts import services, sessions, sure
from portal.accounts.adapters import is_staff
from portal.accounts.forms import PinForm
from portal.accounts.models import User
from portal.clock import moved_by

SECOND_FACTOR = "/account/second-factor/"
# What somebody who still has to show a second factor may reach: setting it up, proving it is them, and the ways out.
BEFORE_SECOND_FACTOR = (SECOND_FACTOR, "/account/reauthenticate/", "/account/logout/", "/account/leave/",
"/account/left/",
                        "/static/")  # fmt: skip

# What asks for the PIN after a while away (rule 13), and what never does: asking for somebody today, and silence.
OWN_PAGES, ASKS_PIN = "/me/", "/me/settings/sure/"
WITHOUT_PIN = (ASKS_PIN, "/me/adviser/today/", "/me/settings/not-safe/")
NOT_KEPT = ("csrfmiddlewaretoken", PinForm.NAME)


def waits_until(request: HttpRequest) -> datetime | None:
    """Until when the PIN of the signed-in person cannot be tried; None when it can."""
    opens_at: datetime | None = request.user.pin_opens_at  # type: ignore[union-attr]
    return opens_at if opens_at and opens_at > request.now else None  # type: ignore[attr-defined]


class SignInMiddleware:
    """Ends sign-ins that lasted long enough, and keeps staff out until they showed a second factor.

    A frozen or closed account, or one whose secrets changed, is nobody already here: `AccountBackend.get_user` and the
    session's own hash see to that.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.user.is_authenticated:
            shared = not request.session.get(sessions.OWN)
            elsewhere = self._check(request, request.user)  # type: ignore[arg-type]
            if elsewhere is not None:
                return elsewhere
            if shared and not request.user.is_authenticated:
                return self._as_to_a_stranger(request)
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Callable[..., HttpResponse], args: object, kwargs: object
    ) -> HttpResponse | None:
        """After ten minutes away, one's own pages ask for the PIN first (rule 13). What was typed is not lost:
        the page that asks carries it, and with the right PIN it arrives where it was going."""
        if not request.path.startswith(OWN_PAGES) or request.path in WITHOUT_PIN:
            return None
        locked = request.user.is_authenticated and request.user.pin_hash and sessions.is_away(request.session)
        if not locked:
            return None
        if request.method != "POST":
            return redirect(f"{ASKS_PIN}?next={quote(request.get_full_path())}")
        form = PinForm(request.POST if PinForm.NAME in request.POST else None)
        if form.is_valid():
            try:
                sure.give_pin(
                    user=request.user,  # type: ignore[arg-type]
                    session=request.session,
                    typed=form.cleaned_data[PinForm.NAME],
                    now=request.now,  # type: ignore[attr-defined]
                )
            except ValidationError as refusal:
                form.add_error(PinForm.NAME, refusal)
            else:
                return None
        kept = [
            (name, value) for name, values in request.POST.lists() for value in values if name not in NOT_KEPT
        ]
        context = {"form": form, "kept": kept, "step": "pin", "away": True, "section": "today", "asked": None}
        return render(request, "me/sure.html", context | {"waits_until": waits_until(request)})

    def _as_to_a_stranger(self, request: HttpRequest) -> HttpResponse:
        """A sign-in ran out on a shared phone: whoever holds it now is not spoken to in the last person's language."""
        if not chosen_here(request):
            request.language = ENGLISH  # type: ignore[attr-defined]
            translation.activate(ENGLISH)  # the language middleware puts back what was spoken before it
        return forget(request, self.get_response(request))

    def _check(self, request: HttpRequest, user: User) -> HttpResponse | None:
        # The age of a sign-in is about the phone in the hand: moving the demo's clock ends nobody's.
        now = request.now - moved_by()  # type: ignore[attr-defined]
        staff = is_staff(user, request)
        if sessions.is_over(request.session, staff=staff, now=now):
            sessions.end_sign_in(request)
            return None
        if user.pin_hash and not staff:
            sessions.note_absence(request.session, now=now)
        sessions.note_use(request.session, now=now)
        today = request.today  # type: ignore[attr-defined]
        if request.session.get(sessions.DAY) != today.isoformat():
            request.session[sessions.DAY] = today.isoformat()
            services.begin_day(
                user=user, staff=staff, session_key=request.session.session_key or "", on=today
            )
        if not staff:
            return None
        if settings.STAFF_SECOND_FACTOR and not request.path.startswith(BEFORE_SECOND_FACTOR):
            return self._second_factor(request, user)
        return None

    def _second_factor(self, request: HttpRequest, user: User) -> HttpResponse | None:
        if sessions.showed_two_factors(request):
            return None
        if is_mfa_enabled(user):  # set up a moment ago: now sign in with it
            logout(request)
            return redirect("account_login")
        return redirect("mfa_activate_totp")
