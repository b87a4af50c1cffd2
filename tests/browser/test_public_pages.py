"""Every kind of public page, as a browser on the narrowest phone shows it: axe finds nothing."""

import mimetypes
from collections.abc import Callable
from urllib.parse import urlsplit

import pytest
from django.contrib.staticfiles import finders
from django.test import Client
from playwright.sync_api import Page, Route

from tests.public_pages.conftest import _loaded_once, library  # noqa: F401

SITE = "http://localhost:1"
PAGES = (
    "/",
    "/offer/",
    "/offer/money/",
    "/offer/home/your-own-place/",
    "/services/",
    "/services/coram-voice/",
    "/handbook/",
    "/handbook/setting-up-home-allowance/",
    "/help/",
    "/help/urgent/",
    "/help/complain/",
    "/news/",
    "/news/examples-are-marked/",
    "/search/?q=bed",
    "/search/?q=xqzzy",
    "/check/",
    "/drop-ins/",
    "/feedback/",
    "/saved/",
)


@pytest.fixture
def reader(library, open_browser) -> Callable[..., Page]:  # noqa: F811
    """A browser that is given what the portal drew in this process: no server runs, and no database is emptied."""
    visitor = Client()
    drawn = {address: visitor.get(address) for address in PAGES}

    def answer(route: Route) -> None:
        where = urlsplit(route.request.url)
        if where.path.startswith("/static/"):
            file = finders.find(where.path.removeprefix("/static/"))
            route.fulfill(path=file, content_type=mimetypes.guess_type(where.path)[0])
            return
        said = drawn.get(f"{where.path}?{where.query}" if where.query else where.path)
        if said is None:
            route.abort()
        else:
            route.fulfill(status=said.status_code, headers=dict(said.items()), body=said.content)

    def opened(width: int, **more) -> Page:
        page = open_browser(width, 740, **more)
        page.route(f"{SITE}/**", answer)
        return page

    return opened


def test_axe_finds_nothing_on_any_kind_of_page_on_the_narrowest_phone(reader, axe_finds):
    page = reader(320)
    found = {}
    for address in PAGES:
        page.goto(SITE + address)
        found[address] = axe_finds(page)

    assert {address: faults for address, faults in found.items() if faults} == {}
