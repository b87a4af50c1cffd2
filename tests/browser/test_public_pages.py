"""Every kind of public page, piece and state, as browsers show it: narrow, wide, dark, with large letters, on paper."""

import mimetypes
from collections.abc import Callable, Iterator
from urllib.parse import urlsplit

import pytest
from django.contrib.staticfiles import finders
from django.core.files.base import ContentFile
from django.test import Client
from playwright.sync_api import Page, Route

from cms.content_version import changed
from cms.models import HelpIndexPage, HelpPage, PageFeedback, Phone, PortalImage
from entitlements.circumstances import CARE_STATUS
from local_offer.models import OfferPage
from tests.browser.conftest import SEEN
from tests.cms.test_pictures import jpeg_with_place
from tests.conftest import NOW
from tests.library import HANDBOOK_AND_OFFER, loaded

SITE = "http://localhost:1"
STATES = ("/feedback/?empty", "/check/?empty", "/check/?answers")  # what a form says back
PAGES = (
    "/",
    "/offer/",
    "/offer/money/",
    "/offer/home/your-own-place/",
    "/services/",
    "/services/coram-voice/",
    "/handbook/",
    "/handbook/setting-up-home-allowance/",
    "/help/",
    "/help/urgent/",
    "/help/complain/",
    "/news/",
    "/news/examples-are-marked/",
    "/search/?q=bed",
    "/search/?q=xqzzy",
    "/check/",
    "/drop-ins/",
    "/feedback/",
    "/saved/",
    "/help/every-piece/",
    "/offline/",
    "/feedback/thanks/",
    "/handbook/there-is-no-such-page/",
    *STATES,
)


TOO_WIDE = """() => [...document.querySelectorAll('body *')].filter(each => !each.closest('.hidden-text, svg')
    && (each.getBoundingClientRect().right > innerWidth + 1 || each.getBoundingClientRect().left < -1))
    .map(each => each.outerHTML.slice(0, 90)).slice(0, 3)"""
ONLY_FOR_SCREENS = """() => [...document.querySelectorAll('nav a, .leave, .skip, .languages, form button')]
    .filter(each => each.checkVisibility({visibilityProperty: true})).map(each => each.outerHTML.slice(0, 90))"""
NO_EDGE = """() => [...document.querySelectorAll(
        'button:not([aria-current]), .button, input:not([type=hidden], [type=radio], [type=checkbox]), textarea')]
    .filter(each => { const look = getComputedStyle(each), box = each.getBoundingClientRect();
        return each.checkVisibility() && box.width > 1 && look.borderTopStyle === 'none'
            && !look.textDecorationLine.includes('underline') })
    .map(each => each.outerHTML.slice(0, 90))"""


@pytest.fixture(scope="module")
def _loaded_once(django_db_setup, django_db_blocker) -> Iterator[None]:
    # A fixture of another folder keeps its rows until the end of the run, in the way of every test after it.
    with loaded(HANDBOOK_AND_OFFER, django_db_blocker):
        yield


def make_a_page_of_every_piece() -> None:
    """Each block of the editor once, with the stamp and an answer to a reader at its foot."""
    page = HelpPage(
        title="Every piece", slug="every-piece", one_line="All of them.", checked_by_elevation_on=NOW.date()
    )
    picture = PortalImage.objects.create(title="A door", file=ContentFile(jpeg_with_place(), name="door.jpg"))
    others = {
        "phone": {"phone": Phone.objects.first(), "words": "When you cannot wait."},
        "picture": {"image": picture, "alt": "A blue door", "caption": "The way in."},
        "links": {
            "heading": "Read on",
            "links": [{"words": "The handbook", "page": None, "address": "/handbook/"}],
        },
    }
    pieces = HelpPage._meta.get_field("body").stream_block.child_blocks
    page.body = [(name, others.get(name) or piece.get_preview_value()) for name, piece in pieces.items()]
    HelpIndexPage.objects.get(locale__language_code="en").add_child(instance=page)
    PageFeedback.objects.create(page=page, given_at=NOW, outcome="We mended the link.", outcome_on=NOW.date())
    changed()


@pytest.fixture
def reader(_loaded_once, db, open_browser) -> Callable[..., Page]:
    """A browser that is given what the portal drew in this process: no server runs, and no database is emptied."""
    visitor = Client()
    make_a_page_of_every_piece()
    drawn = {address: visitor.get(address) for address in PAGES if address not in STATES}
    about = OfferPage.objects.get(slug="your-own-place").pk
    here = {"sec-fetch-site": "same-origin"}
    drawn["/feedback/?empty"] = visitor.post("/feedback/", {"page": about, "words": ""}, headers=here)
    drawn["/check/?empty"] = visitor.post("/check/", {"key": CARE_STATUS}, headers=here)
    drawn["/check/?answers"] = visitor.post("/check/", {"go": "results"}, headers=here)

    def answer(route: Route) -> None:
        where = urlsplit(route.request.url)
        if where.path.startswith("/static/"):
            file = finders.find(where.path.removeprefix("/static/"))
            route.fulfill(path=file, content_type=mimetypes.guess_type(where.path)[0])
            return
        said = drawn.get(f"{where.path}?{where.query}" if where.query else where.path)
        if said is None:
            route.abort()
        else:
            route.fulfill(status=said.status_code, headers=dict(said.items()), body=said.content)

    def opened(width: int, **more) -> Page:
        page = open_browser(width, 740, **more)
        page.route(f"{SITE}/**", answer)
        return page

    return opened


def test_every_kind_of_page_is_for_everybody(reader, axe_finds):
    """All of axe on the narrowest phone; what depends on size and colour on wider screens and in the dark too. Letters
    twice as large fit, paper carries no buttons, and where a reader chooses the colours every field keeps its edge.
    """
    page = reader(320)
    found = {}
    for address in PAGES:
        page.goto(SITE + address)
        page.evaluate("document.querySelectorAll('details').forEach(each => each.open = true)")
        found[address] = axe_finds(page)
        page.emulate_media(color_scheme="dark")
        found[f"{address} in the dark"] = axe_finds(page, SEEN)
        page.emulate_media(color_scheme="light", forced_colors="active")
        found[f"{address} in chosen colours"] = page.evaluate(NO_EDGE)
        page.emulate_media(forced_colors="none", media="print")
        found[f"{address} on paper"] = page.evaluate(ONLY_FOR_SCREENS)
        page.emulate_media(media="screen")
        page.evaluate("document.documentElement.style.fontSize = '200%'")
        found[f"{address} in large letters"] = page.evaluate(TOO_WIDE)
        page.evaluate("document.documentElement.style.fontSize = ''")
        for width in (360, 1280):
            page.set_viewport_size({"width": width, "height": 740})
            found[f"{address} at {width}"] = axe_finds(page, SEEN)
        page.set_viewport_size({"width": 320, "height": 740})

    assert [f"{address}: {fault}" for address, faults in found.items() for fault in faults] == []


def test_the_names_of_languages_follow_the_first_paint_and_move_nothing(reader):
    page = reader(320, reduced_motion="no-preference")

    page.goto(f"{SITE}/")
    shown, moved = page.evaluate(
        """async () => {
            const name = document.querySelector('.languages [lang=ar]')
            const moved = []
            new PerformanceObserver(seen => seen.getEntries().forEach(each => moved.push(each.value)))
                .observe({type: 'layout-shift', buffered: true})
            await Promise.all(document.getAnimations().map(each => each.finished))
            for (let frames = 0; frames < 3; frames++) await new Promise(requestAnimationFrame)
            await new Promise(told => setTimeout(told, 200))
            return [name.checkVisibility(), moved]
        }"""
    )

    assert shown
    assert moved == []
