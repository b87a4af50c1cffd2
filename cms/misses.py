"""Searches that found nothing, counted without the person (rule 19)."""

import hashlib
import hmac
import re

from django.conf import settings
from django.core.cache import cache
from django.db import IntegrityError, transaction
from django.db.models import F
from django.http import HttpRequest

from cms.models import SearchMiss
from cms.search import words_of
from cms.visitors import caller

REMEMBERED_FOR = 28 * 24 * 3600  # so long the same visitor's same words count once
AT_MOST = 2_000  # different words kept; a flood of nonsense fills no table


def count(query: str, request: HttpRequest) -> None:
    """Count these words once for this visitor. Words that look like a number, an address or a name are not kept."""
    words = " ".join(words_of(query))[:80]
    if not words or re.search(r"\d{4,}|@", query):
        return
    if not cache.add(f"miss:{_visitor(words, request)}", 1, REMEMBERED_FOR):
        return
    if SearchMiss.objects.filter(words=words).update(visitors=F("visitors") + 1, last_on=request.today):  # type: ignore[attr-defined]
        return
    if SearchMiss.objects.count() < AT_MOST:
        try:
            with transaction.atomic():
                SearchMiss.objects.create(words=words, last_on=request.today)  # type: ignore[attr-defined]
        except IntegrityError:
            SearchMiss.objects.filter(words=words).update(visitors=F("visitors") + 1)


def _visitor(words: str, request: HttpRequest) -> str:
    """A mark that cannot be turned back into an address, differs for each search, and is gone in four weeks."""
    seen = "|".join([caller(request), request.headers.get("User-Agent", ""), words])
    return hmac.new(settings.SECRET_KEY.encode(), seen.encode(), hashlib.sha256).hexdigest()
