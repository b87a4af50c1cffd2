"""Putting written content into Wagtail, again and again without harm: what an editor changed since stays theirs."""

import hashlib
import json
import tomllib
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urlsplit

from django.conf import settings
from django.db import models, transaction
from wagtail.models import Locale, Page, Site

from cms.content_version import changed
from cms.groups import BUDGET_HOLDERS  # noqa: F401 - known under this name too
from cms.models import (
    GlossaryTerm,
    HelpIndexPage,
    HelpPage,
    HomePage,
    LoadedContent,
    NewsIndexPage,
    NewsPage,
    Phone,
    SynonymGroup,
)
from cms.text import to_rich

DATA = Path(__file__).parent / "data"
WRITTEN_ON = date(2026, 11, 21)  # the day the words in data/ were last compared with their sources
REVIEW_BY = date(2027, 5, 21)
LANGUAGES = ("en", "ar", "ps", "vi")

AnyPage = TypeVar("AnyPage", bound=Page)
Say = Callable[[str], None]


@dataclass
class Report:
    """What a loading did: how many new, renewed, the same, and what was left to an editor."""

    made: int = 0
    renewed: int = 0
    same: int = 0
    left: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        words = f"{self.made} new, {self.renewed} renewed, {self.same} unchanged"
        return f"{words}, {len(self.left)} left to their editors" if self.left else words


class Loader:
    """Puts pages and rows, remembering what it wrote.

    The same content again costs nothing. Changed content renews what nobody touched. What an editor changed since
    stays as it is, and the report names it with the facts that are new.
    """

    def __init__(self, say: Say = lambda words: None) -> None:
        self.report = Report()
        self.say = say
        self._loaded = {entry.key: entry for entry in LoadedContent.objects.all()}

    def page(
        self, parent: Page, model: type[AnyPage], slug: str, values: dict[str, Any], facts: Any
    ) -> AnyPage:
        """The page under `parent` with this slug, made or renewed and published. `facts`: what `values` came from."""
        key = f"page:{parent.url_path}{slug}"
        digest = digest_of(facts)
        entry = self._loaded.get(key)
        page = model.objects.child_of(parent).filter(slug=slug).first()
        if page is not None and entry is not None and entry.digest == digest:
            self.report.same += 1
            return page
        if page is not None and (entry is None or page.latest_revision_id != entry.revision_id):
            self.report.left.append(f"{page.url_path}: an editor changed it; the file says something new")
            return page
        is_new = page is None
        with transaction.atomic():
            if page is None:
                page = self._made(parent, model(slug=slug, locale=parent.locale, **values))
            else:
                for name, value in values.items():
                    setattr(page, name, value)
                page.save_revision(log_action=False).publish(log_action=False)
            self.remember(key, digest, page.latest_revision_id)
        self.report.made += is_new
        self.report.renewed += not is_new
        self.say(f"  {page.title}")
        return page

    def row(
        self, model: type[models.Model], kind: str, name: str, lookup: dict[str, Any], values: dict[str, Any]
    ) -> None:
        """A row of a list (a phone number, a glossary term); an editor's own change to it stays."""
        key, digest = f"{kind}:{name}"[:120], digest_of(values)
        entry = self._loaded.get(key)
        row = model._default_manager.filter(**lookup).first()
        if row is None and entry is None:
            model._default_manager.create(**lookup, **values)
            self.report.made += 1
        elif entry is not None and entry.digest == digest:
            self.report.same += 1
            return
        elif (
            row is not None
            and entry is not None
            and digest_of({name: getattr(row, name) for name in values}) == entry.digest
        ):
            for field_name, value in values.items():
                setattr(row, field_name, value)
            row.save()
            self.report.renewed += 1
        else:
            self.report.left.append(
                f"{kind} {name}: an editor changed or removed it; the file says something new"
            )
            return
        self.remember(key, digest, None)

    @staticmethod
    def _made(parent: Page, page: AnyPage) -> AnyPage:
        """A new page, live, with its first revision. Publishing it through Wagtail would write it twice more."""
        parent.add_child(instance=page)
        revision = page.save_revision(log_action=False, clean=False)
        moment = revision.created_at
        published = {"live_revision": revision, "first_published_at": moment, "last_published_at": moment}
        Page.objects.filter(pk=page.pk).update(**published, has_unpublished_changes=False)
        return type(page).objects.get(pk=page.pk)

    def remembered(self, key: str) -> LoadedContent | None:
        """What was last written under a key."""
        return self._loaded.get(key)

    def remember(self, key: str, digest: str, revision_id: int | None) -> None:
        """Write down what was written, so that the same again costs nothing."""
        entry, _made = LoadedContent.objects.update_or_create(
            key=key, defaults={"digest": digest, "revision_id": revision_id}
        )
        self._loaded[key] = entry


def digest_of(facts: Any) -> str:
    """The same facts always give the same 64 letters."""
    return hashlib.sha256(json.dumps(facts, sort_keys=True, default=str).encode()).hexdigest()


def read(path: Path) -> dict[str, Any]:
    """One TOML file."""
    return tomllib.loads(path.read_text("utf-8"))


# ---- the house: site and languages


def ensure_home(loader: Loader | None = None) -> HomePage:
    """The home page, as the root of the one site, with the languages we publish in. May be called at any time."""
    loader = loader or Loader()
    for code in LANGUAGES:
        Locale.objects.get_or_create(language_code=code)
    root = Page.get_first_root_node() or Page.add_root(title="Root", slug="root")
    for welcome in root.get_children().filter(content_type__model="page"):
        welcome.delete()  # Wagtail's own first page
    root.refresh_from_db()
    facts = read(DATA / "home.toml")
    home = loader.page(root, HomePage, "home", home_values(facts), facts)
    known_as = urlsplit(settings.BASE_URL)
    wanted = {
        "hostname": known_as.hostname or "localhost",
        "port": known_as.port or (443 if known_as.scheme == "https" else 80),
        "root_page_id": home.pk,
        "site_name": settings.BRAND_NAME,
    }
    site = Site.objects.filter(is_default_site=True).first() or Site(is_default_site=True)
    if any(getattr(site, name) != value for name, value in wanted.items()):
        for name, value in wanted.items():
            setattr(site, name, value)
        site.save()
        Site.clear_site_root_paths_cache()
    return home


def home_values(facts: dict[str, Any]) -> dict[str, Any]:
    """The home page's fields from its file."""
    plain = (
        "title",
        "lead",
        "search_label",
        "search_hint",
        "urgent_title",
        "urgent_line",
        "urgent_address",
        "chips_title",
    )
    return {
        **{name: facts[name] for name in plain},
        "one_line": facts["lead"],
        "tasks": [("task", task) for task in facts["tasks"]],
        "chips": [("chip", chip) for chip in facts["what_brings_you"]],
        "review_by": REVIEW_BY,
    }


# ---- pages and lists of this package


def page_values(facts: dict[str, Any], **more: Any) -> dict[str, Any]:
    """The fields every written page shares."""
    return {
        "title": facts["title"],
        "one_line": facts["one_line"],
        "search_words": "\n".join(facts.get("search_words", ())),
        "also_called": "\n".join(facts.get("also_called", ())),
        "review_by": REVIEW_BY,
        "review_note": facts.get("review_note", ""),
        "sources": [("source", source) for source in facts.get("sources", ())],
        **more,
    }


def see_also(facts: dict[str, Any]) -> list[tuple[str, dict[str, str]]]:
    """Links under a page."""
    return [
        ("chip", {"words": link["title"], "address": link["address"]}) for link in facts.get("see_also", ())
    ]


def body_of(
    blocks: list[dict[str, Any]], more: Callable[[dict[str, Any]], tuple[str, Any] | None]
) -> list[tuple[str, Any]]:
    """Written blocks as stream values. `more` knows the blocks of packages above (None: it does not)."""
    body: list[tuple[str, Any]] = []
    for block in blocks:
        kind = block["type"]
        if kind == "text":
            body.append(("text", {"heading": block["heading"], "body": to_rich(block["body"])}))
        elif kind == "steps":
            body.append(
                ("steps", {"heading": block["heading"], "items": [to_rich(item) for item in block["items"]]})
            )
        elif kind == "callout":
            body.append(
                ("callout", {"title": block["title"], "body": to_rich(block["body"]), "tone": block["tone"]})
            )
        elif kind == "question":
            body.append(("question", {"question": block["question"], "answer": to_rich(block["answer"])}))
        else:
            value = more(block)
            if value is None:
                raise ValueError(f"Nobody knows a block of type {kind}.")
            body.append(value)
    return body


def load_help(loader: Loader, home: Page, links: Callable[[list[str]], list[dict[str, Any]]]) -> None:
    """`/help/` and its pages. `links(ids)` gives link values for services, which live in a package above."""

    def services(block: dict[str, Any]) -> tuple[str, Any] | None:
        return (
            ("links", {"heading": block["heading"], "links": links(block["ids"])})
            if block["type"] == "services"
            else None
        )

    about = {
        "title": "Help",
        "one_line": "Get urgent help. Complain. Get someone on your side. Come back to us.",
        "intro": "If you are not safe, or have no food, heat or bed tonight, start with urgent help.",
    }
    index = loader.page(home, HelpIndexPage, "help", page_values(about, intro=about["intro"]), about)
    files = [read(path) for path in (DATA / "help").glob("*.toml")]
    order = [
        "urgent",
        "complain",
        "advocate",
        "back",
        "safety",
        "privacy",
        "cookies",
        "accessibility",
        "about",
    ]
    for facts in sorted(
        files, key=lambda facts: (order.index(facts["slug"]) if facts["slug"] in order else 99, facts["slug"])
    ):
        values = page_values(facts, body=body_of(facts["blocks"], services), see_also=see_also(facts))
        loader.page(index, HelpPage, facts["slug"], values, facts)


def load_news(loader: Loader, home: Page, facts: dict[str, Any]) -> None:
    """`/news/` and what is in it."""
    about = {"title": "News", "one_line": "What changed here, and what you said that changed it."}
    said = facts["you_said_we_did"]
    values = page_values(about, said_did_title=said["title"], said_did_intro=said["intro"])
    values["said_did"] = [("pair", item) for item in said["items"]]
    index = loader.page(home, NewsIndexPage, "news", values, [about, said])
    for item in facts["news"]:
        news = page_values(item, published_on=date.fromisoformat(item["published_on"]))
        news["body"] = [("text", {"heading": "", "body": to_rich(item["body"])})]
        news["sources"] = [("source", item["source"])]
        loader.page(index, NewsPage, item["slug"], news, item)


def load_lists(loader: Loader) -> None:
    """Phone numbers, glossary, synonyms."""
    for order, phone in enumerate(read(DATA / "phones.toml")["phone"]):
        checked = date.fromisoformat(phone["checked_on"]) if phone["checked_on"] else None
        values = {**phone, "checked_on": checked, "order": order}
        loader.row(Phone, "phone", phone["key"], {"key": values.pop("key")}, values)
    english = Locale.objects.get(language_code="en")
    for term in read(DATA / "glossary.toml")["term"]:
        values = {"also": "\n".join(term["also"]), "plain": term["plain"]}
        loader.row(GlossaryTerm, "term", term["term"], {"term": term["term"], "locale": english}, values)
    for group in read(DATA / "synonyms.toml")["group"]:
        words = "\n".join(group["words"])
        loader.row(SynonymGroup, "synonyms", digest_of(group["words"]), {"words": words}, {})
    changed()
