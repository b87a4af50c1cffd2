"""Which language an address is in, and the same address in another one (docs/decisions/0012).

English has no prefix; `/ar/help/urgent/` is the Arabic of `/help/urgent/`. Every part of the house writes an address
once, without a prefix: in words, blocks, templates and views; `portal.languages` puts it there as the page goes out.
"""

import gettext as catalogues
import re
from functools import cache
from typing import Any
from unicodedata import normalize

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import translation

ENGLISH = "en"
COOKIE_AGE = 60 * 60 * 24 * 365
_UNCHOSEN = "-unchosen"  # after the code, in the cookie of a language nobody chose on this device
OTHERS = tuple(code for code, _name in settings.LANGUAGES if code != ENGLISH)
# Django's own names come with loose accents here and there; the checker of pages wants them joined.
NAMES = {
    code: normalize("NFC", translation.get_language_info(code)["name_local"])
    for code, _name in settings.LANGUAGES
}
_PREFIX = re.compile(rf"^/({'|'.join(OTHERS)})(?=/|$)")
# What has no language of its own: a person's pages (their choice decides), staff's, and what machines ask for.
WITHOUT = (
    "/me/", "/desk/", "/account/", "/cms/", "/b/", "/seat/", "/demo/", "/language/", "/saved/", "/offline/", "/api/",
    "/documents/", "/media/", "/static/", "/healthz", "/readyz", "/news/feed/", "/.well-known/",
)  # fmt: skip
ALWAYS_ENGLISH = (
    "/desk/",
    "/cms/",
    "/demo/",
    "/api/",
    "/documents/",
    "/offline/",
)  # staff's words are English


def split(address: str) -> tuple[str, str]:
    """The language an address names, and the address without it: "/ar/help/" is ("ar", "/help/").

    What is left begins with one slash, whatever was typed: "//elsewhere" would lead a browser to another site.
    """
    found = _PREFIX.match(address)
    return (found.group(1), "/" + address[found.end() :].lstrip("/\\")) if found else (ENGLISH, address)


def has_languages(path: str) -> bool:
    """Whether an address (without prefix) may stand behind one: public pages do; files and own pages do not."""
    return not path.startswith(WITHOUT) and "." not in path.partition("?")[0].rsplit("/", 1)[-1]


def in_language(address: str, language: str) -> str:
    """An address of ours in a language. What has none, or has one already, stays as it is."""
    if not address.startswith("/") or address.startswith("//"):
        return address
    path, mark, rest = re.match(r"([^?#]*)([?#]?)(.*)", address, re.S).groups()  # type: ignore[union-attr]
    spoken, bare = split(path)
    if language == ENGLISH or spoken != ENGLISH or not has_languages(bare):
        return address
    return f"/{language}{bare}{mark}{rest}"


def direction(language: str) -> str:
    """ "rtl" or "ltr"."""
    return "rtl" if translation.get_language_info(language)["bidi"] else "ltr"


def spoken(request: HttpRequest | None) -> str:
    """The language the reader asked for: of the frame, and of the page where there is a translation."""
    return getattr(request, "language", ENGLISH)


@cache
def interface_checked_on(language: str) -> str:
    """The day a person checked the words of the screens (the catalogue's header says it); empty for a machine draft."""
    try:
        found = catalogues.translation("django", settings.LOCALE_PATHS[0], [translation.to_locale(language)])
    except OSError:
        return ""
    return found.info().get("x-checked-on", "")


def remember(response: HttpResponse, language: str) -> HttpResponse:
    """Keep a choice on this device for a year. It says a language and nothing else."""
    return _keep(response, language, lasts=COOKIE_AGE)


def speak(response: HttpResponse, language: str, *, kept: bool) -> HttpResponse:
    """Speak a language nobody chose on this device: an account's, or an address's. It gives way to a choice, and
    `forget` takes it away; only on a phone that is somebody's own is it kept longer than the browser is open.
    """
    return _keep(response, language + _UNCHOSEN, lasts=COOKIE_AGE if kept else None)


def forget(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    """Take away a language nobody chose on this device: it would tell the next person who was here."""
    if request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME, "").endswith(_UNCHOSEN):
        response.delete_cookie(settings.LANGUAGE_COOKIE_NAME, samesite="Lax")
    return response


def remembered(request: HttpRequest) -> str:
    """The language this device speaks; empty when it speaks none of its own."""
    found = request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME, "").removesuffix(_UNCHOSEN)
    return found if found in NAMES else ""


def chosen_here(request: HttpRequest) -> bool:
    """Whether somebody chose a language on this device themself."""
    return request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME, "") in NAMES


def _keep(response: HttpResponse, value: str, *, lasts: int | None) -> HttpResponse:
    response.set_cookie(
        settings.LANGUAGE_COOKIE_NAME,
        value,
        max_age=lasts,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )
    return response


def menu(request: HttpRequest) -> list[dict[str, Any]]:
    """Each language with its own name, and which one this page is in."""
    now = spoken(request)
    return [{"code": code, "name": NAMES[code], "here": code == now} for code, _name in settings.LANGUAGES]
