"""A young person's bank details, where the council keeps them here: is it really them, then one question a page."""

from functools import wraps

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from portal.finance import services
from portal.finance.bank_forms import STEPS
from portal.finance.models import BankDetails
from portal.finance.rules import first_day_of_use
from portal.people.access import View, when_sure, young_person_only

ORDER = list(STEPS)


def where_kept(view: View) -> View:
    """Where the council keeps no bank details here, these pages do not exist; signed-in young people only."""
    return _only_here(young_person_only(view))


def kept_and_sure(view: View) -> View:
    """Where they are kept, and only for somebody who has just shown that it is them (rule 9)."""
    return _only_here(when_sure(view))


def _only_here(view: View) -> View:
    @wraps(view)
    def guarded(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        if not settings.BANK_DETAILS_ENABLED:
            raise Http404
        return view(request, *args, **kwargs)

    return guarded


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


@kept_and_sure
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


@kept_and_sure
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


@kept_and_sure
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
