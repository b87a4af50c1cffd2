"""Every address the service answers, and what happens when each person of the table opens it."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from django.test import Client
from django.urls import URLPattern, URLResolver
from django.urls.resolvers import RoutePattern

from tests.authorisation.table import ABOUT, AUDIENCES, GROUPS, OUT, PERSONS, ROWS, Row
from tests.authorisation.world import World

DOORS = ("/account/login/", "/account/staff/", "/cms/login/")
# What stands in an address when it does not matter which: the right kind of thing, and nothing that exists.
FILLERS = {
    "int": "1",
    "slug": "nothing",
    "str": "nothing",
    "path": "nothing",
    "uuid": "0" * 8 + "-0000-4000-8000-" + "0" * 12,
}
NO_SUCH_METHOD = "no such method"
SIGNS_OUT = (
    "account/leave/",
    "account/logout/",
    "account/login/",
    "account/staff/",
    "cms/logout/",
    "demo/be/",
)
A_FEW = ("visitor", "yp_self", "pa_allocated", "disabled")  # where everybody gets an answer, four are asked
NEAR = (
    "visitor", "yp_self", "yp_other", "yp_16", "pa_allocated", "pa_other", "pa_covering", "duty", "tm_own", "tm_other",
    "service_manager", "break_glass",
)  # fmt: skip
KEPT_OUT = ("visitor", "yp_self", "pa_allocated", "tm_own", "finance", "auditor", "disabled")
_ANGLE = re.compile(r"<(?:(?P<kind>\w+):)?(?P<name>\w+)>")
_NAMED = re.compile(r"\(\?P<(?P<name>\w+)>(?:[^()]|\((?:[^()]|\([^()]*\))*\))*\)")
_GROUP = re.compile(r"\((?!\?)(?:[^()]|\((?:[^()]|\([^()]*\))*\))*\)[*+?]?")


@dataclass(frozen=True)
class Address:
    """One address: as it is written in the URL configuration."""

    route: str

    def path(self, parts: dict[str, object]) -> str:
        """A real path: `parts` by name, and fillers for what is not given."""

        def angle(found: re.Match[str]) -> str:
            return str(parts.get(found["name"], FILLERS.get(found["kind"] or "str", "nothing")))

        path = _ANGLE.sub(angle, self.route)
        path = _NAMED.sub(lambda found: str(parts.get(found["name"], "1")), path)
        path = _GROUP.sub(lambda found: str(parts.get("rest", "1" if r"\d" in found[0] else "")), path)
        return "/" + re.sub(r"[\^$\\]|(?<=\))\?", "", path).replace("?", "").lstrip("/")


def addresses(patterns: Iterable[URLPattern | URLResolver], before: str = "") -> Iterator[Address]:
    """Every address below these patterns."""
    for pattern in patterns:
        written = str(pattern.pattern)
        if before and not isinstance(pattern.pattern, RoutePattern):
            written = written.removeprefix("^")
        if isinstance(pattern, URLResolver):
            yield from addresses(pattern.url_patterns, before + written)
        else:
            yield Address(before + written)


def row_for(address: Address) -> Row | None:
    """The row of an address: its own, else that of the longest group it begins with."""
    if address.route in ROWS:
        return ROWS[address.route]
    beginnings = [start for start in GROUPS if address.route.startswith(start)]
    return GROUPS[max(beginnings, key=len)] if beginnings else None


def missing(patterns: Iterable[URLPattern | URLResolver]) -> list[str]:
    """Addresses without a row."""
    return sorted({address.route for address in addresses(patterns) if row_for(address) is None})


def left_over(patterns: Iterable[URLPattern | URLResolver]) -> list[str]:
    """Rows and groups without an address."""
    known = {address.route for address in addresses(patterns)}
    return sorted(
        {route for route in ROWS if route not in known}
        | {start for start in GROUPS if not any(route.startswith(start) for route in known)}
    )


def wrong(address: Address, row: Row, world: World) -> list[str]:
    """Where the service does not do what the row says: a sentence each."""
    found: list[str] = []
    for whose in ("own", "foreign", "nobodys") if row.about else ("own",):
        parts = world.given(row) | (world.behind(row.about, whose) if row.about else {})
        path = address.path(parts)
        for method, audience in (("GET", row.get), ("POST", row.post or row.get)):
            let_in = ABOUT[audience][whose] if audience in ABOUT else AUDIENCES[audience]
            for person in _asked(audience, whose):
                browser = world.browser if address.route.startswith(SIGNS_OUT) else world.kept_browser
                said = _ask(browser(person), method, path)
                expected = person in let_in
                fine = _let_in(row, said) if expected else _refused(person, said)
                if not fine:
                    wish = "a page" if expected else "no entry"
                    found.append(f"{method} {path} ({whose}), {PERSONS[person]}: {wish} expected, {said} met")
    return found


def wrong_for_the_kept_out(address: Address, row: Row, world: World) -> list[str]:
    """For the many addresses of the page editor: those who must never come in, by GET and POST."""
    path = address.path(dict(row.given))
    found = []
    for person in KEPT_OUT:
        for method in ("GET", "POST") if person in A_FEW else ("GET",):
            said = _ask(world.kept_browser(person), method, path)
            if person not in AUDIENCES[row.get] and not _refused(person, said):
                found.append(f"{method} {path}, {PERSONS[person]}: no entry expected, {said} met")
    return found


def _asked(audience: str, whose: str) -> Iterable[str]:
    """Everybody for Maya's objects; for others' those who could be nearer to them."""
    if audience == "everybody":
        return A_FEW
    return PERSONS if whose == "own" else NEAR


def _ask(browser: Client, method: str, path: str) -> str:
    """What somebody meets. What an earlier page had to tell them is not carried on: hundreds of refusals grow heavy."""
    browser.cookies.pop("messages", None)
    return _met(browser.generic(method, path))


def _let_in(row: Row, said: str) -> bool:
    return said in {"page", NO_SUCH_METHOD} or (
        row.no_answer and said in {"nothing here", "refused", "not ready"}
    )


def _refused(person: str, said: str) -> bool:
    return said in (
        {"the door"} if person in OUT else {"nothing here", "refused", "the door", NO_SUCH_METHOD}
    )


def _met(answer: object) -> str:
    status = answer.status_code  # type: ignore[attr-defined]
    if status == 503:
        return "not ready"
    if status >= 500:
        return f"error {status}"
    if status in {401, 403}:
        return "refused"
    if status == 405:
        return NO_SUCH_METHOD
    if status == 404:
        return "nothing here"
    if status in {301, 302, 303} and answer.headers["Location"].startswith(DOORS):  # type: ignore[attr-defined]
        return "the door"
    return "page"
