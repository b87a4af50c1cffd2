"""The handbook as anybody reads it."""

import re
from decimal import Decimal

import pytest

from entitlements.blocks import EntitlementQuoteBlock
from entitlements.models import Confidence, Status
from tests.entitlements.conftest import page_of, publish


def read(client, code: str) -> str:
    """A page's text without its markup."""
    answer = client.get(f"/handbook/{code}/")
    assert answer.status_code == 200
    return " ".join(re.sub(r"<[^>]+>", " ", answer.content.decode()).split())


def test_a_page_says_all_that_a_hungry_18_year_old_needs(handbook, client):
    text = read(client, "setting-up-home-allowance")

    for heading in ("What it is", "Who it is for", "Can I get it?", "What it can buy", "How much", "What to have ready",
                    "How to ask", "What happens next", "If the answer is no", "Good to know"):  # fmt: skip
        assert heading in text
    assert "Up to £3,000" in text
    assert "decided by" in text or "a team manager within 5 working days" in text
    assert "Also called:" in text
    assert "We must offer this" in text


def test_who_is_sent_to_urgent_help_can_press_it(handbook, client):
    page = client.get("/handbook/emergency-payment/").text

    assert 'go to <a href="/help/urgent/">urgent help</a> on this site' in page


def test_no_public_page_sets_a_cookie_or_holds_a_token(handbook, client):
    for address in (
        "/handbook/",
        "/handbook/laptop/",
        "/check/",
        "/api/handbook.json",
        "/api/handbook.schema.json",
    ):
        answer = client.get(address)
        assert answer.status_code == 200, address
        assert not answer.cookies, address
        assert b"csrfmiddlewaretoken" not in answer.content, address


def test_an_example_nobody_confirmed_says_so_on_its_page_and_in_every_list(handbook, client):
    assert "This amount comes from another council." in read(client, "birthday-gift")
    index = client.get("/handbook/").content.decode()
    row = index[index.index("/handbook/birthday-gift/") :]
    assert "Example amount" in row[: row.index("</li>")]


def test_a_confirmed_example_loses_its_label(handbook, client, now):
    publish(
        page_of("birthday-gift"),
        confirmed_on=now.date(),
        decision_reference="CYP 12",
        call_in_passed_on=now.date(),
    )

    assert "another council" not in read(client, "birthday-gift").split("How much")[0]


def test_what_has_not_started_says_so_and_offers_no_way_to_ask(handbook, client):
    text = read(client, "free-nhs-dental-and-eye-care")

    assert "Not started yet" in text
    assert "Ask for this" not in text
    assert page_of("free-nhs-dental-and-eye-care").status != Status.IN_FORCE


@pytest.mark.parametrize(
    ("code", "offers"),
    [
        ("setting-up-home-allowance", True),  # asked for online
        ("support-no-public-funds", True),  # asked of the adviser
        ("sure-start-maternity-grant", False),  # applied for elsewhere
        ("one-bedroom-housing-rate", False),
    ],
)
def test_the_button_to_ask_stands_only_where_we_are_the_ones_to_ask(handbook, client, code, offers):
    html = client.get(f"/handbook/{code}/").content.decode()
    assert (f"/me/requests/new/?for={code}" in html) is offers


def test_an_amount_changed_once_is_changed_wherever_it_is_quoted(handbook, client):
    publish(page_of("laptop"), how_to_ask="First see {link:birthday-gift}: {amount:birthday-gift}.")
    publish(page_of("birthday-gift"), amount="45.00", confidence=Confidence.LEWISHAM)

    text = read(client, "laptop")

    assert "First see Birthday money : £45." in text


def test_an_unconfirmed_amount_keeps_its_label_where_another_page_quotes_it(handbook, client):
    publish(page_of("laptop"), how_to_ask="As much as {amount:birthday-gift}.")

    assert "£35 (an example, not confirmed)" in read(client, "laptop")


def test_a_link_to_something_withdrawn_becomes_words(handbook, client):
    publish(page_of("laptop"), how_to_ask="See {link:birthday-gift}.")
    page_of("birthday-gift").unpublish()

    assert "See something else that may help (ask your adviser)." in read(client, "laptop")


def test_what_an_editor_types_is_never_markup(handbook, client):
    publish(
        page_of("laptop"),
        what_it_is="<script>alert(1)</script>\n\n- <b>one</b>",
        title='A "laptop" & <i>more</i>',
    )

    html = client.get("/handbook/laptop/").content.decode()

    assert "<script>alert" not in html
    assert "<b>one" not in html
    assert "<i>more" not in html


def test_an_april_rise_prepared_in_advance_shows_from_its_day(handbook, client, clock, now):
    page = page_of("laptop")
    rise = [
        {
            "type": "rate",
            "value": {"amount": "320.00", "starts_on": "2027-04-01", "governs": "ASKED", "who": []},
        }
    ]
    publish(page, rates=page._meta.get_field("rates").stream_block.to_python(rise))

    assert "Up to £300" in read(client, "laptop")
    clock.set(now.replace(year=2027, month=4, day=1))
    assert "Up to £320" in read(client, "laptop")


def test_an_unpublished_page_is_not_there(handbook, client):
    page_of("laptop").unpublish()
    assert client.get("/handbook/laptop/").status_code == 404
    assert "/handbook/laptop/" not in client.get("/handbook/").content.decode()


def test_the_handbooks_facts_cost_one_small_query_once_they_are_held(
    handbook, client, django_assert_max_num_queries
):
    client.get("/check/")
    with django_assert_max_num_queries(1):
        client.get("/check/")


def test_an_entitlement_quoted_on_another_page_brings_its_amount_and_its_label(handbook, rf):
    block = EntitlementQuoteBlock()
    html = block.render(block.to_python({"code": "birthday-gift"}), context={"request": rf.get("/")})

    assert "£35 a year" in html
    assert "Example amount" in html
    assert "/handbook/birthday-gift/" in html


def test_every_page_of_the_handbook_can_be_drawn(handbook, client):
    for page in handbook.get_children().live():
        answer = client.get(f"/handbook/{page.slug}/")
        assert answer.status_code == 200, page.slug
        assert b"{amount" not in answer.content, page.slug
        assert b"{link" not in answer.content, page.slug


def test_an_editors_preview_shows_the_drafts_own_amount(handbook):
    draft = page_of("laptop").get_latest_revision_as_object()
    draft.amount, draft.confidence = Decimal(450), Confidence.LEWISHAM

    html = draft.make_preview_request().render().content.decode()

    assert "Up to £450" in html
    assert "Example amount" not in html
