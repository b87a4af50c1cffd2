"""What is wrong with the site, for editors: one list, worst first."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.db.models import Count, F
from django.urls import Resolver404, resolve
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail.models import Locale, Page, ReferenceIndex

from cms import outside_links, tokens, translations
from cms.models import ContentPage, PageFeedback, Phone, SearchMiss, TranslatedPage
from cms.pages import cards
from cms.phones import HELP_NOW
from cms.reading import measure

KINDS = (
    ("broken_link", gettext_lazy("Broken link")),
    ("out_of_date", gettext_lazy("Out of date")),
    ("unconfirmed", gettext_lazy("Not confirmed")),
    ("no_keeper", gettext_lazy("Nobody keeps it true")),
    ("no_explain_card", gettext_lazy("No explain card for advisers")),
    ("unhelpful", gettext_lazy("Readers say it does not help")),
    ("hard_to_read", gettext_lazy("Hard to read")),
    ("typed_amount", gettext_lazy("A sum written by hand")),
    ("no_one_line", gettext_lazy("No one-line answer")),
    ("nothing_found", gettext_lazy("Searched for, not found")),
    ("stale_translation", gettext_lazy("Translation out of date")),
    ("unchecked_translation", gettext_lazy("Translation nobody has checked")),
    ("no_translation", gettext_lazy("Not translated")),
)
UNHELPFUL_FROM = 3  # so many more "no" than "yes"
SUM = re.compile(r"£\s?\d[\d,]*(?:\.\d\d)?(?<!,)")
RING_AGAIN_AFTER = timedelta(days=180)  # rule 26


@dataclass(frozen=True)
class Fault:
    """One thing to mend, on a page or in a phone number; neither for what belongs to no page."""

    kind: str
    subject: str
    words: str
    page_id: int | None = None
    phone_id: int | None = None

    @property
    def label(self) -> str:
        return str(dict(KINDS)[self.kind])


def all_faults(on: date) -> list[Fault]:
    """Everything found on a day, in the order of `KINDS`."""
    pages = [page for page in _pages() if isinstance(page, ContentPage)]
    addresses = {page.get_url() for page in pages}
    known = {name: tokens.facts(name, on=on) for name in ("phone", "amount", "link")}
    lost = outside_links.broken()
    left_out = _left_out(cards())
    found = [fault for page in pages for fault in _of_page(page, on, addresses, known, lost, left_out)]
    alone = sum(page.keeper_id is None for page in pages)
    if alone:
        found.append(
            Fault("no_keeper", _("%(count)s pages") % {"count": alone}, _("choose who keeps each page true"))
        )
    found += [
        *_unhelpful(pages),
        *_numbers(on),
        *_nothing_found(),
        *_translations(pages),
        *_untranslated(pages),
    ]
    order = [kind for kind, _label in KINDS]
    return sorted(found, key=lambda fault: (order.index(fault.kind), fault.subject))


def hardest(pages: list[ContentPage], count: int = 5) -> list[tuple[float, str]]:
    """The reading ages of the hardest pages."""
    return sorted(((measure(words_of(page)).age, page.get_url() or "") for page in pages), reverse=True)[
        :count
    ]


def words_of(page: ContentPage) -> str:
    """All a reader meets on a page."""
    return f"{page.one_line}\n{page.words_of_body()}"


def _pages() -> Any:
    return Page.objects.live().filter(locale=Locale.get_default(), depth__gt=1).order_by("path").specific()


def _of_page(
    page: ContentPage,
    on: date,
    addresses: set[str | None],
    known: dict[str, Any],
    lost: dict[str, str],
    left_out: Mapping[int, list[str]],
) -> Iterator[Fault]:
    def fault(kind: str, words: str) -> Fault:
        return Fault(kind, page.title, words, page.pk)

    if page.review_by is None or page.review_by < on:
        yield fault(
            "out_of_date", _("review was due %(day)s") % {"day": page.review_by or _("at no set time")}
        )
    if page.keeper is not None and not page.keeper.is_active:
        yield fault("no_keeper", _("its keeper has left: choose another"))
    if not page.one_line:
        yield fault("no_one_line", _("search and lists have nothing to show"))
    age = measure(words_of(page)).age
    if age > 11:
        yield fault("hard_to_read", _("reading age %(age)s; aim for 9 to 11") % {"age": age})
    for title in left_out.get(page.pk, ()):
        yield fault("broken_link", _("a page readers are not shown: “%(title)s”") % {"title": title})
    stored = stored_words(page)
    for kind, code in dict.fromkeys(tokens.tokens_in(stored)):
        if code not in known[kind]:
            yield fault("broken_link", "{" + f"{kind}:{code}" + "}")
    for address in dict.fromkeys(re.findall(r"""["'](/[a-z][a-z0-9/-]*/)["'#?]""", stored)):
        if address not in addresses and not _answers(address):
            yield fault("broken_link", address)
    for address in outside_links.addresses_in(stored):
        if address in lost:
            yield fault("broken_link", f"{address} ({lost[address]})")
    for sum_, code in _typed_sums(page, stored, known["amount"]):
        yield fault(
            "typed_amount", _("%(sum)s: quote it as %(token)s") % {"sum": sum_, "token": f"{{amount:{code}}}"}
        )
    yield from (Fault(kind, page.title, words, page.pk) for kind, words in page.own_faults(on))


def _typed_sums(page: ContentPage, stored: str, amounts: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Sums written out that are an entitlement's today, with the one to quote: changed there, they would be wrong here.

    The page of an entitlement is where its own words about money are written: it is left alone.
    """
    if page.slug in amounts:
        return
    typed = {found.replace(" ", "") for found in SUM.findall(tokens.TOKEN.sub("", stored))}
    for code, words in amounts.items():
        for known in typed & {found.replace(" ", "") for found in SUM.findall(str(words))}:
            typed.discard(known)
            yield known, code


def _left_out(shown: Mapping[int, Any]) -> dict[int, list[str]]:
    """For each page: the titles of those its editor chose for it or linked to, and that readers are not shown now."""
    kind = ContentType.objects.get_for_model(Page)
    rows = ReferenceIndex.objects.filter(base_content_type=kind, to_content_type=kind)
    found: dict[int, dict[int, None]] = {}
    for whose, chosen in rows.order_by("pk").values_list("object_id", "to_object_id"):
        if int(chosen) not in shown:
            found.setdefault(int(whose), {})[int(chosen)] = None
    titles = dict(
        Page.objects.filter(pk__in={pk for each in found.values() for pk in each}).values_list("pk", "title")
    )
    return {
        whose: [titles.get(pk, _("one that was deleted")) for pk in each] for whose, each in found.items()
    }


def stored_words(page: ContentPage) -> str:
    """All that is stored of a page's words and links, for the checks of links."""
    return " ".join(
        str(value.get_prep_value()) if hasattr(value, "get_prep_value") else str(value)
        for value in _texts(page)
    )


def outside_addresses() -> set[str]:
    """Every address on another site that a page in use leads to."""
    pages = (page for page in _pages() if isinstance(page, ContentPage))
    return set(outside_links.every_address(stored_words(page) for page in pages))


def _texts(page: ContentPage) -> Iterator[Any]:
    kinds, not_read = {"TextField", "JSONField", "CharField"}, {"url_path", "sources", "path", "draft_title"}
    for field in page._meta.concrete_fields:
        if field.get_internal_type() in kinds and field.name not in not_read:
            yield getattr(page, field.attname)


def _answers(address: str) -> bool:
    """Whether some address of ours that is not a published page answers."""
    try:
        return resolve(address).url_name not in {"wagtail_serve", None}
    except Resolver404:
        return False


def _unhelpful(pages: list[ContentPage]) -> Iterator[Fault]:
    """By what readers said of the words as they stand: an editor who mends a page is not told of it for ever."""
    titles = {page.pk: page.title for page in pages}
    votes: dict[int, dict[bool, int]] = {}
    given = PageFeedback.objects.exclude(useful=None).filter(given_at__gte=F("page__last_published_at"))
    for row in given.values("page_id", "useful").annotate(n=Count("pk")):
        votes.setdefault(row["page_id"], {})[bool(row["useful"])] = row["n"]
    for page_id, counts in votes.items():
        no, yes = counts.get(False, 0), counts.get(True, 0)
        if no - yes >= UNHELPFUL_FROM and page_id in titles:
            yield Fault(
                "unhelpful", titles[page_id], _("%(no)s no, %(yes)s yes") % {"no": no, "yes": yes}, page_id
            )


def _numbers(on: date) -> Iterator[Fault]:
    for phone in Phone.objects.all():
        if not phone.confirmed:
            yield Fault(
                "unconfirmed", phone.name, _("phone number: ring it, then tick confirmed"), phone_id=phone.pk
            )
        elif phone.key in HELP_NOW and (phone.checked_on or date.min) < on - RING_AGAIN_AFTER:
            yield Fault(
                "out_of_date",
                phone.name,
                _(
                    "in the help on every page, and nobody has rung it for half a year: ring it, then give the day"
                ),
                phone_id=phone.pk,
            )


def _nothing_found() -> Iterator[Fault]:
    for miss in SearchMiss.objects.filter(visitors__gte=SearchMiss.SHOWN_FROM)[:50]:
        yield Fault("nothing_found", miss.words, _("%(count)s visitors") % {"count": miss.visitors})


def _translations(pages: list[ContentPage]) -> Iterator[Fault]:
    """Pages in other languages that nobody checked, or that English has left behind."""
    english = {page.translation_key: page.title for page in pages}
    known = (
        TranslatedPage.objects.filter(page__live=True).select_related("page__locale").order_by("page__path")
    )
    states = translations.states()
    for row in known:
        state = states[row.page_id]
        title = english.get(row.page.translation_key, row.page.title)
        subject = f"{row.page.locale.get_display_name()}: {title}"
        if state.out_of_date:
            yield Fault(
                "stale_translation", subject, _("the English has changed: translate it again"), row.page_id
            )
        elif state.checked_on is None:
            words = _("a machine drafted it") if state.by_machine else _("somebody translated it")
            yield Fault("unchecked_translation", subject, words, row.page_id)


def _untranslated(pages: list[ContentPage]) -> Iterator[Fault]:
    keys = {page.translation_key for page in pages}
    for locale in Locale.objects.exclude(pk=Locale.get_default().pk):
        done = Page.objects.live().filter(locale=locale, translation_key__in=keys, alias_of=None).count()
        if done < len(keys):
            words = _("%(done)s of %(all)s pages") % {"done": done, "all": len(keys)}
            yield Fault("no_translation", str(locale), words)
