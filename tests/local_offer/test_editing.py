"""An editor's pages: what they may do, what they are told while typing, and what is wrong with the site."""

import re
from datetime import date, timedelta

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.core.exceptions import ValidationError
from django.test import Client
from wagtail.models import PageLogEntry

from cms.content_version import changed
from cms.faults import all_faults
from cms.models import HelpIndexPage, PageFeedback, Phone, SearchMiss
from cms.stamps import ACTION, stamp
from entitlements.pages import EntitlementPage
from local_offer.models import OfferPage, SectionPage, ServicePage
from tests.factories import UserFactory


def signed_in(group: str) -> Client:
    user = UserFactory(is_active=True)
    user.groups.add(Group.objects.get(name=group))
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def editor(library) -> Client:
    return signed_in("Editors")


def test_an_editor_opens_a_page_with_its_pieces_and_reading_age(editor):
    page = OfferPage.objects.get(slug="your-own-place")

    response = editor.get(f"/cms/pages/{page.pk}/edit/")

    assert response.status_code == 200
    html = response.content.decode()
    assert "editor-reading.js" in html
    assert "Keeping it true" in html
    assert "Raw HTML" not in html


def test_reading_age_and_jargon_come_back_while_typing(editor):
    answer = editor.post(
        "/cms/reading/", {"words": "Prior to provision of accommodation you must liaise with us."}
    ).json()

    assert answer["age"] > 11
    assert not answer["easy"]
    assert any("before" in line for line in answer["jargon"])


def test_a_visitor_gets_neither_the_endpoint_nor_the_report(library):
    for address in ("/cms/reading/", "/cms/reports/wrong/", "/cms/quotes/"):
        assert Client().get(address).status_code == 302


def test_a_mark_that_quotes_nothing_is_named_while_typing(editor):
    answer = editor.post("/cms/reading/", {"words": "You get {amount:lapto}, or {amount:laptop}."}).json()

    assert answer["unknown"] == ["{amount:lapto} is not known: readers see no fact."]


def test_every_fact_that_can_be_quoted_is_listed_with_what_readers_see(editor):
    html = editor.get("/cms/quotes/").content.decode()

    assert "{amount:laptop}" in html
    assert "A laptop for your course" in html
    assert "{phone:duty}" in html


def test_an_editor_finds_a_page_by_the_words_readers_use(editor):
    page = EntitlementPage.objects.get(slug="driving-lessons", locale__language_code="en")

    html = editor.get("/cms/pages/search/", {"q": "driving lessons"}).content.decode()

    assert "driving" not in page.title.lower()
    assert f"/cms/pages/{page.pk}/edit/" in html


def test_a_new_page_is_kept_by_whoever_begins_it(editor):
    parent = HelpIndexPage.objects.get(locale__language_code="en")

    form = editor.get(f"/cms/pages/add/cms/helppage/{parent.pk}/").context["form"]

    assert form["keeper"].value() == signed_in_user(editor).pk


def test_a_service_is_listed_by_ticking_parts_of_its_own_language(editor):
    page = ServicePage.objects.get(slug="leaving-care-duty", locale__language_code="en")
    parts = SectionPage.objects.filter(locale__language_code="en").count()

    form = editor.get(f"/cms/pages/{page.pk}/edit/").context["form"]

    assert len(form["sections"].subwidgets) == parts
    assert form["sections"].subwidgets[0].data["type"] == "checkbox"


def test_the_report_names_what_is_wrong(editor, now):
    page = OfferPage.objects.get(slug="your-own-place")
    for _each in range(3):
        PageFeedback.objects.create(page=page, useful=False, given_at=now)
    SearchMiss.objects.create(words="scooter", visitors=5, last_on=now.date())
    SearchMiss.objects.create(words="secret name", visitors=4, last_on=now.date())
    OfferPage.objects.filter(pk=page.pk).update(review_by="2026-01-01", one_line="")

    html = editor.get("/cms/reports/wrong/").content.decode()

    assert "What is wrong with my site" in html
    for words in (
        "Out of date",
        "No one-line answer",
        "Readers say it does not help",
        "scooter",
        "Not translated",
        "Duty worker",
        f"/cms/snippets/cms/phone/edit/{Phone.objects.get(key='duty').pk}/",
    ):
        assert words in html, words
    assert "secret name" not in html


def test_an_editor_corrects_a_phone_number_alone_and_readers_see_it(editor):
    phone = Phone.objects.get(key="duty")
    answers = {
        "name": phone.name,
        "number": "020 8314 0001",
        "hours": phone.hours,
        "checked_on": "2026-11-23",
        "confirmed": "on",
        "how_to_find": "",
        "note": "",
        "key": "duty",
    }

    response = editor.post(f"/cms/snippets/cms/phone/edit/{phone.pk}/", answers)

    assert response.status_code == 302
    assert 'href="tel:02083140001"' in Client().get("/help/urgent/").content.decode()


def test_votes_on_words_that_have_changed_since_are_not_held_against_a_page(library, now):
    page = OfferPage.objects.get(slug="your-own-place")
    for _each in range(3):
        PageFeedback.objects.create(page=page, useful=False, given_at=now)
    assert [fault.page_id for fault in all_faults(now.date()) if fault.kind == "unhelpful"] == [page.pk]

    last_published(page, now + timedelta(hours=1))

    assert not [fault for fault in all_faults(now.date()) if fault.kind == "unhelpful"]


def test_the_report_names_pages_that_show_less_because_something_was_withdrawn(library, now):
    EntitlementPage.objects.get(slug="travel-to-education").unpublish()
    ServicePage.objects.get(slug="coram-voice").unpublish()

    found = {(fault.subject, fault.words) for fault in all_faults(now.date()) if fault.kind == "broken_link"}

    assert any("“travel-to-education”, which is not published" in words for _subject, words in found)
    assert any("not shown: “Coram Voice" in words for _subject, words in found)


def test_a_sum_written_by_hand_that_an_entitlement_has_is_reported_with_the_words_to_quote_it(library, now):
    page = OfferPage.objects.get(slug="your-own-place")
    page.one_line = "Up to £3,000 for your first home, and {amount:driving-lessons} for lessons."
    page.save_revision().publish()

    found = [(fault.page_id, fault.words) for fault in all_faults(now.date()) if fault.kind == "typed_amount"]

    assert len(found) == 1  # what is quoted already, and the handbook's own pages, are left alone
    assert found[0][0] == page.pk
    assert found[0][1].startswith("£3,000: quote it as {amount:")


def test_a_new_number_is_unchecked_until_somebody_says_when_they_rang_it(editor, now):
    phone = Phone.objects.get(key="childline")
    assert phone.confirmed
    answers = {
        "name": phone.name, "number": "0808 999 9999", "hours": phone.hours, "checked_on": str(phone.checked_on),
        "confirmed": "on", "how_to_find": phone.how_to_find, "note": "", "key": phone.key,
    }  # fmt: skip

    editor.post(f"/cms/snippets/cms/phone/edit/{phone.pk}/", answers)

    phone.refresh_from_db()
    assert (phone.number, phone.confirmed) == ("0808 999 9999", False)
    assert phone.name in {fault.subject for fault in all_faults(now.date()) if fault.kind == "unconfirmed"}


@pytest.mark.parametrize(("field", "value"), [("key", "another"), ("number", "")])
def test_the_word_a_number_is_quoted_by_stays_and_national_help_is_never_empty(library, field, value):
    phone = Phone.objects.get(key="samaritans")
    setattr(phone, field, value)

    with pytest.raises(ValidationError) as refusal:
        phone.full_clean()

    assert list(refusal.value.message_dict) == [field]


def test_an_editor_sends_a_page_for_moderation_and_cannot_publish(editor):
    page = OfferPage.objects.get(slug="your-own-place")

    html = editor.get(f"/cms/pages/{page.pk}/edit/").content.decode()

    assert 'name="action-publish"' not in html
    assert "Submit to a publisher" in html


def test_a_publisher_publishes(library):
    page = OfferPage.objects.get(slug="your-own-place")

    assert (
        'name="action-publish"' in signed_in("Publishers").get(f"/cms/pages/{page.pk}/edit/").content.decode()
    )


def test_a_reader_proposes_a_change_and_what_came_of_it_stands_on_the_page(editor):
    page = OfferPage.objects.get(slug="your-own-place")
    here = {"sec-fetch-site": "same-origin"}
    Client().post("/feedback/", {"page": page.pk, "words": "Say that the deposit comes back."}, headers=here)
    said = PageFeedback.objects.get()

    assert (
        "Say that the deposit comes back." in editor.get("/cms/snippets/cms/pagefeedback/").content.decode()
    )
    answer = {"outcome": "We added it: the deposit comes back to you.", "outcome_on": ""}
    assert editor.post(f"/cms/snippets/cms/pagefeedback/edit/{said.pk}/", answer).status_code == 302

    html = Client().get(page.get_url()).content.decode()
    assert "We added it: the deposit comes back to you." in html
    assert "23 November 2026" in html
    assert "Say that the deposit" not in html


def signed_in_user(client: Client):
    return get_user_model().objects.get(pk=client.session["_auth_user_id"])


def last_published(page: OfferPage, moment) -> None:
    """Wagtail takes this from the machine's clock."""
    OfferPage.objects.filter(pk=page.pk).update(last_published_at=moment)
    changed()


def test_the_stamp_of_elevation_is_put_on_by_somebody_who_did_not_write_the_page(editor, now):
    page = OfferPage.objects.get(slug="your-own-place")
    address, colleague = f"/cms/elevation/{page.pk}/", signed_in("Editors")
    page.save_revision(user=signed_in_user(editor)).publish()
    last_published(page, now)

    refused = editor.post(address, {"stamp": "1", "on": "2026-11-23"})
    assert "somebody else must put the stamp on it" in refused.content.decode()
    for day, code in ((now.date() + timedelta(days=1), "day"), (date(2020, 1, 1), "older")):
        with pytest.raises(ValidationError) as refusal:
            stamp(page=page, on=day, by=signed_in_user(colleague), today=now.date())
        assert refusal.value.code == code
    assert "Checked by us" not in Client().get(page.get_url()).content.decode()

    assert colleague.post(address, {"stamp": "1", "on": "2026-11-23"}).status_code == 302

    html = Client().get(page.get_url()).content.decode()
    assert "read this page on 23 November 2026 and said it is right." in html
    assert "It has changed since" not in html
    assert PageLogEntry.objects.get(action=ACTION).user == signed_in_user(colleague)
    editor.post(address, {"take_off": "1"})  # no more than its author puts it on
    assert "Checked by us" in Client().get(page.get_url()).content.decode()


def test_a_page_that_changed_after_elevation_read_it_says_so(editor, now):
    page = OfferPage.objects.get(slug="your-own-place")
    page.one_line = "A draft that readers do not see yet."
    page.save_revision()
    last_published(page, now)
    page = OfferPage.objects.get(pk=page.pk)
    stamp(page=page, on=now.date(), by=signed_in_user(editor), today=now.date())

    draft = page.get_latest_revision_as_object()
    assert draft.one_line == "A draft that readers do not see yet."
    draft.save_revision().publish()
    last_published(page, now + timedelta(days=2))

    assert "It has changed since, on 25 November 2026." in Client().get(page.get_url()).content.decode()


def test_nobody_stamps_a_page_from_its_own_form_nor_without_a_right_to_edit(library):
    page = OfferPage.objects.get(slug="your-own-place")
    stranger = Client()
    stranger.force_login(UserFactory())

    assert "checked_by_elevation_on" not in OfferPage.get_edit_handler().get_form_class().base_fields
    assert stranger.post(f"/cms/elevation/{page.pk}/", {"stamp": "1", "on": "2026-11-23"}).status_code in (
        302,
        403,
    )
    assert page.checked_by_elevation_on is None


def test_every_block_has_a_preview_and_says_what_it_is(editor):
    from local_offer.blocks import OfferBlocks

    for name, block in OfferBlocks().child_blocks.items():
        assert block.meta.description, name
        assert block.meta.icon, name
        shown = editor.get("/cms/block-preview/", {"id": block.definition_prefix}).content.decode()
        words = re.sub(r"<[^>]*>", "", shown.partition("<main")[2]).split()
        assert block.is_previewable, name
        assert len(words) > 3, name
