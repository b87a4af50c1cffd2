"""No signal: what a phone opens after one visit, what it says then, and that nothing of anybody's own is among it."""

import pytest
from django.conf import settings
from django.test import Client
from playwright.sync_api import Error, Page, expect
from pytest_django.live_server_helper import LiveServer

from cms.loading import ensure_home
from cms.models import HelpIndexPage, HelpPage
from entitlements.loader import ensure_handbook
from portal.accounts.sessions import OWN
from tests.browser.conftest import SCRIPT_RUNS
from tests.factories import UserFactory, YoungPersonFactory

pytestmark = pytest.mark.django_db(transaction=True)

KEPT = """async () => {
    const kept = [];
    for (const name of await caches.keys())
        for (const asked of await (await caches.open(name)).keys()) kept.push(new URL(asked.url).pathname);
    return kept;
}"""


NUMBER = """async () => {
    if (!await caches.has("number")) return [];
    const all = await (await caches.open("number")).matchAll();
    return Promise.all(all.map((one) => one.text()));
}"""


KEEP_ONE = """async () => {
    const box = await caches.open("number");
    await box.put("/offline/number/", new Response("+442079460101 020 7946 0101"));
}"""
NONE_KEPT = "async () => !(await caches.has('number'))"


@pytest.fixture
def server():
    home = ensure_home()
    ensure_handbook(home)
    index = home.add_child(instance=HelpIndexPage(title="Help", slug="help"))
    index.add_child(instance=HelpPage(title="Urgent help", slug="urgent"))
    server = LiveServer("127.0.0.1")
    yield server
    server.stop()


def sign_in(page: Page, client: Client, server: LiveServer) -> None:
    cookie = client.cookies[settings.SESSION_COOKIE_NAME].value
    page.context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": cookie, "url": server.url}])


def wait_until(page: Page, question: str) -> None:
    """Until the page's own answer is yes. (`wait_for_function` takes a promise itself for a yes.)"""
    for _ in range(100):
        if page.evaluate(question):
            return
        page.wait_for_timeout(100)
    raise AssertionError(f"Never: {question}")


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
    person = YoungPersonFactory(adviser=UserFactory(work_phone="+442079460101"))
    client = Client()
    client.force_login(person.user)
    session = client.session
    session[OWN] = True
    session.save()
    unkept = open_browser()
    unkept.goto(f"{server.url}/")
    page = open_browser(service_workers="allow")
    page.goto(f"{server.url}/")
    wait_until_kept(page, 7)
    sign_in(page, client, server)
    for path in ("/me/settings/", "/me/", "/help/", "/search/?q=bed", "/check/"):
        assert page.goto(server.url + path).status == 200, path
    assert sorted(page.evaluate(KEPT)) == [
        "/", "/drop-ins/", "/handbook/", "/help/urgent/", "/offline/", "/static/portal.css", "/static/portal.js",
    ]  # fmt: skip

    page.goto(f"{server.url}/me/adviser/")
    page.get_by_role("button", name="Keep this number on this phone").click()
    expect(page.get_by_role("button", name="Take it off this phone")).to_be_focused()
    expect(page.get_by_role("button", name="Keep this number on this phone")).to_be_hidden()
    assert page.evaluate(NUMBER) == ["+442079460101 020 7946 0101"], (
        "the number, and nothing of the page it stood on"
    )

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
        expect(page.locator("a[href='tel:+442079460101']")).to_have_count(int(path == "/me/"))
    with pytest.raises(Error):
        unkept.goto(f"{server.url}/help/urgent/")

    page.context.set_offline(False)
    page.goto(f"{server.url}/me/adviser/")
    page.get_by_role("button", name="Take it off this phone").click()
    expect(page.get_by_text("It is no longer on this phone.")).to_be_visible()
    assert page.evaluate(NUMBER) == []
    page.get_by_role("button", name="Keep this number on this phone").click()
    expect(page.get_by_text("Kept. It shows here")).to_be_visible()
    page.goto(f"{server.url}/account/logout/")
    with page.expect_navigation():
        page.locator("main form button").click()
    wait_until(page, NONE_KEPT)

    # Where the worker sees nothing the page itself takes it away: at the door in, and at the sign-out.
    unkept.context.set_offline(False)
    for door in ("/account/login/", "/account/invite/", "/account/code/"):
        unkept.goto(server.url + "/offline/")
        unkept.evaluate(KEEP_ONE)
        unkept.goto(server.url + door)
        wait_until(unkept, NONE_KEPT)
    client.force_login(person.user)
    sign_in(unkept, client, server)
    unkept.goto(f"{server.url}/account/logout/")
    unkept.wait_for_function(SCRIPT_RUNS)
    unkept.evaluate(KEEP_ONE)
    with unkept.expect_navigation():
        unkept.locator("main form button").click()
    wait_until(unkept, NONE_KEPT)

    page.context.set_offline(True)
    page.goto(f"{server.url}/help/urgent/")
    page.evaluate("navigator.serviceWorker.controller.postMessage('leave')")
    wait_until(page, "async () => !(await caches.keys()).length")
