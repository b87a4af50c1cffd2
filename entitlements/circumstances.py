"""What may be true of somebody's life, how we ask it, and what one answer says about the others.

The list is data: `data/circumstances.toml`. Read once, it never changes while the service runs.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from entitlements.facts import CareLeaverStatus

CARE_STATUS = "care_status"
BORN_ON = "born_on"
CHILDREN = "children"


@dataclass(frozen=True, slots=True)
class CircumstanceWords:
    """One circumstance in every form of words it is used in.

    `question` to a young person; `told_yes` and `told_no` start a reason ("You are moving..."); `needs` says
    what would have to be true; `readback` and `readback_not` finish "Anyone who..." for an editor.
    `implies` and `excludes` are other keys that are true, or not true, whenever this one is true; `opposite`
    is true exactly when this one is not. `by_status` says what a legal status settles. `before_turning` is an
    age: true in the `within_days` before that birthday, so nobody is asked when the birthday is known.
    `quiet`: about immigration, custody or a crisis. Asked last, and never shown in a list about people.
    """

    key: str
    label: str
    question: str
    told_yes: str
    told_no: str
    needs: str
    readback: str
    readback_not: str
    stale_after_days: int
    quiet: bool = False
    implies: tuple[str, ...] = ()
    excludes: tuple[str, ...] = ()
    opposite: str = ""
    by_status: tuple[tuple[CareLeaverStatus, bool], ...] = ()
    before_turning: int = 0
    within_days: int = 0


class Catalogue:
    """Every circumstance by key, in the order of the file, and what each answer settles."""

    def __init__(self, entries: Mapping[str, CircumstanceWords]) -> None:
        self.entries = entries
        self._steps = _first_steps(entries)
        self._settled = {answer: self._follow(answer) for answer in self._steps}
        self.by_status = {status: self._held_by(status) for status in CareLeaverStatus}

    def __getitem__(self, key: str) -> CircumstanceWords:
        return self.entries[key]

    def __contains__(self, key: str) -> bool:
        return key in self.entries

    def settled_by(self, key: str, value: bool) -> Mapping[str, bool]:
        """The other circumstances that are settled once this one has this value."""
        return self._settled.get((key, value), {})

    def is_quiet(self, key: str) -> bool:
        return key in self.entries and self.entries[key].quiet

    def _follow(self, start: tuple[str, bool]) -> dict[str, bool]:
        found = {start}
        waiting = [start]
        while waiting:
            for step in self._steps.get(waiting.pop(), ()):
                if step not in found:
                    found.add(step)
                    waiting.append(step)
        settled = dict(found - {start})
        if len(settled) != len(found) - 1 or start[0] in settled:
            raise ValueError(f"{start[0]} would be both true and not true.")
        return settled

    def _held_by(self, status: CareLeaverStatus) -> Mapping[str, bool]:
        held: dict[str, bool] = {}
        for key, words in self.entries.items():
            value = dict(words.by_status).get(status)
            if value is not None:
                held |= {key: value, **self.settled_by(key, value)}
        return held


def _first_steps(entries: Mapping[str, CircumstanceWords]) -> dict[tuple[str, bool], set[tuple[str, bool]]]:
    """What follows in one step, each way round: if A means B, then not B means not A."""
    steps: dict[tuple[str, bool], set[tuple[str, bool]]] = {}

    def follows(first: tuple[str, bool], then: tuple[str, bool]) -> None:
        steps.setdefault(first, set()).add(then)
        steps.setdefault((then[0], not then[1]), set()).add((first[0], not first[1]))

    for key, words in entries.items():
        for other in words.implies:
            follows((key, True), (other, True))
        for other in words.excludes:
            follows((key, True), (other, False))
        if words.opposite:
            follows((key, True), (words.opposite, False))
            follows((key, False), (words.opposite, True))
    return steps


def _entry(table: dict[str, Any]) -> CircumstanceWords:
    by_status = tuple((CareLeaverStatus(name), value) for name, value in table.pop("by_status", {}).items())
    for name in ("implies", "excludes"):
        table[name] = tuple(table.get(name, ()))
    return CircumstanceWords(**table, by_status=by_status)


@cache
def catalogue() -> Catalogue:
    """The circumstances this service knows."""
    text = (Path(__file__).parent / "data" / "circumstances.toml").read_text(encoding="utf-8")
    entries = [_entry(table) for table in tomllib.loads(text)["circumstance"]]
    return Catalogue({entry.key: entry for entry in entries})
