"""What a yes became: paid again and again, or a thing. For staff; and the young person's way to a second look."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from entitlements.models import Entitlement
from portal.ledger.services import money_left
from portal.payments import award_forms as forms
from portal.payments import exceptions, provisions, services
from portal.payments.models import Award, PaymentRequest
from portal.payments.pages import PortalRequest
from portal.payments.regular import changing
from portal.payments.regular.rules import NOTICE, ChangeKind
from portal.payments.rules import Status
from portal.people.access import open_record, staff_only, young_person_only

POSTS = require_http_methods(["GET", "HEAD", "POST"])
MAY_BE_REGULAR = {Status.SUBMITTED, Status.RECOMMENDED}


@POSTS
@staff_only()
def agree(request: PortalRequest, ref: str) -> HttpResponse:
    """Say yes to money that comes every week, month or term; the whole sum is set aside."""
    asked = _one(request, ref)
    open_record(request, asked.young_person.ref, part="request")
    if asked.status not in MAY_BE_REGULAR:
        return redirect("payments:decide", ref)
    start = {"seen": asked.row_version, "each_pence": asked.asked_pence, "every": "WEEK"}
    form = forms.AgreeForm(request.POST if request.method == "POST" else None, initial=start)
    if request.method == "POST" and form.is_valid():
        try:
            services.approve(ref=ref, by=request.user, now=request.now, **form.decision())
        except services.Stale:
            form.add_error(None, _("This has moved on since you opened it. Go back and look at it again."))
        except ValidationError as refusal:
            form.add_error(forms.WHERE.get(refusal.code or ""), refusal)
        else:
            return redirect("payments:award", ref)
    context = {"section": "queue", "asked": asked, "form": form, "needs_why": asked.rule_answer == "NO"}
    return render(request, "payments/agree_regular.html", context)


@POSTS
@staff_only()
def award(request: PortalRequest, ref: str) -> HttpResponse:
    """One award: what was paid, what comes, each decision about it; and the next one."""
    asked = _one(request, ref)
    open_record(request, asked.young_person.ref, part="request")
    found = asked.awards.select_related("regular").order_by("pk").last()
    pressed = request.POST.get("action", "") if request.method == "POST" else ""
    filled: dict[str, Any] = {}
    if pressed in forms.FORMS:
        form = filled[pressed] = forms.FORMS[pressed](request.POST, prefix=pressed.lower())
        if form.is_valid():
            try:
                _do(request, ref, pressed, form.cleaned_data)
            except ValidationError as refusal:
                form.add_error(forms.WHERE.get(refusal.code or ""), refusal)
            else:
                return redirect("payments:award", ref)
    return render(request, "payments/award_desk.html", _everything(request, asked, found, filled, pressed))


@POSTS
@staff_only()
def exception(request: PortalRequest, ref: str) -> HttpResponse:
    """A named authority lets this person have more than the cap, before the request is decided."""
    asked = _one(request, ref)
    open_record(request, asked.young_person.ref, part="request")
    if not asked.is_open or asked.version is None or asked.version.cap_pence is None:
        return redirect("payments:decide", ref)
    form = forms.ExceptionForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            exceptions.let_have_more(ref=ref, by=request.user, now=request.now, **form.cleaned_data)
        except ValidationError as refusal:
            form.add_error(None, refusal)
        else:
            return redirect("payments:decide", ref)
    left = money_left(
        young_person=asked.young_person, version=asked.version, on=request.today, item=asked.ref
    )
    may = exceptions.may_let_have_more(asked, by=request.user, on=request.today)
    context = {"section": "queue", "asked": asked, "form": form, "left": left, "may": may}
    return render(request, "payments/exception.html", context)


@POSTS
@staff_only()
def elsewhere(request: PortalRequest, ref: str) -> HttpResponse:
    """What the council paid another way for something a page describes: counted once, never forgotten."""
    person = open_record(request, ref, part="request")
    if person.user_id == request.user.pk:
        raise Http404
    listed = list(
        Entitlement.objects.filter(current__isnull=False).select_related("current").order_by("current__title")
    )
    versions = {one.code: one.current for one in listed if one.current}
    choices = [(code, version.title) for code, version in versions.items()]
    form = forms.ElsewhereForm(request.POST if request.method == "POST" else None, choices=choices)
    if request.method == "POST" and form.is_valid():
        said = dict(form.cleaned_data)
        found = versions[said.pop("code")]
        try:
            entry = exceptions.paid_elsewhere(
                young_person=person, version=found, by=request.user, now=request.now, **said
            )
        except ValidationError as refusal:
            form.add_error({"over_cap": "reason"}.get(refusal.code or ""), refusal)
        else:
            known = _("This was written down before. Nothing was counted twice.")
            messages.success(request, known if entry.repeated else _("Written down. They can see it."))
            return redirect("desk:young_person", ref)
    return render(request, "payments/elsewhere.html", {"section": "people", "form": form, "person": person})


@POSTS
@young_person_only
def look_again(request: PortalRequest, ref: str) -> HttpResponse:
    """The young person asks for somebody else to look at what was decided about their award."""
    theirs = PaymentRequest.objects.filter(young_person=request.young_person).exclude(status=Status.DRAFT)
    asked = get_object_or_404(theirs, ref=ref, awards__regular__changes__isnull=False)
    form = forms.LookAgainForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            changing.ask_change_review(ref=ref, by=request.user, now=request.now, **form.cleaned_data)
        except ValidationError as refusal:
            form.add_error(None, refusal)
        else:
            return redirect("payments:story", ref)
    return render(request, "payments/look_again.html", {"section": "requests", "asked": asked, "form": form})


def _do(request: PortalRequest, ref: str, pressed: str, said: dict[str, Any]) -> None:
    by, now = request.user, request.now
    if pressed == "ORDER":
        provisions.order(ref=ref, by=by, now=now, **said)
    elif pressed == "READY":
        provisions.ready(ref=ref, by=by, now=now)
    elif pressed == "LOOKED":
        changing.decide_change_review(
            ref=ref, stands=said["stands"] == "yes", words=said["words"], by=by, now=now
        )
    else:
        changing.change_regular(ref=ref, kind=ChangeKind(pressed), by=by, now=now, **said)


def _everything(
    request: PortalRequest, asked: PaymentRequest, found: Award | None, filled: dict[str, Any], pressed: str
) -> dict[str, Any]:
    regular = getattr(found, "regular", None) if found is not None else None
    coming = list(found.instalments.order_by("number")) if found is not None else []
    changes = list(regular.changes.select_related("by", "reviewed_by")) if regular is not None else []
    held = any(one.state == "HELD" for one in coming)
    waits = next((change for change in changes if change.waits_for_review), None)
    thing = provisions.provision_of(asked)
    may: list[str] = []
    if waits is not None:
        may.append("LOOKED")
    if regular is not None and any(one.state in {"OWED", "HELD"} for one in coming):
        may += [ChangeKind.RESUME] if held else [ChangeKind.HOLD]
        may += [ChangeKind.CHANGE, ChangeKind.END, ChangeKind.KEEP]
    if provisions.may_order(asked):
        may.append("ORDER")
    if thing is not None and thing.ready_at is None:
        may.append("READY")
    return {
        "section": "queue",
        "asked": asked,
        "award": found,
        "regular": regular,
        "coming": coming,
        "changes": changes,
        "waits": waits,
        "thing": thing,
        "first_day": request.today + NOTICE,
        "opened": pressed,
        "choices": [
            (name, forms.LABELS[name], filled.get(name) or forms.FORMS[name](prefix=name.lower()))
            for name in may
        ],
    }


def _one(request: PortalRequest, ref: str) -> PaymentRequest:
    """A request of somebody one may see, and not one's own."""
    found = PaymentRequest.objects.visible_to(request.user, on=request.today).exclude(
        young_person__user=request.user
    )
    asked: PaymentRequest = get_object_or_404(found.select_related("young_person", "version"), ref=ref)
    return asked
