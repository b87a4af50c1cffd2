"""Public pages that are not Wagtail's: search, a reader's word on a page, and what machines ask for."""

from datetime import UTC, datetime, time, timedelta
from typing import Any

from django import forms
from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.contrib.syndication.views import Feed
from django.core.exceptions import BadRequest, ValidationError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from wagtail.models import Locale

from cms import changes, feedback, misses
from cms.contents import contents
from cms.kept_once import kept_once
from cms.languages import NAMES, in_language, remember, split, spoken
from cms.models import HomePage, NewsPage
from cms.pages import cards, index
from cms.same_origin import same_origin_posts
from cms.search import MAX_QUERY


@login_not_required
@require_safe
def search(request: HttpRequest) -> HttpResponse:
    """The answer first, then services and pages. Nothing found: what to try; the words are counted, not the person."""
    query = " ".join(request.GET.get("q", "").replace("\0", " ").split())[:MAX_QUERY]
    kept_once(request)  # the help block below has the numbers as editors corrected them
    found = index(request).search(query)
    own = contents(request).saying(query, language=spoken(request))
    if query and not found.hits and not own:
        misses.count(query, request)
    often = [] if query else _looked_for_often(request)
    return render(
        request,
        "cms/search.html",
        {"query": query, "found": found, "section": "search", "often": often, "own": own},
    )


@login_not_required
@require_safe
@cache_control(public=True, max_age=300)
def suggest(request: HttpRequest) -> JsonResponse:
    """Pages for words still being typed; only a comfort, the search page needs no script."""
    beginning = request.GET.get("q", "").replace("\0", " ")[:MAX_QUERY]
    documents = index(request).suggest(beginning)
    return JsonResponse(
        {
            "pages": [
                {"title": each.title, "address": in_language(each.address, spoken(request))}
                for each in documents
            ]
        }
    )


def _looked_for_often(request: HttpRequest) -> list[tuple[str, str]]:
    """What brings people here, as the home page's editor chose it."""
    card = contents(request).answering(in_language("/", spoken(request)))
    home = HomePage.objects.filter(pk=card.page_id).first() if card else None
    return [(chip.value["words"], chip.value["address"]) for chip in home.chips] if home else []


@login_not_required
@require_POST
@same_origin_posts
def choose_language(request: HttpRequest) -> HttpResponse:
    """A press in the language menu: the same page in that language, and the choice kept for the pages without one."""
    language, back = request.POST.get("language", ""), request.POST.get("next", "")
    if language not in NAMES:
        raise BadRequest
    if not back.startswith("/") or not url_has_allowed_host_and_scheme(back, allowed_hosts=None):
        back = "/"
    return remember(redirect(in_language(split(back)[1], language)), language)


class FeedbackForm(forms.Form):
    """A few words about a page."""

    page = forms.IntegerField(widget=forms.HiddenInput, min_value=1)
    words = forms.CharField(
        label=gettext_lazy("What is wrong or missing?"),
        help_text=gettext_lazy("If you know what it should say, write that."),
        max_length=feedback.MOST_WORDS,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": gettext_lazy("Tell us what is wrong or missing.")},
    )


@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
@same_origin_posts
def tell(request: HttpRequest) -> HttpResponse:
    """Was this useful, and what should change. No cookie and no token; another site's posts are refused."""
    form = FeedbackForm(
        request.POST if request.method == "POST" else None, initial={"page": request.GET.get("page", "")}
    )
    form.fields["words"].required = "useful" not in request.POST
    if form.is_valid():
        useful = {"yes": True, "no": False}.get(request.POST.get("useful", ""))
        try:
            feedback.give(
                page_id=form.cleaned_data["page"],
                useful=useful,
                words=form.cleaned_data["words"],
                request=request,
                now=request.now,  # type: ignore[attr-defined]
            )
        except ValidationError as refusal:
            form.add_error(None if refusal.code != "empty" else "words", refusal)
        else:
            return redirect(f"/feedback/thanks/?page={form.cleaned_data['page']}")
    status = 422 if form.errors else 200
    return render(
        request, "cms/feedback_page.html", {"form": form, "about": _page_of(request)}, status=status
    )


@login_not_required
@require_safe
def thanks(request: HttpRequest) -> HttpResponse:
    """Their word is kept."""
    form = FeedbackForm(initial={"page": request.GET.get("page", "")})
    return render(
        request, "cms/feedback_page.html", {"form": form, "about": _page_of(request), "thanks": True}
    )


def _page_of(request: HttpRequest) -> Any:
    given = request.POST.get("page") or request.GET.get("page") or ""
    return cards(request).get(int(given)) if given.isascii() and given.isdigit() and len(given) < 12 else None


IN_THE_FEED = 30


class NewsFeed(Feed):  # type: ignore[type-arg]
    """RSS of news and changes: what an editor wrote about, and each new version of an entitlement."""

    title = settings.BRAND_NAME
    link = "/news/"
    description = gettext_lazy("What changed here.")

    def items(self) -> list[changes.Change]:
        english = NewsPage.objects.live().public().filter(locale=Locale.get_default())
        news = [
            # A day, whatever the reader's zone.
            changes.Change(
                page.title,
                page.one_line,
                f"/news/{page.slug}/",
                datetime.combine(page.published_on, time(12), UTC),
            )
            for page in english.order_by("-published_on", "-pk")[:IN_THE_FEED]
        ]
        found = [*news, *changes.latest(IN_THE_FEED)]
        return sorted(found, key=lambda change: change.at, reverse=True)[:IN_THE_FEED]

    def item_title(self, item: Any) -> str:
        return str(item.title)

    def item_description(self, item: Any) -> str:
        return str(item.one_line)

    def item_link(self, item: Any) -> str:
        return str(item.address)

    def item_guid(self, item: Any) -> str:
        return f"{settings.BASE_URL}{item.address}#{item.at:%Y-%m-%dT%H:%M:%S}"

    item_guid_is_permalink = False

    def item_pubdate(self, item: Any) -> datetime:
        return item.at  # type: ignore[no-any-return]


news_feed = login_not_required(NewsFeed())


@login_not_required
@require_safe
@cache_control(public=True, max_age=3600)
def sitemap(request: HttpRequest) -> HttpResponse:
    """Every published page in each language that has it, for search engines."""
    held = contents(request)
    pages = []
    for card in held.in_english():
        also = {code: one.address for code, one in held.also_in(card.address).items()}
        versions = {"en": card.address, **also} if also else {}
        pages += [(address, versions) for address in (card.address, *also.values())]
    context = {"pages": pages, "site": settings.BASE_URL}
    return render(request, "cms/sitemap.xml", context, content_type="application/xml")


@login_not_required
@require_safe
@cache_control(public=True, max_age=86_400)
def robots(request: HttpRequest) -> HttpResponse:
    """What robots need not read. Nothing here is what keeps it private."""
    closed = ("/me/", "/desk/", "/account/", "/cms/", "/b/", "/seat/", "/search/", "/feedback/")
    lines = [
        "User-agent: *",
        *(f"Disallow: {address}" for address in closed),
        f"Sitemap: {settings.BASE_URL}/sitemap.xml",
        "",
    ]
    return HttpResponse("\n".join(lines), content_type="text/plain; charset=utf-8")


@login_not_required
@require_safe
def security(request: HttpRequest) -> HttpResponse:
    """How to tell us about a hole (RFC 9116)."""
    expires = (request.now + timedelta(days=180)).strftime("%Y-%m-%dT00:00:00Z")  # type: ignore[attr-defined]
    contact = getattr(settings, "SECURITY_CONTACT", "") or f"{settings.BASE_URL}/help/complain/"
    lines = [
        f"Contact: {contact}",
        f"Expires: {expires}",
        "Preferred-Languages: en",
        f"Canonical: {settings.BASE_URL}/.well-known/security.txt",
        "",
    ]
    return HttpResponse("\n".join(lines), content_type="text/plain; charset=utf-8")
