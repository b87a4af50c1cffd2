"""`/handbook.pdf`: the whole handbook to print or save, tagged so that a screen reader can read it."""

from datetime import date
from threading import Lock
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils.translation import get_language
from django.views.decorators.http import require_safe

from cms.content_version import current
from entitlements.models import EntitlementVersion, Section
from entitlements.reading import Sheet, sheet_from

DAY = 24 * 60 * 60
_drawing = Lock()


@login_not_required
@require_safe
def handbook(request: HttpRequest) -> HttpResponse:
    """Drawn once after each change and each day, then held. Without the drawing library: how to print instead."""
    today = request.today  # type: ignore[attr-defined]
    key = f"handbook.pdf:{current(request)}:{today}:{get_language()}"
    pdf = cache.get(key)
    if pdf is None:
        with _drawing:  # one at a time in a process: a crowd waits for the first
            pdf = cache.get(key) or draw(_page(today))
        cache.set(key, pdf, DAY)
    if pdf is None:
        return render(request, "entitlements/no_pdf.html", status=503)
    response = HttpResponse(pdf, content_type="application/pdf")
    response.headers["Content-Disposition"] = 'inline; filename="handbook.pdf"'
    return response


def _page(today: date) -> str:
    versions = {version.entitlement.code: version for version in EntitlementVersion.objects.current()}
    sheets = [sheet_from(version, versions, today, address="#{}") for version in versions.values()]
    sections: list[tuple[str, list[Sheet]]] = [
        (str(section.label), [sheet for sheet in sheets if sheet.section == section.value])
        for section in Section
    ]
    context: dict[str, Any] = {"sections": [pair for pair in sections if pair[1]], "today": today}
    return render_to_string("entitlements/handbook_pdf.html", context)


def draw(html: str) -> bytes | None:
    """HTML into a tagged PDF, fetching nothing. None when the machine has no pango."""
    try:
        from weasyprint import HTML
    except (ImportError, OSError):
        return None
    pdf: bytes = HTML(string=html, url_fetcher=_fetch_nothing).write_pdf(pdf_variant="pdf/ua-1")
    return pdf


def _fetch_nothing(url: str, *args: Any, **kwargs: Any) -> Any:
    raise ValueError("The handbook is drawn from its own words alone.")
