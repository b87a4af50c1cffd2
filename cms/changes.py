"""What changed on the site besides its news, for the feed. Rooms above say what they publish."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class Change:
    """One thing that changed: its title, what to say of it in a line, where it stands, and when."""

    title: str
    one_line: str
    address: str
    at: datetime


_sources: dict[str, Callable[[int], Iterable[Change]]] = {}


def register(name: str, latest: Callable[[int], Iterable[Change]]) -> None:
    """Say who knows changes of one kind. `latest(count)` gives so many at most, the newest first."""
    _sources[name] = latest


def latest(count: int) -> list[Change]:
    """The newest changes of every kind together."""
    found = [change for source in _sources.values() for change in source(count)]
    return sorted(found, key=lambda change: change.at, reverse=True)[:count]
