"""Money that bounces twice, a weekly award through a missing paper, and a Friday evening without a cooker.

In browsers, on a phone and a laptop, at one portal as it runs for real.
"""

import re
import time
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from playwright.sync_api import Locator, Page, expect

from portal.clock import LONDON
from portal.working_days import add_working_days
from tests.journeys.conftest import LAPTOP, Portal

pytestmark = [pytest.mark.browser, pytest.mark.alone]
SignIn = Callable[..., Page]
MOST_SECONDS = 120  # "an out-of-hours worker gives a voucher in under two minutes"
SECONDS_A_TAP, SECONDS_A_KEY = 3, 1  # slow: finding the place with a thumb, and typing with it


def test_two_bounces_a_hold_with_notice_and_a_friday_evening(portal: Portal, sign_in: SignIn) -> None:
    a_batch_two_bounces_fixed_paid(sign_in("maya"), sign_in("lee", LAPTOP))
    a_missing_paper_holds_a_weekly_award_with_notice(portal, sign_in)
    three_pounds_left_and_no_cooker(portal, sign_in)


def day(form: Locator | Page, legend: str, on: datetime) -> None:
    group = form.get_by_role("group", name=legend)
    for name, number in (("Day", on.day), ("Month", on.month), ("Year", on.year)):
        group.get_by_label(name, exact=True).fill(str(number))


def unfolded(page: Page, label: str) -> Locator:
    """The form of one step at the desk."""
    step = page.locator("details", has=page.locator("summary", has_text=label))
    step.locator("summary").first.click()
    return step.locator("form")


def request_of(page: Page, title: str) -> str:
    """Where the young person's own page about a request is."""
    page.goto("/me/requests/")
    page.get_by_role("link", name=title).first.click()
    page.wait_for_url(re.compile(r"/me/requests/\w+/$"))
    return page.url


# Finance makes a batch, the bank sends one payment back, and again, and then it arrives.


def a_batch_two_bounces_fixed_paid(maya: Page, lee: Page) -> None:
    mine = request_of(maya, "Learning to drive")
    payment = sent(lee)
    answer(lee, payment, "FAILED,ACCOUNT_CLOSED")

    maya.goto(mine)
    expect(maya.get_by_text("The bank says this account is closed. Give us another account.")).to_be_visible()
    expect(maya.get_by_text("You can get help today, and you never pay it back.")).to_be_visible()

    again = sent(lee)
    answer(lee, again, "PAID,")
    lee.goto("/desk/finance/returns/")  # days later, by letter
    lee.get_by_label("Our payment reference").fill(again.lower())
    lee.get_by_label("Amount that came back").fill("250.00")
    lee.get_by_label("Why").select_option("WRONG_DETAILS")
    lee.get_by_role("button", name="It came back").click()
    maya.goto(mine)
    expect(maya.get_by_role("heading", name="The money did not arrive")).to_be_visible()

    answer(lee, sent(lee), "PAID,")
    maya.goto(mine)
    expect(maya.get_by_text("£250 was sent.").first).to_be_visible()
    expect(maya.get_by_role("heading", name="The money did not arrive")).to_have_count(0)


def sent(lee: Page) -> str:
    """A batch of what is due, closed by typing its total. Returns the reference of the £250."""
    lee.goto("/desk/finance/")
    lee.get_by_role("button", name="Make a batch of what is due").click()
    row = lee.get_by_role("row").filter(has_text="£250.00").first
    payment = row.get_by_role("cell").first.inner_text()
    with lee.expect_download() as file:
        lee.get_by_role("link", name="Download the file").click()
    total = file.value.path().read_text().strip().rsplit("\n", 1)[-1].split(",")[9]
    lee.get_by_label("Total in your payment system").fill(total)
    lee.get_by_role("button", name="Close the batch").click()
    expect(lee.get_by_text("Closed. The payments are on their way.")).to_be_visible()
    return payment


def answer(lee: Page, payment: str, outcome: str) -> None:
    lee.goto("/desk/finance/remittances/")
    lines = f"Reference,Amount,Outcome,Reason\n{payment},250.00,{outcome}\n"
    file = {"name": "answer.csv", "mimeType": "text/csv", "buffer": lines.encode()}
    lee.locator("input[type=file]").set_input_files([file])
    lee.get_by_role("button", name="Read the file").click()
    expect(lee.get_by_role("row").filter(has_text=payment)).to_contain_text("done")


# Ade is in prison. A paper is missing: his weekly money is held with notice, and somebody else looks.


def a_missing_paper_holds_a_weekly_award_with_notice(portal: Portal, sign_in: SignIn) -> None:
    ade, omar = sign_in("ade"), sign_in("omar", LAPTOP)
    mine = request_of(ade, "Money while you are in prison")
    award = f"{mine.replace('/me/', '/desk/')}award/"
    today = portal.moment().astimezone(LONDON)

    omar.goto(award)
    hold = unfolded(omar, "Hold it")
    hold.get_by_label("Why").select_option("MISSING_PAPER")
    hold.get_by_label("Say it to the young person").fill("We need the new letter from the prison.")
    day(hold, "From which day", today)
    hold.get_by_role("button", name="Hold it").click()
    expect(omar.get_by_text("They must be told first", exact=False).first).to_be_visible()
    hold = omar.locator("form", has=omar.locator('input[name=action][value="HOLD"]'))
    day(hold, "From which day", today + timedelta(days=15))
    hold.get_by_role("button", name="Hold it").click()

    ade.goto(mine)
    expect(ade.get_by_role("heading", name=re.compile("Held from"))).to_be_visible()
    expect(ade.get_by_text("Nothing is lost.", exact=False)).to_be_visible()
    ade.get_by_role("link", name="Have someone else look").click()
    ade.get_by_label("What should they know?").fill("The prison sent it in May.")
    ade.get_by_role("button", name="Ask for it").click()
    expect(ade.get_by_text("Until they answer, the money goes on.", exact=False)).to_be_visible()

    priya = sign_in("priya", LAPTOP)
    priya.goto(award)
    expect(priya.get_by_text("The prison sent it in May.")).to_be_visible()
    look = priya.locator("form", has=priya.locator('input[name=action][value="LOOKED"]'))
    if not look.is_visible():
        look = unfolded(priya, "Your second look")
    look.get_by_label("No: put it back as it was").check()
    look.get_by_label("Say it to the young person").fill("We had it all the time. Sorry.")
    look.get_by_role("button", name="Your second look").click()
    ade.goto(mine)
    expect(ade.get_by_text("We had it all the time. Sorry.")).to_be_visible()
    expect(ade.get_by_text("It is as it was before.")).to_be_visible()


# Friday evening: no cooker, and £3 left of the money for it.


def three_pounds_left_and_no_cooker(portal: Portal, sign_in: SignIn) -> None:
    omar = sign_in("omar", LAPTOP)
    omar.goto("/desk/young-people/")
    omar.get_by_label("Find by name").fill("Adeyemi")
    omar.get_by_role("button", name="Find").click()
    omar.get_by_role("link", name="Maya").first.click()
    told = omar.locator("main").get_by_text(re.compile(r"^\d+ [A-Z][a-z]+ (19|20)\d\d$")).first.inner_text()
    born = datetime.strptime(told, "%d %B %Y").replace(tzinfo=LONDON)
    omar.get_by_role("link", name="Paid another way? Write it down").click()
    omar.get_by_label("What for").select_option("setting-up-home-allowance")
    omar.get_by_label("How much was paid").fill("1817")
    day(omar, "When", portal.moment().astimezone(LONDON))
    omar.get_by_label("Reference of that payment").fill("CARD 77")
    omar.get_by_role("button", name="Write it down").click()

    now = portal.moment().astimezone(LONDON)
    evening = (now + timedelta(days=(4 - now.weekday()) % 7)).replace(hour=19, minute=10)
    while evening <= now or add_working_days(evening.date(), 1) != evening.date() + timedelta(days=3):
        evening += timedelta(days=7)  # a Friday ahead that no bank holiday stretches
    portal.set_clock(evening)
    maya = sign_in("maya")
    maya.goto("/me/requests/new/?for=setting-up-home-allowance")
    expect(maya.get_by_text("You have £3 left of this.")).to_be_visible()
    maya.goto("/help/now/")
    first = maya.locator("main").get_by_role("heading", level=2).first
    expect(first).to_contain_text("Open now")
    assert first.bounding_box()["y"] < 740  # type: ignore[index]

    a_voucher_in_under_two_minutes(sign_in("kit"), born)

    maya.goto("/me/requests/")
    maya.get_by_role("link", name=re.compile("A way to cook")).click()
    expect(maya.get_by_role("heading", name="You never pay this back")).to_be_visible()

    portal.set_clock(portal.moment() + timedelta(days=3) - timedelta(hours=9))
    priya = sign_in("priya", LAPTOP)
    priya.goto("/desk/spot-help/")
    priya.get_by_role("link", name=re.compile("Maya")).first.click()
    priya.get_by_label("It is right").check()
    priya.get_by_role("button", name="I have looked").click()
    maya = sign_in("maya")
    maya.goto("/me/requests/")
    maya.get_by_role("link", name=re.compile("A way to cook")).click()
    expect(maya.get_by_text("A second person has looked at it.", exact=False)).to_be_visible()


def a_voucher_in_under_two_minutes(kit: Page, born: datetime) -> None:
    """Counted: what a worker presses and types, at a slow hand's pace, beside the machine's own seconds."""
    began, taps, keys = time.monotonic(), 0, 0

    def press(what: Locator) -> None:
        nonlocal taps
        what.click()
        taps += 1

    def fill(label: str, words: str) -> None:
        nonlocal taps, keys
        kit.get_by_label(label).first.fill(words)
        taps, keys = taps + 1, keys + len(words)

    fill("Their family name", "Adeyemi")
    for name, number in (("Day", born.day), ("Month", born.month), ("Year", born.year)):
        fill(name, str(number))
    press(kit.get_by_role("button", name="Find them"))
    press(kit.get_by_label("A way to cook"))
    press(kit.get_by_label("A voucher"))
    fill("How much?", "20")
    fill("Number on the voucher, slip or receipt", "SV 2001")
    press(kit.get_by_role("button", name="They have it"))
    expect(kit.get_by_text("Second look by Monday", exact=False)).to_be_visible()
    machine = time.monotonic() - began
    hand = taps * SECONDS_A_TAP + keys * SECONDS_A_KEY
    print(
        f"a voucher: {taps} taps, {keys} keys, about {hand:.0f} s of a slow hand, {machine:.1f} s of the machine"
    )
    assert taps <= 10
    assert hand + machine < MOST_SECONDS
