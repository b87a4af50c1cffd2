"""What one person can get, in groups: for the checker, for their own page and for the adviser's check-up.

Nothing is ever silent: what they cannot get is listed, with why. All of it comes from the published versions, which
are held in memory, so that asking costs one small query whatever the number of rules.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date

from django.http import HttpRequest
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from cms.content_version import held
from entitlements.models import EntitlementVersion
from entitlements.reading import CAN_ASK, Summary, summary_of
from entitlements.rules import (
    Age,
    Answer,
    Award,
    Facts,
    Outcome,
    OwnQuestion,
    Per,
    Reason,
    Rulebook,
    TriedFirst,
    from_data,
    rulebook,
    with_expected_status,
)
from entitlements.weighing import period_start
from entitlements.wording import question, sentence

ADULT = 18
USED_CODES = frozenset({"TIMES_USED", "WEEKS_USED"})


@dataclass(frozen=True)
class Book:
    """Every published version with its rule, made ready to be asked together."""

    versions: tuple[EntitlementVersion, ...]
    rules: Rulebook
    by_code: Mapping[str, EntitlementVersion]


@dataclass(frozen=True)
class Assessed:
    """One entitlement for one person on a day.

    `because` holds the reasons that decide, in words; `reasons` all of them. `question` is the one that would settle
    a maybe. `from_on` is the first day of a later one, and `until_on` the first day it no longer counts, when the
    birthday is known to the day; `when` says the first in words all the same.
    """

    version: EntitlementVersion
    summary: Summary
    outcome: Outcome
    because: tuple[str, ...]
    question_key: str = ""
    question: str = ""
    from_on: date | None = None
    until_on: date | None = None
    when: str = ""

    @property
    def code(self) -> str:
        return self.summary.code

    @property
    def reasons(self) -> list[tuple[Answer, str]]:
        return [(reason.answer, say(reason)) for reason in self.outcome.reasons]

    @property
    def can_ask(self) -> bool:
        """Whether it is asked for here and has started. Anyone may ask, whatever the rule says."""
        started = not any(label.code in {"NOT_STARTED", "ENDED"} for label in self.summary.labels)
        return self.version.how_to_get in CAN_ASK and started

    @property
    def ask_url(self) -> str:
        return f"/me/requests/new/?for={self.code}"


@dataclass
class Groups:
    """Everything, in the order people want to know it."""

    now: list[Assessed] = field(default_factory=list)
    maybe: list[Assessed] = field(default_factory=list)
    later: list[Assessed] = field(default_factory=list)
    used: list[Assessed] = field(default_factory=list)
    never: list[Assessed] = field(default_factory=list)

    def __iter__(self) -> Iterator[tuple[str, list[Assessed]]]:
        return iter([(name, getattr(self, name)) for name in ("now", "maybe", "later", "used", "never")])


def book(request: HttpRequest | None = None) -> Book:
    """The published handbook as one rulebook."""
    return held("entitlements:book", _make_book, request=request)


def _make_book() -> Book:
    versions = tuple(EntitlementVersion.objects.current())
    rules = rulebook(tuple(from_data(version.rule) for version in versions))
    return Book(versions, rules, {version.entitlement.code: version for version in versions})


def assess_all(
    facts: Facts,
    on: date,
    *,
    already: Mapping[str, Collection[Award]] | None = None,
    used: Collection[str] = (),
    request: HttpRequest | None = None,
) -> Groups:
    """Every published entitlement for one person on a day, in groups.

    `already`: what they had, by code, as our own ledger knows it: a code that is not there was never had. None: not
    known at all. `used`: codes of which nothing is left in this period.
    """
    handbook = book(request)
    if already is not None:
        had = {code: tuple(already.get(code, ())) for code in handbook.by_code}
        facts = replace(facts, awards={**facts.awards, **had})
    outcomes = handbook.rules.outcomes(facts, on)
    later = handbook.rules.outcomes(with_expected_status(facts), on)
    groups = Groups()
    for version, outcome, expected in zip(handbook.versions, outcomes, later, strict=True):
        name, found = _one(version, outcome, expected, handbook.by_code, on, used=used)
        getattr(groups, name).append(found)
    groups.later.sort(key=lambda found: found.from_on or date.max)
    return groups


def _one(
    version: EntitlementVersion,
    outcome: Outcome,
    expected: Outcome,
    others: Mapping[str, EntitlementVersion],
    on: date,
    *,
    used: Collection[str],
) -> tuple[str, Assessed]:
    deciding = [reason for reason in outcome.reasons if reason.answer is outcome.answer]
    found = Assessed(
        version=version,
        summary=summary_of(version, on, others),
        outcome=outcome,
        because=tuple(say(reason) for reason in deciding),
        until_on=outcome.until_on if is_exact(outcome.asked.facts) else None,
    )
    spent = version.entitlement.code in used or _all_taken(version, outcome.asked.facts, on)
    if spent or any(reason.code in USED_CODES for reason in deciding):
        return "used", found
    if outcome.answer is Answer.YES:
        return "now", found
    if outcome.answer is Answer.NEED_TO_KNOW:
        key = outcome.questions[0] if outcome.questions else ""
        return "maybe", replace(found, question_key=key, question=say_question(key, outcome.reasons, others))
    if expected.starts_later:
        exact = is_exact(expected.asked.facts)
        found = replace(found, until_on=expected.until_on if exact else None)
        return "later", replace(
            found, from_on=expected.from_on if exact else None, when=say_when(expected, exact=exact)
        )
    if all(reason.code == "NOT_STARTED_YET" for reason in deciding):
        return "later", replace(found, when=_("This has not started yet."))
    return "never", found


def is_exact(facts: Facts) -> bool:
    """Whether the birthday is known to the day, so that days may be named."""
    window = facts.birth_window()
    return window is not None and window[0] == window[1]


def say_when(outcome: Outcome, *, exact: bool) -> str:
    """From when something to come may be had: a day, or a birthday when the day is not known."""
    if exact and outcome.from_on:
        return _("From %(day)s.") % {"day": date_format(outcome.from_on, "j F Y")}
    ages = [
        r.condition.from_age
        for r in outcome.reasons
        if r.code == "TOO_YOUNG" and isinstance(r.condition, Age)
    ]
    if not ages and any(reason.code == "STATUS_OTHER" for reason in outcome.reasons):
        ages = [ADULT]
    known = [age for age in ages if age is not None]
    return _("When you turn %(age)d.") % {"age": max(known)} if known else _("Later.")


def _all_taken(version: EntitlementVersion, facts: Facts, on: date) -> bool:
    """Whether what they had in the period of today comes to the whole cap."""
    awards = facts.awards.get(version.entitlement.code, ())
    if not awards or not version.cap_pence or version.cap_period not in Per.__members__:
        return False
    since = period_start(Per(version.cap_period), on)
    return sum(award.pence for award in awards if since <= award.on <= on) >= version.cap_pence


def say(reason: Reason) -> str:
    """A reason in the reader's language."""
    return sentence(reason, gettext=_, format_date=lambda day: date_format(day, "j F Y"))


def say_question(key: str, reasons: Iterable[Reason], others: Mapping[str, EntitlementVersion]) -> str:
    """The question behind a key, with the name of the other entitlement or money it is about."""
    label = ""
    if key.startswith("had."):
        other = others.get(key.removeprefix("had."))
        label = other.title if other else ""
    elif key.startswith(("tried.", "own.")):
        label = next((found for reason in _all_of(reasons) if (found := _asked_by(reason, key))), "")
    if key.startswith("own.") and label:
        return in_editors_words(label)
    return question(key, gettext=_, label=label) if key else ""


def in_editors_words(words: str) -> str:
    """What an editor wrote in English, on a page in any language: a voice and a line from the right are told so."""
    return words if get_language() in {None, "en"} else format_html('<bdi lang="en">{}</bdi>', words)


def _asked_by(reason: Reason, key: str) -> str:
    """What a question is about when the rule's editor wrote it: the other money, or the whole question."""
    condition = reason.condition
    if isinstance(condition, TriedFirst) and condition.key == key:
        return condition.label
    if isinstance(condition, OwnQuestion) and condition.key == key:
        return condition.question
    return ""


def _all_of(reasons: Iterable[Reason]) -> Iterable[Reason]:
    for reason in reasons:
        yield reason
        yield from _all_of(reason.parts)
