"""An old phone, little data, other ways of reading and writing, and somebody looking over a shoulder."""

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from axe_playwright_python.base import AXE_FILE_PATH
from playwright.sync_api import Browser, Page, expect

from portal.notifications.words import denied
from tests.browser.conftest import RULES, SEEN
from tests.journeys.conftest import LAPTOP, PHONE, Portal

pytestmark = [pytest.mark.browser]

FIRST_VISIT, REQUESTS, STYLES, NEXT_PAGE, SIGNED_IN = 20_000, 4, 9_000, 8_000, 30_000
WIDTHS = (1280, 360, NARROWEST := 320)
BED = "/handbook/setting-up-home-allowance/"
# Every kind of published page is looked at in tests/browser; here the doors, and one of each frame.
PUBLIC = ("/", BED, "/help/complain/", "/help/back/", "/account/login/", "/account/invite/")
MINE = ("/me/", "/me/entitlements/", "/me/adviser/", "/me/settings/", "/me/requests/", "/me/bookings/")
DESK = ("/desk/", "/desk/requests/", "/desk/young-people/", "/desk/handbook/", "/desk/handbook/laptop/",
        "/desk/drop-ins/")  # fmt: skip
AXE = AXE_FILE_PATH.read_text()
ON_SCREEN = "() => document.documentElement.scrollWidth - window.innerWidth"


def faults_of(page: Page) -> dict[str, list[str]]:
    """What is wrong with the page that is open, at each width: axe's findings, and scrolling sideways."""
    found = {}
    page.evaluate(AXE)
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 740})
        rules = (
            RULES if width == NARROWEST else SEEN
        )  # most rules are about the words of a page, not its width
        answer = page.evaluate("rules => axe.run(document, rules)", {**rules, "resultTypes": ["violations"]})
        faults = [f"{one['id']} at {one['nodes'][0]['target']}" for one in answer["violations"]]
        if page.evaluate(ON_SCREEN) > 0:
            faults.append("scrolls sideways")
        if faults:
            found[f"{page.url} at {width}"] = faults
    return found


def faults_on(page: Page, paths: tuple[str, ...]) -> dict[str, list[str]]:
    """The faults of every page of a list."""
    found: dict[str, list[str]] = {}
    for path in paths:
        page.goto(path)
        found |= faults_of(page)
    return found


class Wire:
    """What goes over the wire while a page opens: bytes with their headers, and what was asked for."""

    def __init__(self, page: Page) -> None:
        self.asked: dict[str, str] = {}
        self.kinds: dict[str, str] = {}
        self.bytes: dict[str, float] = {}
        session = page.context.new_cdp_session(page)
        session.on("Network.requestWillBeSent", self._asks)
        session.on("Network.loadingFinished", self._has)
        session.send("Network.enable")

    def _asks(self, told: dict[str, dict[str, str]]) -> None:
        if told["request"]["url"].startswith("http"):
            self.asked[str(told["requestId"])] = told["request"]["url"]
            self.kinds[str(told["requestId"])] = str(told["type"])

    def _has(self, told: dict[str, Any]) -> None:
        self.bytes[told["requestId"]] = told["encodedDataLength"]

    @property
    def moved(self) -> float:
        return sum(size for one, size in self.bytes.items() if one in self.asked)

    def of(self, kind: str) -> float:
        return sum(size for one, size in self.bytes.items() if self.kinds.get(one) == kind)


@pytest.mark.parametrize("path", ["/", BED])
def test_a_first_visit_costs_little(visit: Callable[..., Page], path: str) -> None:
    page = visit()
    wire = Wire(page)
    page.goto(path, wait_until="networkidle")
    print(f"{path}: {wire.moved:.0f} bytes in {len(wire.asked)} requests, styles {wire.of('Stylesheet'):.0f}")
    assert wire.moved <= FIRST_VISIT, wire.asked
    assert len(wire.asked) <= REQUESTS, wire.asked
    assert 0 < wire.of("Stylesheet") <= STYLES
    assert not wire.of("Font")
    before = wire.moved
    page.goto("/help/urgent/", wait_until="networkidle")
    print(f"the next page: {wire.moved - before:.0f} bytes")
    assert wire.moved - before <= NEXT_PAGE


@pytest.mark.parametrize(
    "path", ["/me/", "/me/entitlements/", "/me/requests/", "/me/requests/new/?for=laptop"]
)
def test_a_first_page_of_ones_own_costs_little(
    visit: Callable[..., Page], browser: Browser, path: str
) -> None:
    signed_in = visit("maya")
    page = visit()  # nothing is held by this browser but the sign-in
    page.context.add_cookies(signed_in.context.cookies())  # type: ignore[arg-type]
    wire = Wire(page)
    page.goto(path, wait_until="networkidle")
    expect(page.locator("h1").first).to_be_visible()
    print(f"{path}: {wire.moved:.0f} bytes in {len(wire.asked)} requests")
    assert wire.moved <= SIGNED_IN, wire.asked


def test_axe_finds_nothing_on_public_pages(visit: Callable[..., Page]) -> None:
    page = visit()
    found = faults_on(page, PUBLIC)
    page.goto("/drop-ins/")
    page.locator("main a[href^='/drop-ins/']").first.click()
    found |= faults_of(page)
    page.goto("/check/")
    found |= faults_of(page)
    page.get_by_label("I am 18 or over, and I was in care when I was 16 or 17").check()
    page.get_by_role("button", name="Continue").click()
    found |= faults_of(page)
    while page.get_by_role("button", name="Show what I can get now").count() == 0:
        page.get_by_label("I don't know").check()
        page.get_by_role("button", name="Continue").click()
    page.get_by_role("button", name="Show what I can get now").click()
    found |= faults_of(page)
    assert found == {}


def test_axe_finds_nothing_on_ones_own_pages(visit: Callable[..., Page]) -> None:
    page = visit("maya")
    found = faults_on(page, MINE)
    page.goto("/me/requests/")
    page.locator("main h3 a").first.click()
    found |= faults_of(page)
    page.goto("/me/requests/new/")
    found |= faults_of(page)
    page.goto("/me/requests/new/?for=laptop")
    for answer in ANSWERS:
        found |= faults_of(page)
        answer(page)
        page.get_by_role("button", name="Carry on").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Check your answers")
    found |= faults_of(page)
    assert found == {}


def test_axe_finds_nothing_on_the_desk(visit: Callable[..., Page], standing_portal: Portal) -> None:
    sam = visit("sam", LAPTOP)
    found = faults_on(sam, (*DESK, *_one_of_each(standing_portal)))
    sam.goto("/desk/drop-ins/")
    sam.locator("main a[href^='/desk/drop-ins/']").first.click()
    found |= faults_of(sam)
    found |= faults_on(visit("lee", LAPTOP), ("/desk/finance/", "/desk/finance/batches/"))
    assert found == {}


def _one_of_each(portal: Portal) -> tuple[str, str]:
    """The addresses of a request and of a person of Sam's."""
    ((asked, person),) = portal.rows(
        "SELECT p.ref, y.ref FROM payments_paymentrequest p JOIN people_youngperson y ON y.id = p.young_person_id"
        " WHERE y.person_id = 'DEMO-kofi' LIMIT 1"
    )
    return f"/desk/requests/{asked}/", f"/desk/young-people/{person}/"


def _says_why(page: Page) -> None:
    page.locator("textarea").last.fill("The shop was shut.")


ANSWERS: tuple[Callable[[Page], object], ...] = (
    lambda page: page.get_by_label("What do you need it for?").fill("For my course."),
    lambda page: page.get_by_label("How much does it cost?").fill("250"),
    lambda page: page.get_by_label("There is no special day").check(),
    lambda page: page.get_by_label("Money to my bank account").check(),
    _says_why,
)


def test_asking_without_scripts(visit: Callable[..., Page]) -> None:
    page = visit("linh", java_script_enabled=False)
    page.goto("/")
    page.get_by_label("Search for anything").fill("moving my stuff")
    page.get_by_role("button", name="Search").click()
    expect(page.get_by_role("link", name="Help to move your things").first).to_be_visible()
    page.goto("/me/requests/new/?for=something-else")
    page.get_by_label("What do you need?").fill("A suitcase")
    page.get_by_label("Tell us a bit more").fill("To carry my things.")
    for answer in (None, *ANSWERS[1:]):
        if answer:
            answer(page)
        page.get_by_role("button", name="Carry on").click()
    page.get_by_role("button", name="Send").click()
    expect(page.get_by_text("It is with Grace now.")).to_be_visible()
    page.goto("/me/")
    expect(page.get_by_role("link", name="A suitcase")).to_be_visible()


class Keys:
    """Somebody who has no mouse and touches nothing."""

    HERE = """() => { const one = document.activeElement; return one === document.body ? "" :
        [one.innerText, one.labels && one.labels[0] && one.labels[0].innerText, one.getAttribute("aria-label")]
        .filter(Boolean).join(" ") }"""

    SEEN = """() => {
        const one = document.activeElement, drawn = getComputedStyle(one), box = one.getBoundingClientRect();
        const around = one.closest("label, .choice") || one.parentElement;
        return one === document.body || drawn.outlineStyle !== "none" || drawn.boxShadow !== "none"
            || getComputedStyle(around).outlineStyle !== "none" || box.width < 2 }"""

    def __init__(self, page: Page) -> None:
        self.page = page

    def to(self, words: str, most: int = 90) -> None:
        """Tab until what has the focus says these words, and see that the focus can be seen."""
        for _ in range(most):
            self.page.keyboard.press("Tab")
            here = str(self.page.evaluate(self.HERE)).replace("\n", " ")
            assert self.page.evaluate(self.SEEN), f"Nobody sees that {here} has the focus on {self.page.url}."
            if words in here:
                return
        raise AssertionError(f"{words} is not reached by Tab on {self.page.url}.")

    def press(self, words: str, key: str = "Enter") -> None:
        """Go there and press; wait for the next page."""
        self.to(words)
        with self.page.expect_navigation():
            self.page.keyboard.press(key)

    def write(self, words: str, text: str) -> None:
        self.to(words)
        self.page.keyboard.type(text)

    def choose(self, words: str) -> None:
        """Reach the radios by Tab, and one of them by arrow."""
        self.page.keyboard.press("Tab")
        for _ in range(40):
            if self.page.evaluate("document.activeElement.type") == "radio":
                break
            self.page.keyboard.press("Tab")
        self.page.keyboard.press("Space")
        for _ in range(9):
            if words in str(self.page.evaluate(self.HERE)):
                return
            self.page.keyboard.press("ArrowDown")
        raise AssertionError(f"{words} is not reached by arrow on {self.page.url}.")


def test_the_public_pages_by_keyboard_alone(visit: Callable[..., Page]) -> None:
    page = visit(screen=LAPTOP)
    keys = Keys(page)
    page.goto("/")
    keys.to("Leave now", most=1)  # the way out comes first, then the way past the menus
    keys.to("Skip to the main part", most=1)
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"
    keys.write("Search for anything", "laptop")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    keys.press("A laptop")
    keys.press("Yes")  # was this useful?
    expect(page.locator("main")).to_contain_text("Thank you")
    page.goto("/check/")
    keys.choose("I am 18 or over, and I was in care when I was 16 or 17")
    keys.press("Continue")
    keys.choose("I don't know")
    keys.press("Continue")
    page.goto("/")
    keys.press("العربيّة")
    expect(page.locator("html")).to_have_attribute("dir", "rtl")
    keys.press("English")
    keys.press("Complain")
    keys.write("What went wrong?", "Nobody rang me back.")
    keys.press("Send")
    expect(page.locator("main")).to_contain_text("Write both down")
    for _ in range(70):  # and round again: nothing holds the focus
        page.keyboard.press("Tab")
        if "Leave now" in str(page.evaluate(Keys.HERE)):
            return
    raise AssertionError("The focus is caught on the page.")


def test_asking_by_keyboard_alone(visit: Callable[..., Page]) -> None:
    page = visit("maya", LAPTOP)
    keys = Keys(page)
    page.goto("/")
    keys.write("Search for anything", "bed")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    keys.press("Money to set up your first home")
    keys.press("Ask for this")
    keys.write("What do you need it for?", "A bed.")
    keys.press("Carry on")
    keys.write("How much does it cost?", "90")
    keys.press("Carry on")
    keys.choose("There is no special day")
    keys.press("Carry on")
    keys.choose("Money to my bank account")
    keys.press("Carry on")
    for _ in range(12):  # no photo: the box that asks why
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.tagName") == "TEXTAREA":
            break
    page.keyboard.type("The shop was shut.")
    keys.press("Carry on")
    expect(page.get_by_role("heading", level=1)).to_have_text("Check your answers")
    keys.press("Send")
    expect(page.get_by_text("It is with Sam now.")).to_be_visible()


def titles_of(page: Page, paths: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    for path in paths:
        answer = page.request.get(path)
        assert answer.ok, path
        title = re.search(r"<title>(.*?)</title>", answer.text(), re.DOTALL)
        assert title, path
        yield path, title[1]


def test_titles_tell_nobody_anything(visit: Callable[..., Page], standing_portal: Portal) -> None:
    maya = visit("maya")
    maya.goto("/me/requests/")
    story = maya.locator("main h3 a").first.get_attribute("href")
    assert story
    for path, title in titles_of(maya, (*MINE, story, "/me/requests/new/", "/me/requests/told-no/")):
        assert not denied(title.removesuffix(" - Waymark")), (path, title)
    names = {
        str(name).lower()
        for row in standing_portal.rows("SELECT given_name, family_name, known_as FROM people_youngperson")
        for name in row
        if name
    }
    for path, title in titles_of(visit("sam", LAPTOP), (*DESK, *_one_of_each(standing_portal))):
        assert not names & set(re.findall(r"[\w'-]+", title.lower())), (path, title)


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without"])
def test_leaving_now_ends_the_sign_in_for_good(
    visit: Callable[..., Page], standing_portal: Portal, scripts: bool
) -> None:
    page = visit("maya", PHONE, java_script_enabled=scripts)
    page.context.route(
        lambda address: not address.startswith(standing_portal.address),
        lambda route: route.fulfill(content_type="text/html", body="<title>Weather</title><h1>Weather</h1>"),
    )
    page.goto("/me/")
    expect(page.get_by_text("Hello Maya")).to_be_visible()
    kept = page.context.cookies()
    page.get_by_role("button", name="Leave now").click()
    page.wait_for_url(lambda address: not address.startswith(standing_portal.address))
    page.go_back()
    expect(page.get_by_text("Hello Maya")).to_have_count(0)
    page.goto("/me/")
    expect(page.get_by_label("Your email or mobile number")).to_be_visible()
    page.reload()
    expect(page.get_by_text("Hello Maya")).to_have_count(0)
    # Not only forgotten by this browser: whoever kept the cookie has nothing.
    other = visit()
    other.context.add_cookies(kept)  # type: ignore[arg-type]
    other.goto("/me/")
    expect(other.get_by_label("Your email or mobile number")).to_be_visible()
