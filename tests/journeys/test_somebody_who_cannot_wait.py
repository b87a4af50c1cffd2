"""More is shown by photo, part is agreed, somebody else looks; a panel; *I was told no*; a stranger complains.

In browsers, on a phone and a laptop, at one portal as it runs for real.
"""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Browser, Page, expect

from portal.clock import LONDON
from portal.working_days import add_working_days
from tests.journeys.conftest import LAPTOP, PHONE, Portal, opened
from tests.journeys.test_one_request_all_the_way import carry_on, photo_of_a_price

pytestmark = [pytest.mark.browser, pytest.mark.alone]
SignIn = Callable[..., Page]


def form_of(page: Page, action: str):
    """The form of one step at the desk, unfolded."""
    form = page.locator("form", has=page.locator(f'input[name=action][value="{action}"]'))
    if not form.is_visible():
        page.locator("details", has=form).locator("summary").first.click()
    return form


def send_again(page: Page, action: str, label: str) -> None:
    """Read it over as the young person will, then send."""
    form_of(page, action).get_by_role("button", name="See how they will read it").click()
    expect(page.get_by_text("They will read").first).to_be_visible()
    form_of(page, action).get_by_role("button", name=label, exact=True).click()


def ask(maya: Page, *, what: str, pounds: str) -> str:
    """From something else to sent, without a photo. Returns its reference."""
    maya.goto("/me/requests/new/?for=something-else")
    maya.get_by_label("What do you need?").fill(what)
    maya.get_by_label("Tell us a bit more").fill("I cannot study without it.")
    carry_on(maya)
    maya.get_by_label("How much does it cost?").fill(pounds)
    carry_on(maya)
    maya.get_by_label("There is no special day").check()
    carry_on(maya)
    maya.get_by_label("Money to my bank account").check()
    carry_on(maya)
    maya.get_by_label("No photo? Tell us why").fill("The shop is shut.")
    carry_on(maya)
    maya.get_by_role("button", name="Send").click()
    expect(maya.get_by_text("We will decide by").first).to_be_visible()
    return maya.url.rstrip("/").rsplit("/", 1)[-1]


def test_more_a_part_and_a_second_look_then_a_panel_a_told_no_and_a_stranger(
    portal: Portal, sign_in: SignIn, browser: Browser
) -> None:
    maya, sam, priya, omar = sign_in("maya"), *(sign_in(who, LAPTOP) for who in ("sam", "priya", "omar"))

    more_is_shown_by_photo_part_is_agreed_and_somebody_else_changes_it(maya, sam, priya, omar)
    a_panel_decides_what_is_above_everybody(portal, maya, priya, omar)
    she_was_told_no_and_it_counts_from_today(maya, priya)
    a_stranger_complains_and_reads_the_answer(portal, browser, omar)


def more_is_shown_by_photo_part_is_agreed_and_somebody_else_changes_it(
    maya: Page, sam: Page, priya: Page, omar: Page
) -> None:
    ref = ask(maya, what="A desk", pounds="180")
    story, desk = f"/me/requests/{ref}/", f"/desk/requests/{ref}/"
    sam.goto(desk)
    form_of(sam, "ASK_MORE").get_by_label("What do you need?").select_option("PRICE")
    form_of(sam, "ASK_MORE").get_by_label("Say it to the young person").fill("Can you show the price?")
    send_again(sam, "ASK_MORE", "Ask for more")

    maya.goto(story)
    expect(maya.get_by_text("Can you show the price?").first).to_be_visible()
    maya.get_by_role("link", name="Answer", exact=True).click()
    maya.locator("input[type=file]").set_input_files([photo_of_a_price()])
    # What a screen reader hears while the photo goes is kept, because the page goes with it.
    maya.evaluate(
        "() => new MutationObserver(() => sessionStorage.heard = (sessionStorage.heard || '') +"
        " document.querySelector('[role=status]').textContent).observe("
        "document.querySelector('[role=status]'), {childList: true})"
    )
    maya.get_by_role("button", name="Send").click()
    expect(maya.get_by_text("You answered.")).to_be_visible()
    assert "Sending your photos" in maya.evaluate("() => sessionStorage.heard")
    maya.evaluate("() => sessionStorage.clear()")
    expect(maya.get_by_role("img", name="Photo 1")).to_be_visible()

    priya.goto(desk)
    part = form_of(priya, "PART_APPROVE")
    part.get_by_label("How much?").fill("120")
    part.get_by_label("Why not all of it").select_option("COSTS_LESS")
    part.get_by_label("Say it to the young person").fill(
        "The same desk costs £120 in the shop on the corner."
    )
    send_again(priya, "PART_APPROVE", "Approve part")

    maya.goto(story)
    expect(maya.get_by_text("We found it costs less").first).to_be_visible()
    maya.get_by_role("link", name="Have someone else look").click()
    maya.get_by_role("button", name="Ask them to look").click()  # two taps from the decision
    expect(maya.get_by_text("Omar").first).to_be_visible()

    omar.goto(desk)
    change = form_of(omar, "CHANGE")
    change.get_by_label("How much in all?").fill("180")
    change.get_by_label("What you found").fill("The shop on the corner has closed.")
    send_again(omar, "CHANGE", "Change the decision")
    maya.goto(story)
    expect(maya.get_by_text("The shop on the corner has closed.").first).to_be_visible()
    expect(maya.get_by_text("£180 in all", exact=False).first).to_be_visible()


def a_panel_decides_what_is_above_everybody(portal: Portal, maya: Page, priya: Page, omar: Page) -> None:
    meets = add_working_days(portal.moment().astimezone(LONDON).date(), 12)
    omar.goto("/desk/requests/panel/")
    plan = form_of(omar, "plan")
    for name, number in (("Day", meets.day), ("Month", meets.month), ("Year", meets.year)):
        plan.get_by_label(name, exact=True).first.fill(str(number))
    plan.get_by_label("How many members must be there?").fill("2")
    plan.get_by_role("button", name="Plan it").click()
    for who, what in (("Omar", "Chair"), ("Grace", "Member"), ("Dami", "Member")):
        seat = form_of(omar, "seat")
        choice = seat.get_by_label("Who?").locator("option", has_text=who).first.get_attribute("value")
        seat.get_by_label("Who?").select_option(choice)
        seat.get_by_label(what, exact=True).check()
        seat.get_by_role("button", name="Give the seat").click()
        expect(omar.locator("ul.rows")).to_contain_text(who)

    ref = ask(maya, what="A car adapted for my wheelchair", pounds="4000")
    priya.goto(f"/desk/requests/{ref}/")
    to_panel = form_of(priya, "SEND_TO_PANEL")
    to_panel.get_by_label("Why the panel decides this").fill("It is more than one person may decide.")
    to_panel.get_by_role("button", name="Send to the panel").click()
    maya.goto(f"/me/requests/{ref}/")
    expect(maya.get_by_text("A panel looks at this on", exact=False)).to_be_visible()

    portal.set_clock(portal.moment() + (meets - portal.moment().astimezone(LONDON).date()))
    omar.goto(f"/desk/requests/{ref}/")
    yes = form_of(omar, "APPROVE")
    for who in ("Omar", "Grace", "Dami"):
        yes.get_by_label(who, exact=False).check()
    yes.get_by_role("button", name="Approve").click()
    maya.goto(f"/me/requests/{ref}/")
    expect(maya.get_by_text("Yes to £4,000").first).to_be_visible()


def she_was_told_no_and_it_counts_from_today(maya: Page, priya: Page) -> None:
    maya.goto("/me/requests/")
    maya.get_by_role("link", name="I was told no, or nobody answered").click()
    maya.get_by_label("I was told no", exact=True).check()
    maya.get_by_label("What did you ask for?").select_option("something-else")
    maya.get_by_label("What did you need, and what were you told?").fill(
        "A coat. My worker said there is no money."
    )
    maya.get_by_label("A voucher").check()
    maya.get_by_role("button", name="Send").click()
    expect(maya.get_by_text("It is with Priya now.")).to_be_visible()  # not with the worker who said no
    priya.goto(maya.url.replace("/me/", "/desk/"))
    expect(priya.get_by_role("heading", name="I was told no")).to_be_visible()


def a_stranger_complains_and_reads_the_answer(portal: Portal, browser: Browser, omar: Page) -> None:
    contexts: list = []
    stranger = opened(browser, portal, contexts, viewport=PHONE)
    stranger.goto("/help/complain/")
    stranger.get_by_label("What went wrong?").fill("I was promised a fridge in June.")
    stranger.locator("main").get_by_role("button", name="Send").click()
    ref, word = (stranger.locator("bdi.code").nth(n).inner_text() for n in (0, 1))

    omar.goto("/desk/")
    omar.get_by_role("link", name=re.compile("complaints? to answer")).click()
    omar.get_by_role("row").filter(has_text="a fridge in June").get_by_role("link").first.click()
    omar.get_by_label("Say it to them").first.fill("We are sorry. It comes on Friday.")
    omar.get_by_role("button", name="Answer").click()
    expect(omar.get_by_text("Answered").first).to_be_visible()

    stranger.goto("/help/complain/look/")
    stranger.get_by_label("Your number").fill(ref)
    stranger.get_by_label("Your word").fill(word)
    stranger.get_by_role("button", name="Look it up").click()
    expect(stranger.get_by_text("It comes on Friday.").first).to_be_visible()
    expect(stranger.get_by_role("button", name="Ask for the next step")).to_be_visible()
    assert ref not in stranger.url
    for context in contexts:
        context.close()
