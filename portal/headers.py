"""Headers every answer carries, whoever made it (rules 18, 20 and 59)."""

from collections.abc import Callable

from csp.constants import SELF, UNSAFE_INLINE
from csp.middleware import CSPMiddleware, PolicyParts
from django.conf import settings
from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.middleware.gzip import GZipMiddleware

PRIVATE_PATHS = ("/me/", "/desk/", "/account/", "/cms/", "/b/", "/seat/", "/demo/")
PAGE_EDITOR = "/cms/"


class SecurityHeadersMiddleware:
    """Nothing behind sign-in is stored anywhere, and no answer may be read by another site."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        response.headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        # Who brings a sign-in is told by the cookie: asking the database here would fail the page that says it is down.
        brings_a_sign_in = hasattr(request, "user") and settings.SESSION_COOKIE_NAME in request.COOKIES
        if request.path.startswith(PAGE_EDITOR):
            # With no-referrer a browser posts forms with "Origin: null", which CSRF refuses. Our own pages say it
            # in a meta tag; the page editor's are not ours.
            response.headers["Referrer-Policy"] = "same-origin"
        if request.path.startswith(PRIVATE_PATHS) or brings_a_sign_in:
            response.headers["Cache-Control"] = "no-store"
        return response


class NoNulMiddleware:
    """Refuses an address or a cookie with a NUL in it (rule 43): no honest browser sends one, no database keeps one.

    What is typed into a form is refused by the form, beside its field.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        query = request.META.get("QUERY_STRING", "")
        if "%00" in query or any("\0" in said for said in (request.path, query, *request.COOKIES.values())):
            raise BadRequest
        return self.get_response(request)


class PublicCompressionMiddleware(GZipMiddleware):
    """Fewer bytes for what is the same for everybody: public pages, styles and scripts.

    Never a page that belongs to somebody: compressed together, a secret can be guessed from the length of an answer.
    """

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        same_for_all = not (
            request.path.startswith(PRIVATE_PATHS)
            or settings.SESSION_COOKIE_NAME in request.COOKIES
            or settings.CSRF_COOKIE_NAME in request.COOKIES
            or response.cookies
        )
        if same_for_all or request.path.startswith(settings.STATIC_URL):
            return super().process_response(request, response)
        return response


class PortalCSPMiddleware(CSPMiddleware):
    """One strict policy; the page editor alone may use inline script and style, and frame its own previews."""

    def get_policy_parts(
        self, request: HttpRequest, response: HttpResponseBase, report_only: bool = False
    ) -> PolicyParts:
        parts = super().get_policy_parts(request, response, report_only)
        if not report_only and request.path.startswith(PAGE_EDITOR):
            parts.replace = {
                "script-src": [SELF, UNSAFE_INLINE],
                "style-src": [SELF, UNSAFE_INLINE],
                "frame-ancestors": [SELF],
            }
        return parts
