"""Draws a published page. What it needs of the database is kept in memory until something is published."""

from typing import Any

from django.apps import apps
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.template.response import SimpleTemplateResponse
from django.utils.translation import override
from wagtail import views as wagtail_views
from wagtail.fields import StreamField

from cms.content_version import held
from cms.contents import Card, contents
from cms.kept_once import kept_once
from cms.languages import in_language, spoken

FOR_EVERYBODY = "public, no-cache"  # keep it, and ask each time whether it still stands


@login_not_required
def serve(request: HttpRequest, path: str) -> HttpResponseBase:
    """The page at an address. What is not among the published pages goes Wagtail's own way: 404, or who may read it.

    A page that is not translated yet is shown in English, inside the frame of the language that was asked for.
    """
    card = contents(request).answering(in_language(f"/{path}", spoken(request)))
    if card is None or request.method not in {"GET", "HEAD"}:
        return wagtail_views.serve(request, path)  # type: ignore[no-any-return]
    kept_once(request)  # numbers as editors corrected them, for the help block too
    page = published(card, request)
    request.published_page = page  # type: ignore[attr-defined]
    request.words_language = card.language  # type: ignore[attr-defined]
    request.in_english = card.in_english  # type: ignore[attr-defined]
    with override(card.language):
        answer: HttpResponseBase = page.serve(request)
        if isinstance(answer, SimpleTemplateResponse):
            answer.render()
    answer.headers.setdefault("Cache-Control", FOR_EVERYBODY)
    return answer


def published(card: Card, request: HttpRequest) -> Any:
    """The page itself, only to be read: every reader of this process is shown the same object."""
    return held(f"page:{card.page_id}", lambda: _read(card), request=request)


def around_a_box(request: HttpRequest, address: str, *, without: Any) -> dict[str, Any]:
    """What a template needs to draw an editor's page around a form; `without` stands in while none is published.

    `words_in`: the language of the editor's words where it is not the reader's: the form is translated, they are not.
    """
    card = contents(request).answering(in_language(address, spoken(request)))
    page = published(card, request) if card else without
    words_in = ""
    if card and card.language == spoken(request):
        request.published_page, request.in_english = page, card.in_english  # type: ignore[attr-defined]
    elif card:
        words_in = card.language
    return {**page.get_context(request), "words_in": words_in}


def _read(card: Card) -> Any:
    page = apps.get_model(card.kind)._default_manager.select_related("locale").get(pk=card.page_id)
    for column in page._meta.concrete_fields:
        if isinstance(column, StreamField):
            list(getattr(page, column.name))  # its blocks find now, together, what they chose
    return page
