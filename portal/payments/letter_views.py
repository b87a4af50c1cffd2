"""The letter about a decision: a page and a file for the young person, the same file for whoever prints it for them."""

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.template.loader import render_to_string
from django.views.decorators.http import require_GET

from portal.payments.letters import Letter, draw, letter_of
from portal.payments.models import PaymentRequest, PaymentRequestQuerySet
from portal.payments.pages import PortalRequest
from portal.people.access import open_record, staff_only, young_person_only

FILE_NAME = "letter.pdf"  # says nothing about what is in it (safety rule 19)


@require_GET
@young_person_only
def letter(request: PortalRequest, ref: str) -> HttpResponse:
    """What was decided, why, and how to have someone else look."""
    found = _letter(PaymentRequest.objects.own(request.user), ref)
    return _page(request, found)


@require_GET
@young_person_only
def letter_file(request: PortalRequest, ref: str) -> HttpResponse:
    """The same as a file. A machine that cannot draw one shows the page."""
    found = _letter(PaymentRequest.objects.own(request.user), ref)
    return _file(found) or _page(request, found, sorry=True)


@require_GET
@staff_only()
def staff_letter(request: PortalRequest, ref: str) -> HttpResponse:
    """The young person's letter, to print for somebody without a phone."""
    seen = PaymentRequest.objects.visible_to(request.user, on=request.today)
    found = _letter(seen.exclude(young_person__user=request.user), ref)
    open_record(request, found.asked.young_person.ref, part="request")
    answer = _file(found)
    if answer is None:
        raise Http404
    return answer


def _letter(requests: PaymentRequestQuerySet, ref: str) -> Letter:
    asked = get_object_or_404(requests.select_related("young_person"), ref=ref)
    found = letter_of(asked)
    if found is None:
        raise Http404
    return found


def _page(request: PortalRequest, found: Letter, *, sorry: bool = False) -> HttpResponse:
    context = {"letter": found, "asked": found.asked, "sorry": sorry, "section": "requests"}
    return render(request, "payments/letter.html", context, status=503 if sorry else 200)


def _file(found: Letter) -> HttpResponse | None:
    pdf = draw(render_to_string("payments/letter_pdf.html", {"letter": found, "asked": found.asked}))
    if pdf is None:
        return None
    response = HttpResponse(pdf, content_type="application/pdf")
    response.headers["Content-Disposition"] = f'attachment; filename="{FILE_NAME}"'
    return response
