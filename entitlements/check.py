"""The checker's answers: read from the page they travel in, turned into facts, and never kept.

Pure: no database, no clock. Each answer is a word from a list we gave, so nothing typed by hand ever comes back.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import NamedTuple

from django.utils.translation import gettext as _

from entitlements.circumstances import BORN_ON, CARE_STATUS, CHILDREN, catalogue
from entitlements.rules import Award, CareLeaverStatus, Facts, Known, StatusPeriod, born_between_for_age

UNKNOWN = "unknown"
YES, NO = "yes", "no"
YOUNGEST, OLDEST = 16, 25
MOST_CHILDREN = 4
UNDER_18 = (CareLeaverStatus.ELIGIBLE, CareLeaverStatus.RELEVANT)


class Option(NamedTuple):
    """One answer to choose: what is posted, what is read, and a line of help under it."""

    value: str
    label: str
    hint: str = ""


@dataclass(frozen=True)
class Answers:
    """What somebody answered so far, in the order they answered."""

    given: Mapping[str, str]

    @classmethod
    def read(cls, posted: Iterable[str], allowed: Iterable[str]) -> "Answers":
        """The answers in a page's hidden fields; a question or an answer we do not have is left out."""
        known = set(allowed)
        pairs = (item.partition("=") for item in posted)
        return cls({key: value for key, _sign, value in pairs if key in known and value in values_for(key)})

    def __bool__(self) -> bool:
        return bool(self.given)

    def with_answer(self, key: str, value: str) -> "Answers":
        return Answers({**self.without(key).given, key: value})

    def without(self, key: str) -> "Answers":
        return Answers({name: value for name, value in self.given.items() if name != key})

    @property
    def last(self) -> str:
        return list(self.given)[-1] if self.given else ""

    @property
    def asked(self) -> frozenset[str]:
        """What need not be asked again: what was answered, if only with "I don't know", or the same turned round."""
        opposites = {entry.opposite: entry.key for entry in catalogue().entries.values() if entry.opposite}
        turned = {opposites.get(key, "") for key in self.given} | {
            catalogue()[key].opposite for key in self.given if key in catalogue()
        }
        return frozenset({*self.given, *turned} - {""})

    def hidden(self) -> list[str]:
        """The hidden fields of the next page."""
        return [f"{key}={value}" for key, value in self.given.items()]

    def facts(self, on: date) -> Facts:
        """What the answers say about somebody on a day. What they do not know stays unknown."""
        facts = Facts()
        for key, value in self.given.items():
            if value != UNKNOWN:
                facts = _with(facts, key, value, on)
        return facts


def _with(facts: Facts, key: str, value: str, on: date) -> Facts:
    if key == CARE_STATUS:
        return replace(facts, statuses=(StatusPeriod(CareLeaverStatus(value)),))
    if key == BORN_ON:
        return replace(facts, born_between=_born_between(value, on))
    if key == CHILDREN:
        return replace(facts, children=int(value))
    if key.startswith("had."):
        had = (Award(on=on),) if value == YES else ()
        return replace(facts, awards={**facts.awards, key.removeprefix("had."): had})
    return replace(facts, circumstances={**facts.circumstances, key: Known(value == YES)})


def _born_between(value: str, on: date) -> tuple[date, date]:
    if value == "under":
        return born_between_for_age(YOUNGEST - 1, on)[0], on
    if value == "over":
        return date(1901, 1, 1), born_between_for_age(OLDEST, on)[1]
    return born_between_for_age(int(value), on)


def values_for(key: str) -> frozenset[str]:
    """Every answer a question can have."""
    return frozenset(option.value for option in options_for(key))


def options_for(key: str, status: str = "") -> list[Option]:
    """The answers to choose from. "I don't know" is always one. `status` leaves out ages that cannot be."""
    if key == CARE_STATUS:
        found = _statuses()
    elif key == BORN_ON:
        found = _ages(status)
    elif key == CHILDREN:
        found = [Option(str(number), str(number)) for number in range(MOST_CHILDREN)]
        found.append(Option(str(MOST_CHILDREN), _("%(number)d or more") % {"number": MOST_CHILDREN}))
    else:
        found = [Option(YES, _("Yes")), Option(NO, _("No"))]
    return [*found, Option(UNKNOWN, _("I don't know"))]


def _statuses() -> list[Option]:
    return [
        Option(
            "ELIGIBLE",
            _("I am 16 or 17 and still in care"),
            _("Foster care, a children's home or supported housing"),
        ),
        Option("RELEVANT", _("I am 16 or 17 and I have left care")),
        Option(
            "FORMER_RELEVANT",
            _("I am 18 or over, and I was in care when I was 16 or 17"),
            _("For 13 weeks or more in all, some of it after your 16th birthday"),
        ),
        Option("QUALIFYING", _("I was in care, but for a shorter time"), _("Or I left before I was 16")),
        Option("NONE_OF_THESE", _("I was never in care")),
    ]


def _ages(status: str) -> list[Option]:
    first, last = YOUNGEST, OLDEST
    if status in UNDER_18:
        last = 18
    elif status == CareLeaverStatus.FORMER_RELEVANT:
        first = 18
    ages = [Option(str(age), str(age)) for age in range(first, last)]
    if first == YOUNGEST and last == OLDEST:
        ages.insert(0, Option("under", _("15 or younger")))
    return [*ages, Option("over", _("25 or older"))] if last == OLDEST else ages


def hint_for(key: str) -> str:
    """A line of help under a question."""
    if key == CARE_STATUS:
        return _("Not sure? Choose what is nearest. Your adviser can tell you for certain.")
    if key == BORN_ON:
        return _("Most help is for some ages only.")
    if key in catalogue() and catalogue().is_quiet(key):
        return _("You do not have to say. Nobody sees this and we do not keep it.")
    return ""


def question_for(key: str) -> str:
    """The checker asks for an age, not a birthday: it is enough, and says less about who they are."""
    return _("How old are you?") if key == BORN_ON else ""
