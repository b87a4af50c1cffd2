"""Links to other sites: tried a few a day, slowly, so that the report can name those that broke.

Off unless `CHECK_OUTSIDE_LINKS` is set: a machine without a way out would call every link broken. A site that does not
want robots (403, 429) or is having a bad day (5xx) is not called broken; one that says the page is gone is, and so is
one that could not be reached twice in a row.
"""

import http.client
import ipaddress
import re
import socket
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db.models import F, Q

from cms.models import OutsideLink

A_DAY = 60  # links tried in one run
AGAIN_AFTER = timedelta(days=7)
PATIENCE = 8  # seconds for one site
GONE = {"404", "410"}
FAILURES = 2  # in a row, until a site that is not reached counts as broken
_ADDRESS = re.compile(r"https?://[^\s\"'<>\\)]+[^\s\"'<>\\).,;:]")


@dataclass(frozen=True)
class Tried:
    """What came back. `answer` is empty when all is well."""

    answer: str = ""


def addresses_in(stored: str) -> list[str]:
    """The addresses on other sites in some stored words, each once."""
    own = urllib.parse.urlsplit(settings.BASE_URL).netloc
    found = dict.fromkeys(address.replace("&amp;", "&") for address in _ADDRESS.findall(stored))
    return [address for address in found if _site_of(address) not in {"", own} and len(address) <= 500]


def _site_of(address: str) -> str:
    """The host it leads to, and its port; nothing for what only looks like an address, such as "http://[x"."""
    try:
        return urllib.parse.urlsplit(address).netloc
    except ValueError:
        return ""


def broken() -> dict[str, str]:
    """Every address that is broken, with what it answered."""
    gone_or_lost = Q(answer__in=GONE, failures__gte=1) | Q(failures__gte=FAILURES)
    return dict(OutsideLink.objects.filter(gone_or_lost).values_list("address", "answer"))


def check_some(
    addresses: Iterable[str], *, now: datetime, may_reach: Callable[[str], bool] | None = None
) -> int:
    """Try the links that were not tried for a week, at most `A_DAY`, longest unseen first. Returns how many."""
    if not settings.CHECK_OUTSIDE_LINKS:
        return 0
    wanted = set(addresses)
    OutsideLink.objects.exclude(address__in=wanted).delete()
    OutsideLink.objects.bulk_create(
        [OutsideLink(address=address) for address in wanted], ignore_conflicts=True
    )
    stale = OutsideLink.objects.filter(Q(checked_at=None) | Q(checked_at__lte=now - AGAIN_AFTER))
    waiting = list(stale.order_by(F("checked_at").asc(nulls_first=True), "pk")[:A_DAY])
    for link in waiting:
        tried = attempt(link.address, may_reach=may_reach or is_public)
        link.answer, link.checked_at = tried.answer, now
        link.failures = min(link.failures + 1, 99) if tried.answer else 0
        link.save(update_fields=["answer", "checked_at", "failures"])
    return len(waiting)


def attempt(address: str, *, may_reach: Callable[[str], bool]) -> Tried:
    """Ask for the head of a page, then for the page. Never inside our own network, not even when sent there."""
    for method in ("HEAD", "GET"):
        try:
            with _Opener(may_reach).open(address, method):
                return Tried()
        except urllib.error.HTTPError as refused:
            if refused.code in {405, 501} and method == "HEAD":
                continue
            return Tried(str(refused.code)) if str(refused.code) in GONE else Tried()
        except _NotOurs:
            return Tried()
        except (OSError, ValueError, http.client.HTTPException) as failure:
            reason = getattr(failure, "reason", failure)
            return Tried("no such site" if isinstance(reason, socket.gaierror) else "no answer")
    return Tried()


def is_public(address: str) -> bool:
    """Whether an address as numbers is one that anybody on the internet may reach. An IPv4 hidden in an IPv6 counts."""
    one = ipaddress.ip_address(address)
    if isinstance(one, ipaddress.IPv6Address):
        one = one.ipv4_mapped or one.sixtofour or one
    return one.is_global and not one.is_multicast


class _NotOurs(Exception):
    """An address we do not try."""


class _Opener(urllib.request.HTTPHandler, urllib.request.HTTPSHandler, urllib.request.HTTPRedirectHandler):
    """Opens an address. Where each redirect leads is looked up and asked about anew, with the connection itself."""

    def __init__(self, may_reach: Callable[[str], bool]) -> None:
        super().__init__()
        self.may_reach = may_reach

    def open(self, address: str, method: str) -> "urllib.request._UrlopenRet":
        asked = urllib.request.Request(  # noqa: S310 - no other kinds of address are found in words, or opened
            address, method=method, headers={"User-Agent": "link check (an editor's report)"}
        )
        # Straight, never through a proxy: it would look the name up again, behind our back.
        return urllib.request.build_opener(self, urllib.request.ProxyHandler({})).open(
            asked, timeout=PATIENCE
        )

    def http_open(self, req: urllib.request.Request) -> http.client.HTTPResponse:
        return self.do_open(self._straight_to(http.client.HTTPConnection), req)

    def https_open(self, req: urllib.request.Request) -> http.client.HTTPResponse:
        return self.do_open(self._straight_to(http.client.HTTPSConnection), req)

    def redirect_request(self, req, fp, code, msg, headers, newurl):  # type: ignore[no-untyped-def]
        if urllib.parse.urlsplit(newurl).scheme not in {"http", "https"}:
            raise _NotOurs
        return super().redirect_request(req, fp, code, msg, headers, newurl)

    def _straight_to(self, kind: type[http.client.HTTPConnection]) -> Any:
        def connection(host: str, **kwargs: Any) -> http.client.HTTPConnection:
            made = kind(host, **kwargs)
            made._create_connection = self._reach  # type: ignore[attr-defined]
            return made

        return connection

    def _reach(self, place: tuple[str, int], timeout: float, source: Any = None) -> socket.socket:
        """Look the name up once, and call the very address that was asked about: a name may answer otherwise later."""
        found = [str(info[4][0]) for info in socket.getaddrinfo(*place, type=socket.SOCK_STREAM)]
        if not all(self.may_reach(one) for one in found):
            raise _NotOurs
        for one in found[:-1]:
            try:
                return socket.create_connection((one, place[1]), timeout, source)
            except OSError:
                continue
        return socket.create_connection((found[-1], place[1]), timeout, source)


def every_address(stored: Iterable[str]) -> Iterator[str]:
    """All addresses of many pages."""
    for words in stored:
        yield from addresses_in(words)
