"""What is not known of somebody's life and would settle what they can get: the questions, most useful first."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.http import HttpRequest
from django.utils.translation import gettext as _

from entitlements.circumstances import catalogue
from entitlements.for_person import Assessed, Groups, assess_all, book, in_editors_words, say_question
from entitlements.rules import OwnQuestion
from entitlements.wording import question
from portal.ledger.history import had_by
from portal.people.facts import OWN
from portal.people.models import Circumstance, YoungPerson


@dataclass(frozen=True, slots=True)
class Question:
    """One question about somebody's life, as it is put to them, and the titles of what waits for the answer."""

    key: str
    words: str
    decides: tuple[str, ...] = ()

    @property
    def more(self) -> int:
        """How many it decides besides the first three."""
        return max(0, len(self.decides) - 3)


@dataclass(frozen=True, slots=True)
class Said:
    """One answer the record holds, as a question with what was said, where from, and whether it is too old to count."""

    key: str
    words: str
    value: bool
    source: str
    as_of: date
    stale: bool

    @property
    def where_from(self) -> str:
        return str(Circumstance.Source(self.source).label)


def what_they_can_get(person: YoungPerson, *, on: date, request: HttpRequest | None = None) -> Groups:
    """Everything in groups, by what is known of them today."""
    had, _allowances = had_by(person)
    return assess_all(person.facts(on), on, already=had, request=request)


def still_open(groups: Groups) -> list[Question]:
    """The questions behind every maybe that is no private matter, the one that decides most first."""
    waiting: dict[str, list[Assessed]] = {}
    for one in groups.maybe:
        for key in one.outcome.questions if not one.summary.quiet else ():
            if may_be_asked(key):
                waiting.setdefault(key, []).append(one)
    return [
        Question(
            key, say_question(key, found[0].outcome.reasons, {}), tuple(one.summary.title for one in found)
        )
        for key, found in sorted(waiting.items(), key=lambda pair: -len(pair[1]))
    ]


def may_be_asked(key: str) -> bool:
    """Whether this is asked in the open: never what turns on immigration, custody or crisis. Status, birthday and money
    come from records, not from an answer."""
    known = catalogue()
    return key.startswith(OWN) or (key in known and not known.is_quiet(key))


def already_said(
    person: YoungPerson, *, on: date, sources: Iterable[str], request: HttpRequest | None = None
) -> list[Said]:
    """The answers that came from these sources and may be shown, newest first."""
    said = []
    of_editors: dict[str, str] | None = None
    for row in person.circumstances.filter(source__in=list(sources)).order_by("-as_of", "key"):
        if not may_be_asked(row.key):
            continue
        words = ""
        if row.key.startswith(OWN):
            of_editors = of_editors if of_editors is not None else _questions_of_editors(request)
            words = of_editors.get(row.key, "")
        words = words or (question(row.key, gettext=_) if row.key in catalogue() else "")
        if words:
            said.append(Said(row.key, words, row.value, row.source, row.as_of, row.as_known(on).stale))
    return said


def _questions_of_editors(request: HttpRequest | None) -> dict[str, str]:
    return {
        leaf.key: in_editors_words(leaf.question)
        for leaf in book(request).rules.conditions()
        if isinstance(leaf, OwnQuestion)
    }
