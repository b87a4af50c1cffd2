"""What readers say about a page, without a name, a cookie or a sign-in."""

import hashlib
import hmac
from datetime import datetime

from django.conf import settings
from django.core.cache import cache
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils.translation import gettext as _
from wagtail.models import Page

from cms.contents import Card, contents
from cms.models import PageFeedback
from cms.visitors import caller

MOST_AN_HOUR = 20  # from one place, so that nobody can drown the rest
MOST_WORDS = 500


def give(
    *, page_id: int, useful: bool | None, words: str, request: HttpRequest, now: datetime
) -> PageFeedback:
    """Keep one reader's word. Refuses an unknown page (`page`), nothing said (`empty`) and a flood (`too_many`)."""
    words = " ".join(words.replace("\0", "").split())[:MOST_WORDS]
    page = Page.objects.live().filter(pk=page_id).first()
    if page is None:
        raise ValidationError(_("We do not know that page."), code="page")
    if useful is None and not words:
        raise ValidationError(_("Tell us what is wrong or missing."), code="empty")
    if _too_many(request):
        raise ValidationError(_("That is a lot at once. Please try again in an hour."), code="too_many")
    return PageFeedback.objects.create(page=page, useful=useful, words=words, given_at=now)


def outcome_of(page_id: int, request: HttpRequest) -> Card | None:
    """The card of a page on which we did something because a reader said so, with what and when; else nothing."""
    card = contents(request).cards.get(page_id)
    return card if card is not None and card.outcome else None


def _too_many(request: HttpRequest) -> bool:
    here = caller(request).encode()
    key = "feedback:" + hmac.new(settings.SECRET_KEY.encode(), here, hashlib.sha256).hexdigest()
    cache.add(key, 0, 3600)
    try:
        return cache.incr(key) > MOST_AN_HOUR
    except ValueError:
        return False
