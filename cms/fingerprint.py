"""What a published page may show that is not its own, as one short number: cards, quoted facts, snippets, pictures.

When something is published, pages whose own words and whose neighbours' words are the same need not be drawn again.
Judged by values and not by events: whatever is edited, and however, a page that would look different is found.
"""

import hashlib
from collections.abc import Callable
from dataclasses import replace
from datetime import date

from django.http import HttpRequest
from wagtail.contrib.settings.registry import registry as settings_registry
from wagtail.images import get_image_model
from wagtail.snippets.models import get_snippet_models

from cms import tokens
from cms.contents import Contents, contents
from cms.models import OutsideTranslation, PageFeedback, SearchMiss, SynonymGroup

NOT_SHOWN = (SynonymGroup, SearchMiss, OutsideTranslation)  # never on a page
_others: dict[str, Callable[[HttpRequest, date], object]] = {}


def register(name: str, values: Callable[[HttpRequest, date], object]) -> None:
    """Say what else pages show of each other. `values(request, on)` has a repr that differs when pages would."""
    _others[name] = values


def shared(request: HttpRequest, on: date) -> str:
    """One number for all that pages show of each other on a day."""
    found: list[object] = [replace(card, revision=None) for card in contents(request).cards.values()]
    found += [sorted(tokens.facts(kind, request=request, on=on).items()) for kind in tokens.kinds()]
    found += [values(request, on) for _name, values in sorted(_others.items())]
    models = [*get_snippet_models(), *settings_registry, get_image_model()]
    for model in sorted({*models} - {*NOT_SHOWN, PageFeedback}, key=lambda model: model._meta.label):
        found.append(list(model._default_manager.order_by("pk").values_list()))
    said = PageFeedback.objects.exclude(outcome="").exclude(outcome_on=None).order_by("pk")
    found.append(list(said.values_list("page_id", "outcome", "outcome_on")))
    return hashlib.sha256(repr(found).encode()).hexdigest()


def own(revision: int | None, path: str, known: Contents) -> tuple[int | None, ...]:
    """Which words a page has: its own published revision, and those of the pages right below, which it may list."""
    return (revision, *(child.revision for child in known.children(path)))
