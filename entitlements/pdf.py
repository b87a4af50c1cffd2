"""`/handbook.pdf`: the whole handbook to print or save, tagged so that a screen reader can read it."""

from datetime import date
from typing import Any

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils.translation import override
from django.views.decorators.http import require_safe

from cms.content_version import current
from entitlements.models import EntitlementVersion, Section
from entitlements.reading import Sheet, sheet_from

KEPT = "handbook.pdf"
DRAWING = "handbook.pdf:drawing"
MINUTES_TO_DRAW = 5 * 60


@login_not_required
@require_safe
def handbook(request: HttpRequest) -> HttpResponse:
    """The kept one. When it is old one reader or worker draws it anew, and the others get the old one meanwhile."""
    refresh(today=request.today, request=request)  # type: ignore[attr-defined]
    kept = cache.get(KEPT)
    if kept is None:
        return render(request, "entitlements/no_pdf.html", status=503)
    response = HttpResponse(kept[1], content_type="application/pdf")
    response.headers["Content-Disposition"] = 'inline; filename="handbook.pdf"'
    return response


def refresh(*, today: date, request: HttpRequest | None = None) -> bool:
    """Draw it again if something was published or a day began since; say whether it was drawn.

    For the timetable, each minute: it costs one small query when nothing changed, and saves a reader the wait. Nobody
    begins while somebody else draws: it is seconds of work.
    """
    newest, kept = _newest(request, today), cache.get(KEPT)
    if (kept is not None and kept[0] == newest) or not cache.add(DRAWING, True, MINUTES_TO_DRAW):
        return False
    try:
        with override("en"):
            pdf = draw(_page(today))
        if pdf is not None:
            cache.set(KEPT, (newest, pdf), None)
    finally:
        cache.delete(DRAWING)
    return pdf is not None


def _newest(request: HttpRequest | None, today: date) -> str:
    return f"{current(request)}:{today}"


def _page(today: date) -> str:
    versions = {version.entitlement.code: version for version in EntitlementVersion.objects.current()}
    sheets = [sheet_from(version, versions, today, address="#{}") for version in versions.values()]
    sections: list[tuple[str, list[Sheet]]] = [
        (str(section.label), [sheet for sheet in sheets if sheet.section == section.value])
        for section in Section
    ]
    context: dict[str, Any] = {
        "sections": [pair for pair in sections if pair[1]],
        "today": today,
        "site": settings.BASE_URL,
        "site_said": settings.BASE_URL.partition("://")[2],  # as somebody types it from paper
    }
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
