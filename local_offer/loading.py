"""The written local offer into Wagtail: sections, pages, services."""

from pathlib import Path
from typing import Any

from wagtail.models import Page

from cms.content_version import changed
from cms.groups import ensure_groups, ensure_moderation
from cms.loading import (
    Loader,
    body_of,
    ensure_home,
    load_help,
    load_lists,
    load_news,
    page_values,
    read,
    see_also,
)
from local_offer.drafts import load_drafts
from local_offer.models import OfferIndexPage, OfferPage, SectionPage, ServiceIndexPage, ServicePage

DATA = Path(__file__).parent / "data"
SECTIONS = (
    "money",
    "home",
    "health",
    "education-and-work",
    "papers-and-legal",
    "family",
    "feeling-well",
    "having-a-say",
    "your-rights",
)
SERVICE_WORDS = ("what", "who_for", "how_to_contact", "when", "good_to_know")


def load_everything(loader: Loader) -> None:
    """Home, lists, sections, services, pages, help and news; then groups and moderation. Safe to run again."""
    home = ensure_home(loader)
    load_lists(loader)
    sections = _load_sections(loader, home)
    services = _load_services(loader, home, sections)
    _load_offer_pages(loader, sections, services)
    load_help(
        loader, home, lambda ids: [{"words": "", "page": services[code], "address": ""} for code in ids]
    )
    load_news(loader, home, read(DATA / "news.toml"))
    changed()
    load_drafts(loader)
    ensure_moderation(home, ensure_groups(home))
    changed()


def _load_sections(loader: Loader, home: Page) -> dict[str, SectionPage]:
    about = {
        "title": "The local offer",
        "one_line": "All the help there is for young people who have left our care, by what you need.",
        "intro": "Choose what you need. Each part says what you can get, how to ask, and who can help.",
    }
    index = loader.page(home, OfferIndexPage, "offer", page_values(about, intro=about["intro"]), about)
    found = {}
    for slug in SECTIONS:
        facts = read(DATA / "offer" / f"{slug}.toml")
        own = {name: facts[name] for name in ("title", "one_line", "intro", "search_words", "entitlements")}
        body = [("entitlements", {"heading": "What you can get", "codes": facts["entitlements"]})]
        found[slug] = loader.page(
            index, SectionPage, slug, page_values(facts, intro=facts["intro"], body=body), own
        )
    return found


def _load_services(loader: Loader, home: Page, sections: dict[str, SectionPage]) -> dict[str, ServicePage]:
    about = {
        "title": "Services and people who help",
        "one_line": "Who they are, what they do, and how to reach them.",
        "intro": "Look for what you need. Not sure who to ask? Start with the duty worker, or come to a drop-in.",
    }
    index = loader.page(home, ServiceIndexPage, "services", page_values(about, intro=about["intro"]), about)
    found = {}
    for path in sorted((DATA / "services").glob("*.toml")):
        facts = read(path)
        values = page_values(
            facts | {"title": facts["name"], "sources": [facts["source"]], "review_note": facts["note"]},
            **{name: facts[name] for name in SERVICE_WORDS},
            kind=facts["type"].upper(),
            bookable=facts["bookable"].upper(),
            at_bromley_road=facts["at_bromley_road"],
            quiet=facts["quiet"],
            sections=[sections[slug] for slug in facts["sections"]],
        )
        found[facts["id"]] = loader.page(index, ServicePage, facts["slug"], values, facts)
    return found


def _load_offer_pages(
    loader: Loader, sections: dict[str, SectionPage], services: dict[str, ServicePage]
) -> None:
    for slug, section in sections.items():
        for page in read(DATA / "offer" / f"{slug}.toml")["pages"]:
            values = page_values(
                page, body=body_of(page["blocks"], lambda block: _offer_block(block, services))
            )
            values["see_also"] = see_also(page)
            loader.page(section, OfferPage, page["slug"], values, page)


def _offer_block(block: dict[str, Any], services: dict[str, ServicePage]) -> tuple[str, Any] | None:
    if block["type"] == "entitlements":
        return "entitlements", {"heading": block["heading"], "codes": block["codes"]}
    if block["type"] == "services":
        return "services", {
            "heading": block["heading"],
            "services": [services[code] for code in block["ids"]],
        }
    return None
