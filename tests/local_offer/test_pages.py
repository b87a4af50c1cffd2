"""The pages as anybody meets them."""

import gzip

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from wagtail.contrib.redirects.models import Redirect
from wagtail.models import Locale, PageViewRestriction

from cms.faults import all_faults, hardest
from cms.models import ContentPage, NewsPage, PageFeedback, Phone
from local_offer.models import OfferPage, SectionPage, ServicePage

ADDRESSES = (
    "/",
    "/offer/",
    "/offer/home/",
    "/offer/home/your-own-place/",
    "/services/",
    "/services/coram-voice/",
    "/help/",
    "/help/urgent/",
    "/help/complain/",
    "/help/advocate/",
    "/help/back/",
    "/news/",
    "/news/examples-are-marked/",
)


@pytest.fixture
def visitor() -> Client:
    return Client()


@pytest.mark.parametrize("address", ADDRESSES)
def test_a_public_page_is_light_sets_no_cookie_and_holds_no_token(
    library, visitor, address, django_assert_max_num_queries
):
    visitor.get(address)

    with django_assert_max_num_queries(5):
        response = visitor.get(address)

    assert response.status_code == 200
    assert not response.cookies
    assert b"csrfmiddlewaretoken" not in response.content
    assert b"style=" not in response.content
    assert b"{phone:" not in response.content
    assert b"{link:" not in response.content
    assert b"{amount:" not in response.content
    assert len(gzip.compress(response.content)) < 8_000


def test_every_published_page_answers(library, visitor):
    for model in (SectionPage, OfferPage, ServicePage):
        for page in model.objects.live():
            response = visitor.get(page.get_url())
            assert response.status_code == 200, page.get_url()
            assert response.content.count(b"<h1") == 1, page.get_url()


def test_home_asks_what_you_need_searches_first_and_has_urgent_help(library, visitor):
    page = visitor.get("/").content.decode()

    assert page.index('action="/search/"') < page.index("/check/")
    assert page.count('href="/help/urgent/"') >= 2
    for address in ("/check/", "/me/requests/new/", "/drop-ins/", "/services/"):
        assert f'href="{address}"' in page


def test_urgent_help_has_its_numbers_first_and_is_honest_about_those_we_do_not_have(library, visitor):
    page = visitor.get("/help/urgent/").content.decode()

    assert page.index('href="tel:999"') < page.index("No food")
    assert 'href="sms:85258"' in page
    assert page.count("We do not have this number here yet") == 2  # duty, out of hours: each once
    assert 'id="phone-duty"' in page


def test_a_corrected_number_reaches_pages_and_the_help_block(library, visitor):
    from cms.content_version import changed

    visitor.get("/help/urgent/")
    Phone.objects.filter(key="duty").update(number="020 8314 0000", confirmed=True)
    changed()

    page = visitor.get("/help/urgent/").content.decode()

    assert page.count('href="tel:02083140000"') >= 2
    assert 'href="tel:02083140000"' in visitor.get("/nowhere/").content.decode()


def test_amounts_are_quoted_from_the_handbook(library, visitor):
    assert "up to £3,000" in visitor.get("/offer/home/your-own-place/").content.decode()


def test_a_draft_is_not_public(library, visitor):
    page = ServicePage.objects.get(slug="insight")
    page.unpublish()

    assert visitor.get("/services/insight/").status_code == 404
    assert "/services/insight/" not in visitor.get("/search/?q=weed").content.decode()
    assert "/services/insight/" not in visitor.get("/sitemap.xml").content.decode()


def test_a_reader_says_a_page_did_not_help_without_cookie_or_token(library, visitor, now):
    page = OfferPage.objects.get(slug="your-own-place")
    here = {"sec-fetch-site": "same-origin"}

    answer = visitor.post("/feedback/", {"page": page.pk, "useful": "no"}, headers=here)
    visitor.post("/feedback/", {"page": page.pk, "words": "The link is dead"}, headers=here)

    assert answer.status_code == 302
    assert not answer.cookies
    given = PageFeedback.objects.order_by("pk")
    assert [(each.useful, each.words) for each in given] == [(False, ""), (None, "The link is dead")]
    assert {field.name for field in PageFeedback._meta.fields} == {
        "id", "page", "useful", "words", "given_at", "outcome", "outcome_on",
    }  # fmt: skip


def test_another_sites_post_is_refused_and_an_empty_one_is_told_why(library, visitor):
    page = OfferPage.objects.first()

    foreign = visitor.post(
        "/feedback/", {"page": page.pk, "useful": "yes"}, headers={"sec-fetch-site": "cross-site"}
    )
    empty = visitor.post("/feedback/", {"page": page.pk}, headers={"sec-fetch-site": "same-origin"})

    assert foreign.status_code == 403
    assert empty.status_code == 422
    assert "Tell us what is wrong or missing" in empty.content.decode()
    assert not PageFeedback.objects.exists()


def test_behind_a_proxy_one_readers_flood_silences_nobody_else(library, visitor, settings):
    settings.TRUSTED_PROXY_COUNT = 1
    page = OfferPage.objects.get(slug="your-own-place")

    def say(address: str) -> int:
        here = {"sec-fetch-site": "same-origin", "x-forwarded-for": address}
        return visitor.post("/feedback/", {"page": page.pk, "useful": "yes"}, headers=here).status_code

    assert [say("192.0.2.1") for _time in range(21)] == [302] * 20 + [422]
    assert say("192.0.2.2") == 302


def test_what_we_did_shows_on_the_page(library, visitor, now):
    from cms.content_version import changed

    page = OfferPage.objects.get(slug="your-own-place")
    PageFeedback.objects.create(
        page=page, words="x", given_at=now, outcome="We mended the link.", outcome_on=now.date()
    )
    changed()

    assert "We mended the link." in visitor.get(page.get_url()).content.decode()


def test_machines_find_what_they_look_for(library, visitor):
    assert "<loc>" in visitor.get("/sitemap.xml").content.decode()
    assert "Disallow: /me/" in visitor.get("/robots.txt").content.decode()
    security = visitor.get("/.well-known/security.txt").content.decode()
    assert "Contact: " in security
    assert "Expires: 2027-05-22" in security
    assert "<rss" in visitor.get("/news/feed/").content.decode()


def test_a_page_for_few_and_a_translation_are_in_no_feed_and_news_has_its_day(library, visitor):
    news, service = NewsPage.objects.get(slug="how-requests-work"), ServicePage.objects.get(slug="insight")
    arabic = news.copy_for_translation(Locale.objects.get(language_code="ar"), copy_parents=True)
    arabic.save_revision().publish()
    feed = visitor.get("/news/feed/").text
    assert feed.count("/news/how-requests-work/</link>") == 1
    assert f"<pubDate>{news.published_on:%a, %d %b %Y} 12:00:00 +0000</pubDate>" in feed

    for page in (news, service):
        PageViewRestriction.objects.create(page=page, restriction_type="login")

    for address in ("/news/feed/", "/news/", "/api/services?per_page=100", "/services/", "/sitemap.xml"):
        answer = visitor.get(address).text
        assert "/how-requests-work/" not in answer, address
        assert "/services/insight/" not in answer, address


def test_no_page_has_a_broken_link_and_the_hardest_pages_are_printed(library, now):
    faults = all_faults(now.date())
    pages = [page for model in (SectionPage, OfferPage, ServicePage) for page in model.objects.live()]
    assert all(isinstance(page, ContentPage) for page in pages)

    print("\nThe five hardest pages:", hardest(pages))

    assert [fault for fault in faults if fault.kind == "broken_link"] == []
    assert {fault.subject for fault in faults if fault.kind == "unconfirmed"} >= {
        "Duty worker",
        "Nights and weekends",
    }


def test_a_page_that_moved_leads_on_and_nobodys_own_page_is_looked_for_among_those(library, visitor):
    Redirect.add_redirect("/old-place/", "/help/")

    assert visitor.get("/old-place/").headers["Location"] == "/help/"
    with CaptureQueriesContext(connection) as asked:
        assert visitor.get("/desk/old-place/").status_code == 404
    assert not any("wagtailredirects" in query["sql"] for query in asked)
