"""A rule as data: who an entitlement is for, when it counts, and how much it is.

Everything here is immutable and turns into plain JSON and back (`entitlements.plain_data`) without loss, so
an editor's blocks can build it and a published version can keep it for ever. Nothing here decides anything:
`entitlements.rulebook` does that.
"""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from entitlements.facts import CareLeaverStatus


class State(StrEnum):
    IN_FORCE = "IN_FORCE"
    ANNOUNCED = "ANNOUNCED"
    PROSPECTIVE = "PROSPECTIVE"


class Per(StrEnum):
    """A stretch of time in which something may be had. Terms start on 1 September, 1 January and 1 May."""

    ONCE = "ONCE"
    YEAR = "YEAR"
    FINANCIAL_YEAR = "FINANCIAL_YEAR"
    ACADEMIC_YEAR = "ACADEMIC_YEAR"
    TERM = "TERM"
    MONTH = "MONTH"
    WEEK = "WEEK"


class Where(StrEnum):
    IN_LEWISHAM = "IN_LEWISHAM"
    OUTSIDE_LEWISHAM = "OUTSIDE_LEWISHAM"
    IN_LONDON = "IN_LONDON"


class GroupKind(StrEnum):
    ALL = "ALL"
    ANY = "ANY"
    NONE = "NONE"


class Overlap(StrEnum):
    """How another entitlement gets in the way: while it runs, or for good once it was had."""

    NOT_AS_WELL_AS = "NOT_AS_WELL_AS"
    INSTEAD_OF = "INSTEAD_OF"


class Governs(StrEnum):
    """Which day chooses the rate."""

    ASKED = "ASKED"
    DECIDED = "DECIDED"
    SPENT = "SPENT"


@dataclass(frozen=True, slots=True)
class Age:
    """Whole years: `from_age` counts, `until_age` does not (18 to 25 ends on the 25th birthday)."""

    from_age: int | None = None
    until_age: int | None = None


@dataclass(frozen=True, slots=True)
class Status:
    """Holds one of these legal statuses on the day."""

    any_of: tuple[CareLeaverStatus, ...]


@dataclass(frozen=True, slots=True)
class Circumstance:
    """The circumstance with this key is true of them."""

    key: str


@dataclass(frozen=True, slots=True)
class Lives:
    """Where their home is."""

    where: Where


@dataclass(frozen=True, slots=True)
class Turned:
    """They turn `age` on or after `from_on` and before `until_on`: a window for the date of birth."""

    age: int
    from_on: date | None = None
    until_on: date | None = None


@dataclass(frozen=True, slots=True)
class TriedFirst:
    """Other money was asked for first. `label` reads after "asked for": "a grant from your college"."""

    what: str
    label: str

    @property
    def key(self) -> str:
        """The circumstance that holds the answer."""
        return f"tried.{self.what}"


@dataclass(frozen=True, slots=True)
class OwnQuestion:
    """Something the list of circumstances does not have: the editor of the rule wrote its question and all its words.

    `yes` and `no` say the answer back ("You look after a dog"); `readback` finishes "Anyone who...". Two rules that
    ask the same question share the answer. Never about what is guarded: see `rule_blocks.OwnQuestionBlock`.
    """

    what: str
    question: str
    yes: str
    no: str
    readback: str

    @property
    def key(self) -> str:
        """The circumstance that holds the answer."""
        return f"own.{self.what}"


@dataclass(frozen=True, slots=True)
class Children:
    """At least this many children live with them."""

    at_least: int = 1


@dataclass(frozen=True, slots=True)
class NotWith:
    """Not together with another entitlement. `title` is what a reader knows it by."""

    code: str
    overlap: Overlap = Overlap.NOT_AS_WELL_AS
    title: str = ""


@dataclass(frozen=True, slots=True)
class Times:
    """Had fewer than `at_most` times in the period the day falls in. An empty code is this entitlement."""

    at_most: int
    per: Per = Per.ONCE
    code: str = ""


@dataclass(frozen=True, slots=True)
class Weeks:
    """Had for fewer than `at_most` weeks in all. An empty code is this entitlement."""

    at_most: int
    code: str = ""


@dataclass(frozen=True, slots=True)
class Group:
    """Conditions together: all of them, any of them, or none of them. An empty group tests nothing."""

    kind: GroupKind
    of: tuple["Condition", ...] = ()


Told = Circumstance | TriedFirst | OwnQuestion  # settled by one yes or no, kept under its `key`
Single = Age | Status | Told | Lives | Turned | Children | NotWith | Times | Weeks
Condition = Single | Group

ALWAYS = Group(GroupKind.ALL)


@dataclass(frozen=True, slots=True)
class ApproverBand:
    """Above this many pence, somebody else decides."""

    above_pence: int
    approver: str


@dataclass(frozen=True, slots=True)
class Rate:
    """An amount, from a day until a day (both counted), for those who meet `when`.

    `pence` is for one child when `per_child`, and for one `per` (a week, a term). `at_most_weeks` ends a
    weekly one. `attendance_percent`: paid for a term when they went to at least this share of it.
    `inside`: comes out of that other entitlement's allowance, and is not on top of it.
    """

    pence: int
    per: str = "ONCE"
    starts_on: date | None = None
    ends_on: date | None = None
    governs: Governs = Governs.ASKED
    when: Group = ALWAYS
    per_child: bool = False
    at_most_weeks: int | None = None
    attendance_percent: int | None = None
    inside: str = ""
    approver: str = ""
    above: tuple[ApproverBand, ...] = ()

    def covers(self, on: date) -> bool:
        return (self.starts_on or date.min) <= on <= (self.ends_on or date.max)

    def approver_for(self, pence: int) -> str:
        """The lowest level that may decide this sum, or "" when the rate does not say."""
        passed = [band for band in self.above if pence > band.above_pence]
        return max(passed, key=lambda band: band.above_pence).approver if passed else self.approver


@dataclass(frozen=True, slots=True)
class Rule:
    """Who one entitlement is for. `starts_on` and `ends_on` are its first and last day in force."""

    code: str
    when: Group = ALWAYS
    state: State = State.IN_FORCE
    starts_on: date | None = None
    ends_on: date | None = None
    rates: tuple[Rate, ...] = ()

    def __hash__(self) -> int:
        return hash((self.code, self.state, self.starts_on, len(self.when.of)))
