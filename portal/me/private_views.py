"""What only the young person themself may open: the question whether it is really them, and who looked."""

from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_GET, require_http_methods

from portal.accounts import limits
from portal.accounts import sure as really
from portal.accounts.forms import CodeForm
from portal.accounts.tasks import send_code_soon
from portal.me import looks
from portal.people.access import when_sure, young_person_only
from portal.people.services import who_looked as looked

OURS = "/me/"


@young_person_only
@require_http_methods(["GET", "HEAD", "POST"])
def sure(request: HttpRequest) -> HttpResponse:
    """Is it really you? A fresh code to the contact we know; then on to where they were going."""
    user, now = request.user, request.now  # type: ignore[attr-defined]
    if really.is_sure(request.session, now=now):
        return redirect(_onward(request))
    if request.method == "POST" and "send" in request.POST:
        asked = really.ask(user=user, session=request.session, caller=limits.caller(request), now=now)  # type: ignore[arg-type]
        if asked is not None:
            send_code_soon(asked.pk)
        return redirect(request.get_full_path())
    form = CodeForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            really.prove(user=user, session=request.session, typed=form.cleaned_data["code"], now=now)  # type: ignore[arg-type]
        except ValidationError as refusal:
            form.add_error("code", refusal)
        else:
            return redirect(_onward(request))
    channel, _contact = really.way_to(user)  # type: ignore[arg-type]
    context = {
        "section": "today",
        "form": form,
        "asked": really.is_asked(request.session),
        "channel": channel,
    }
    return render(request, "me/sure.html", context)


@when_sure
@require_GET
def who_looked(request: HttpRequest) -> HttpResponse:
    """Who has seen my information: day, role and team, which part, and why if they said so (rule 7)."""
    found = looked(request.young_person, limit=looks.SHOWN + 1)  # type: ignore[attr-defined]
    context = {
        "section": "today",
        "days": looks.by_day(found[: looks.SHOWN]),
        "shown": looks.SHOWN,
        "more": len(found) > looks.SHOWN,
    }
    return render(request, "me/who_looked.html", context)


def _onward(request: HttpRequest) -> str:
    """Where they were going, if that is one of their own pages; else their settings."""
    wanted = request.GET.get("next", "")
    ours = url_has_allowed_host_and_scheme(wanted, allowed_hosts=None)
    return wanted if ours and wanted.startswith(OURS) else reverse("me:settings")
