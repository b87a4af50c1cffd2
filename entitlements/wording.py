"""Reasons and questions in words a young person reads. The only place where rules become sentences.

`gettext` is handed in, so this stays pure and every sentence can be translated when it is shown. The words of
circumstances come from `data/circumstances.toml`; `messages()` lists them for the translators.
"""

from collections.abc import Callable, Iterator, Sequence
from datetime import date

from entitlements.circumstances import BORN_ON, CARE_STATUS, CHILDREN, Catalogue, catalogue
from entitlements.definition import (
    Age,
    Children,
    Circumstance,
    NotWith,
    OwnQuestion,
    Status,
    Times,
    TriedFirst,
    Turned,
    Weeks,
)
from entitlements.facts import Answer, CareLeaverStatus, Source
from entitlements.readback import day
from entitlements.weighing import Before, Reason

GetText = Callable[[str], str]

CODES = {
    "AGE_FITS": "age is in range",
    "TOO_YOUNG": "younger than the first age",
    "TOO_OLD": "the last age has passed",
    "AGE_UNKNOWN": "no date of birth",
    "AGE_ESTIMATED": "the date of birth is not certain enough",
    "STATUS_FITS": "holds one of the statuses",
    "STATUS_OTHER": "holds another status, or none",
    "STATUS_UNKNOWN": "status not known on the day",
    "IS_TRUE": "the circumstance is true",
    "IS_NOT_TRUE": "the circumstance is not true",
    "NOT_KNOWN": "nobody has answered",
    "OUT_OF_DATE": "the answer is too old to count",
    "RULED_OUT": "something that must not be so is so",
    "NOT_RULED_OUT": "something that must not be so is not so",
    "TURNED_FITS": "the birthday falls in the window",
    "TURNED_TOO_EARLY": "the birthday was before the window",
    "TURNED_TOO_LATE": "the birthday is after the window",
    "CHILDREN_ENOUGH": "enough children live with them",
    "CHILDREN_FEWER": "not enough children live with them",
    "CHILDREN_UNKNOWN": "number of children not known",
    "TIMES_LEFT": "may have it again in this period",
    "TIMES_USED": "had as often as the period allows",
    "TIMES_NOT_KNOWN": "what they had before is not known",
    "WEEKS_LEFT": "weeks are left",
    "WEEKS_USED": "all the weeks are used",
    "WEEKS_NOT_KNOWN": "what they had before is not known",
    "HAS_OTHER": "another entitlement is in the way",
    "OTHER_NOT_HAD": "the other entitlement is not in the way",
    "OTHER_NOT_KNOWN": "whether they have the other is not known",
    "IN_FORCE": "has started",
    "NOT_STARTED_YET": "announced, in law but not begun, or starts later",
    "ENDED": "has ended",
    "ONE_OF_THESE": "one of a group holds",
    "NONE_OF_THESE": "none of a group holds",
    "ONE_OF_THESE_UNKNOWN": "one of a group may hold",
    "ALL_OF_THESE": "every one of a group holds",
    "NOT_ALL_OF_THESE": "one of a group does not hold",
    "ALL_OF_THESE_UNKNOWN": "every one of a group may hold",
}
"""Every code a `Reason` can carry, for staff and for whoever stores one. They never change their meaning."""


def _same(text: str) -> str:
    return text


def sentence(
    reason: Reason,
    *,
    gettext: GetText = _same,
    words: Catalogue | None = None,
    format_date: Callable[[date], str] = day,
) -> str:
    """The reason in one or two short sentences to the person it is about."""
    return _Speaker(gettext, words or catalogue(), format_date).reason(reason)


def question(key: str, *, gettext: GetText = _same, words: Catalogue | None = None, label: str = "") -> str:
    """The question behind a key. `label` names what a "tried first" or "had before" key is about, or is an editor's
    own question."""
    return _Speaker(gettext, words or catalogue(), day).question(key, label)


def messages(words: Catalogue | None = None) -> Iterator[str]:
    """Every text of the circumstances that a young person can meet, for the translators."""
    for entry in (words or catalogue()).entries.values():
        yield from (entry.question, entry.told_yes, entry.told_no, entry.needs)


def staff_messages(words: Catalogue | None = None) -> Iterator[str]:
    """The texts of the circumstances that staff meet."""
    for entry in (words or catalogue()).entries.values():
        yield from (entry.readback, entry.readback_not, entry.label)


class _Speaker:
    def __init__(self, gettext: GetText, words: Catalogue, format_date: Callable[[date], str]) -> None:
        self.gettext = gettext
        self.words = words
        self.format_date = format_date

    def reason(self, reason: Reason) -> str:
        if reason.parts:
            return self.group(reason)
        said = self.condition(reason)
        who = self.source(reason)
        return f"{said} {who}" if who else said

    def source(self, reason: Reason) -> str:
        gettext = self.gettext
        if reason.answer is Answer.NEED_TO_KNOW:
            return ""
        if reason.source is Source.TOLD:
            return gettext("You told us this.")
        if reason.source is Source.ADVISER:
            return gettext("Your adviser told us this.")
        if reason.source is Source.DERIVED:
            return gettext("We worked this out from what we know.")
        return ""

    def condition(self, reason: Reason) -> str:
        condition = reason.condition
        if isinstance(condition, Circumstance | Before) and condition.key in self.words:
            return self.circumstance(reason, condition.key)
        if isinstance(condition, Age):
            return self.age(reason, condition)
        if isinstance(condition, Status):
            return self.status(reason, condition)
        if isinstance(condition, Turned):
            return self.turned(reason, condition)
        if isinstance(condition, TriedFirst):
            return self.tried(reason, condition)
        if isinstance(condition, OwnQuestion):
            return self.own(reason, condition)
        if isinstance(condition, Children):
            return self.children(reason, condition)
        if isinstance(condition, NotWith | Times | Weeks):
            return self.history(reason, condition)
        return self.in_force(reason)

    def circumstance(self, reason: Reason, key: str) -> str:
        gettext, entry = self.gettext, self.words[key]
        if reason.code == "OUT_OF_DATE":
            return gettext("We need to ask again: %(question)s") % {"question": gettext(entry.question)}
        if reason.answer is Answer.NEED_TO_KNOW:
            return gettext("We need to know: %(question)s") % {"question": gettext(entry.question)}
        if reason.code == "RULED_OUT":
            return gettext("%(so)s. That means this one is not for you.") % {"so": gettext(entry.told_yes)}
        if reason.code == "IS_NOT_TRUE":
            return f"{gettext(entry.told_no)}. {gettext(entry.needs)}."
        true = reason.code == "IS_TRUE"
        return f"{gettext(entry.told_yes if true else entry.told_no)}."

    def age(self, reason: Reason, condition: Age) -> str:
        gettext = self.gettext
        ages = {"from": condition.from_age, "until": condition.until_age}
        if reason.code == "TOO_YOUNG":
            return gettext("You need to be %(from)d or over.") % ages
        if reason.code == "TOO_OLD":
            return gettext("This stops on your birthday when you turn %(until)d.") % ages
        if reason.code == "AGE_UNKNOWN":
            return gettext("We need to know your date of birth.")
        if reason.code == "AGE_ESTIMATED":
            return gettext("We need to be sure of your date of birth.")
        if reason.code == "RULED_OUT":
            return gettext("This is not for people of your age.")
        return gettext("You are the right age.")

    def status(self, reason: Reason, condition: Status) -> str:
        gettext = self.gettext
        if reason.answer is Answer.NEED_TO_KNOW:
            return gettext("We need to know your care leaver status. Your adviser can tell you.")
        if reason.answer is Answer.YES:
            return gettext("You have the right care leaver status.")
        names = [self.status_name(status) for status in condition.any_of]
        return gettext("This is for young people who %(are)s.") % {"are": self.either(names)}

    def status_name(self, status: CareLeaverStatus) -> str:
        gettext = self.gettext
        return {
            CareLeaverStatus.ELIGIBLE: gettext("are still in care at 16 or 17"),
            CareLeaverStatus.RELEVANT: gettext("left care at 16 or 17 and are under 18"),
            CareLeaverStatus.FORMER_RELEVANT: gettext("are over 18 and were in care long enough"),
            CareLeaverStatus.QUALIFYING: gettext("had a shorter time in care"),
            CareLeaverStatus.NONE_OF_THESE: gettext("were not in care"),
        }[status]

    def turned(self, reason: Reason, condition: Turned) -> str:
        gettext = self.gettext
        if reason.code == "AGE_UNKNOWN":
            return gettext("We need to know your date of birth.")
        if reason.code == "AGE_ESTIMATED":
            return gettext("We need to be sure of your date of birth.")
        if reason.answer is Answer.YES:
            return gettext("Your birthday is in the right dates for this.")
        if reason.code == "TURNED_TOO_EARLY" and condition.from_on:
            said = gettext("This is for people who turned %(age)d on or after %(day)s.")
            return said % {"age": condition.age, "day": self.format_date(condition.from_on)}
        if reason.code == "TURNED_TOO_LATE" and condition.until_on:
            said = gettext("This is for people who turned %(age)d before %(day)s.")
            return said % {"age": condition.age, "day": self.format_date(condition.until_on)}
        return gettext("Your birthday is not in the right dates for this.")

    def tried(self, reason: Reason, condition: TriedFirst) -> str:
        gettext, what = self.gettext, {"what": self.gettext(condition.label)}
        if reason.answer is Answer.NEED_TO_KNOW:
            return gettext("We need to know: have you asked for %(what)s first?") % what
        if reason.code in ("IS_TRUE", "RULED_OUT"):
            return gettext("You have asked for %(what)s.") % what
        if reason.answer is Answer.NO:
            return gettext("Ask for %(what)s first. Then come back to this.") % what
        return gettext("You have not asked for %(what)s.") % what

    def own(self, reason: Reason, condition: OwnQuestion) -> str:
        gettext = self.gettext
        if reason.answer is Answer.NEED_TO_KNOW:
            again = reason.code == "OUT_OF_DATE"
            said = (
                gettext("We need to ask again: %(question)s")
                if again
                else gettext("We need to know: %(question)s")
            )
            return said % {"question": gettext(condition.question)}
        so = gettext(condition.yes if reason.code in ("IS_TRUE", "RULED_OUT") else condition.no)
        if reason.answer is Answer.NO:
            return gettext("%(so)s. That means this one is not for you.") % {"so": so}
        return f"{so}."

    def children(self, reason: Reason, condition: Children) -> str:
        gettext = self.gettext
        if reason.answer is Answer.NEED_TO_KNOW:
            return gettext("We need to know how many children live with you.")
        if reason.answer is Answer.YES:
            return gettext("You have the right number of children living with you.")
        if reason.negated:
            return gettext("You have more children living with you than this is for.")
        if condition.at_least == 1:
            return gettext("You would need to have a child living with you.")
        said = gettext("You would need to have %(number)d or more children living with you.")
        return said % {"number": condition.at_least}

    def history(self, reason: Reason, condition: NotWith | Times | Weeks) -> str:
        gettext = self.gettext
        if isinstance(condition, NotWith):
            name = {"other": gettext(condition.title) if condition.title else condition.code}
            if reason.answer is Answer.NEED_TO_KNOW:
                return gettext("We need to know if you get, or had, %(other)s.") % name
            if reason.answer is Answer.NO:
                return gettext("You cannot have this as well as %(other)s.") % name
            return gettext("%(other)s does not get in the way.") % name
        if reason.answer is Answer.NEED_TO_KNOW:
            return gettext("We need to know if you had this before.")
        if reason.answer is Answer.YES:
            return gettext("You have not used all of this.")
        if isinstance(condition, Weeks):
            return gettext("You have had this for all %(weeks)d weeks.") % {"weeks": condition.at_most}
        return gettext("You have had this as often as you can for now.")

    def in_force(self, reason: Reason) -> str:
        gettext = self.gettext
        if reason.code == "NOT_STARTED_YET":
            return gettext("This has not started yet.")
        if reason.code == "ENDED":
            return gettext("This has ended.")
        if reason.answer is Answer.NEED_TO_KNOW:
            return gettext("We need to know more about you.")
        if reason.answer is Answer.NO:
            return gettext("Something about you does not fit this.")
        return gettext("This has started.")

    def group(self, reason: Reason) -> str:
        gettext = self.gettext
        deciding = [part for part in reason.parts if part.answer is reason.answer]
        if reason.code == "NONE_OF_THESE":
            return gettext("None of these fits: %(each)s") % {"each": self.each(deciding)}
        if reason.answer is Answer.NEED_TO_KNOW:
            return self.each(deciding)
        return self.reason(deciding[0])

    def each(self, reasons: Sequence[Reason]) -> str:
        return " ".join(self.reason(reason) for reason in reasons)

    def either(self, names: Sequence[str]) -> str:
        if len(names) < 2:
            return "".join(names)
        said = self.gettext("%(first)s or %(last)s")
        return said % {"first": ", ".join(names[:-1]), "last": names[-1]}

    def question(self, key: str, label: str) -> str:
        gettext = self.gettext
        if key == CARE_STATUS:
            return gettext("What is your care leaver status?")
        if key == BORN_ON:
            return gettext("What is your date of birth?")
        if key == CHILDREN:
            return gettext("How many children live with you?")
        if key in self.words:
            return gettext(self.words[key].question)
        if key.startswith("own.") and label:
            return gettext(label)
        what = {"what": gettext(label) if label else gettext("this")}
        if key.startswith("tried."):
            return gettext("Have you asked for %(what)s first?") % what
        return gettext("Have you had %(what)s before?") % what
