"""The one place in this package that listens to Wagtail: whatever readers could notice moves the content version."""

from typing import Any

from django.db.models.signals import post_delete, post_save
from wagtail.images import get_image_model
from wagtail.models import Page, PageViewRestriction
from wagtail.signals import page_published, page_slug_changed, page_unpublished, post_page_move

from cms import translations
from cms.content_version import changed


def listen() -> None:
    """Called once, when the service starts."""
    for signal in (page_published, page_unpublished, page_slug_changed, post_page_move):
        signal.connect(_changed, dispatch_uid="content_changed")
    page_published.connect(_published, dispatch_uid="translations")
    # Wagtail has no signal of its own for these.
    post_delete.connect(_changed, sender=Page, dispatch_uid="content_deleted")
    for model in (PageViewRestriction, get_image_model()):
        for signal in (post_save, post_delete):
            signal.connect(_changed, sender=model, dispatch_uid=f"content_changed_{model.__name__}")


def _changed(**kwargs: Any) -> None:
    changed()


def _published(instance: Any, revision: Any, **kwargs: Any) -> None:
    translations.published(instance, at=revision.created_at)
