"""Where every published page stands, in every language: one question to the database after each change.

Lists, links and addresses are answered from memory; only the words of the page that is drawn are read besides.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cache
from typing import Any

from django.apps import apps
from django.conf import settings
from django.db.models import Case, CharField, Exists, F, OuterRef, Subquery, Value, When
from django.db.models.functions import Coalesce, Length, Substr
from django.http import HttpRequest
from django.utils.timezone import localdate
from wagtail.models import Page, PageViewRestriction

from cms.content_version import held
from cms.languages import OTHERS, split
from cms.models import PageFeedback

STEP = Page.steplen  # letters of a path for each step down the tree
HOME_DEPTH = 2


@dataclass(frozen=True, slots=True)
class Translated:
    """How far a page in another language can be trusted. `checked_on`: a person read these very words and said they
    are right."""

    by_machine: bool = False
    out_of_date: bool = False
    checked_on: date | None = None
    checked_by: str = ""


@dataclass(frozen=True, slots=True)
class Card:
    """A page in a list. `kind` is its model; `standing_in`: it only stands in for a translation that is to come;
    `in_english`: its address in the house's own language; `revision`: what was published last; `checked_on`: the day
    the care leavers' council read it; `outcome`: the last thing we did because a reader said so; `listed_in`: the ids
    of other pages that list it; `translated`: for a translation somebody wrote something down about."""

    title: str
    one_line: str
    address: str
    page_id: int = 0
    path: str = ""
    kind: str = ""
    language: str = ""
    standing_in: bool = False
    in_english: str = ""
    revision: int | None = None
    checked_on: date | None = None
    outcome: str = ""
    outcome_on: date | None = None
    listed_in: tuple[int, ...] = ()
    translated: Translated | None = None


@dataclass(frozen=True)
class Contents:
    """All cards, in the order of the tree, by id and by address."""

    cards: Mapping[int, Card]
    by_address: Mapping[str, Card]
    by_path: Mapping[str, Card]
    below: Mapping[str, tuple[Card, ...]] = field(default_factory=dict)
    translations: Mapping[tuple[str, str], Card] = field(default_factory=dict)  # (language, English address)

    def children(self, path: str) -> tuple[Card, ...]:
        """The pages right below a place in the tree, in the editors' order."""
        return self.below.get(path, ())

    def parent(self, path: str) -> Card | None:
        """The page right above."""
        return self.by_path.get(path[:-STEP])

    def answering(self, address: str) -> Card | None:
        """The page for an address: in its language, or, while there is no translation, the English one."""
        language, path = split(address)
        card = self.by_address.get(address)
        if card is None or card.standing_in:
            card = self.translations.get((language, path)) or self.by_address.get(path)
        return card

    def also_in(self, english: str) -> dict[str, Card]:
        """Language -> page, for each language an English address has been translated into."""
        found = {code: self.translations.get((code, english)) for code in OTHERS}
        return {code: card for code, card in found.items() if card is not None}

    def saying(self, words: str, *, language: str) -> tuple[Card, ...]:
        """Translated pages with all these words in their title or one line. None in English: search knows those."""
        asked = words.casefold().split()
        if not asked or language == settings.LANGUAGE_CODE:
            return ()
        return tuple(
            card
            for (spoken, _english), card in self.translations.items()
            if spoken == language
            and all(word in f"{card.title} {card.one_line}".casefold() for word in asked)
        )

    def in_english(self) -> Iterator[Card]:
        """The pages of the house's own language."""
        return (card for card in self.cards.values() if card.language == settings.LANGUAGE_CODE)


def contents(request: HttpRequest | None = None) -> Contents:
    """As published now. Pages that only some may read are not among them."""
    return held("contents", _read, request=request)


@cache
def _kinds() -> tuple[tuple[str, str, str], ...]:
    """Each model of ours that is a page: its name, what a plain page calls it, and its field of pages that list it."""
    models: list[Any] = [
        model for model in apps.get_models() if issubclass(model, Page) and hasattr(model, "search_kind")
    ]
    return tuple((model._meta.label, model._meta.model_name or "", model.listed_by) for model in models)


def _read() -> Contents:
    above = Substr(OuterRef("path"), 1, Length("page__path"))
    done = PageFeedback.objects.filter(page=OuterRef("pk")).exclude(outcome="").exclude(outcome_on=None)
    last_done = done.order_by("-outcome_on", "-pk")
    rows = (
        Page.objects.live()
        .filter(depth__gte=HOME_DEPTH)
        .exclude(Exists(PageViewRestriction.objects.filter(page__path=above)))
        .annotate(
            words=Coalesce(*(F(f"{name}__one_line") for _label, name, _listed in _kinds())),
            outcome=Coalesce(Subquery(last_done.values("outcome")[:1]), Value(""), output_field=CharField()),
            outcome_on=Subquery(last_done.values("outcome_on")[:1]),
            checked=Coalesce(*(F(f"{name}__checked_by_elevation_on") for _label, name, _listed in _kinds())),
            # A page listed in two places is two rows.
            listed=Coalesce(Value(None), *(F(f"{name}__{by}") for _label, name, by in _kinds() if by)),
            kind=Case(
                *(When(**{f"{name}__isnull": False}, then=Value(label)) for label, name, _listed in _kinds())
            ),
        )
        .exclude(kind=None)
        .order_by("path", "listed")
        .values_list(
            "pk", "title", "words", "path", "url_path", "kind", "locale__language_code", "alias_of",
            "translation_key", "live_revision_id", "listed", "checked", "outcome", "outcome_on", "translated__pk",
            "translated__by_machine", "translated__out_of_date_since", "translated__checked_at",
            "translated__checked_revision", "translated__checked_by__first_name",
            "translated__checked_by__last_name", "translated__checked_by__username",
        )
    )  # fmt: skip
    cards: dict[int, Card] = {}
    homes: dict[str, str] = {}  # the first steps of a tree -> the address of its front page in the tree
    english: dict[object, str] = {}
    for (
        pk,
        title,
        words,
        path,
        url_path,
        kind,
        language,
        alias_of,
        key,
        revision,
        listed,
        checked,
        outcome,
        outcome_on,
        *state,
    ) in rows:
        if pk in cards:
            cards[pk] = replace(cards[pk], listed_in=(*cards[pk].listed_in, listed))
            continue
        home = homes.setdefault(path[: STEP * HOME_DEPTH], url_path)
        prefix = "" if language == settings.LANGUAGE_CODE else f"/{language}"
        address = prefix + url_path[len(home) - 1 :]
        if not prefix:
            english.setdefault(key, address)
        card = Card(
            title, words or "", address, pk, path, kind, language, alias_of is not None, english.get(key, ""), revision,
            checked, outcome, outcome_on, (listed,) if listed else (), _translated(revision, *state),
        )  # fmt: skip
        cards[pk] = card
    below: dict[str, list[Card]] = {}
    for card in cards.values():
        below.setdefault(card.path[:-STEP], []).append(card)
    return Contents(
        cards,
        {card.address: card for card in cards.values()},
        {card.path: card for card in cards.values()},
        {path: tuple(found) for path, found in below.items()},
        {
            (card.language, card.in_english): card
            for card in cards.values()
            if card.language in OTHERS and card.in_english and not card.standing_in
        },
    )


def _translated(
    live: int | None, known: int | None, by_machine: Any, out_of_date_since: Any, checked_at: Any, checked: int | None,
    *names: str | None,
) -> Translated | None:  # fmt: skip
    if known is None:
        return None
    if not checked_at or checked != live:  # the words of an older revision
        return Translated(by_machine, out_of_date_since is not None)
    first, last, username = (name or "" for name in names)
    return Translated(
        by_machine,
        out_of_date_since is not None,
        localdate(checked_at),
        f"{first} {last}".strip() or username,
    )
