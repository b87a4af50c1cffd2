"""Duty's and managers' pages: who asked to come back, and what came of it."""

from datetime import timedelta

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from portal.accounts.models import User
from portal.audit.services import record
from portal.coming_back import services
from portal.coming_back.models import ANSWERING, ComingBack
from portal.coming_back.staff_forms import DoneForm
from portal.people.access import staff_only

SHOWS_DONE = timedelta(days=30)
answering_only = staff_only(*ANSWERING)


@require_GET
@answering_only
def waiting(request: HttpRequest) -> HttpResponse:
    """Who waits for a call, oldest promise first; then what was seen to in the last 30 days."""
    theirs = ComingBack.objects.visible_to(request.user, on=request.today)  # type: ignore[arg-type, attr-defined]
    done = theirs.filter(done_at__gt=request.now - SHOWS_DONE).select_related("done_by").order_by("-done_at")  # type: ignore[attr-defined]
    context = {"section": "people", "rows": theirs.waiting(), "done": done, "today": request.today}  # type: ignore[attr-defined]
    return render(request, "coming_back/desk_list.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@answering_only
def one(request: HttpRequest, ref: str) -> HttpResponse:
    """One of them: how to reach them, what to ask, and what came of it."""
    user: User = request.user  # type: ignore[assignment]
    now, today = request.now, request.today  # type: ignore[attr-defined]
    asked = get_object_or_404(
        ComingBack.objects.visible_to(user, on=today).select_related("done_by"), ref=ref
    )
    record("coming_back_opened", by=user, now=now, subject=f"coming_back:{asked.ref}", part="coming_back")
    pressed = request.POST.get("do", "") if request.method == "POST" else ""
    form = DoneForm(request.POST if pressed == "done" else None, may_give_up=asked.tries >= services.TRIES)
    try:
        if pressed == "tried":
            services.tried(asked=asked, by=user, now=now)
            messages.success(request, _("Written down: you tried today. It stays on the list."))
            return redirect("coming_back:one", ref)
        if pressed == "done" and form.is_valid():
            services.done(asked=asked, outcome=form.cleaned_data["outcome"], by=user, now=now)
            messages.success(request, _("Written down. Thank you."))
            return redirect("coming_back:waiting")
    except ValidationError as refusal:
        form.add_error(None, refusal) if form.is_bound else messages.error(request, refusal.messages[0])
    language = "" if asked.language == "en" else dict(settings.LANGUAGES).get(asked.language, "")
    context = {
        "section": "people", "asked": asked, "form": form, "today": today, "tries": services.TRIES,
        "language": language,
    }  # fmt: skip
    return render(request, "coming_back/desk_one.html", context)
