"""Deciding: many rules made ready once, then asked about one person on one day.

Every distinct condition of all the rules gets one bit. For a person we fill in two whole numbers, the conditions
that hold and those that do not; a condition in neither is unknown. "All of these" is then three comparisons, and
because 60 rules share most of their conditions, each is weighed once. The quick answer and the full explanation
read the same two numbers, so they cannot disagree.

The logic is Kleene's: a "no" settles "all of", a "yes" settles "any of", and what is unknown stays unknown only
while it can still matter.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property, lru_cache
from operator import itemgetter
from typing import Any, NamedTuple

from entitlements.circumstances import BORN_ON, CARE_STATUS, Catalogue, catalogue
from entitlements.definition import (
    Age,
    Circumstance,
    Condition,
    Group,
    GroupKind,
    Lives,
    Rate,
    Rule,
    State,
    Status,
    TriedFirst,
    Turned,
    Where,
    Times,
    Weeks,
)
from entitlements.facts import Answer, CareLeaverStatus, Facts, Source, StatusPeriod, age_on, birthday_on
from entitlements.weighing import Before, InForce, Leaf, Weighed, turning_points, weigh

NO, NEED_TO_KNOW, YES = Answer.NO, Answer.NEED_TO_KNOW, Answer.YES
