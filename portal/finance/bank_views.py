"""A young person's bank details, where the council keeps them here: a fresh code first, then one question a page."""

from functools import wraps

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from portal.accounts import limits, sure
from portal.accounts.forms import CodeForm
from portal.accounts.tasks import send_code_soon
from portal.finance import services
from portal.finance.bank_forms import STEPS
from portal.finance.models import BankDetails
from portal.finance.rules import first_day_of_use
from portal.people.access import View, young_person_only

ORDER = list(STEPS)


def where_kept(view: View) -> View:
    """Where the council keeps no bank details here, these pages do not exist; signed-in young people only."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        if not settings.BANK_DETAILS_ENABLED:
            raise Http404
        return view(request, *args, **kwargs)

    return young_person_only(guarded)


def when_sure(view: View) -> View:
    """Only after a fresh code, typed in this browser in the last 15 minutes."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        if not sure.is_sure(request.session, now=request.now):  # type: ignore[attr-defined]
            onward = "?to=take-back" if request.path == reverse("bank:take_back") else ""
            return redirect(reverse("bank:sure") + onward)
        return view(request, *args, **kwargs)

    return where_kept(guarded)


@where_kept
@require_GET
def mine(request: HttpRequest) -> HttpResponse:
    """Where my money goes: two digits at most, and what happens next."""
    found = services.standing_of(request.young_person)  # type: ignore[attr-defined]
    context = {
        "section": "today",
        "found": found,
        "waits": found is not None and _waits(request, found),
        "from_today": first_day_of_use(request.today),  # type: ignore[attr-defined]
    }
    return render(request, "bank/mine.html", context)


@where_kept
@require_http_methods(["GET", "HEAD", "POST"])
def make_sure(request: HttpRequest) -> HttpResponse:
    """A fresh code to the contact we know: asked for, then typed."""
    user, now = request.user, request.now  # type: ignore[attr-defined]
    take_back = request.GET.get("to") == "take-back"
    onward = reverse("bank:take_back") if take_back else reverse("bank:step", args=[ORDER[0]])
    if sure.is_sure(request.session, now=now):
        return redirect(onward)
    if request.method == "POST" and "send" in request.POST:
        asked = sure.ask(user=user, session=request.session, caller=limits.caller(request), now=now)  # type: ignore[arg-type]
        if asked is not None:
            send_code_soon(asked.pk)
        return redirect(request.get_full_path())
    form = CodeForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            sure.prove(user=user, session=request.session, typed=form.cleaned_data["code"], now=now)  # type: ignore[arg-type]
        except ValidationError as refusal:
            form.add_error("code", refusal)
        else:
            return redirect(onward)
    channel, _contact = sure.way_to(user)  # type: ignore[arg-type]
    context = {"section": "today", "form": form, "asked": sure.is_asked(request.session), "channel": channel}
    return render(request, "bank/sure.html", context)


@when_sure
@require_http_methods(["GET", "HEAD", "POST"])
def step(request: HttpRequest, step: str) -> HttpResponse:
    """One question."""
    if step not in STEPS:
        raise Http404
    name, form_class = STEPS[step]
    form = form_class(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            services.keep_answer(
                person=request.young_person,  # type: ignore[attr-defined]
                name=name,
                answer=form.cleaned_data["answer"],
                now=request.now,  # type: ignore[attr-defined]
            )
        except ValidationError as refusal:
            form.add_error("answer", refusal)
        else:
            return _next_question(request)
    place = ORDER.index(step)
    context = {
        "section": "today",
        "form": form,
        "place": place + 1,
        "places": len(ORDER),
        "before": ORDER[place - 1] if place else "",
    }
    return render(request, "bank/step.html", context)


@when_sure
@require_http_methods(["GET", "HEAD", "POST"])
def check(request: HttpRequest) -> HttpResponse:
    """All three answers, this once in full; then they are given."""
    person, now = request.young_person, request.now  # type: ignore[attr-defined]
    typed = services.draft_of(person, now=now)
    if not typed.is_whole:
        if request.method == "POST" and services.just_given(person, now=now):
            return redirect("bank:mine")
        return _next_question(request)
    if request.method == "POST":
        try:
            services.give(person=person, now=now)
        except ValidationError as refusal:
            if refusal.code == "not_whole" and services.just_given(person, now=now):
                return redirect("bank:mine")
            messages.error(request, refusal.messages[0])
            return redirect("bank:step", "number" if refusal.code == "does_not_fit" else ORDER[0])
        messages.success(request, _("Done. We have your new details."))
        return redirect("bank:mine")
    context = {"section": "today", "typed": typed, "use_from": first_day_of_use(request.today)}  # type: ignore[attr-defined]
    return render(request, "bank/check.html", context)


@when_sure
@require_http_methods(["GET", "HEAD", "POST"])
def take_back(request: HttpRequest) -> HttpResponse:
    """Nothing of it is kept here any more."""
    if request.method != "POST":
        return render(request, "bank/take_back.html", {"section": "today"})
    services.take_back(person=request.young_person, now=request.now)  # type: ignore[attr-defined]
    messages.success(request, _("Done. We do not keep them any more."))
    return redirect("bank:mine")


def _next_question(request: HttpRequest) -> HttpResponse:
    """The first question without an answer, else the check."""
    typed = services.draft_of(request.young_person, now=request.now)  # type: ignore[attr-defined]
    for step, (name, _form) in STEPS.items():
        if not getattr(typed, name):
            return redirect("bank:step", step)
    return redirect("bank:check")


def _waits(request: HttpRequest, found: BankDetails) -> bool:
    if found.state == BankDetails.State.GIVEN:
        return True
    held = found.use_from is not None and request.today < found.use_from  # type: ignore[attr-defined]
    return found.state == BankDetails.State.CONFIRMED and held
