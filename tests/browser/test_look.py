"""The look in a real browser: every kind of field by keyboard without script, axe in both colours, the way out."""

from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlparse

import brotli
import pytest
from django.conf import settings
from playwright.sync_api import Page, expect

from tests.browser.conftest import SCRIPT_RUNS

OpenBrowser = Callable[..., Page]
STATIC = Path(settings.BASE_DIR) / "static"

# name, the first input's id, its label, what an empty answer is told
EVERY_KIND = [
    ("title", "id_title", "What do you need?", "Enter what you need, like a bed"),
    ("amount", "id_amount", "How much does it cost?", "Enter how much you need, like 180 or 24.50"),
    (
        "needed_by",
        "id_needed_by_0",
        "When do you need it?",
        "Enter a day, a month and a year, like 27 3 2027",
    ),
    ("reach", "id_reach_0", "How can we reach you?", "Choose how we can reach you"),
    ("things", "id_things_0", "What will you buy?", "Choose at least one"),
    ("home", "id_home", "Where do you live?", "Choose one"),
    ("story", "id_story", "Tell us why you need it", "Write why you need it. A few words are fine"),
    ("photos", "id_photos", "Add a photo of the price", "Choose at least one photo or PDF"),
    ("sure", "id_sure", "What I wrote is true", "Tick the box to say that it is true"),
]
GROUPS = {"needed_by", "reach", "things"}


@pytest.fixture
def components(bare_server: str) -> str:
    return f"{bare_server}/demo/components/"


def tab_to(page: Page, element_id: str) -> None:
    """Walk there as a keyboard does, one Tab at a time."""
    for _ in range(120):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.id") == element_id:
            return
    raise AssertionError(f"The Tab key never came to {element_id}.")


def press_send(page: Page) -> None:
    page.get_by_role("button", name="Send").focus()
    with page.expect_navigation():
        page.keyboard.press("Enter")


def described_by(page: Page, name: str, first_id: str) -> str:
    """The words a screen reader adds: of the fieldset for a group, of the input otherwise."""
    where = f"fieldset:has(#{first_id})" if name in GROUPS else f"#{first_id}"
    ids = (page.locator(where).get_attribute("aria-describedby") or "").split()
    return " / ".join(page.locator(f"#{each}").inner_text() for each in ids)


def test_every_kind_of_field_has_its_label_and_hint_and_can_be_reached_by_keyboard(components, open_browser):
    page = open_browser(scripts=False)
    page.goto(components)

    for name, first_id, label, _ in EVERY_KIND:
        tab_to(page, first_id)
        if name in GROUPS:
            expect(page.get_by_role("group", name=label).locator(f"#{first_id}")).to_be_focused()
        else:
            expect(page.get_by_label(label, exact=True)).to_be_focused()
        if name != "sure":
            assert described_by(page, name, first_id), f"{name} has a hint that is joined to it"


def test_every_wrong_field_says_so_and_its_line_in_the_summary_leads_to_it(components, open_browser):
    page = open_browser(scripts=False)
    page.goto(components)
    press_send(page)

    expect(page).to_have_title("Please check: Components - Waymark")
    expect(page.locator(".problems")).to_be_focused()
    assert page.locator(".problems a").all_inner_texts() == [error for *_, error in EVERY_KIND]
    for name, first_id, _, error in EVERY_KIND:
        assert error in described_by(page, name, first_id)
        expect(page.locator(f"#{first_id}")).to_have_attribute("aria-invalid", "true")
        link = page.locator(".problems").get_by_role("link", name=error, exact=True)
        link.focus()
        page.keyboard.press("Enter")
        expect(page.locator(f"#{first_id}")).to_be_focused()
        expect(page.locator(f"#{first_id}")).to_be_in_viewport()


def test_a_form_that_comes_back_keeps_what_was_typed(components, open_browser):
    page = open_browser(scripts=False)
    page.goto(components)

    tab_to(page, "id_title")
    page.keyboard.type("A bed")
    tab_to(page, "id_amount")
    page.keyboard.type("12,50")
    for part, typed in enumerate(("31", "feb", "2027")):
        tab_to(page, f"id_needed_by_{part}")
        page.keyboard.type(typed)
    tab_to(page, "id_reach_0")
    page.keyboard.press("ArrowDown")
    tab_to(page, "id_things_1")
    page.keyboard.press("Space")
    tab_to(page, "id_home")
    page.keyboard.press("ArrowDown")
    tab_to(page, "id_story")
    page.keyboard.type("The flat is\nempty.")
    press_send(page)

    assert "Use a dot before the pence" in described_by(page, "amount", "id_amount")
    assert "There is no such day" in described_by(page, "needed_by", "id_needed_by_0")
    expect(page.locator("#id_title")).to_have_value("A bed")
    expect(page.locator("#id_amount")).to_have_value("12,50")
    for part, typed in enumerate(("31", "feb", "2027")):
        expect(page.locator(f"#id_needed_by_{part}")).to_have_value(typed)
    expect(page.locator("#id_reach_1")).to_be_checked()
    expect(page.locator("#id_things_1")).to_be_checked()
    expect(page.locator("#id_things_0")).not_to_be_checked()
    expect(page.locator("#id_home")).to_have_value("own")
    expect(page.locator("#id_story")).to_have_value("The flat is\nempty.")
    expect(page.get_by_text("Please choose them again")).to_be_visible()


def test_a_right_form_is_taken_with_several_photos(components, open_browser):
    page = open_browser(scripts=False)
    page.goto(f"{components}?state=filled")
    page.locator("#id_photos").set_input_files(
        [
            {"name": "price.jpg", "mimeType": "image/jpeg", "buffer": b"a photo"},
            {"name": "quote.pdf", "mimeType": "application/pdf", "buffer": b"a quote"},
        ]
    )
    page.locator("form:has(#id_title)").evaluate("form => form.action = form.action.split('?')[0]")
    press_send(page)

    expect(page.get_by_role("heading", name="Everything was right")).to_be_visible()


@pytest.mark.parametrize(("guard", "sent"), [(True, 1), (False, 2)], ids=["with the guard", "without it"])
def test_a_second_press_of_send_posts_nothing_more(components, open_browser, guard, sent):
    page = open_browser()
    if not guard:
        page.route("**/portal.js", lambda route: route.abort())
    page.goto(components)
    if guard:
        page.wait_for_function(SCRIPT_RUNS)
    posts: list[str] = []
    page.route(
        "**/demo/components/", lambda route: posts.append(route.request.method)
    )  # the answer never comes

    send = page.get_by_role("button", name="Send")
    send.evaluate("button => { button.click(); setTimeout(() => button.click(), 300) }")
    page.wait_for_timeout(1000)

    assert posts == ["POST"] * sent


def test_letters_left_are_counted_only_as_a_comfort(components, open_browser):
    page = open_browser()
    page.goto(components)
    page.wait_for_function(SCRIPT_RUNS)

    page.locator("#id_story").press_sequentially("bed")

    expect(page.locator("#id_story-count")).to_have_text("You have 297 letters left")


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("width", [320, 360, 1280])
def test_axe_finds_nothing_on_any_piece_in_any_state(components, open_browser, axe_finds, width, dark):
    page = open_browser(width, dark=dark)

    page.goto(f"{components}?area=me&state=filled")
    assert axe_finds(page) == []
    page.goto(components)
    press_send(page)
    assert axe_finds(page) == []


@pytest.mark.parametrize("address", ["?area=me", "?dir=rtl"])
@pytest.mark.parametrize("letters", ["100%", "200%"])
def test_nothing_is_wider_than_the_narrowest_phone_even_with_large_letters(
    components, open_browser, address, letters
):
    page = open_browser(320, 640)
    page.goto(components + address)
    page.evaluate("size => document.documentElement.style.fontSize = size", letters)

    wide = page.evaluate(
        """() => [...document.querySelectorAll('body *')].filter(each => !each.closest('.hidden-text, svg')
            && (each.getBoundingClientRect().right > innerWidth + 1 || each.getBoundingClientRect().left < -1))
            .map(each => each.outerHTML.slice(0, 90))"""
    )

    assert wide == []
    assert page.evaluate("document.documentElement.scrollWidth") <= 320


def test_everything_to_tap_is_at_least_44_pixels_high_or_a_link_in_a_sentence(components, open_browser):
    page = open_browser()
    page.goto(f"{components}?area=me")

    small = page.evaluate(
        """tapped => [...document.querySelectorAll(tapped)]
            .filter(each => each.getBoundingClientRect().height < 44).map(each => each.outerHTML.slice(0, 90))""",
        "button, .button, .nav a, .foot li a, .back, summary, select, textarea, .choice, .help-now li > a,"
        "input:not([type=hidden], [type=radio], [type=checkbox])",
    )

    assert small == []


def test_the_policy_is_in_force_and_nothing_breaks_it(components, open_browser):
    page = open_browser()
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.add_init_script("delete Navigator.prototype.serviceWorker")  # what these tests block says so itself

    answer = page.goto(components)

    assert answer is not None
    assert "default-src 'self'" in answer.headers["content-security-policy"]
    assert "unsafe-inline" not in answer.headers["content-security-policy"]
    assert said == []


def test_a_page_asks_for_four_things_at_most_and_only_from_here(bare_server, open_browser):
    page = open_browser()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))

    page.goto(f"{bare_server}/offline/", wait_until="networkidle")

    assert [urlparse(url).path for url in asked if url.startswith("http")] == [
        "/offline/",
        "/static/portal.css",
        "/static/portal.js",
    ]
    assert all(url.startswith((bare_server, "data:")) for url in asked)


def test_style_and_script_stay_light():
    style = brotli.compress((STATIC / "portal.css").read_bytes())
    script = brotli.compress((STATIC / "portal.js").read_bytes())

    assert len(style) <= 9_000
    assert len(script) <= 2_000


# ---- the way out (rule 18)


@pytest.fixture
def neutral(open_browser) -> Page:
    """A browser for which the page we leave to, and the end of the sign-in, are answered here."""
    page = open_browser()
    page.posts = []
    page.context.route(
        f"{settings.LEAVE_TO}**",
        lambda route: route.fulfill(body="<title>Weather</title>", content_type="text/html"),
    )

    def leave(route):
        page.posts.append(route.request.method)
        route.fulfill(status=204)

    page.context.route("**/account/leave/", leave)
    return page


def test_the_first_tab_is_the_way_out_and_the_second_skips_to_the_main_part(components, open_browser):
    page = open_browser(scripts=False)
    page.goto(components)

    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="Leave now")).to_be_focused()
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the main part")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_be_focused()


def test_leaving_covers_the_screen_at_once_and_takes_the_page_out_of_the_history(
    components, bare_server, neutral
):
    neutral.goto(f"{bare_server}/offline/")
    neutral.goto(components)
    neutral.wait_for_function(SCRIPT_RUNS)

    seen = neutral.evaluate(
        """() => {
            const at = performance.now(), main = document.querySelector('main');
            document.querySelector('.leave').requestSubmit();
            return [getComputedStyle(main).display, performance.now() - at, document.title.trim()];
        }"""
    )
    neutral.wait_for_url(f"{settings.LEAVE_TO}**")

    assert seen[0] == "none"
    assert seen[1] < 200
    assert seen[2] == ""
    assert neutral.posts == ["POST"]
    neutral.go_back()
    assert urlparse(neutral.url).path == "/offline/"


def test_shift_three_times_leaves_and_typing_capitals_does_not(components, neutral):
    neutral.goto(components)
    neutral.wait_for_function(SCRIPT_RUNS)

    for _ in range(4):
        neutral.keyboard.press("Shift")
        neutral.keyboard.press("a")
    assert neutral.url == components

    for _ in range(3):
        neutral.keyboard.press("Shift")
    neutral.wait_for_url(f"{settings.LEAVE_TO}**")


def test_leaving_without_script_is_a_plain_post(components, open_browser):
    page = open_browser(scripts=False)
    sent: list[str] = []
    page.route(
        "**/account/leave/", lambda route: (sent.append(route.request.method), route.fulfill(body="Gone"))
    )
    page.goto(components)

    page.get_by_role("button", name="Leave now").click()

    expect(page.locator("body")).to_have_text("Gone")
    assert sent == ["POST"]


def test_the_way_out_stays_on_the_screen_while_reading_on(components, open_browser):
    page = open_browser(scripts=False)
    page.goto(components)

    page.mouse.wheel(0, 4000)
    page.wait_for_timeout(200)

    expect(page.get_by_role("button", name="Leave now")).to_be_in_viewport()
