"""Pages in other languages: drafted, checked, out of date; what an outside service may cost."""

import json
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread

import pytest
from django.contrib.auth.models import Group
from django.core.exceptions import ValidationError
from django.test import Client
from wagtail.models import Locale, Page
from wagtail_localize.models import StringTranslation, Translation, TranslationSource
from wagtail_localize.strings import StringValue

from cms import tokens, translations
from cms.contents import contents
from cms.faults import all_faults
from cms.loading import Loader
from cms.models import HelpPage, OutsideTranslation, TranslatedPage
from cms.outside_translator import CappedTranslator, CapReached
from entitlements.pages import EntitlementPage
from local_offer.drafts import load_drafts
from local_offer.models import OfferPage
from tests.factories import UserFactory

FIVE = (
    "/",
    "/help/urgent/",
    "/offer/money/who-pays-what/",
    "/offer/your-rights/your-personal-adviser/",
    "/offer/having-a-say/being-heard/",
)


def page_in(language: str, slug: str = "who-pays-what", model: type[Page] = OfferPage) -> Page:
    return model.objects.get(slug=slug, locale__language_code=language)


def publish(page: Page) -> None:
    page.save_revision().publish()


@pytest.mark.parametrize("language", ["ar", "ps", "vi"])
def test_five_pages_are_drafted_and_say_that_nobody_checked_them(library, client: Client, language):
    known = contents()
    for address in FIVE:
        card = known.answering(f"/{language}{address}" if address != "/" else f"/{language}/")
        assert card is not None
        assert (card.language, card.standing_in) == (language, False)
        english = Page.objects.get(pk=known.by_address[address].page_id).specific
        drafted = Page.objects.get(pk=card.page_id).specific
        words, draft = (
            f"{english.title} {english.words_of_body()}",
            f"{drafted.title} {drafted.words_of_body()}",
        )
        assert sorted(tokens.tokens_in(draft)) == sorted(tokens.tokens_in(words)), address

    page = client.get(f"/{language}/help/urgent/").text
    assert f'<html lang="{language}"' in page
    assert 'class="language-line"' in page
    assert 'href="/help/urgent/" hreflang="en"' in page
    assert f'hreflang="{language}" href="http://127.0.0.1:8000/{language}/help/urgent/"' in page
    listed = client.get("/sitemap.xml").text
    assert f"<loc>http://127.0.0.1:8000/{language}/help/urgent/</loc>" in listed
    assert (
        listed.count(f'hreflang="{language}" href="http://127.0.0.1:8000/{language}/help/urgent/"') == 4
    )  # in each


def test_an_amount_changed_once_is_changed_in_every_language(library, client: Client):
    pages = [f"{prefix}/offer/money/who-pays-what/" for prefix in ("", "/ar", "/ps", "/vi")]
    assert all("£3,000" in client.get(page).text for page in pages)
    entitlement = EntitlementPage.objects.get(slug="setting-up-home-allowance")
    entitlement.amount = 3100

    publish(entitlement)

    for page in pages:
        text = client.get(page).text
        assert "£3,100" in text
        assert "£3,000" not in text
    assert not TranslatedPage.objects.exclude(out_of_date_since=None).exists()


def test_when_english_changes_readers_and_editors_are_told(library, client: Client, now):
    english, arabic = page_in("en"), page_in("ar")
    before = client.get("/ar/offer/money/who-pays-what/").text
    english.title = "Who pays for what"

    publish(english)

    assert translations.state(arabic.pk).out_of_date
    after = client.get("/ar/offer/money/who-pays-what/").text
    assert after.count("<b>") == before.count("<b>") + 1
    faults = [fault for fault in all_faults(now.date()) if fault.kind == "stale_translation"]
    assert len(faults) == 3
    english.title = "Who pays what"
    publish(english)
    assert not translations.state(arabic.pk).out_of_date


def test_a_person_who_checked_it_says_so_and_new_words_are_unchecked_again(library, now):
    page = page_in("vi", "urgent", HelpPage)
    user = UserFactory(is_active=True)
    user.groups.add(Group.objects.get(name="Editors"))
    browser = Client()
    browser.force_login(user)
    assert f"/cms/translations/{page.pk}/checked/" in browser.get(f"/cms/pages/{page.get_parent().pk}/").text

    browser.post(f"/cms/translations/{page.pk}/checked/")

    state = translations.state(page.pk)
    assert state.checked_on == now.date()
    assert not [fault for fault in all_faults(now.date()) if fault.page_id == page.pk]
    publish(HelpPage.objects.get(pk=page.pk))
    assert translations.state(page.pk).checked_on is None


def test_what_is_out_of_date_or_english_cannot_be_checked(library, now):
    english, arabic = page_in("en"), page_in("ar")
    with pytest.raises(ValidationError) as refusal:
        translations.check(page=english, by=UserFactory(), now=now)
    assert refusal.value.code == "not_translated"
    english.title = "Other words"
    publish(english)

    with pytest.raises(ValidationError) as refusal:
        translations.check(page=arabic, by=UserFactory(), now=now)

    assert refusal.value.code == "out_of_date"


@pytest.mark.parametrize(("group", "draft"), [("Editors", False), ("Publishers", True)])
def test_words_that_nobody_agreed_never_take_the_place_of_a_published_translation(library, group, draft):
    arabic, english = page_in("ar"), page_in("en")
    if draft:
        english.title = "A draft that nobody read"
        english.save_revision()
    client = Client()
    user = UserFactory()
    user.groups.add(Group.objects.get(name=group))
    client.force_login(user)

    client.post(f"/cms/localize/page/{arabic.pk}/convert_to_alias/")

    after = page_in("ar")
    assert (after.title, after.alias_of_id) == (arabic.title, None)


def test_what_an_editor_translated_stays_when_drafts_are_loaded_again(library):
    arabic = page_in("ar")
    source = TranslationSource.objects.get_for_instance(page_in("en"))
    kept = StringTranslation.objects.filter(
        locale=arabic.locale, context__object_id=arabic.translation_key
    ).first()
    kept.data, kept.tool_name, kept.translation_type = "كلمات المحررة", "", "manual"
    kept.save()
    Translation.objects.get(source=source, target_locale=arabic.locale).save_target(publish=False)
    published = page_in("vi")
    loader = Loader()

    load_drafts(loader)

    kept.refresh_from_db()
    assert kept.data == "كلمات المحررة"
    assert page_in("vi").latest_revision_id == published.latest_revision_id
    assert loader.report.made == loader.report.renewed == 0


def test_a_page_of_which_there_is_no_translation_lists_and_links_in_the_readers_language(
    library, client: Client
):
    section = client.get("/ar/offer/money/").text

    assert '<main id="main" lang="en" dir="ltr"' in section
    assert 'href="/ar/offer/money/who-pays-what/"' in section


# ---- an outside service


@pytest.fixture
def service(settings):
    """A twin of the service: says each piece backwards, and counts the letters it was sent."""
    sent: list[int] = []

    class Twin(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            sent.append(sum(map(len, asked["q"])))
            body = json.dumps({"translatedText": [text[::-1] for text in asked["q"]]}).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_args: object) -> None:
            """Silence."""

    server = HTTPServer(("127.0.0.1", 0), Twin)
    Thread(target=server.serve_forever, daemon=True).start()
    settings.TRANSLATOR_URL = f"http://127.0.0.1:{server.server_port}"
    yield sent
    server.shutdown()
    server.server_close()


def ask(*words: str) -> dict[StringValue, StringValue]:
    english, arabic = (Locale(language_code=code) for code in ("en", "ar"))
    return CappedTranslator({}).translate(english, arabic, [StringValue(word) for word in words])


@pytest.mark.django_db
@pytest.mark.parametrize("row", [{}, {"on": False, "monthly_cap": 1000}, {"on": True, "monthly_cap": 0}])
def test_nothing_is_sent_until_it_is_switched_on_with_something_to_spend(service, row):
    OutsideTranslation.objects.update_or_create(pk=1, defaults=row)

    with pytest.raises(CapReached):
        ask("bed")

    assert service == []


@pytest.mark.django_db
def test_the_cap_is_never_passed_and_begins_again_with_the_month(service):
    OutsideTranslation.objects.update_or_create(pk=1, defaults={"on": True, "monthly_cap": 8})

    assert [said.data for said in ask("bed", "food").values()] == ["deb", "doof"]
    with pytest.raises(CapReached):
        ask("no")
    assert ask("a")
    OutsideTranslation.objects.update(month="2026-01")
    assert ask("bed", "food")

    assert service == [7, 1, 7]
    assert OutsideTranslation.objects.get().used == 7


def test_the_switch_is_off_in_a_new_house_and_only_publishers_turn_it(library):
    row = OutsideTranslation.objects.get()

    assert (row.on, row.monthly_cap) == (False, 0)
    for name, may in (("Editors", False), ("Publishers", True)):
        user = UserFactory()
        user.groups.add(Group.objects.get(name=name))
        assert user.has_perm("cms.change_outsidetranslation") is may
