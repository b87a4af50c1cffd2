"""An editor who has never seen it builds an entitlement alone; then an amount changes, through the hands it needs.

gunicorn, PostgreSQL, Redis, a Celery worker, and a browser a person.
"""

from collections.abc import Callable
from io import BytesIO

import pypdfium2
import pytest
from celery import Celery
from playwright.sync_api import Locator, Page, expect

from tests.journeys.conftest import LAPTOP, PATIENCE, Portal, wait_until

pytestmark = [pytest.mark.browser, pytest.mark.alone]

BED = "setting-up-home-allowance"


def fill(page: Page, label: str, words: str) -> None:
    """A field of the editor by its words; the panels around it carry the same."""
    page.locator("input:visible, textarea:visible").and_(page.get_by_label(label)).first.fill(words)


# The editor sees what changes from two seconds after it opened: what is typed before is kept with the next change only.
WATCHED = "addEventListener('w-unsaved:watch-edits', () => document.documentElement.setAttribute('data-watched', ''))"


def choose(page: Page, label: str, words: str) -> None:
    page.get_by_role("combobox", name=label).first.select_option(label=words)


def add_condition(page: Page, name: str) -> None:
    rule = page.locator("#panel-child-the_offer-rule-section")
    rule.get_by_role("button", name="Insert a block").last.click()
    page.get_by_role("option", name=name, exact=True).click()


def from_the_menu(page: Page, name: str) -> None:
    """The arrow beside "Save draft", and what it opens."""
    page.locator("footer").get_by_role("button", name="More actions").click()
    page.locator("footer").get_by_role("button", name=name).first.click()


def kept(page: Page) -> None:
    """The editor keeps a draft by itself; nobody sends a page while it is still being kept."""
    page.wait_for_timeout(800)  # it begins half a second after the last key
    expect(page.get_by_text("Saved", exact=True)).to_be_visible()


def waiting_for(page: Page, title: str) -> None:
    """From the first page of the editor to the page that waits for this person."""
    page.goto("/cms/")
    page.get_by_role("link", name=title).first.click()


def agree_the_amount(page: Page) -> None:
    from_the_menu(page, "Agree the amount")
    page.locator("#agree_confirmed_on").fill("2026-11-20")
    page.locator("#agree_call_in_passed_on").fill("2026-11-21")
    page.locator("#agree_decision_reference").fill("CYP 12/26")
    page.locator(".modal").get_by_role("button", name="Agree the amount").click()
    expect(page.get_by_text("has been")).to_be_visible()


def approve(page: Page, title: str) -> None:
    waiting_for(page, title)
    from_the_menu(page, "Approve")
    expect(page.get_by_text("has been updated")).to_be_visible()


def send_for_later(bea: Page, page_id: object) -> None:
    """A page with a link that leads nowhere and a day to be read again that has passed, to go live on a day to come."""
    bea.goto(f"/cms/pages/{page_id}/edit/")
    fill(bea, "In one line", "How to get your first own place. {link:gone-away}")
    bea.get_by_role("tab", name="Finding it, keeping it true").click()
    fill(bea, "Review by", "2026-01-05")
    bea.get_by_role("tab", name="What people read").click()
    bea.evaluate("document.querySelector('[name=go_live_at]').value = '2030-01-01 09:00'")
    from_the_menu(bea, "Publish")
    expect(bea.get_by_text("scheduled for publishing")).to_be_visible()


def report_of(page: Page, kind: str) -> Locator:
    """What the report names under one heading."""
    return page.locator("main").locator(f"xpath=.//h2[starts-with(., '{kind}')]/following-sibling::table[1]")


def build_it_alone(jo: Page) -> None:
    """From the first page of the editor; every word here is on the screen."""
    jo.add_init_script(WATCHED)
    jo.goto("/cms/")
    jo.get_by_role("link", name="Write a new entitlement").click()
    expect(jo.locator("html[data-watched]")).to_be_attached()
    fill(jo, "Title", "Money while you help others")
    fill(jo, "In one line", "Money each week while you volunteer.")
    choose(jo, "Part of the offer", "Education and work")
    fill(jo, "Amount in pounds", "25")
    choose(jo, "How often", "a week")
    fill(jo, "For at most this many weeks", "12")
    add_condition(jo, "Age")
    fill(jo, "From age", "18")
    fill(jo, "Until the birthday when they turn", "21")
    add_condition(jo, "What is true in their life: volunteers, studies, is moving…")
    jo.get_by_placeholder("Find one").fill("volunteer")
    jo.get_by_label("Volunteers five hours a week or more").check()
    choose(jo, "Decided by", "a team manager")
    said = jo.locator("[data-read-back]")
    expect(said).to_contain_text("Anyone 18 to 20 who volunteers five hours a week or more.")
    expect(said).to_contain_text("£25 a week, for at most 12 weeks. Decided by the team manager.")
    kept(jo)
    from_the_menu(jo, "Submit to a publisher")
    expect(jo.get_by_text("has been submitted for moderation")).to_be_visible()


@pytest.mark.prints
def test_an_editor_builds_it_alone_and_an_amount_changes(
    portal: Portal, sign_in: Callable[..., Page]
) -> None:
    jo, bea, omar = (sign_in(key, LAPTOP) for key in ("jo", "bea", "omar"))

    # Nobody helps her: £25 a week while you volunteer, at most 12 weeks, 18 to 20, team manager.
    build_it_alone(jo)
    approve(bea, "Money while you help others")
    waiting_for(omar, "Money while you help others")
    agree_the_amount(omar)

    # Maya is 19 and volunteers. It is on her page with her next look.
    portal.rows(
        "INSERT INTO people_circumstance (young_person_id, key, value, source, as_of)"
        " SELECT y.id, 'volunteering_5_hours_or_more', true, 'CONFIRMED', current_date FROM people_youngperson y"
        " JOIN accounts_user u ON u.id = y.user_id WHERE u.email = 'maya@demo.invalid' RETURNING 1"
    )
    maya = sign_in("maya")
    maya.goto("/me/entitlements/")
    maya.get_by_text("Show the other").first.click()
    expect(maya.get_by_role("link", name="Money while you help others").first).to_be_visible()

    # An amount changes. Jo sees what that does before anybody else does.
    jo.goto("/cms/")
    jo.get_by_role("link", name="Change an amount").click()
    jo.locator("main input[name=q]").first.fill("first home")
    jo.get_by_role("link", name="Money to set up your first home", exact=True).first.click()
    fill(jo, "Amount in pounds", "3250")
    expect(jo.locator("[data-read-back]")).to_contain_text("£3,250")
    jo.get_by_role("button", name="Save draft").click()
    expect(jo.get_by_text("has been updated").or_(jo.get_by_text("has been saved")).first).to_be_visible()
    jo.get_by_role("link", name="See what this changes").last.click()
    expect(jo.get_by_role("cell", name="up to £3,250")).to_be_visible()
    jo.go_back()
    from_the_menu(jo, "Submit to a publisher")
    approve(bea, "Money to set up your first home")
    maya.goto(f"/handbook/{BED}/")
    expect(maya.get_by_text("Up to £3,000").first).to_be_visible()
    waiting_for(omar, "Money to set up your first home")
    agree_the_amount(omar)

    # The page, a page that quotes it and the checker say the new amount.
    for address in (f"/handbook/{BED}/", "/offer/home/your-own-place/"):
        maya.goto(address)
        expect(maya.get_by_text("p to £3,250").first).to_be_visible()
    maya.goto("/check/")
    for place in (2, 0):  # eighteen or over; the youngest of those ages
        maya.get_by_role("radio").nth(place).check()
        maya.get_by_role("button", name="Continue").click()
    maya.get_by_role("button", name="Show what I can get now").click()
    expect(maya.get_by_text("Up to £3,250").first).to_be_attached()

    # A page is set for later. Its hour comes, and a worker publishes it and prints the handbook with the new amount.
    place = "/offer/home/your-own-place/"
    send_for_later(bea, portal.rows("SELECT id FROM wagtailcore_page WHERE slug = 'your-own-place'")[0][0])
    assert "How to get your first own place" not in maya.request.get(place).text()
    portal.rows(
        "UPDATE wagtailcore_revision SET approved_go_live_at = now(),"
        " content = jsonb_set(content, '{go_live_at}', '\"2020-01-01T09:00:00Z\"')"
        " WHERE approved_go_live_at > now() RETURNING 1"
    )
    Celery(broker=portal.environment["REDIS_URL"]).send_task("portal.ops.tasks.run_due")
    wait_until(
        lambda: "How to get your first own place" in maya.request.get(place).text(),
        "the scheduled page is live",
    )

    # What was overlooked stands in the report, with a way to the page.
    bea.goto("/cms/reports/wrong/")
    for kind in ("Broken link", "Out of date"):
        expect(report_of(bea, kind).get_by_role("link", name="Getting your own place")).to_be_visible()

    def printed() -> bool:
        answer = maya.request.get("/handbook.pdf", timeout=PATIENCE * 1000)
        if answer.status == 503:  # the worker draws the first one at this moment
            return False
        pdf = pypdfium2.PdfDocument(BytesIO(answer.body()))
        return any("£3,250" in sheet.get_textpage().get_text_range() for sheet in pdf)

    wait_until(printed, "the printed handbook says the new amount")
