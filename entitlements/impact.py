"""What a changed rule or amount would do, before it is published: how many people gain, lose or stay.

Pure: people are handed over as facts, one by one, and only counts come out. The rooms above say where the people and
the open requests come from, once, when the service starts (`register`).
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date

from entitlements.rules import Answer, Facts, Rule, rulebook

FEWEST_SHOWN = 5
"""A count under this could point to one person."""


@dataclass(frozen=True)
class Impact:
    """How many people the new rule treats better, worse, or the same. Better: a no that is no longer one, or a yes."""

    gain: int
    lose: int
    unchanged: int


@dataclass(frozen=True)
class OpenRequests:
    """Requests still open for one entitlement, and the pence set aside and not yet paid."""

    count: int
    committed_pence: int


@dataclass
class Sources:
    """Who can tell us about people and requests; nobody, until the portal says so."""

    people: Callable[[date], Iterable[Facts]] | None = None
    open_requests: Callable[[str], OpenRequests] | None = None


sources = Sources()


def register(
    *, people: Callable[[date], Iterable[Facts]], open_requests: Callable[[str], OpenRequests] | None = None
) -> None:
    """Say where the facts of all young people on a day come from, and the open requests of a code."""
    sources.people, sources.open_requests = people, open_requests


def compare(before: Rule | None, after: Rule, people: Iterable[Facts], on: date) -> Impact:
    """Count how each person's answer would move. Nothing published before: everybody had a no."""
    both = rulebook((after,) if before is None else (before, after))
    gain = lose = unchanged = 0
    for facts in people:
        *was, will = both.answers(facts, on)
        moved = will - (was[0] if was else Answer.NO)
        if moved > 0:
            gain += 1
        elif moved < 0:
            lose += 1
        else:
            unchanged += 1
    return Impact(gain, lose, unchanged)


def say_counts(impact: Impact, *, same_rule: bool = False) -> dict[str, str]:
    """The counts an editor may see, in words that find nobody.

    Who writes a rule that fits one person they know, and asks what it would change, must not learn whether something
    is true of that person. So few and nobody read the same, and everything else is rounded. Only when the rule itself
    stays as it is, and nobody gains or loses for that reason, is it said plainly.
    """
    if same_rule:
        return {"gain": "0", "lose": "0", "unchanged": str(impact.unchanged)}
    return {name: _about(getattr(impact, name)) for name in ("gain", "lose", "unchanged")}


def _about(count: int) -> str:
    if count < FEWEST_SHOWN:
        return f"nobody, or fewer than {FEWEST_SHOWN}"
    return f"about {FEWEST_SHOWN * round(count / FEWEST_SHOWN)}"


def say_count(count: int) -> str:
    """A count, or "fewer than 5"."""
    return f"fewer than {FEWEST_SHOWN}" if 0 < count < FEWEST_SHOWN else str(count)


def say_requests(count: int, *, quiet: bool) -> str:
    """How many requests wait: to the last one, for it says nothing of anybody; hidden when small for what is quiet."""
    return say_count(count) if quiet else str(count)
