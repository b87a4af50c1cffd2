"""What only the young person themself may open: the question whether it is really them, their PIN, their phones and
computers, and who looked."""

from typing import cast

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from portal.accounts import limits, services
from portal.accounts import sure as really
from portal.accounts.devices import coarse_name
from portal.accounts.forms import ChangePinForm, ChoosePinForm, CodeForm, PinForm
from portal.accounts.middleware import waits_until
from portal.accounts.models import Device, User
from portal.accounts.sessions import is_away
from portal.accounts.tasks import send_code_soon
from portal.me import looks
from portal.me.today import duty_of
from portal.people.access import when_sure, young_person_only
from portal.people.services import who_looked as looked

OURS = "/me/"
LONGEST_NUMBER = 19  # digits that a row may have


@young_person_only
@require_http_methods(["GET", "HEAD", "POST"])
def sure(request: HttpRequest) -> HttpResponse:
    """Is it really you? Their PIN; or, the first time, a fresh code to the contact we know and the PIN they choose.
    Then on to where they were going."""
    user, now = request.user, request.now  # type: ignore[attr-defined]
    away = bool(user.pin_hash) and is_away(request.session)  # type: ignore[union-attr]
    if really.is_sure(request.session, now=now) and not away:
        return redirect(_onward(request))
    if request.method == "POST" and "send" in request.POST:
        asked = really.ask(user=user, session=request.session, caller=limits.caller(request), now=now)  # type: ignore[arg-type]
        if asked is not None:
            send_code_soon(asked.pk)
        return redirect(request.get_full_path())
    step, form = _step(request)
    if form.is_valid():
        try:
            _take(request, step, form)
        except ValidationError as refusal:
            form.add_error(next(iter(form.fields)), refusal)
        else:
            return redirect(request.get_full_path() if step == "code" else _onward(request))
    channel, _contact = really.way_to(user)  # type: ignore[arg-type]
    context = {
        "section": "today",
        "form": form,
        "step": step,
        "asked_code": really.is_asked(request.session),
        "channel": channel,
        "away": away,
        "waits_until": waits_until(request),
        "later": _onward(request) if step == "choose" and _onward(request) == "/me/" else "",
    }
    if away:
        context |= duty_of(request.young_person, on=request.today)  # type: ignore[attr-defined]
    return render(request, "me/sure.html", context)


def _step(request: HttpRequest) -> tuple[str, forms.Form]:
    """What is asked now, and its form: the PIN, a first PIN to choose, or a code."""
    user, typed = request.user, request.POST if request.method == "POST" else None
    if user.pin_hash:  # type: ignore[union-attr]
        return "pin", PinForm(typed)
    if really.may_choose(user, request.session, now=request.now):  # type: ignore[arg-type, attr-defined]
        return "choose", ChoosePinForm(typed, **_never(request))  # type: ignore[arg-type]
    return "code", CodeForm(typed)


def _take(request: HttpRequest, step: str, form: forms.Form) -> None:
    """Take the answer to a step. Refuses as its service does."""
    whose = {"user": request.user, "session": request.session, "now": request.now}  # type: ignore[attr-defined]
    if step == "pin":
        really.give_pin(typed=form.cleaned_data[PinForm.NAME], **whose)
    elif step == "choose":
        pin, born_on = form.cleaned_data["pin"], request.young_person.born_on  # type: ignore[attr-defined]
        really.choose(pin=pin, born_on=born_on, **whose)
        messages.success(request, _("You have a PIN now. Tell nobody."))
    else:
        really.prove(typed=form.cleaned_data["code"], **whose)


@young_person_only
@require_http_methods(["GET", "HEAD", "POST"])
def pin(request: HttpRequest) -> HttpResponse:
    """Another PIN, with the one they have. Without one they choose it where it is first asked."""
    user, now = request.user, request.now  # type: ignore[attr-defined]
    if not user.pin_hash:  # type: ignore[union-attr]
        return redirect("me:sure")
    form = ChangePinForm(request.POST if request.method == "POST" else None, **_never(request))  # type: ignore[arg-type]
    if form.is_valid():
        try:
            really.change(
                user=user,  # type: ignore[arg-type]
                session=request.session,
                typed=form.cleaned_data["old"],
                pin=form.cleaned_data["pin"],
                born_on=request.young_person.born_on,  # type: ignore[attr-defined]
                now=now,
            )
        except ValidationError as refusal:
            form.add_error("pin" if refusal.code == "same_pin" else "old", refusal)
        else:
            messages.success(
                request, _("You have a new PIN. Every other phone and computer of yours is signed out.")
            )
            return redirect("me:settings")
    context = {"section": "today", "form": form, "waits_until": waits_until(request)}
    return render(request, "me/pin.html", context)


@when_sure
@require_http_methods(["GET", "HEAD", "POST"])
def devices(request: HttpRequest) -> HttpResponse:
    """Where I am signed in: what kind, the first and the last day; sign out one, or all others (rule 15)."""
    user, now = cast(User, request.user), request.now  # type: ignore[attr-defined]
    known = Device.objects.filter(user=user).order_by("-last_on", "-pk")
    others = known.exclude(session_key=request.session.session_key or "")
    if request.method != "POST":
        this = known.filter(session_key=request.session.session_key or "").first()
        name = this.name if this else coarse_name(request.headers.get("User-Agent", ""))
        context = {"section": "today", "this": this, "name": name, "others": others}
        return render(request, "me/devices.html", context)
    if request.POST.get("out") == "others":
        really.sign_out_others(user=user, session=request.session, now=now)
        messages.success(request, _("Done. Only this one is signed in."))
    elif (out := request.POST.get("out", "")).isascii() and out.isdecimal() and len(out) < LONGEST_NUMBER:
        for device in others.filter(pk=out):
            services.sign_out_device(device=device, by=user, now=now)
        messages.success(request, _("Done. It is signed out."))
    return redirect("me:devices")


@when_sure
@require_GET
def who_looked(request: HttpRequest) -> HttpResponse:
    """Who has seen my information: day, role and team, which part, and why if they said so (rule 7)."""
    found = looked(request.young_person, on=request.today, limit=looks.SHOWN + 1)  # type: ignore[attr-defined]
    context = {
        "section": "today",
        "days": looks.by_day(found[: looks.SHOWN]),
        "shown": looks.SHOWN,
        "more": len(found) > looks.SHOWN,
    }
    return render(request, "me/who_looked.html", context)


def _never(request: HttpRequest) -> dict[str, object]:
    """What their PIN must not be."""
    return {"born_on": request.young_person.born_on, "number": request.user.phone}  # type: ignore[attr-defined, union-attr]


def _onward(request: HttpRequest) -> str:
    """Where they were going, if that is one of their own pages; else their settings."""
    wanted = request.GET.get("next", "")
    ours = url_has_allowed_host_and_scheme(wanted, allowed_hosts=None)
    return wanted if ours and wanted.startswith(OURS) else reverse("me:settings")
