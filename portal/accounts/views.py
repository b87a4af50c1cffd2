"""Signing in with a code, the ways out, and where each person's own pages begin."""

from collections.abc import Callable
from datetime import timedelta
from functools import wraps
from typing import Any
from urllib.parse import quote

from allauth.account.internal.stagekit import unstash_login
from allauth.account.utils import perform_login
from allauth.account.views import LoginView
from allauth.mfa.base.views import AuthenticateView, ReauthenticateView
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme, urlencode
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from cms.languages import ENGLISH, chosen_here, forget, speak
from portal.accounts import limits, services, sessions, sure
from portal.accounts.adapters import is_staff
from portal.accounts.devices import coarse_name
from portal.accounts.forms import (
    CodeForm,
    DestinationForm,
    InvitationForm,
    OwnPhoneForm,
    StaffSignInForm,
    WorkPhoneForm,
)
from portal.accounts.middleware import ASKS_PIN, OWN_PAGES
from portal.accounts.models import CASEWORK_ROLES, STAFF_ROLES, Device, Invitation, Role, SignInCode, User
from portal.accounts.tasks import send_code_soon

CODE_COOKIE = "__Host-code" if settings.SESSION_COOKIE_SECURE else "code"
DEVICE_COOKIE = "__Host-device" if settings.SESSION_COOKIE_SECURE else "device"
JUST_JOINED = "just_joined"  # in the sign-in: they choose their PIN next, if they like
BEGINS = "begins"  # in the address of the page for the six numbers, for whoever comes with an invitation
SECOND_FACTOR_TRIES, SECOND_FACTOR_WITHIN = 10, timedelta(minutes=15)


# ----------------------------------------------------------------------------------------------------------------------
# A code


@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
def login(request: HttpRequest) -> HttpResponse:
    """Ask for a code by email or text. The answer is the same for everybody, known or not (rule 11)."""
    if request.user.is_authenticated:
        return redirect("accounts:home")
    form = DestinationForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        return _send_code(request, form)
    return render(request, "accounts/login.html", {"form": form, "next": _next(request)})


@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
def code(request: HttpRequest) -> HttpResponse:
    """Type the code. Right: signed in, and asked whose phone this is."""
    if request.user.is_authenticated:
        return redirect("accounts:home")
    form = CodeForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            used = services.use_code(
                browser_key=request.COOKIES.get(CODE_COOKIE, ""),
                typed=form.cleaned_data["code"],
                now=request.now,  # type: ignore[attr-defined]
            )
        except ValidationError as refusal:
            form.add_error("code", refusal)
        else:
            perform_login(request, used.user, email_verification="none")
            _note_sign_in(request, used)
            response = redirect(_with_next(reverse("accounts:own_phone"), _next(request)))
            response.delete_cookie(CODE_COOKIE)
            if used.invitation_id is not None:
                messages.success(request, _("Next time, sign in with the number or email you gave."))
            spoken = used.user.language if used.user else ENGLISH
            if spoken != ENGLISH and not chosen_here(request):  # English is also what nobody asked for
                speak(response, spoken, kept=False)  # until we know whose phone this is
            return response
    context = {"form": form, "next": _next(request), "begins": BEGINS in request.GET}
    return render(request, "accounts/code.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def own_phone(request: HttpRequest) -> HttpResponse:
    """Is this your own phone? Until somebody says so it is shared: over with the browser, and after 15 idle minutes."""
    user: User = request.user  # type: ignore[assignment]
    if user.holds(*STAFF_ROLES, on=request.today):  # type: ignore[attr-defined]
        return redirect("accounts:home")
    form = OwnPhoneForm(request.POST if request.method == "POST" else None)
    if not form.is_valid():
        return render(request, "accounts/own_phone.html", {"form": form, "next": _next(request)})
    own = form.cleaned_data["own"] == "yes"
    if own:
        sessions.call_it_own(request.session)
    else:
        sessions.call_it_shared(request.session)
    before = _device(request)
    _noted, key = services.remember_device(
        user=user,
        session_key=request.session.session_key or "",
        name=coarse_name(request.headers.get("User-Agent", "")),
        own_phone=own,
        before=before,
        now=request.now,  # type: ignore[attr-defined]
    )
    onward = _next(request) or reverse("accounts:home")
    if request.session.pop(JUST_JOINED, False) and not user.pin_hash:
        onward = f"{ASKS_PIN}?next={quote(_next(request) or OWN_PAGES)}"
    response = redirect(onward)
    if key:
        _set_cookie(response, DEVICE_COOKIE, key, lasts=services.DEVICE_KEPT)
    elif before is not None and before.user_id == user.pk:
        response.delete_cookie(
            DEVICE_COOKIE
        )  # they called it their own before; a stranger's answer changes nothing
    if user.language != ENGLISH and not chosen_here(request):
        speak(response, user.language, kept=own)
    return response


@require_http_methods(["GET", "HEAD", "POST"])
def work_phone(request: HttpRequest) -> HttpResponse:
    """The number on which the young people I look after reach me. My own to write, and to take away."""
    user: User = request.user  # type: ignore[assignment]
    if not user.holds(*CASEWORK_ROLES, on=request.today):  # type: ignore[attr-defined]
        raise Http404
    form = WorkPhoneForm(
        request.POST if request.method == "POST" else None, initial={"number": user.work_phone_said}
    )
    if form.is_valid():
        services.set_work_phone(user=user, number=form.cleaned_data["number"])
        messages.success(request, _("Done. They see it from now on."))
        return redirect("accounts:work_phone")
    return render(request, "accounts/work_phone.html", {"form": form, "known": user.work_phone_said})


@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
def invite(request: HttpRequest) -> HttpResponse:
    """Begin: the code an adviser gave, and where codes should go. Opening the page uses nothing up; sending it does."""
    if request.user.is_authenticated:
        return redirect("accounts:home")
    form = InvitationForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            invitation = services.find_invitation(
                typed=form.cleaned_data["invitation"],
                caller=limits.caller(request),
                now=request.now,  # type: ignore[attr-defined]
            )
        except ValidationError as refusal:
            form.add_error("invitation", refusal)
        else:
            return _send_code(request, form, invitation=invitation)
    return render(request, "accounts/invite.html", {"form": form})


# ----------------------------------------------------------------------------------------------------------------------
# Staff


class StaffSignIn(LoginView):
    """Work email and password; then the second factor."""

    template_name = "accounts/staff.html"
    form_class = StaffSignInForm

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        directory: dict[str, Any] = settings.SOCIALACCOUNT_PROVIDERS.get("openid_connect", {})
        return super().get_context_data(**kwargs) | {
            "next": _next(self.request),
            "directories": directory.get("APPS", []),
        }


def for_staff(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """For the library's pages: staff set up a second factor there; for a young person they do not exist."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not is_staff(request.user, request):  # type: ignore[arg-type]
            raise Http404
        return view(request, *args, **kwargs)

    return guarded


@login_not_required
def second_factor(request: HttpRequest) -> HttpResponse:
    """The second factor of a staff sign-in, with its tries counted in the database."""
    pending = unstash_login(request, peek=True)
    trying = pending.user if request.method == "POST" and pending is not None else None
    if trying is not None and not _may_try_factor(request, trying):
        return _too_many(request)
    return AuthenticateView.as_view(template_name="accounts/second_factor.html")(request)


def confirm_second_factor(request: HttpRequest) -> HttpResponse:
    """The second factor once more, before something that matters."""
    if request.method == "POST" and not _may_try_factor(request, request.user):  # type: ignore[arg-type]
        return _too_many(request)
    return ReauthenticateView.as_view(template_name="accounts/second_factor.html")(request)


def _may_try_factor(request: HttpRequest, user: User) -> bool:
    return limits.take(
        "second_factor",
        str(user.pk),
        at_most=SECOND_FACTOR_TRIES,
        within=SECOND_FACTOR_WITHIN,
        now=request.now,  # type: ignore[attr-defined]
    )


def _too_many(request: HttpRequest) -> HttpResponse:
    return render(request, "429.html", status=429)


# ----------------------------------------------------------------------------------------------------------------------
# Ways out, and where to begin


@csrf_exempt
@login_not_required
def leave(request: HttpRequest) -> HttpResponse:
    """Leave quickly: the sign-in ends here and now, by GET or POST, with or without script, asking nothing (rule 18).

    No token is asked for, because public pages carry none; the worst a stranger's page could do is sign somebody out.
    """
    sessions.end_sign_in(request)
    response = HttpResponseRedirect(reverse("accounts:left"), status=303)
    response.delete_cookie(CODE_COOKIE)
    return sessions.clear_browser(forget(request, response), saved_too=True)


@login_not_required
def left(request: HttpRequest) -> HttpResponse:
    """A page that says nothing about anybody, on the way to one that has nothing to do with us."""
    response = render(request, "accounts/left.html", {"leave_to": settings.LEAVE_TO})
    response.headers["Refresh"] = f"0; url={settings.LEAVE_TO}"
    return response


@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
def logout(request: HttpRequest) -> HttpResponse:
    """Sign out. GET shows the button, POST does it."""
    if request.method != "POST":
        return render(request, "accounts/logout.html")
    sessions.end_sign_in(request)
    return sessions.clear_browser(forget(request, redirect(settings.LOGOUT_REDIRECT_URL)))


def home(request: HttpRequest) -> HttpResponse:
    """Each person's own front page."""
    user: User = request.user  # type: ignore[assignment]
    front = front_page(user.roles_on(request.today))  # type: ignore[attr-defined]
    return redirect(front) if front else render(request, "accounts/no_pages.html")


def front_page(roles: frozenset[str]) -> str:
    """Where somebody with these roles begins: the young person's pages when there are none. Empty for roles that have
    no pages of their own."""
    if not roles:
        return "/me/"
    if roles & CASEWORK_ROLES:
        return "/desk/"
    if roles == {Role.ADVOCATE}:
        return "/seat/"
    if Role.FINANCE_OFFICER in roles:
        return "/desk/finance/"
    if Role.OUT_OF_HOURS in roles:
        return "/desk/spot-help/"
    if roles & {Role.EDITOR, Role.PUBLISHER, Role.BUDGET_HOLDER}:
        return "/cms/"
    if Role.DATA_OFFICER in roles:
        return "/desk/imports/notes/"
    return ""


@login_not_required
def cms_login(request: HttpRequest) -> HttpResponse:
    """The page editor has no door of its own."""
    return redirect(_with_next(reverse("account_login"), _next(request)))


def _note_sign_in(request: HttpRequest, used: SignInCode) -> None:
    """From here on it is a sign-in of theirs, on a phone that counts as shared until they say it is their own."""
    now = request.now  # type: ignore[attr-defined]
    sure.code_was_typed(request.session, now=now)
    if used.invitation_id is not None:
        request.session[JUST_JOINED] = True
    services.remember_device(
        user=request.user,  # type: ignore[arg-type]
        session_key=request.session.session_key or "",
        name=coarse_name(request.headers.get("User-Agent", "")),
        own_phone=False,
        now=now,
    )


def _send_code(
    request: HttpRequest, form: DestinationForm, *, invitation: Invitation | None = None
) -> HttpResponse:
    asked, browser_key = services.ask_for_code(
        channel=form.cleaned_data["channel"],
        destination=form.cleaned_data["destination"],
        caller=limits.caller(request),
        device=_device(request),
        invitation=invitation,
        now=request.now,  # type: ignore[attr-defined]
    )
    if asked is not None:
        send_code_soon(asked.pk)
    address = _with_next(reverse("accounts:code"), _next(request))
    # Whoever holds an invitation that works knows that we know them: the next page may speak plainly.
    response = redirect(f"{reverse('accounts:code')}?{BEGINS}=1" if invitation is not None else address)
    _set_cookie(response, CODE_COOKIE, browser_key, lasts=services.CODE_LASTS)
    return response


def _device(request: HttpRequest) -> Device | None:
    return services.find_device(request.COOKIES.get(DEVICE_COOKIE, ""))


def _set_cookie(response: HttpResponse, name: str, value: str, *, lasts: timedelta) -> None:
    response.set_cookie(
        name, value, max_age=lasts, httponly=True, secure=settings.SESSION_COOKIE_SECURE, samesite="Lax"
    )


def _next(request: HttpRequest) -> str:
    """Where they were going, if that is a page of ours."""
    wanted = request.POST.get("next") or request.GET.get("next") or ""
    ours = url_has_allowed_host_and_scheme(
        wanted, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return wanted if ours and wanted.startswith("/") else ""


def _with_next(address: str, wanted: str) -> str:
    return f"{address}?{urlencode({'next': wanted})}" if wanted else address
