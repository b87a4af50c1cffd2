"""Every kind of public page, as a browser on the narrowest phone shows it: axe finds nothing."""

import mimetypes
from collections.abc import Callable, Iterator
from urllib.parse import urlsplit

import pytest
from django.contrib.staticfiles import finders
from django.test import Client
from playwright.sync_api import Page, Route

from tests.public_pages.conftest import everything_loaded

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


@pytest.fixture(scope="module")
def _loaded_once(django_db_setup, django_db_blocker) -> Iterator[None]:
    # A fixture of another folder keeps its rows until the end of the run, in the way of every test after it.
    with everything_loaded(django_db_blocker):
        yield


@pytest.fixture
def reader(_loaded_once, db, open_browser) -> Callable[..., Page]:
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
