"""Finance's pages about new bank details: who waits for a phone call, and what came of it. Two digits, never more."""

from functools import wraps

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from portal.finance import services
from portal.finance.bank_forms import CallForm
from portal.finance.models import BankDetails
from portal.finance.staff_views import A_PAGE, finance_only, look_at_people
from portal.people.access import View


def where_kept(view: View) -> View:
    """Where the council keeps no bank details here, these pages do not exist; finance officers only."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        if not settings.BANK_DETAILS_ENABLED:
            raise Http404
        return view(request, *args, **kwargs)

    return finance_only(guarded)


@where_kept
@require_GET
def waiting(request: HttpRequest) -> HttpResponse:
    """New details that nobody has rung about yet, oldest first; those that wait out their two days; those in use."""
    standing = BankDetails.objects.standing().select_related("young_person", "rang_by")
    given = list(standing.filter(state=BankDetails.State.GIVEN)[:A_PAGE])
    today = request.today  # type: ignore[attr-defined]
    confirmed = list(standing.filter(state=BankDetails.State.CONFIRMED, use_from__gt=today)[:A_PAGE])
    in_use = standing.exclude(state=BankDetails.State.GIVEN).filter(use_from__lte=today).order_by("-given_at")
    page = Paginator(in_use, A_PAGE).get_page(request.GET.get("page"))
    look_at_people(request, (one.young_person_id for one in [*given, *confirmed, *page]), part="bank_details")
    context = {
        "section": "bank", "given": given, "confirmed": confirmed, "page": page, "today": today,
        "no_tables": not settings.MODULUS_WEIGHTS_FILE,
    }  # fmt: skip
    return render(request, "finance/bank.html", context)


@where_kept
@require_http_methods(["GET", "HEAD", "POST"])
def call(request: HttpRequest, ref: str) -> HttpResponse:
    """Write down the phone call about one of them."""
    found = BankDetails.objects.exclude(state=BankDetails.State.DRAFT).select_related("young_person__user")
    one = get_object_or_404(found, ref=ref)
    look_at_people(request, [one.young_person_id], part="bank_details")
    waits = one.state == BankDetails.State.GIVEN
    if request.method == "POST" and "stop" in request.POST:
        return _stop(request, one)
    typed = request.POST if request.method == "POST" and waits else None
    form = CallForm(typed, initial={"rang_on": request.today})  # type: ignore[attr-defined]
    if request.method == "POST" and not waits:
        messages.warning(request, _("These details are not waiting for a call any more."))
        return redirect("finance:bank_call", ref)
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        try:
            services.confirm(
                ref=ref, theirs=said["theirs"] == "yes", adviser_rang=said["rang"] == "ADVISER", number=said["number"],
                rang_on=said["rang_on"], by=request.user, now=request.now,  # type: ignore[arg-type, attr-defined]
            )  # fmt: skip
        except ValidationError as refusal:
            where = {"wrong_day": "rang_on", "no_adviser": "rang"}
            form.add_error(where.get(refusal.code or ""), refusal)
        else:
            messages.success(request, _("Written down."))
            return redirect("finance:bank")
    holder = one.young_person.holder_on(request.today)  # type: ignore[attr-defined]
    return render(
        request, "finance/bank_call.html", {"section": "bank", "one": one, "form": form, "holder": holder}
    )


def _stop(request: HttpRequest, one: BankDetails) -> HttpResponse:
    try:
        services.stop_using(ref=one.ref, by=request.user, now=request.now)  # type: ignore[arg-type, attr-defined]
    except ValidationError as refusal:
        messages.error(request, refusal.messages[0])
    else:
        messages.success(request, _("Stopped. Whoever looks after them hears today."))
        for ref in services.open_batches_with(one):
            messages.warning(
                request,
                _("Batch %s still pays this account. Call it off, unless it is loaded already.") % ref,
            )
    return redirect("finance:bank_call", one.ref)
