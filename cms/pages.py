"""Every live page in a few words, held in memory: cards for lists, and what search knows."""

from collections.abc import Mapping
from datetime import date

from django.db.models import prefetch_related_objects
from django.http import HttpRequest
from wagtail.models import Locale, Page

from cms.content_version import held
from cms.contents import Card, contents
from cms.models import ContentPage, SynonymGroup, lines
from cms.search import Index


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
    english = Locale.get_default()
    found = Page.objects.live().public().filter(locale=english, depth__gt=1).order_by("path").specific()
    pages = [page for page in found if isinstance(page, ContentPage)]
    by_kind: dict[type[ContentPage], list[ContentPage]] = {}
    for page in pages:
        page.locale = english  # its address asks for it, one query a page
        by_kind.setdefault(type(page), []).append(page)
    for kind, alike in by_kind.items():
        prefetch_related_objects(alike, *kind.search_needs)
    documents = [document for page in pages if (document := page.search_document(on)) is not None]
    groups = [lines(group.words) for group in SynonymGroup.objects.all()]
    return Index(documents, groups)
