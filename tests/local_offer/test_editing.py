"""An editor's pages: what they may do, what they are told while typing, and what is wrong with the site."""

import pytest
from django.contrib.auth.models import Group
from django.test import Client

from cms.models import PageFeedback, Phone, SearchMiss
from local_offer.models import OfferPage
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
    for address in ("/cms/reading/", "/cms/reports/wrong/"):
        assert Client().get(address).status_code == 302


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


def test_every_block_has_a_preview_or_says_what_it_is(library):
    from local_offer.blocks import OfferBlocks

    for name, block in OfferBlocks().child_blocks.items():
        assert block.meta.description, name
        assert block.meta.icon, name
