"""A young person's pages about their advocate, and the advocate's own: one request, for a time."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from portal.accounts import limits
from portal.accounts.models import Role
from portal.advocates import forms, services
from portal.advocates.models import AdvocateSeat
from portal.payments import evidence, story
from portal.payments.models import EvidencePage, PaymentRequest
from portal.payments.pages import PortalRequest
from portal.payments.rules import Status
from portal.payments.services import answer_more, ask_review
from portal.people.access import look, young_person_only

POSTS = require_http_methods(["GET", "HEAD", "POST"])
View = Callable[..., HttpResponse]


def advocates_only(view: View) -> View:
    """For pages under /seat/: somebody who was invited as an advocate; else 404."""

    @wraps(view)
    def guarded(request: PortalRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not request.user.holds(Role.ADVOCATE, on=request.today):
            raise Http404
        return view(request, *args, **kwargs)

    return guarded


# ----------------------------------------------------------------------------------------------------------------------
# The young person


@POSTS
@young_person_only
def invite(request: PortalRequest, ref: str) -> HttpResponse:
    """Invite somebody to this request; the code is shown once, in the answer."""
    asked = _own(request, ref)
    form = forms.InviteForm(request.POST if request.method == "POST" else None)
    context = {"section": "requests", "asked": asked, "form": form, "seats": _seats(asked, request)}
    if request.method == "POST" and form.is_valid():
        try:
            seat, code = services.invite(ref=ref, by=request.user, now=request.now, **form.cleaned_data)
        except ValidationError as refusal:
            form.add_error(None, refusal)
        else:
            shown = {"seat": seat, "code": f"{code[:5]} {code[5:]}", "seats": _seats(asked, request)}
            return render(request, "advocates/invited.html", {**context, **shown})
    return render(request, "advocates/invite.html", context)


@require_POST
@young_person_only
def end(request: PortalRequest, ref: str, seat: str) -> HttpResponse:
    """They stop looking, at once."""
    asked = _own(request, ref)
    services.end(
        seat=get_object_or_404(AdvocateSeat, asked=asked, ref=seat), by=request.user, now=request.now
    )
    return redirect("advocates:invite", ref)


@POSTS
@young_person_only
def say(request: PortalRequest, ref: str) -> HttpResponse:
    """Add something to a request that is open."""
    asked = _own(request, ref)
    if not asked.is_open:
        return redirect("payments:story", ref)
    form = forms.WordsForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            services.add_words(ref=ref, words=form.cleaned_data["words"], by=request.user, now=request.now)
        except ValidationError as refusal:
            form.add_error(None, refusal)
        else:
            return redirect("payments:story", ref)
    return render(request, "advocates/say.html", {"section": "requests", "asked": asked, "form": form})


# ----------------------------------------------------------------------------------------------------------------------
# The advocate


@POSTS
@advocates_only
def seats(request: PortalRequest) -> HttpResponse:
    """The requests one was invited to, and a box for the code of another."""
    form = forms.CodeForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            services.take_seat(
                typed=form.cleaned_data["code"],
                caller=limits.caller(request),
                by=request.user,
                now=request.now,
            )
        except ValidationError as refusal:
            form.add_error("code", refusal)
        else:
            return redirect("advocates:seats")
    live = request.user.advocate_seats.live(request.today).select_related(
        "asked__young_person", "asked__holder"
    )
    rows = [(seat, story.tag_of(seat.asked)) for seat in live.order_by("ends_on")]
    return render(request, "advocates/seats.html", {"rows": rows, "form": form})


@POSTS
@advocates_only
def seat(request: PortalRequest, ref: str) -> HttpResponse:
    """One request with its story; add words, answer, or ask for a second look, for them."""
    own = _seat(request, ref)
    asked = own.asked
    look(asked.young_person, request=request, part="request")
    services.looked(seat=own, now=request.now)
    told = story.tell(asked)
    pressed = request.POST.get("do", "") if request.method == "POST" else ""
    if pressed == "end":
        services.end(seat=own, by=request.user, now=request.now)
        return redirect("advocates:seats")
    name, form = _form_for(request, told)
    moved_on = (
        bool(pressed) and pressed != name
    )  # it was another button: what they wrote is for something else
    if moved_on and form is not None:
        form.is_valid()
        form.errors.clear()
        form.add_error(None, _("This has moved on since you opened it. Look at what you can do now."))
    elif pressed and form is not None and form.is_valid():
        try:
            _do(request, name, asked, form)
        except ValidationError as refusal:
            form.add_error(None, refusal)
        else:
            return redirect("advocates:seat", ref)
    context = {
        "seat": own,
        "asked": asked,
        "told": told,
        "lines": told.lines(viewer=request.user.pk),
        "photos": evidence.pages_for(asked),
        "name": name,
        "form": form,
    }
    return render(request, "advocates/seat.html", context, status=409 if moved_on else 200)


@require_GET
@advocates_only
def photo(request: PortalRequest, ref: str, photo: str, number: int) -> HttpResponse:
    """One picture of that request."""
    own = _seat(request, ref)
    page = get_object_or_404(EvidencePage, evidence__asked=own.asked, evidence__ref=photo, number=number)
    look(own.asked.young_person, request=request, part="evidence")
    return evidence.file_of(page)


def _form_for(request: PortalRequest, told: story.Story) -> tuple[str, Any]:
    """What an advocate can do now: answer a question, ask for a second look, or add words."""
    data, files = (request.POST, request.FILES) if request.method == "POST" else (None, None)
    if told.question is not None:
        return "answer", forms.AnswerForm(data, files)
    if told.may_ask_review:
        return "review", forms.ReviewForm(data)
    return ("words", forms.WordsForm(data)) if told.asked.is_open else ("", None)


def _do(request: PortalRequest, name: str, asked: PaymentRequest, form: Any) -> None:
    by, now, words = request.user, request.now, form.cleaned_data["words"]
    if name == "answer":
        for one in form.cleaned_data["photos"]:
            evidence.add(ref=asked.ref, data=one.read(), by=by, now=now)
        answer_more(ref=asked.ref, words=words, by=by, now=now)
    elif name == "review":
        ask_review(ref=asked.ref, words=words, by=by, now=now)
    else:
        services.add_words(ref=asked.ref, words=words, by=by, now=now)


def _own(request: PortalRequest, ref: str) -> PaymentRequest:
    theirs = PaymentRequest.objects.filter(young_person=request.young_person).select_related("young_person")
    return get_object_or_404(theirs.exclude(status__in=[Status.DRAFT, Status.WITHDRAWN]), ref=ref)


def _seats(asked: PaymentRequest, request: PortalRequest) -> list[AdvocateSeat]:
    return list(asked.advocate_seats.live(request.today).select_related("user").order_by("invited_at"))


def _seat(request: PortalRequest, ref: str) -> AdvocateSeat:
    """The seat one has today at the request with this reference; else 404."""
    live = request.user.advocate_seats.live(request.today)
    found: AdvocateSeat = get_object_or_404(
        live.select_related("asked__young_person__user", "asked__holder", "asked__version"), asked__ref=ref
    )
    return found
