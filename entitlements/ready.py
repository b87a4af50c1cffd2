"""Reasons made before anybody asks: what each condition will say, for every answer and every source.

A condition comes to the same few reasons for everybody, so they are made once with the rules. Explaining an answer is
then picking them.
"""

from collections.abc import Callable
from operator import itemgetter
from typing import NamedTuple

from entitlements.facts import Source
from entitlements.layout import Place, mask_of
from entitlements.weighing import NEED_TO_KNOW, NO, YES, Reason, Weighed

ANY_CODES = {YES: "ONE_OF_THESE", NO: "NONE_OF_THESE", NEED_TO_KNOW: "ONE_OF_THESE_UNKNOWN"}
ALL_CODES = {YES: "ALL_OF_THESE", NO: "NOT_ALL_OF_THESE", NEED_TO_KNOW: "ALL_OF_THESE_UNKNOWN"}
GAP = Reason("NOT_KNOWN", NEED_TO_KNOW)


class Told(NamedTuple):
    """A circumstance, with its reasons made beforehand for every answer and source."""

    at: int
    bit: int
    key: str
    negated: bool
    if_true: dict[Source, Reason]
    if_false: dict[Source, Reason]
    unknown: Reason
    stale: Reason


class Block(NamedTuple):
    """All age conditions for one age, or all status conditions for one status, weighed once.

    `follows`: what the status says about circumstances, as bits (see `Rulebook._said`).
    """

    yes: int
    no: int
    follows: int
    reasons: list[tuple[int, Reason]]


def pick_of(root: tuple[int, ...]) -> Callable[[list[Reason]], tuple[Reason, ...]]:
    """Takes a rule's own reasons out of everybody's."""
    if len(root) > 1:
        return itemgetter(*root)
    return lambda reasons: tuple([reasons[at] for at in root])


def reason_of(place: Place, weighed: Weighed) -> Reason:
    """What one condition came to, turned round when it stands among those that must not hold."""
    answer, code, source, key = weighed
    if place.negated and answer is not NEED_TO_KNOW:
        answer = answer.opposite
        code = "RULED_OUT" if answer is NO else "NOT_RULED_OUT"
    return Reason(code, answer, place.leaf, place.negated, source, key)


def told_of(place: Place, key: str) -> Told:
    """Everything the circumstance behind a key can ever say in this place."""
    return Told(
        place.at,
        1 << place.at,
        key,
        place.negated,
        {source: reason_of(place, Weighed(YES, "IS_TRUE", source)) for source in Source},
        {source: reason_of(place, Weighed(NO, "IS_NOT_TRUE", source)) for source in Source},
        reason_of(place, Weighed(NEED_TO_KNOW, "NOT_KNOWN", key=key)),
        reason_of(place, Weighed(NEED_TO_KNOW, "OUT_OF_DATE", key=key)),
    )


def block_of(weighed: list[tuple[Place, Weighed]], follows: int) -> Block:
    """Conditions that were weighed together, as bits and as reasons."""
    reasons = [(place.at, reason_of(place, found)) for place, found in weighed]
    yes = mask_of(at for at, reason in reasons if reason.answer is YES)
    no = mask_of(at for at, reason in reasons if reason.answer is NO)
    return Block(yes, no, follows, reasons)
