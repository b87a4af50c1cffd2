"""Finance's pages: what waits, batches, answers. Reference, payee, amount, cost code; no story, no evidence."""

from collections.abc import Iterable

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from portal.accounts.models import Role
from portal.audit.services import record_many
from portal.clock import local_date
from portal.finance import services
from portal.finance.budget import by_cost_code, year_of
from portal.finance.forms import (
    CallOffForm,
    CloseForm,
    HandOverForm,
    NoteForm,
    PayeeForm,
    PayToForm,
    RemittanceForm,
    ReturnForm,
)
from portal.finance.models import Batch, Payee, Payment, PayTo, Remittance, RemittanceLine
from portal.finance.payees import payees_for
from portal.finance.rules import LEFT_OUT_WORDS, UNMATCHED, open_too_long
from portal.payments.models import PaymentRequest
from portal.people.access import open_record, staff_only

A_PAGE = 50
finance_only = staff_only(Role.FINANCE_OFFICER)


@finance_only
@require_GET
def waiting(request: HttpRequest) -> HttpResponse:
    """What is due, what must wait and why, and the batches that are open."""
    due = services.waiting(by=request.user, on=request.today)  # type: ignore[arg-type, attr-defined]
    ready = [one for one in due if one.left_out is None]
    held = [(one, LEFT_OUT_WORDS[one.left_out]) for one in due if one.left_out is not None]
    page = Paginator(ready, A_PAGE).get_page(request.GET.get("page"))
    shown = [*page, *(one for one, _why in held[:A_PAGE])]
    look_at_people(request, (one.instalment.award.young_person_id for one in shown), part="payments_due")
    context = {
        "section": "waiting",
        "page": page,
        "count": len(ready),
        "total_pence": sum(one.pence for one in ready),
        "held": held[:A_PAGE],
        "held_count": len(held),
        "open_batches": _with_lateness(request, _batches(request).filter(state=Batch.State.OPEN)),
        "calls": services.calls_to_make(),
        "late_calls": services.late_calls(on=request.today),  # type: ignore[attr-defined]
    }
    return render(request, "finance/waiting.html", context)


@finance_only
@require_POST
def make_batch(request: HttpRequest) -> HttpResponse:
    """Fix the set of what is due now, and write its file."""
    try:
        made = services.make_batch(by=request.user, now=request.now)  # type: ignore[arg-type, attr-defined]
        services.write_file(batch=made.batch, now=request.now)  # type: ignore[attr-defined]
    except ValidationError as refusal:
        messages.error(request, refusal.messages[0])
        return redirect("finance:waiting")
    return redirect("finance:batch", made.batch.ref)


@finance_only
@require_GET
def batches(request: HttpRequest) -> HttpResponse:
    """Every batch, newest first."""
    page = Paginator(_batches(request), A_PAGE).get_page(request.GET.get("page"))
    return render(
        request,
        "finance/batches.html",
        {"section": "batches", "page": page, "rows": _with_lateness(request, page)},
    )


@finance_only
def batch(request: HttpRequest, ref: str) -> HttpResponse:
    """One batch: its totals, its file, its payments; closed by typing its total."""
    shown = get_object_or_404(_batches(request), ref=ref)
    form = CloseForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            services.close_batch(
                ref=ref,
                typed_pence=form.cleaned_data["total"],
                by=request.user,  # type: ignore[arg-type]
                now=request.now,  # type: ignore[attr-defined]
            )
        except ValidationError as refusal:
            form.add_error("total" if refusal.code == "total_differs" else None, refusal)
        else:
            messages.success(request, _("Closed. The payments are on their way."))
            return redirect("finance:batch", ref)
    page = Paginator(shown.payments.select_related("instalment__award"), A_PAGE).get_page(
        request.GET.get("page")
    )
    payments = list(page.object_list)
    look_at_people(request, (one.instalment.award.young_person_id for one in payments), part="payments")
    context = {"section": "batches", "batch": shown, "page": page, "payments": payments, "form": form}
    return render(request, "finance/batch.html", context)


@finance_only
@require_http_methods(["GET", "HEAD", "POST"])
def call_off(request: HttpRequest, ref: str) -> HttpResponse:
    """Undo an open batch that nobody loaded; what was in it is due again."""
    shown = get_object_or_404(_batches(request), ref=ref)
    form = CallOffForm(request.POST if request.method == "POST" else None)
    if not shown.is_open:
        return redirect("finance:batch", ref)
    if request.method == "POST" and form.is_valid():
        try:
            services.call_off(ref=ref, by=request.user, now=request.now, **form.cleaned_data)  # type: ignore[arg-type, attr-defined]
        except ValidationError as refusal:
            form.add_error(None, refusal)
        else:
            messages.success(request, _("Called off. Its payments are due again."))
            return redirect("finance:waiting")
    return render(request, "finance/call_off.html", {"section": "batches", "batch": shown, "form": form})


@finance_only
@require_GET
def batch_file(request: HttpRequest, ref: str) -> HttpResponse:
    """The file of a batch: the same bytes each time."""
    shown = get_object_or_404(_batches(request), ref=ref)
    people = shown.payments.values_list("instalment__award__young_person_id", flat=True)
    look_at_people(request, people, part="payment_file")
    try:
        content = services.content_of(batch=shown, by=request.user, now=request.now)  # type: ignore[arg-type, attr-defined]
    except ValidationError as refusal:
        messages.error(request, refusal.messages[0])
        return redirect("finance:batch", ref)
    return HttpResponse(
        content,
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{shown.file_name}"'},
    )


@finance_only
def remittances(request: HttpRequest) -> HttpResponse:
    """Read an answer, and the answers read before."""
    form = RemittanceForm(request.POST, request.FILES) if request.method == "POST" else RemittanceForm()
    if request.method == "POST" and form.is_valid():
        try:
            read = services.read_remittance(
                content=form.cleaned_data["file"].read(),
                by=request.user,  # type: ignore[arg-type]
                now=request.now,  # type: ignore[attr-defined]
            )
        except ValidationError as refusal:
            form.add_error("file", refusal)
        else:
            if read.repeated:
                messages.warning(request, _("This file was read before. Nothing was done twice."))
            return redirect("finance:remittance", read.ref)
    page = Paginator(Remittance.objects.all(), A_PAGE).get_page(request.GET.get("page"))
    return render(request, "finance/remittances.html", {"section": "remittances", "form": form, "page": page})


@finance_only
@require_GET
def remittance(request: HttpRequest, ref: str) -> HttpResponse:
    """What one answer did, line by line, unmatched ones first."""
    read = get_object_or_404(Remittance, ref=ref)
    lines = list(read.lines.select_related("payment__instalment__award"))
    lines.sort(key=lambda line: (line.result not in UNMATCHED, line.number))
    page = Paginator(lines, A_PAGE).get_page(request.GET.get("page"))
    look_at_people(
        request,
        (line.payment.instalment.award.young_person_id for line in page if line.payment is not None),
        part="payments",
    )
    counts = {
        "applied": sum(line.result == "APPLIED" for line in lines),
        "repeated": sum(line.result == "REPEATED" for line in lines),
        "unmatched": sum(line.result in UNMATCHED for line in lines),
    }
    context = {
        "section": "remittances",
        "remittance": read,
        "page": page,
        "counts": counts,
        "unmatched": UNMATCHED,
    }
    return render(request, "finance/remittance.html", context)


@finance_only
@require_GET
def unmatched(request: HttpRequest) -> HttpResponse:
    """Lines that a person must still look at, oldest first."""
    lines = RemittanceLine.objects.unmatched().select_related("remittance")
    page = Paginator(lines, A_PAGE).get_page(request.GET.get("page"))
    return render(request, "finance/unmatched.html", {"section": "unmatched", "page": page})


@finance_only
def line(request: HttpRequest, ref: str, number: int) -> HttpResponse:
    """One unmatched line: what it said, and what somebody found out."""
    shown = (
        RemittanceLine.objects.select_related("remittance").filter(remittance__ref=ref, number=number).first()
    )
    if shown is None or shown.result not in UNMATCHED:
        raise Http404
    form = NoteForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        services.look_at_line(line=shown, note=form.cleaned_data["note"], by=request.user, now=request.now)  # type: ignore[arg-type, attr-defined]
        messages.success(request, _("Noted."))
        return redirect("finance:unmatched")
    return render(request, "finance/line.html", {"section": "unmatched", "line": shown, "form": form})


@finance_only
@require_http_methods(["GET", "HEAD", "POST"])
def returns(request: HttpRequest) -> HttpResponse:
    """The bank sent one payment back, days after "paid": it is owed again, and the young person is told the fix."""
    form = ReturnForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        found = (
            Payment.objects.filter(ref=said["reference"].upper()).select_related("instalment__award").first()
        )
        if found is None:
            form.add_error("reference", _("No payment of ours has this reference."))
        elif found.pence != said["pence"]:
            form.add_error("pence", _("That is not the amount of this payment."))
        else:
            look_at_people(request, [found.instalment.award.young_person_id], part="payments")
            try:
                services.bank_return(payment=found, reason=said["reason"], by=request.user, now=request.now)  # type: ignore[arg-type, attr-defined]
            except ValidationError as refusal:
                form.add_error(None, refusal)
            else:
                messages.success(
                    request,
                    _("Written down. It is due again, and the young person is told how to put it right."),
                )
                return redirect("finance:returns")
    recent = (
        Payment.objects.filter(returned=True)
        .select_related("instalment__award")
        .order_by("-settled_at")[:A_PAGE]
    )
    look_at_people(request, (one.instalment.award.young_person_id for one in recent), part="payments")
    return render(request, "finance/returns.html", {"section": "remittances", "form": form, "recent": recent})


@finance_only
@require_http_methods(["GET", "HEAD", "POST"])
def payees(request: HttpRequest) -> HttpResponse:
    """Suppliers, landlords, carers and others who are paid for a young person."""
    form = PayeeForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        names = ("kind", "name", "vendor_number", "young_person")
        try:
            services.add_payee(by=request.user, now=request.now, **{name: said[name] for name in names})  # type: ignore[arg-type, attr-defined]
        except ValidationError as refusal:
            where = {"no_number": "vendor_number", "number_used": "vendor_number", "no_person": "person_id"}
            form.add_error(where.get(refusal.code or ""), refusal)
        else:
            messages.success(request, _("Added. Casework can choose them now."))
            return redirect("finance:payees")
    listed = Payee.objects.filter(ended_on=None).select_related("young_person")
    page = Paginator(listed, A_PAGE).get_page(request.GET.get("page"))
    look_at_people(request, (one.young_person_id for one in page if one.young_person_id), part="payees")
    return render(request, "finance/payees.html", {"section": "payees", "form": form, "page": page})


@finance_only
@require_POST
def end_payee(request: HttpRequest, ref: str) -> HttpResponse:
    """They are paid no more."""
    get_object_or_404(Payee, ref=ref)
    try:
        services.end_payee(ref=ref, by=request.user, now=request.now)  # type: ignore[arg-type, attr-defined]
    except ValidationError as refusal:
        messages.error(request, refusal.messages[0])
    return redirect("finance:payees")


@finance_only
@require_GET
def budget(request: HttpRequest) -> HttpResponse:
    """What is paid and promised this financial year, by cost code."""
    on = request.today  # type: ignore[attr-defined]
    lines, on_the_spot = by_cost_code(on=on)
    first, last = year_of(on)
    context = {
        "section": "budget", "lines": lines, "on_the_spot": on_the_spot, "first": first, "last": last,
        "total": sum(line.total for line in lines) + on_the_spot,
    }  # fmt: skip
    return render(request, "finance/budget.html", context)


@staff_only()
@require_http_methods(["GET", "HEAD", "POST"])
def pay_to(request: HttpRequest, ref: str) -> HttpResponse:
    """For casework: whom what was agreed is paid to, when it is not the young person."""
    user, now, today = request.user, request.now, request.today  # type: ignore[attr-defined]
    found = PaymentRequest.objects.visible_to(user, on=today).exclude(young_person__user=user)  # type: ignore[arg-type, misc]
    asked = get_object_or_404(found.select_related("young_person"), ref=ref)
    person = open_record(request, asked.young_person.ref, part="payments")
    choices = [(one.ref, f"{one.name}, {one.get_kind_display()}") for one in payees_for(asked)]
    chosen = PayTo.objects.filter(award__asked=asked, award__state="OPEN").select_related("payee").last()
    start = {"payee": chosen.payee.ref, "order_number": chosen.order_number} if chosen else {}
    form = PayToForm(request.POST if request.method == "POST" else None, payees=choices, initial=start)
    if request.method == "POST" and form.is_valid():
        try:
            services.choose_payee(ref=ref, by=user, now=now, **form.cleaned_data)  # type: ignore[arg-type]
        except ValidationError as refusal:
            form.add_error(None, refusal)
        else:
            messages.success(request, _("Written down. Finance pays them."))
            return redirect("payments:award", ref)
    context = {"section": "queue", "asked": asked, "person": person, "form": form, "chosen": chosen}
    return render(request, "finance/pay_to.html", context)


@staff_only()
def hand_over(request: HttpRequest, ref: str) -> HttpResponse:
    """For casework: a voucher, a purchase, cash or a thing reached somebody; written down with its number."""
    user, now, today = request.user, request.now, request.today  # type: ignore[attr-defined]
    asked = get_object_or_404(PaymentRequest.objects.visible_to(user, on=today), ref=ref)  # type: ignore[arg-type]
    person = open_record(request, asked.young_person.ref, part="payments")
    due = services.to_hand_over(asked, now=now)
    first = {"instalment": due.ref if due else ""}
    form = HandOverForm(request.POST if request.method == "POST" else None, initial=first)
    if request.method == "POST" and form.is_valid():
        try:
            services.hand_over(ref=ref, by=user, now=now, **form.cleaned_data)  # type: ignore[arg-type]
        except ValidationError as refusal:
            form.add_error(None, refusal)
        else:
            messages.success(request, _("Written down. The young person can see it."))
            return redirect("finance:hand_over", ref)
    context = {"section": "queue", "asked": asked, "person": person, "due": due, "form": form}
    return render(request, "finance/hand_over.html", context)


def _batches(request: HttpRequest):  # type: ignore[no-untyped-def]
    return Batch.objects.visible_to(request.user, on=request.today).select_related("made_by", "closed_by")  # type: ignore[arg-type, attr-defined]


def _with_lateness(request: HttpRequest, shown: Iterable[Batch]) -> list[tuple[Batch, bool]]:
    on = request.today  # type: ignore[attr-defined]
    return [(one, one.is_open and open_too_long(made_on=local_date(one.made_at), on=on)) for one in shown]


def look_at_people(request: HttpRequest, young_person_ids: Iterable[int], *, part: str) -> None:
    """One line of the trail for each young person on the page, committed before the page is drawn (safety rule 5)."""
    people = sorted(set(young_person_ids))
    with transaction.atomic():
        record_many("record_opened", by=request.user, now=request.now, part=part, team="",  # type: ignore[arg-type, attr-defined]
                    whom=[(pk, "", Role.FINANCE_OFFICER) for pk in people])  # fmt: skip
