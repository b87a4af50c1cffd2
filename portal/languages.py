"""The language of each answer: of the address, or of the person's own choice; never guessed (docs/decisions/0012)."""

import gzip
import re
from collections.abc import Callable
from urllib.parse import urlsplit

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils import translation

from cms.languages import ALWAYS_ENGLISH, ENGLISH, WITHOUT, in_language, remembered, speak, split

# Tags that lead somewhere. One that names its language (hreflang) leads there on purpose.
_LEADS = re.compile(r"<(?:a|form|area)\b[^>]*>")
MENU = "/language/"
_WHERE = re.compile(r"""(\s(?:href|action)=)(["'])(/[^"']*)\2""")


class LanguageMiddleware:
    """Takes the prefix off the address, speaks that language while the page is made, and keeps its links in it.

    An address that may have a prefix and has none is English, whoever asks. A person's own pages and the way in
    follow the cookie that a press in the language menu set, or the page the reader comes from.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        language, path = split(request.path_info)
        if language != ENGLISH:
            if path.startswith(WITHOUT):
                return _without_prefix(request, path, language)
            request.path_info = path
        elif path.startswith(WITHOUT):
            language = chosen(request)
        request.language = language  # type: ignore[attr-defined]
        with translation.override(language):
            response = self.get_response(request)
            # A press in the menu leads on in the language just chosen, whatever was chosen before.
            spoken = request.language  # type: ignore[attr-defined]  # English again where a sign-in ran out
            if spoken != ENGLISH and path != MENU:
                keep_language(response, spoken)
        response.headers.setdefault("Content-Language", spoken)
        return response


def chosen(request: HttpRequest) -> str:
    """The language a person chose for the pages without a prefix; the one they come from; English."""
    if request.path_info.startswith(ALWAYS_ENGLISH):
        return ENGLISH
    if found := remembered(request):
        return found
    came_from = urlsplit(request.headers.get("Referer", ""))
    return split(came_from.path)[0] if came_from.netloc == request.get_host() else ENGLISH


def keep_language(response: HttpResponse, language: str) -> None:
    """Every link, form and redirect to a public page leads to it in this language."""
    if "Location" in response.headers:
        response.headers["Location"] = in_language(response.headers["Location"], language)
    if response.streaming or not response.headers.get("Content-Type", "").startswith("text/html"):
        return
    packed = response.headers.get("Content-Encoding") == "gzip"  # a long page may come packed from its view
    html = gzip.decompress(response.content) if packed else response.content
    led = _LEADS.sub(
        lambda tag: tag.group() if "hreflang=" in tag.group() else _led(tag.group(), language),
        html.decode(response.charset),
    ).encode(response.charset)
    response.content = gzip.compress(led, 6, mtime=0) if packed else led
    if "Content-Length" in response.headers:
        response.headers["Content-Length"] = str(len(response.content))


def _led(tag: str, language: str) -> str:
    return _WHERE.sub(lambda found: f"{found[1]}{found[2]}{in_language(found[3], language)}{found[2]}", tag)


def _without_prefix(request: HttpRequest, path: str, language: str) -> HttpResponse:
    """What has no language of its own stands at its one address; the language goes with the reader."""
    query = request.META.get("QUERY_STRING", "")
    response = HttpResponseRedirect(path + (f"?{query}" if query else ""))
    return speak(response, language, kept=False) if not path.startswith(ALWAYS_ENGLISH) else response
