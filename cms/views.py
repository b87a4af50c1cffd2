"""Public pages that are not Wagtail's: search."""

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from cms import misses, phone_numbers
from cms.pages import shelf
from cms.search import MAX_QUERY


@login_not_required
@require_safe
def search(request: HttpRequest) -> HttpResponse:
    """The answer first, then services and pages. Nothing found: what to try, and the words are counted without the person."""
    query = " ".join(request.GET.get("q", "").replace("\0", " ").split())[:MAX_QUERY]
    phone_numbers.keep_current(request)
    found = shelf(request).index.search(query)
    if query and not found.hits:
        misses.count(query, request)
    return render(request, "cms/search.html", {"query": query, "found": found, "section": "search"})


@login_not_required
@require_safe
@cache_control(public=True, max_age=300)
def suggest(request: HttpRequest) -> JsonResponse:
    """Pages for words still being typed; only a comfort, the search page needs no script."""
    beginning = request.GET.get("q", "").replace("\0", " ")[:MAX_QUERY]
    documents = shelf(request).index.suggest(beginning)
    return JsonResponse({"pages": [{"title": each.title, "address": each.address} for each in documents]})
