"""A young person's pages: ask, one question a page; see the story; answer; take back; ask somebody else to look."""

from collections.abc import Callable
from contextlib import suppress
from datetime import date
from typing import Any

from django import forms as django_forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db.models import Prefetch, Q
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_http_methods

from entitlements.models import Entitlement, HowToGet
from portal.ledger.services import money_left
from portal.notifications.contact import standing_of
from portal.payments import evidence, forms, services, story
from portal.payments.models import CameAs, EvidencePage, PaymentRequest, PaymentRequestQuerySet
from portal.payments.pages import PortalRequest
from portal.payments.rules import HowHelped, Status
from portal.people.access import young_person_only
from portal.refs import new_token

QUESTIONS = ("what", "amount", "when", "how", "photo")
ANSWERED_BY = {"what": "story", "amount": "amount_said", "when": "when", "how": "how", "photo": "photos_said"}
SOMETHING_ELSE = "something-else"
SPOT_HELP_SHOWN = 10
CONFLICTS = {"busy", "stale", "other_form", "changed_since", "not_now"}
POSTS = require_http_methods(["GET", "HEAD", "POST"])


@require_GET
@young_person_only
def mine(request: PortalRequest) -> HttpResponse:
    """Everything they asked for: what is open first."""
    asked = list(
        _theirs(request)
        .select_related("holder")
        .prefetch_related(Prefetch("awards__instalments", story.for_lists()))
        .order_by("-started_at")
    )
    account_waits = settings.BANK_DETAILS_ENABLED and story.new_account_waits(
        request.young_person, on=request.today
    )
    rows, to_come = [], set()
    for one in asked:
        theirs = [i for award in one.awards.all() for i in award.instalments.all()]
        words = story.agreed_words(one, theirs, on=request.today, account_waits=account_waits)
        rows.append((one, story.tag_of(one, theirs), words))
        if one.is_open or story.still_to_come(theirs):
            to_come.add(one.pk)
    context = {
        "drafts": [row for row in rows if row[0].status == Status.DRAFT],
        "open": [row for row in rows if row[0].pk in to_come],
        "done": [row for row in rows if row[0].status != Status.DRAFT and row[0].pk not in to_come],
        "spot_help": request.young_person.spot_help.all()[:SPOT_HELP_SHOWN],
    }
    return _page(request, "mine", context)


@POSTS
@young_person_only
def new(request: PortalRequest) -> HttpResponse:
    """The first question; its answer begins a draft. Without `?for=` the choice of what to ask for."""
    code = request.GET.get("for", "")
    if not code:
        return _page(request, "choose", {"choices": _choices()})
    entitlement = _asked_for(code)
    form = forms.WhatForm(request.POST or None, named=entitlement is not None)
    once = forms.TokenForm(request.POST or None, initial={"token": new_token()})
    if request.method == "POST" and form.is_valid() and once.is_valid():
        try:
            asked = services.start(
                young_person=request.young_person,
                entitlement=entitlement,
                answers=form.answers(),
                token=once.cleaned_data["token"],
                by=request.user,
                now=request.now,
            )
        except ValidationError as refusal:
            return _refused(request, "what", {"once": once, **_about(request, entitlement)}, form, refusal)
        return redirect("payments:question", asked.ref, "amount")
    return _page(request, "what", {"form": form, "once": once, **_about(request, entitlement)})


@POSTS
@young_person_only
def told_no(request: PortalRequest) -> HttpResponse:
    """A spoken no, or no answer at all, becomes a request of today."""
    choices = [(choice.code, choice.current.title) for choice in _choices() if choice.current]
    form = forms.ToldNoForm(request.POST or None, choices=[(SOMETHING_ELSE, _("Something else")), *choices])
    once = forms.TokenForm(request.POST or None, initial={"token": new_token()})
    if request.method == "POST" and form.is_valid() and once.is_valid():
        try:
            asked = services.told_no(
                young_person=request.young_person,
                entitlement=_asked_for(form.cleaned_data["code"]),
                came_as=CameAs(form.cleaned_data["came_as"]),
                answers=form.answers(),
                token=once.cleaned_data["token"],
                by=request.user,
                now=request.now,
            )
        except ValidationError as refusal:
            return _refused(request, "told_no", {"once": once}, form, refusal)
        return redirect("payments:story", asked.ref)
    return _page(request, "told_no", {"form": form, "once": once})


@POSTS
@young_person_only
def question(request: PortalRequest, ref: str, name: str) -> HttpResponse:
    """One question of a draft. Kept as soon as it is answered."""
    asked = _draft(request, ref)
    if asked is None:
        return redirect("payments:story", ref)
    form = _question_form(request, asked, name)
    context = {
        "form": form,
        "asked": asked,
        "name": name,
        "photos": evidence.pages_for(asked),
        **_steps(asked, name),
    }
    if request.method == "POST" and form.is_valid():
        try:
            if name == "photo":
                _add_photos(request, asked.ref, form)
            services.save_draft(ref=ref, answers=form.answers(), by=request.user, now=request.now)
        except ValidationError as refusal:
            field = "photos" if name == "photo" and refusal.code not in CONFLICTS else None
            return _refused(request, "question", context, form, refusal, field=field)
        return redirect(
            "payments:check" if request.GET.get("back") else _after(name), *_after_args(request, ref, name)
        )
    return _page(request, "question", context)


@POSTS
@young_person_only
def remove_photo(request: PortalRequest, ref: str, photo: str) -> HttpResponse:
    """Take one photo away before sending."""
    if _draft(request, ref) is not None and request.method == "POST":
        # Sent in another tab a moment ago, or busy: the next page shows how it stands.
        with suppress(ValidationError):
            evidence.remove(ref=ref, evidence=photo, by=request.user, now=request.now)
    return redirect("payments:question", ref, "photo")


@POSTS
@young_person_only
def check(request: PortalRequest, ref: str) -> HttpResponse:
    """Everything on one page, then send."""
    asked = _draft(request, ref)
    if asked is None:
        return _sent_again(request, ref)
    missing = [name for name in QUESTIONS if not asked.draft_answers.get(ANSWERED_BY[name])]
    if missing:
        return redirect("payments:question", ref, missing[0])
    fresh = {"token": new_token(), "shown": services.shown_print(asked)}
    form = forms.SendForm(request.POST or None, initial=fresh)
    context = {"form": form, "asked": asked, "photos": evidence.pages_for(asked), "answers": _shown(asked)}
    if request.method == "POST" and form.is_valid():
        try:
            services.submit(ref=ref, by=request.user, now=request.now, **form.cleaned_data)
        except ValidationError as refusal:
            form = forms.SendForm({**fresh, "talk_first": form.cleaned_data["talk_first"]})
            form.is_valid()
            return _refused(request, "check", {**context, "form": form}, form, refusal)
        return redirect("payments:story", ref)
    return _page(request, "check", context)


@require_GET
@young_person_only
def tell(request: PortalRequest, ref: str) -> HttpResponse:
    """One request and its whole story."""
    asked = _one(request, ref)
    if asked.status == Status.DRAFT:
        return redirect("payments:check", ref)
    told = story.tell(asked)
    bank_here = settings.BANK_DETAILS_ENABLED
    told.account_waits = bank_here and story.waits_for_account(told, on=request.today)
    context = {
        "asked": asked,
        "told": told,
        "bank_here": bank_here,
        "lines": told.lines(viewer=request.user.pk),
        "photos": evidence.pages_for(asked),
        "left": _left(request, asked.version) if asked.version else None,
        "seats": asked.advocate_seats.live(request.today).select_related("user"),
        "reach": standing_of(request.young_person.user, now=request.now),  # type: ignore[arg-type]
    }
    return _page(request, "story", context)


@POSTS
@young_person_only
def more(request: PortalRequest, ref: str) -> HttpResponse:
    """Answer what was asked, in words or photos."""
    asked = _one(request, ref)
    told = story.tell(asked)
    if told.question is None:
        return redirect("payments:story", ref)
    form = forms.MoreForm(request.POST or None, request.FILES or None)
    context = {"form": form, "asked": asked, "told": told}
    if request.method == "POST" and form.is_valid():
        try:
            _add_photos(request, ref, form)
            services.answer_more(ref=ref, words=form.cleaned_data["words"], by=request.user, now=request.now)
        except ValidationError as refusal:
            return _refused(request, "more", context, form, refusal)
        return redirect("payments:story", ref)
    return _page(request, "more", context)


@POSTS
@young_person_only
def withdraw(request: PortalRequest, ref: str) -> HttpResponse:
    """Take it back, quietly; from a page older than the last step, first read what happened. A draft goes for good."""
    asked = _one(request, ref)
    if asked.status == Status.DRAFT:
        return _throw_away(request, asked)
    form = forms.SeenForm(request.POST if request.method == "POST" else None)
    context: dict[str, Any] = {"asked": asked, "fresh": forms.SeenForm(initial={"seen": asked.row_version})}
    if request.method == "POST" and form.is_valid():
        try:
            services.withdraw(ref=ref, by=request.user, now=request.now, **form.cleaned_data)
        except services.Stale as stale:
            context["fresh"] = forms.SeenForm(initial={"seen": stale.asked.row_version})
            context["since"] = story.Story(stale.asked, stale.since).lines(viewer=request.user.pk)
            return _refused(request, "withdraw", context, form, stale)
        except ValidationError as refusal:
            return _refused(request, "withdraw", context, form, refusal)
        return redirect("payments:story", ref)
    return _page(request, "withdraw", {**context, "form": form})


@POSTS
@young_person_only
def review(request: PortalRequest, ref: str) -> HttpResponse:
    """Have somebody else look: two taps from the decision."""
    return _confirm(request, ref, "review", forms.ReviewForm, services.ask_review)


def _throw_away(request: PortalRequest, asked: PaymentRequest) -> HttpResponse:
    form = django_forms.Form(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            services.throw_away(ref=asked.ref, by=request.user, now=request.now)
        except ValidationError as refusal:
            return _refused(request, "throw_away", {"asked": asked}, form, refusal)
        return redirect("payments:mine")
    return _page(request, "throw_away", {"form": form, "asked": asked})


@require_GET
@young_person_only
def photo(request: PortalRequest, ref: str, photo: str, number: int) -> HttpResponse:
    """One picture of theirs."""
    asked = _one(request, ref)
    page = get_object_or_404(EvidencePage, evidence__asked=asked, evidence__ref=photo, number=number)
    return evidence.file_of(page)


def _confirm(
    request: PortalRequest, ref: str, name: str, form_class: type[django_forms.Form], verb: Callable[..., Any]
) -> HttpResponse:
    asked = _one(request, ref)
    form = form_class(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            verb(ref=ref, by=request.user, now=request.now, **form.cleaned_data)
        except ValidationError as refusal:
            return _refused(request, name, {"form": form, "asked": asked}, form, refusal)
        return redirect("payments:story", ref)
    return _page(request, name, {"form": form, "asked": asked, "told": story.tell(asked)})


def _page(request: PortalRequest, name: str, context: dict[str, Any], *, status: int = 200) -> HttpResponse:
    return render(request, f"payments/{name}.html", {"section": "requests", **context}, status=status)


def _refused(
    request: PortalRequest,
    name: str,
    context: dict[str, Any],
    form: django_forms.Form,
    refusal: ValidationError,
    *,
    field: str | None = None,
) -> HttpResponse:
    """The same page, with what was typed and why it did not work; 409 when somebody or something was faster."""
    form.add_error(field, refusal)
    status = 409 if getattr(refusal, "code", None) in CONFLICTS else 200
    return _page(request, name, {**context, "form": form}, status=status)


def _theirs(request: PortalRequest) -> PaymentRequestQuerySet:
    return PaymentRequest.objects.visible_to(request.user, on=request.today).filter(
        young_person=request.young_person
    )


def _one(request: PortalRequest, ref: str) -> PaymentRequest:
    found: PaymentRequest = get_object_or_404(
        _theirs(request).select_related("young_person", "version", "holder", "entitlement"), ref=ref
    )
    return found


def _draft(request: PortalRequest, ref: str) -> PaymentRequest | None:
    """A draft of theirs, or None when it was sent already; 404 when it is not theirs."""
    found = _theirs(request).select_related("young_person", "version", "entitlement")
    asked: PaymentRequest = get_object_or_404(found, ref=ref)
    return asked if asked.status == Status.DRAFT else None


def _sent_again(request: PortalRequest, ref: str) -> HttpResponse:
    """The form came twice: once more nothing happens, unless it is another form."""
    form = forms.SendForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            services.submit(ref=ref, by=request.user, now=request.now, **form.cleaned_data)
        except ValidationError:
            return _page(request, "sent_already", {"asked": _one(request, ref)}, status=409)
    return redirect("payments:story", ref)


def _asked_for(code: str) -> Entitlement | None:
    if code == SOMETHING_ELSE:
        return None
    return get_object_or_404(Entitlement.objects.select_related("current"), code=code, current__isnull=False)


def _choices() -> list[Entitlement]:
    ways = [HowToGet.REQUEST_ONLINE, HowToGet.ASK_PA]
    listed = Entitlement.objects.filter(current__how_to_get__in=ways, current__quiet=False)
    return list(listed.select_related("current").order_by("current__section", "current__title"))


def _about(request: PortalRequest, entitlement: Entitlement | None) -> dict[str, Any]:
    """What they should know before asking: money left, and what they asked for before."""
    version = entitlement.current if entitlement else None
    earlier: list[PaymentRequest] = []
    if entitlement is not None:
        before = _theirs(request).filter(entitlement=entitlement).exclude(status=Status.WITHDRAWN)
        sent_or_begun = before.filter(Q(status=Status.DRAFT) | Q(submitted_at__isnull=False))
        earlier = list(sent_or_begun.select_related("holder").order_by("-started_at")[:3])
    return {
        "version": version,
        "left": _left(request, version) if version else None,
        "earlier": [(one, story.tag_of(one)) for one in earlier],
        "name": "what",
        "place": 1,
        "places": len(QUESTIONS) + 1,
    }


def _left(request: PortalRequest, version: Any) -> int | None:
    return money_left(young_person=request.young_person, version=version, on=request.today)


def _question_form(request: PortalRequest, asked: PaymentRequest, name: str) -> Any:
    said = asked.draft_answers
    data = request.POST if request.method == "POST" else None
    if name == "what":
        return forms.WhatForm(data, named=asked.entitlement_id is not None, initial=said)
    if name == "amount":
        known = {"pence": said.get("pence"), "not_known": said.get("amount_said") and not said.get("pence")}
        return forms.AmountForm(data, initial=known)
    if name == "when":
        day = said.get("needed_by")
        initial = {"when": said.get("when"), "needed_by": date.fromisoformat(day) if day else None}
        return forms.WhenForm(data, today=request.today, initial=initial)
    if name == "how":
        return forms.HowForm(data, initial=said)
    if name == "photo":
        files = request.FILES if request.method == "POST" else None
        return forms.PhotoForm(data, files, has_some=asked.evidence.exists(), initial=said)
    raise Http404


def _add_photos(request: PortalRequest, ref: str, form: Any) -> None:
    for photo in form.cleaned_data["photos"]:
        evidence.add(ref=ref, data=photo.read(), by=request.user, now=request.now)


def _steps(asked: PaymentRequest, name: str) -> dict[str, Any]:
    place = QUESTIONS.index(name)
    before = (
        reverse("payments:question", args=[asked.ref, QUESTIONS[place - 1]])
        if place
        else reverse("payments:mine")
    )
    return {"place": place + 1, "places": len(QUESTIONS) + 1, "back": before, "version": asked.version}


def _after(name: str) -> str:
    return "payments:check" if name == QUESTIONS[-1] else "payments:question"


def _after_args(request: PortalRequest, ref: str, name: str) -> tuple[str, ...]:
    if name == QUESTIONS[-1] or request.GET.get("back"):
        return (ref,)
    return (ref, QUESTIONS[QUESTIONS.index(name) + 1])


def _shown(asked: PaymentRequest) -> dict[str, Any]:
    said = asked.draft_answers
    return {
        **said,
        "needed_by": date.fromisoformat(said["needed_by"]) if said.get("needed_by") else None,
        "how": HowHelped(said["how"]).label,
    }
