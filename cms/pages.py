"""Every live page in a few words, held in memory: cards for lists, and what search knows."""

from collections.abc import Mapping
from datetime import date

from django.http import HttpRequest
from wagtail.models import Locale, Page

from cms.content_version import held
from cms.contents import Card, contents
from cms.models import ContentPage, SynonymGroup, lines
from cms.search import Document, Index


def cards(request: HttpRequest | None = None) -> Mapping[int, Card]:
    """Live pages by id."""
    return contents(request).cards


def index(request: HttpRequest | None = None, *, on: date | None = None) -> Index:
    """What search knows of all live pages in English.

    Built once for each process, content version and day (amounts may change with the day).
    """
    day = on or getattr(request, "today", None) or date.max
    return held("index", lambda: _build(day), request=request, also=day)


def _build(on: date) -> Index:
    documents: list[Document] = []
    pages = Page.objects.live().public().filter(locale=Locale.get_default(), depth__gt=1).specific()
    for page in pages.order_by("path"):
        document = page.search_document(on) if isinstance(page, ContentPage) else None
        if document is not None:
            documents.append(document)
    groups = [lines(group.words) for group in SynonymGroup.objects.all()]
    return Index(documents, groups)
