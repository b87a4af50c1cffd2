"""No signal: what a phone opens after one visit, what it says then, and that nothing of anybody's own is among it."""

import pytest
from django.conf import settings
from django.test import Client
from playwright.sync_api import Error, Page, expect
from pytest_django.live_server_helper import LiveServer

from cms.loading import ensure_home
from cms.models import HelpIndexPage, HelpPage
from entitlements.loader import ensure_handbook
from tests.factories import YoungPersonFactory

pytestmark = pytest.mark.django_db(transaction=True)

KEPT = """async () => {
    const kept = [];
    for (const name of await caches.keys())
        for (const asked of await (await caches.open(name)).keys()) kept.push(new URL(asked.url).pathname);
    return kept;
}"""


@pytest.fixture
def server():
    home = ensure_home()
    ensure_handbook(home)
    index = home.add_child(instance=HelpIndexPage(title="Help", slug="help"))
    index.add_child(instance=HelpPage(title="Urgent help", slug="urgent"))
    server = LiveServer("127.0.0.1")
    yield server
    server.stop()


def wait_until_kept(page: Page, number: int) -> list[str]:
    kept: list[str] = []
    for _ in range(100):
        kept = page.evaluate(KEPT)
        if len(kept) >= number:
            return kept
        page.wait_for_timeout(100)
    raise AssertionError(f"Only {kept} were kept.")


def test_after_one_visit_help_times_and_handbook_open_with_no_signal_and_nothing_personal_is_kept(
    server, open_browser
):
    person = YoungPersonFactory()
    client = Client()
    client.force_login(person.user)
    unkept = open_browser()
    unkept.goto(f"{server.url}/")
    page = open_browser(service_workers="allow")
    page.goto(f"{server.url}/")
    wait_until_kept(page, 7)
    page.context.add_cookies(
        [
            {
                "name": settings.SESSION_COOKIE_NAME,
                "value": client.cookies[settings.SESSION_COOKIE_NAME].value,
                "url": server.url,
            }
        ]
    )
    for path in ("/me/settings/", "/me/", "/help/", "/search/?q=bed", "/check/"):
        assert page.goto(server.url + path).status == 200, path
    assert sorted(page.evaluate(KEPT)) == [
        "/", "/drop-ins/", "/handbook/", "/help/urgent/", "/offline/", "/static/portal.css", "/static/portal.js",
    ]  # fmt: skip

    for each in (page, unkept):
        each.context.set_offline(True)

    for path, words in (
        ("/help/urgent/", "Urgent help"),
        ("/drop-ins/", "Come and see us"),
        ("/handbook/", "Handbook"),
        ("/", "need"),
    ):
        page.goto(server.url + path)
        expect(page.locator("h1")).to_contain_text(words)
        expect(page.locator("main [role=status]").first).to_contain_text("No signal. This page was saved on")
    assert page.evaluate("getComputedStyle(document.body).fontFamily") != "", (
        "the page is drawn with its style"
    )
    for path in ("/me/", "/handbook/laptop/"):
        page.goto(server.url + path)
        expect(page.locator("h1")).to_have_text("You have no signal")
    with pytest.raises(Error):
        unkept.goto(f"{server.url}/help/urgent/")

    page.goto(f"{server.url}/help/urgent/")
    page.evaluate("navigator.serviceWorker.controller.postMessage('leave')")
    page.wait_for_function("async () => !(await caches.keys()).length")
