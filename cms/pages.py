"""Every live page in a few words, held in memory: for cards in lists, and for search."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from django.http import HttpRequest
from wagtail.models import Locale, Page

from cms.content_version import held
from cms.models import ContentPage, SynonymGroup, lines
from cms.search import Document, Index


@dataclass(frozen=True)
class Card:
    """A page in a list."""

    title: str
    one_line: str
    address: str


@dataclass(frozen=True)
class Shelf:
    """All live pages in English on a day, and the index over them."""

    cards: Mapping[int, Card]
    index: Index


def cards(request: HttpRequest | None = None) -> Mapping[int, Card]:
    """Live pages by id."""
    return shelf(request).cards


def shelf(request: HttpRequest | None = None, *, on: date | None = None) -> Shelf:
    """Built once for each process, content version and day (amounts may change with the day)."""
    day = on or getattr(request, "today", None) or date.max
    return held("shelf", lambda: _build(day), request=request, also=day)


def _build(on: date) -> Shelf:
    documents: list[Document] = []
    found: dict[int, Card] = {}
    pages = Page.objects.live().public().filter(locale=Locale.get_default(), depth__gt=1).specific()
    for page in pages.order_by("path"):
        if not isinstance(page, ContentPage):
            continue
        found[page.pk] = Card(page.title, page.one_line, page.get_url() or "")
        document = page.search_document(on)
        if document is not None:
            documents.append(document)
    groups = [lines(group.words) for group in SynonymGroup.objects.all()]
    return Shelf(found, Index(documents, groups))
