"""Pages for when something went wrong: always with help on them, never needing database, Redis or script (rule 30).

They are drawn without a request, so that no context processor can reach for a session that is not there.
"""

from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import RequestDataTooBig, TooManyFilesSent
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string

from cms.context_processors import everywhere


def error_page(status: int, template: str = "", **words: object) -> HttpResponse:
    """One of the pages below. Nobody is known on it and nothing is looked up."""
    page = render_to_string(template or f"{status}.html", everywhere() | words)
    response = HttpResponse(page, status=status)
    response.headers["Cache-Control"] = "no-store"
    return response


@login_not_required
def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """403: the form could not be matched to its page; what to do next, in plain words."""
    return error_page(403, "403_csrf.html")


@login_not_required
def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """400; or 413 when what was sent is too large."""
    if isinstance(exception, RequestDataTooBig | TooManyFilesSent):
        return error_page(413)
    return error_page(400)


@login_not_required
def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """403."""
    return error_page(403)


@login_not_required
def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """404."""
    return error_page(404)


@login_not_required
def too_large(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """413: what was sent is too large."""
    return error_page(413)


@login_not_required
def too_many(request: HttpRequest, *, minutes: int | None = None) -> HttpResponse:
    """429: too often in a short time. `minutes` says how long to wait, when it is known."""
    response = error_page(429, minutes=minutes)
    if minutes:
        response.headers["Retry-After"] = str(minutes * 60)
    return response


@login_not_required
def server_error(request: HttpRequest) -> HttpResponse:
    """500."""
    return error_page(500)


@login_not_required
def unavailable(request: HttpRequest, *, seconds: int = 120) -> HttpResponse:
    """503: something this page needs does not answer just now."""
    response = error_page(503)
    response.headers["Retry-After"] = str(seconds)
    return response


@login_not_required
def offline(request: HttpRequest) -> HttpResponse:
    """What a phone without signal shows for a page it has not kept."""
    response = error_page(200, "offline.html")
    response.headers["Cache-Control"] = "public, max-age=300"
    return response
