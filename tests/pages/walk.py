"""Goes through the portal as somebody would, from link to link and form to form, and keeps every page it is shown."""

import hashlib
from collections import Counter
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import parse_qs, urljoin, urlsplit

from django.http import HttpResponseBase
from django.test import Client
from django.urls import Resolver404, resolve

ALIKE = 4  # of pages that one address pattern draws, so many a person; public pages are all kept
NOT_PRESSED = ("/account/logout/", "/account/leave/", "/demo/", "/language/")


class Links(HTMLParser):
    """The addresses a page leads to, and what its forms send when somebody presses the first button."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.page, self.addresses, self.forms = page, [], []
        self._form: tuple[str, dict[str, str]] | None = None
        self._pressed = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said = {name: value or "" for name, value in attrs}
        if tag == "a" and "href" in said:
            self.addresses.append(urljoin(self.page, said["href"]))
        elif tag == "form" and said.get("method", "").lower() == "post":
            self._form, self._pressed = (urljoin(self.page, said.get("action", "")), {}), False
        elif self._form and tag == "input" and said.get("type") == "hidden":
            self._form[1][said.get("name", "")] = said.get("value", "")
        elif self._form and tag == "button" and said.get("name") and not self._pressed:
            self._form[1][said["name"]], self._pressed = said.get("value", ""), True

    def handle_endtag(self, tag: str) -> None:
        if tag == "form" and self._form:
            self.forms.append(self._form)
            self._form = None


@dataclass
class Walk:
    """`folder` gets a file for each page that differs from all before; `shown` says who met it, and where."""

    folder: Path
    shown: dict[str, str] = field(default_factory=dict)
    seen: set[str] = field(default_factory=set)

    def go(self, who: str, browser: Client, *starts: str, within: tuple[str, ...]) -> None:
        """Follow every link to addresses that begin like this; then press every kind of form without filling it in."""
        to_open, opened, drawn = list(starts), set(), Counter()
        forms: dict[tuple[str, ...], tuple[str, dict[str, str]]] = {}
        while to_open:
            address = to_open.pop(0).partition("#")[0]
            kind = kind_of(address)
            if address in opened or not kind or not (address in starts or address.startswith(within)):
                continue
            if drawn[kind] >= ALIKE and not (who == "visitor" and kind[0].startswith("^")):
                continue
            opened.add(address)
            drawn[kind] += 1
            found = self.keep(who, address, browser.get(address))
            to_open += [link.removeprefix("http://testserver") for link in found.addresses]
            for action, sends in found.forms:
                forms.setdefault((*kind, *kind_of(action), *sorted(sends)), (action, sends))
        for action, sends in forms.values():
            if not action.startswith(NOT_PRESSED):
                self.keep(who, f"{action} (pressed)", browser.post(action, sends))

    def keep(self, who: str, address: str, answer: HttpResponseBase) -> Links:
        """Write the page down, and say where it leads."""
        links = Links(address.partition(" ")[0])
        if "text/html" not in answer.headers.get("Content-Type", "") or answer.status_code in {301, 302, 303}:
            if "Location" in answer.headers:
                links.addresses.append(answer.headers["Location"])
            return links
        words = b"".join(answer) if answer.streaming else answer.content
        digest = hashlib.sha256(words).hexdigest()
        if digest not in self.seen:
            self.seen.add(digest)
            name = f"{len(self.shown):04}.html"
            (self.folder / name).write_bytes(words)
            self.shown[name] = f"{who}: {address} ({answer.status_code})"
        links.feed(words.decode())
        return links


def kind_of(address: str) -> tuple[str, ...]:
    """What draws an address: its pattern, and what is asked of it. Empty for what is not ours."""
    parts = urlsplit(address)
    if parts.netloc not in {"", "testserver"} or parts.scheme not in {"", "http"}:
        return ()
    try:
        route = resolve(parts.path).route
    except Resolver404:
        return ()
    return (route, *sorted(parse_qs(parts.query)))
