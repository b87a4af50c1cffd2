"""Who can have what: the public face of the rules. Pure: facts and a day in, an answer with its reasons out.

    rule = rule_from_record(record)      # or from_data(json), or built from conditions
    outcome = evaluate(rule, facts, on)  # .answer .reasons .questions .from_on .until_on .next_change .amount
    book = rulebook(rules)               # many rules at once: book.answers(...), book.outcomes(...)

A rule is a first screen and not a legal decision: anyone may ask, whatever it says.
"""

from collections.abc import Iterable
from datetime import date

from entitlements.definition import (
    ALWAYS,
    Age,
    ApproverBand,
    Children,
    Circumstance,
    Condition,
    Governs,
    Group,
    GroupKind,
    Lives,
    NotWith,
    Overlap,
    OwnQuestion,
    Per,
    Rate,
    Rule,
    State,
    Status,
    Times,
    TriedFirst,
    Turned,
    Weeks,
    Where,
)
from entitlements.facts import (
    Answer,
    Award,
    CareLeaverStatus,
    Facts,
    Known,
    Source,
    StatusPeriod,
    age_on,
    birthday_on,
    born_between_for_age,
    with_expected_status,
)
from entitlements.outcome import Amount, Outcome, Span
from entitlements.plain_data import (
    condition_from_data,
    condition_to_data,
    from_data,
    rule_from_record,
    to_data,
)
from entitlements.rulebook import Rulebook, rulebook
from entitlements.weighing import Reason

__all__ = [
    "ALWAYS",
    "Age",
    "Amount",
    "Answer",
    "ApproverBand",
    "Award",
    "CareLeaverStatus",
    "Children",
    "Circumstance",
    "Condition",
    "Facts",
    "Governs",
    "Group",
    "GroupKind",
    "Known",
    "Lives",
    "NotWith",
    "Outcome",
    "Overlap",
    "OwnQuestion",
    "Per",
    "Rate",
    "Reason",
    "Rule",
    "Rulebook",
    "Source",
    "Span",
    "State",
    "Status",
    "StatusPeriod",
    "Times",
    "TriedFirst",
    "Turned",
    "Weeks",
    "Where",
    "age_on",
    "answers",
    "birthday_on",
    "born_between_for_age",
    "condition_from_data",
    "condition_to_data",
    "evaluate",
    "from_data",
    "rule_from_record",
    "rulebook",
    "to_data",
    "with_expected_status",
]


def evaluate(rule: Rule, facts: Facts, on: date, *, status: CareLeaverStatus | None = None) -> Outcome:
    """What one rule says about one person on a day, with a reason for each condition.

    `status` stands in for the recorded legal status (an adviser asking "what if").
    """
    return rulebook((rule,)).outcomes(facts, on, status=status)[0]


def answers(
    rules: Iterable[Rule], facts: Facts, on: date, *, status: CareLeaverStatus | None = None
) -> list[Answer]:
    """Only the answers, in the order of the rules. For many people, make a `Rulebook` once and ask that."""
    return rulebook(rules).answers(facts, on, status=status)
