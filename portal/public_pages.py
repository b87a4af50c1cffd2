"""Public pages held as bytes and answered before anything else is asked (docs/decisions/0010).

Every process keeps what it drew. Once a second it asks the database one small question: was anything published? A page
that would now look different is dropped, the others stay. Only what is the same for everybody is ever held: a published
page, asked for plainly, whose answer sets no cookie, holds no token and did not look at who is there.
"""

import gzip
import hashlib
import logging
import re
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from threading import Lock
from types import SimpleNamespace
from typing import Any

import brotli
from django.conf import settings
from django.db import Error, close_old_connections, connection
from django.http import HttpRequest, HttpResponse, HttpResponseNotModified
from django.utils.cache import patch_vary_headers

from cms import content_version, fingerprint
from cms.contents import contents
from cms.serving import FOR_EVERYBODY
from portal import clock

log = logging.getLogger(__name__)

ASK_EVERY = 1.0  # seconds: how old the answer to "was anything published?" may be
WAIT_AFTER = 1.5  # seconds: from then on nobody is answered before it is asked again
WITHOUT_AN_ANSWER = 300.0  # seconds for which pages are still given out while the database is away
MOST = 2_000  # pages held by one process
LOCKS = 64
DOOR = "portal.public_pages"  # where the door leaves the held pages for the middleware
# Cookies that change nothing on a public page. Any other, known or not, and the page is drawn for that reader alone.
HARMLESS = frozenset({settings.LANGUAGE_COOKIE_NAME, settings.CSRF_COOKIE_NAME})
_NAME = re.compile(r"\s*([^=;]*)(?:=[^;]*)?(?:;|$)")

Key = tuple[str, str, str]
Headers = list[tuple[str, str]]
StartResponse = Callable[..., Any]


def key_of(environ: dict[str, Any]) -> Key:
    """What may make two readers' answers differ: the address, the host, and whether the line is safe."""
    proto = environ.get("HTTP_X_FORWARDED_PROTO") or environ["wsgi.url_scheme"]
    return environ["PATH_INFO"], environ.get("HTTP_HOST", ""), proto


def asks_plainly(environ: dict[str, Any]) -> bool:
    """A GET without a question in its address, by somebody who brings nothing that tells who they are."""
    return (
        environ["REQUEST_METHOD"] == "GET"
        and not environ.get("QUERY_STRING")
        and not environ.get(
            "SCRIPT_NAME"
        )  # a sender's header on some servers, and part of every link of a page
        and (not environ.get("HTTP_COOKIE") or brings_nothing(environ["HTTP_COOKIE"]))
        and "HTTP_AUTHORIZATION" not in environ
    )


def brings_nothing(cookies: str) -> bool:
    """Whether all cookies are harmless."""
    names = {found.group(1).strip() for found in _NAME.finditer(cookies)} - {""}
    return "\0" not in cookies and names <= HARMLESS


@lru_cache(maxsize=500)
def packing_for(accepted: str) -> str:
    """Of the ways a browser can unpack, the one we like best: "br", "gzip" or, as it is, ""."""
    ways: dict[str, float] = {}
    for part in accepted.lower().split(","):
        name, _, weight = part.partition(";")
        try:
            ways[name.strip()] = float(weight.strip().removeprefix("q=") or 1)
        except ValueError:
            ways[name.strip()] = 0
    return next((way for way in ("br", "gzip") if ways.get(way, ways.get("*", 0)) > 0), "")


PACK: dict[str, Callable[[bytes], bytes]] = {
    "": lambda body: body,
    "gzip": lambda body: gzip.compress(body, 6, mtime=0),
    "br": lambda body: brotli.compress(body, quality=5),  # type: ignore[no-any-return]
}


@dataclass
class HeldPage:
    """One page as bytes, packed in each way somebody asked for."""

    page_id: int
    own: tuple[Any, ...]
    body: bytes
    headers: Headers
    packed: dict[str, tuple[Headers, list[bytes]]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.etag = f'W/"{hashlib.sha256(self.body).hexdigest()[:24]}"'
        self.headers = [*self.headers, ("ETag", self.etag)]

    def answer(self, environ: dict[str, Any]) -> tuple[str, Headers, list[bytes]]:
        """Status, headers and body for one reader."""
        known = environ.get("HTTP_IF_NONE_MATCH")
        if known and self.etag.removeprefix("W/") in known:
            return "304 Not Modified", self.headers, []
        way = packing_for(environ.get("HTTP_ACCEPT_ENCODING", ""))
        packed = self.packed.get(way)
        if packed is None:
            body = PACK[way](self.body)
            encoding = [("Content-Encoding", way)] if way else []
            packed = ([*self.headers, *encoding, ("Content-Length", str(len(body)))], [body])
            self.packed[way] = packed
        return "200 OK", *packed


class PublicPages:
    """The pages one process holds, how many it drew so far, and what it knows of the database's last change."""

    def __init__(self, *, ask_every: float = ASK_EVERY) -> None:
        self.pages: dict[Key, HeldPage] = {}
        self.number = -1
        self.drawn = 0
        self._ask_every = ask_every
        self._shared = ""
        self._day: date | None = None
        self._asked_at = self._answered_at = float("-inf")
        self._asking = Lock()
        self._drawing = tuple(Lock() for _ in range(LOCKS))

    def find(self, key: Key) -> HeldPage | None:
        """A page that is as it was published, at most two seconds ago; or nothing."""
        age = time.monotonic() - self._asked_at
        if age > self._ask_every:
            self._ask(wait=age > WAIT_AFTER)
        return self.pages.get(key)

    def keep_up(self) -> None:
        """Notice what was published, for whoever is not asking for a held page.

        What a process remembers for error pages and the help block, such as a corrected phone number, is then never
        older than a moment.
        """
        if time.monotonic() - self._asked_at > self._ask_every:
            self._ask(wait=False)

    def drawing(self, key: Key) -> Lock:
        """Whoever holds this draws the page; the crowd waits, and finds it drawn."""
        return self._drawing[hash(key) % LOCKS]

    def keep(self, key: Key, page: HeldPage, *, number: int, day: date) -> None:
        """Hold a page drawn on this day when the content stood at `number`, unless either has moved on since."""
        if number < self.number or (self._day is not None and day != self._day):
            return
        if len(self.pages) >= MOST:
            self.pages.clear()
        self.pages[key] = page

    def _ask(self, *, wait: bool) -> None:
        if not self._asking.acquire(blocking=wait):
            return  # somebody asks at this moment; what we know is young enough
        try:
            now = time.monotonic()
            if now - self._asked_at <= self._ask_every:
                return
            _give_back()
            self._look_again()
            self._asked_at = self._answered_at = now
        except Error as failure:
            self._asked_at = now
            log.warning("held pages could not ask whether they are current: %s", type(failure).__name__)
            if now - self._answered_at > WITHOUT_AN_ANSWER:
                self.pages.clear()
        finally:
            _give_back()
            self._asking.release()

    def _look_again(self) -> None:
        day = clock.local_date(clock.now())  # amounts and labels may change with the day
        number = content_version.current()
        if (number, day) == (self.number, self._day):
            return
        asked: Any = SimpleNamespace(content_version=number, today=day)
        shared, known = fingerprint.shared(asked, day), contents(asked)
        if (shared, day) != (self._shared, self._day):
            self.pages.clear()
        for key, page in list(self.pages.items()):
            card = known.cards.get(page.page_id)
            if card is None or fingerprint.own(card.revision, card.path, known) != page.own:
                del self.pages[key]
        self.number, self._day, self._shared = number, day, shared


def _give_back() -> None:
    """As at the edges of a request: a connection that is worn out goes; one in the middle of something stays."""
    if not connection.in_atomic_block:
        close_old_connections()


class Door:
    """Stands before Django: what is held goes out at once, everything else goes in."""

    def __init__(self, application: Callable[..., Iterable[bytes]], pages: PublicPages | None = None) -> None:
        self.application = application
        self.pages = pages or PublicPages()

    def __call__(self, environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
        if asks_plainly(environ):
            page = self.pages.find(key_of(environ))
            if page is not None:
                status, headers, body = page.answer(environ)
                start_response(status, headers)
                return body
            environ[DOOR] = self.pages
        else:
            self.pages.keep_up()
        return self.application(environ, start_response)


class HoldPublicPagesMiddleware:
    """Holds what may be held, and lets one reader of a crowd draw it. Does nothing where there is no door."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        pages: PublicPages | None = request.META.get(DOOR)
        if pages is None or contents(request).answering(request.path_info) is None:
            return self.get_response(request)
        key = key_of(request.META)
        with pages.drawing(key):
            page = pages.find(key)
            if page is not None:
                return as_response(page, request)
            del request.content_version  # type: ignore[attr-defined]  # waiting took time: it is asked again
            number = content_version.current(request)
            response = self.get_response(request)
            pages.drawn += 1
            drawn = as_held(request, response)
            if drawn is None:
                return response
            pages.keep(key, drawn, number=number, day=request.today)  # type: ignore[attr-defined]
            return as_response(drawn, request)


def as_held(request: HttpRequest, response: HttpResponse) -> HeldPage | None:
    """The answer to hold, or nothing when it could belong to somebody."""
    page = getattr(request, "published_page", None)
    session, user = getattr(request, "session", None), getattr(request, "user", None)
    if (
        page is None
        or response.status_code != 200
        or response.streaming
        or response.cookies
        or (session is not None and (session.modified or session.session_key))
        or (user is not None and user.is_authenticated)
        or request.META.get("CSRF_COOKIE_NEEDS_UPDATE")
        or response.get("Cache-Control") != FOR_EVERYBODY
        or response.has_header("Content-Encoding")
        or b"csrfmiddlewaretoken" in response.content
    ):
        return None
    patch_vary_headers(response, ["Accept-Encoding", "Cookie"])
    headers = [(name, value) for name, value in response.items() if name not in {"Content-Length", "ETag"}]
    own = fingerprint.own(page.live_revision_id, page.path, contents(request))
    return HeldPage(page.pk, own, response.content, headers)


def as_response(page: HeldPage, request: HttpRequest) -> HttpResponse:
    """A held page as Django's middleware hands answers on."""
    status, headers, body = page.answer(request.META)
    response = HttpResponseNotModified() if status.startswith("304") else HttpResponse(b"".join(body))
    for name, value in headers:
        response.headers[name] = value
    return response
