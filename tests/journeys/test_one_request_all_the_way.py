"""Maya needs a bed. One request from the search box to her bank, through every door it really goes through:

gunicorn, PostgreSQL, Redis, a Celery worker and its beat, and a browser a person.
"""

from collections.abc import Callable
from datetime import timedelta
from io import BytesIO

import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from portal.clock import LONDON
from portal.notifications.words import denied
from tests.journeys.conftest import LAPTOP, Portal, wait_until

pytestmark = [pytest.mark.browser, pytest.mark.alone]


def photo_of_a_price() -> dict[str, object]:
    picture = BytesIO()
    Image.new("RGB", (640, 480), "white").save(picture, "JPEG")
    return {"name": "price.jpg", "mimeType": "image/jpeg", "buffer": picture.getvalue()}


def carry_on(page: Page) -> None:
    page.get_by_role("button", name="Carry on").click()


def test_maya_gets_her_bed(portal: Portal, sign_in: Callable[..., Page]) -> None:
    maya = sign_in("maya")

    # She finds it by search, reads what it is, and asks.
    maya.goto("/")
    maya.get_by_label("Search for anything").fill("bed for my flat")
    maya.get_by_role("button", name="Search").click()
    maya.get_by_role("link", name="Money to set up your first home").first.click()
    expect(maya.get_by_role("heading", level=1)).to_have_text("Money to set up your first home")
    expect(maya.get_by_text("Up to £3,000").first).to_be_visible()
    maya.get_by_role("link", name="Ask for this").first.click()

    expect(maya.get_by_text("You have £1,820 left of this.")).to_be_visible()
    maya.get_by_label("What do you need it for?").fill("A bed. I sleep on the floor.")
    carry_on(maya)
    maya.get_by_label("How much does it cost?").fill("180")
    carry_on(maya)
    maya.get_by_label("There is no special day").check()
    carry_on(maya)
    maya.get_by_label("Money to my bank account").check()
    carry_on(maya)
    maya.locator("input[type=file]").set_input_files([photo_of_a_price()])
    carry_on(maya)
    expect(maya.get_by_role("heading", level=1)).to_have_text("Check your answers")
    maya.get_by_role("button", name="Send").click()
    expect(maya.get_by_text("It is with Sam now.")).to_be_visible()
    story = maya.url

    # Sam sees it in the queue with the rule and the money left, and says yes as far as he can.
    sam = sign_in("sam", LAPTOP)
    sam.goto("/desk/")
    row = sam.get_by_role("row").filter(has_text="Maya").filter(has_text="£180.00")
    expect(row).to_contain_text("Rule says yes")
    row.get_by_role("link").first.click()
    expect(sam.get_by_role("heading", level=1)).to_have_text("Maya: Money to set up your first home, £180.00")
    expect(sam.locator("main aside")).to_contain_text("£1,820")
    expect(sam.get_by_text("A bed. I sleep on the floor.").first).to_be_visible()
    recommend = sam.locator("form", has=sam.locator('input[name=action][value="RECOMMEND"]'))
    recommend.get_by_role("button", name="Recommend").click()

    # Priya, who manages the team, approves.
    priya = sign_in("priya", LAPTOP)
    priya.goto("/desk/")
    row = priya.get_by_role("row").filter(has_text="Maya").filter(has_text="£180.00")
    row.get_by_role("link").first.click()
    decide = priya.locator("form", has=priya.locator('input[name=action][value="APPROVE"]'))
    decide.get_by_role("button", name="Approve").click()
    maya.goto(story)
    expect(maya.get_by_text("Yes to £180").first).to_be_visible()

    # Lee makes the batch, downloads the file, closes it by its total, and reads what the bank answers.
    lee = sign_in("lee", LAPTOP)
    lee.goto("/desk/finance/")
    expect(lee.get_by_role("row").filter(has_text="180.00")).to_be_visible()
    expect(lee.locator("main")).not_to_contain_text("I sleep on the floor")
    ref = story.rstrip("/").rsplit("/", 1)[-1]
    portal.set_clock(portal.moment() + timedelta(hours=1))
    lee.get_by_role("button", name="Make a batch of what is due").click()
    with lee.expect_download() as file:
        lee.get_by_role("link", name="Download the file").click()
    once = file.value.path().read_bytes()
    with lee.expect_download() as file:
        lee.get_by_role("link", name="Download the file").click()
    assert file.value.path().read_bytes() == once
    ((total,),) = portal.rows("SELECT total_pence FROM finance_batch WHERE state = 'OPEN'")
    lee.get_by_label("total", exact=False).fill(f"{int(str(total)) / 100:.2f}")
    lee.get_by_role("button", name="Close the batch").click()
    paid = portal.rows(
        "SELECT p.ref, p.pence FROM finance_payment p JOIN finance_batch b ON b.id = p.batch_id"
        " WHERE b.total_pence = %s",
        total,
    )
    answer = "Reference,Amount,Outcome\n" + "".join(
        f"{payment},{pence // 100}.{pence % 100:02},PAID\n"  # type: ignore[operator]
        for payment, pence in paid
    )
    lee.goto("/desk/finance/remittances/")
    lee.locator("input[type=file]").set_input_files(
        [{"name": "answer.csv", "mimeType": "text/csv", "buffer": answer.encode()}]
    )
    lee.get_by_role("button", name="Read the file").click()

    # Maya sees that it was paid and what is left.
    maya.goto(story)
    expect(maya.get_by_text("£180 was sent.")).to_be_visible()
    maya.goto("/me/")
    expect(maya.get_by_text("£1,640").first).to_be_visible()
    allowance = portal.rows(
        "SELECT a.reserved_pence, a.spent_pence FROM ledger_allowance a"
        " JOIN people_youngperson y ON y.id = a.young_person_id"
        " JOIN entitlements_entitlement e ON e.id = a.entitlement_id WHERE y.person_id = 'DEMO-maya'"
        " AND e.code = 'setting-up-home-allowance'"
    )
    assert allowance == [(0, 136_000)]
    assert ref

    # What was sent to her says nothing that anybody may not read, and came by itself, by a worker.
    to_maya = (
        "SELECT r.body FROM notifications_recordedmessage r JOIN notifications_notification n ON n.ref = r.reference"
        " JOIN accounts_user u ON u.id = n.to_id WHERE u.username = 'maya'"
    )
    tomorrow = portal.moment().astimezone(LONDON).replace(hour=12, minute=0) + timedelta(days=1)
    portal.set_clock(tomorrow)
    wait_until(lambda: portal.rows(to_maya), "a worker delivers a message to Maya")
    for (body,) in portal.rows(to_maya):
        assert denied(str(body)) == []


def test_an_editor_changes_the_page_and_a_publisher_publishes_it(
    portal: Portal, sign_in: Callable[..., Page]
) -> None:
    ((page_id,),) = portal.rows(
        "SELECT p.id FROM wagtailcore_page p JOIN wagtailcore_locale l ON l.id = p.locale_id"
        " WHERE p.slug = 'setting-up-home-allowance' AND l.language_code = 'en'"
    )
    address = "/handbook/setting-up-home-allowance/"

    jo = sign_in("jo", LAPTOP)
    jo.goto(f"/cms/pages/{page_id}/edit/")
    jo.locator("#id_one_line").fill("Money for a bed, a cooker, a fridge and more in your first place.")
    jo.locator("footer button[data-w-dropdown-target=toggle], .footer .w-dropdown__toggle").first.click()
    jo.locator('button[name="action-submit"]').click()
    expect(jo.locator(".messages, [data-messages]")).to_contain_text("submitted", ignore_case=True)
    before = jo.request.get(address).text()
    assert "a fridge and more" not in before

    bea = sign_in("bea", LAPTOP)
    bea.goto(f"/cms/pages/{page_id}/edit/")
    bea.locator("footer button[data-w-dropdown-target=toggle], .footer .w-dropdown__toggle").first.click()
    bea.locator("footer").get_by_role("button", name="Approve").first.click()

    wait_until(
        lambda: "a fridge and more" in bea.request.get(address).text(), "the published words are on the page"
    )
    versions = portal.rows(
        "SELECT count(*) FROM entitlements_entitlementversion v"
        " JOIN entitlements_entitlement e ON e.id = v.entitlement_id WHERE e.code = 'setting-up-home-allowance'"
    )
    assert versions == [(2,)]


def test_maya_books_the_next_drop_in_and_is_reminded_the_day_before(
    portal: Portal, sign_in: Callable[..., Page]
) -> None:
    maya = sign_in("maya")
    maya.goto("/drop-ins/")
    maya.get_by_role("link", name="Nurse").first.click()
    maya.get_by_role("link", name="Book a place").click()
    maya.get_by_role("button", name="Book it").click()
    expect(maya.get_by_role("heading", level=1)).to_have_text("You have a place")
    ((starts_at,),) = portal.rows(
        "SELECT s.starts_at FROM drop_ins_booking b JOIN drop_ins_session s ON s.id = b.session_id"
        " JOIN people_youngperson y ON y.id = b.young_person_id WHERE y.person_id = 'DEMO-maya'"
    )
    reminded = (
        "SELECT r.body FROM notifications_recordedmessage r JOIN notifications_notification n ON n.ref = r.reference"
        " WHERE n.kind = 'drop_in_tomorrow'"
    )
    assert portal.rows(reminded) == []

    day_before = starts_at.astimezone(LONDON).replace(hour=10, minute=1) - timedelta(days=1)  # type: ignore[attr-defined]
    portal.set_clock(day_before)

    wait_until(lambda: portal.rows(reminded), "the reminder is delivered when its time comes", patience=150)
    ((body,),) = portal.rows(reminded)
    assert denied(str(body)) == []
    assert "Nurse" not in str(body)
