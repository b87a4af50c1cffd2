"""What is held, for whom, and what drops it."""

import gzip

import brotli
import pytest
from django.conf import settings
from django.core.files.base import ContentFile
from django.db import OperationalError, connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from wagtail.models import PageViewRestriction

from cms import content_version
from cms.contents import contents
from cms.models import HelpPage, PageFeedback, Phone, PortalImage, SynonymGroup
from entitlements.pages import EntitlementPage, HandbookPage
from local_offer.models import OfferPage, ServicePage
from portal.public_pages import HARMLESS, asks_plainly, packing_for
from tests.cms.test_pictures import jpeg_with_place
from tests.factories import UserFactory

PAGES = (
    "/",
    "/offer/",
    "/offer/home/",
    "/offer/home/your-own-place/",
    "/services/",
    "/services/coram-voice/",
    "/handbook/",
    "/handbook/laptop/",
    "/help/",
    "/help/urgent/",
    "/news/",
    "/news/examples-are-marked/",
)


def publish(page) -> None:
    page.save_revision().publish()


def test_a_second_reader_is_answered_the_same_bytes_without_a_query(ask, pages, django_assert_num_queries):
    firsts = [ask(path) for path in PAGES]
    pages._ask_every = 60

    with django_assert_num_queries(0):
        seconds = [ask(path) for path in PAGES]

    assert pages.drawn == len(PAGES)
    for first, second in zip(firsts, seconds, strict=True):
        assert first.status == 200
        assert second == first
        assert "Set-Cookie" not in second.headers
        assert second.headers["Cache-Control"] == "public, no-cache"
        assert {"Accept-Encoding", "Cookie"} <= {word.strip() for word in second.headers["Vary"].split(",")}
        for name in (
            "Content-Security-Policy", "X-Content-Type-Options", "Referrer-Policy", "X-Frame-Options"
        ):  # fmt: skip
            assert name in second.headers


def test_a_page_drawn_anew_costs_few_queries_even_right_after_a_change(library):
    visitor = Client()
    of_each_kind = {}  # the address of one page of each kind in each language, and of those that quote most
    for card in contents().cards.values():
        of_each_kind.setdefault((card.kind, card.language), card.address)
    service = ServicePage.objects.live().first()
    everything = OfferPage.objects.get(slug="your-own-place", locale__language_code="en")
    everything.body.append(("phone", {"phone": Phone.objects.get(key="duty"), "words": "Ring."}))
    links = [{"page": service, "words": "", "address": ""}]
    everything.body.append(("links", {"heading": "More", "links": links}))
    publish(everything)
    paths = {*PAGES, *of_each_kind.values(), "/vi/offer/your-rights/your-personal-adviser/"}
    warm, cold = {}, {}
    for path in sorted(paths):
        visitor.get(path)
        warm[path] = _queries(visitor, path)
        content_version.forget()  # as in a process that has just begun
        cold[path] = _queries(visitor, path)

    print(f"\nqueries right after a change: {max(cold.values())} at most, {cold}")
    assert {"cms.HomePage", "entitlements.EntitlementPage", "cms.NewsPage"} <= {
        kind for kind, _ in of_each_kind
    }
    assert max(warm.values()) <= 2, warm
    assert max(cold.values()) <= 5, cold


def _queries(visitor: Client, path: str) -> int:
    with CaptureQueriesContext(connection) as asked:
        assert visitor.get(path).status_code == 200
    return len(asked)


def test_somebody_who_brings_a_sign_in_is_never_answered_with_held_bytes_nor_are_theirs_held(ask, pages):
    client = Client()
    client.force_login(UserFactory())
    cookie = f"{settings.SESSION_COOKIE_NAME}={client.cookies[settings.SESSION_COOKIE_NAME].value}"

    theirs = ask("/", cookie=cookie)
    assert theirs.headers["Cache-Control"] == "no-store"
    assert not pages.pages

    ask("/")
    again = ask("/", cookie=cookie)
    assert again.headers["Cache-Control"] == "no-store"
    assert "ETag" not in again.headers


@pytest.mark.parametrize(
    ("cookies", "plain"),
    [
        ("", True),
        (f"{settings.CSRF_COOKIE_NAME}=x", True),
        (f"{settings.LANGUAGE_COOKIE_NAME}=ar; {settings.CSRF_COOKIE_NAME}=x", True),
        (f"{settings.SESSION_COOKIE_NAME}=x", False),
        (f"{settings.CSRF_COOKIE_NAME}=x; {settings.SESSION_COOKIE_NAME}=y", False),
        ("messages=x", False),
        ("anything=x", False),
        (f"{settings.CSRF_COOKIE_NAME}=x;{settings.SESSION_COOKIE_NAME}", False),
        (f'{settings.CSRF_COOKIE_NAME}="a;{settings.SESSION_COOKIE_NAME}=y"', False),
        ("c=\0", False),
    ],
)
def test_only_cookies_that_change_nothing_are_overlooked(cookies, plain):
    asked = {"REQUEST_METHOD": "GET", "QUERY_STRING": "", "HTTP_COOKIE": cookies}

    assert asks_plainly(asked) is plain
    # Some servers take it from a sender's header, and it stands before every link of a page.
    assert not asks_plainly(asked | {"SCRIPT_NAME": "/elsewhere"})
    assert settings.SESSION_COOKIE_NAME not in HARMLESS


def test_what_carries_a_question_or_belongs_to_no_published_page_is_not_held(ask, pages):
    for path in (
        "/search/?q=bed",
        "/search/",
        "/drop-ins/",
        "/check/",
        "/feedback/",
        "/nowhere/",
        "/?a=b",
        "/account/login/",
    ):
        ask(path)

    assert not pages.pages


def test_a_phone_is_sent_fewer_bytes_and_a_known_page_is_not_sent_again(ask):
    plain = ask("/handbook/")
    packed = ask("/handbook/", accept_encoding="gzip, deflate, br")
    zipped = ask("/handbook/", accept_encoding="gzip")
    known = ask("/handbook/", if_none_match=packed.headers["ETag"])

    assert brotli.decompress(packed.body) == gzip.decompress(zipped.body) == plain.body
    assert (packed.headers["Content-Encoding"], zipped.headers["Content-Encoding"]) == ("br", "gzip")
    assert len(packed.body) < len(plain.body) / 3
    assert (known.status, known.body) == (304, b"")
    assert ask("/handbook/", if_none_match='W/"other"').status == 200


def test_what_a_browser_refuses_is_not_chosen_for_it():
    assert packing_for("br;q=0, gzip") == "gzip"
    assert packing_for("identity") == packing_for("") == packing_for("br;q=x") == ""
    assert packing_for("*") == "br"


def test_a_published_page_is_drawn_again_and_the_others_are_not(ask, pages):
    for path in PAGES:
        ask(path)
    page = OfferPage.objects.get(slug="your-own-place")
    page.body = [("text", {"heading": "", "body": "<p>Bring your keys.</p>"})]

    publish(page)

    assert "Bring your keys." in ask("/offer/home/your-own-place/").text
    for path in PAGES:
        ask(path)
    # The page itself, and the section above it, which may show more of it than its title.
    assert pages.drawn == len(PAGES) + 2


def test_a_new_title_reaches_every_list(ask):
    ask("/services/")
    page = ServicePage.objects.get(slug="coram-voice")
    page.title = "A voice for you"

    publish(page)

    assert "A voice for you" in ask("/services/").text


def test_a_new_amount_reaches_the_pages_that_quote_it(ask):
    before = ask("/offer/home/your-own-place/").text
    assert "£3,000" in before
    page = EntitlementPage.objects.get(slug="setting-up-home-allowance")
    page.amount = 3100

    publish(page)

    assert "£3,100" in ask("/offer/home/your-own-place/").text
    assert "£3,100" in ask("/handbook/").text


def test_a_corrected_phone_number_reaches_every_page_that_shows_it(ask):
    ask("/help/urgent/")
    Phone.objects.filter(key="duty").update(number="020 8314 0000", confirmed=True)
    content_version.changed()

    assert "020 8314 0000" in ask("/help/urgent/").text


def test_what_only_search_uses_drops_no_page(ask, pages):
    ask("/")
    SynonymGroup.objects.create(words="kip\nbed")
    content_version.changed()
    ask("/")

    assert pages.drawn == 1


def test_what_we_did_about_a_readers_word_shows_on_its_page(ask, now):
    page = OfferPage.objects.get(slug="your-own-place")
    ask(page.get_url())
    PageFeedback.objects.create(page=page, given_at=now, outcome="We mended the link.", outcome_on=now.date())
    content_version.changed()

    assert "We mended the link." in ask(page.get_url()).text


def test_a_page_that_is_withdrawn_or_closed_to_the_public_is_gone_at_once(ask):
    page, other = HelpPage.objects.get(slug="about"), HelpPage.objects.get(slug="cookies")
    assert ask("/help/about/").status == ask("/help/cookies/").status == 200

    PageViewRestriction.objects.create(page=other, restriction_type="password", password="x")
    closed = ask("/help/cookies/")
    page.unpublish()

    assert ask("/help/about/").status == 404
    assert b"csrfmiddlewaretoken" in closed.body or closed.status != 200
    assert "ETag" not in closed.headers


def test_tomorrow_everything_is_drawn_again(ask, pages, clock):
    ask("/handbook/")

    clock.forward(days=1)
    ask("/handbook/")

    assert pages.drawn == 2


def test_a_page_begun_before_midnight_is_not_held_after_it(ask, pages, clock, monkeypatch):
    """It shows yesterday's amounts, and by now another reader's question has told this process that it is tomorrow."""
    serve = HandbookPage.serve

    def over_midnight(page, request, *given):
        answer = serve(page, request, *given)
        clock.forward(hours=14)
        pages.find(("/", "127.0.0.1", "http"))
        return answer

    monkeypatch.setattr(HandbookPage, "serve", over_midnight)
    assert ask("/handbook/").status == 200

    assert not pages.pages


def test_an_edited_picture_drops_the_pages_that_may_show_it(ask, pages):
    picture = PortalImage.objects.create(title="A door", file=ContentFile(jpeg_with_place(), name="door.jpg"))
    ask("/")
    ask("/")
    assert pages.drawn == 1

    picture.title = "An open door"
    picture.save()
    ask("/")
    assert pages.drawn == 2

    picture.delete()
    ask("/")
    assert pages.drawn == 3


def test_while_the_database_is_away_held_pages_are_still_given_out(ask, pages, monkeypatch):
    first = ask("/help/urgent/")

    def away(*given):
        raise OperationalError

    monkeypatch.setattr(content_version, "current", away)
    assert ask("/help/urgent/").body == first.body

    pages._answered_at -= 301
    ask("/")
    assert not pages.pages, "after five minutes nobody is given what might be out of date"


def test_a_corrected_number_is_in_the_help_block_of_pages_that_are_never_held(ask):
    """An error page asks no database: its process learned the number when any request came by."""
    assert 'href="tel:02083140000"' not in ask("/nowhere/?from=here").text
    Phone.objects.filter(key="duty").update(number="020 8314 0000", confirmed=True)
    content_version.changed()

    assert 'href="tel:02083140000"' in ask("/nowhere/?from=here").text
