"""One line of `./run bench`: what was measured, beside what, and how far it may go."""

import statistics
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Row:
    """A measurement in milliseconds of processor time, its ratio to what stands beside it, and its queries.

    `limit` is the largest ratio allowed, or the smallest when `at_least`; `most_ms`, `most_queries` and `most_more_mb`
    are limits of their own. No limit: shown, not judged. `due` names the part of the portal that a limit waits for:
    until that part is finished a missed limit is told and does not fail the command.
    """

    what: str
    ours_ms: float | None = None
    limit_name: str = ""
    ratio: float | None = None
    limit: float | None = None
    low_ms: float = 0.0
    high_ms: float = 0.0
    note: str = ""
    at_least: bool = False
    most_ms: float | None = None
    queries: int | None = None
    most_queries: int | None = None
    more_mb: float | None = None
    most_more_mb: float | None = None
    due: str = ""

    @property
    def holds(self) -> bool | None:
        """Whether every limit was kept; None when there is no limit, or nothing was measured."""
        limits = (
            (self.ratio, self.limit, self.at_least),
            (self.ours_ms, self.most_ms, False),
            (self.queries, self.most_queries, False),
            (self.more_mb, self.most_more_mb, False),
        )
        kept = [
            value >= limit if at_least else value <= limit
            for value, limit, at_least in limits
            if value is not None and limit is not None
        ]
        return all(kept) if kept else None

    @property
    def ok(self) -> bool:
        """False fails the command: a limit was passed that does not wait for anything."""
        return bool(self.due) or self.holds is not False

    @property
    def verdict(self) -> str:
        if self.due:
            return f"kept, not judged yet: {self.due}" if self.holds else f"not yet: {self.due}"
        return {None: "", True: "ok", False: "PAST ITS LIMIT"}[self.holds]


@dataclass(frozen=True)
class Timing:
    """Several runs of the same thing, in milliseconds of processor time each."""

    runs: tuple[float, ...]

    @property
    def middle_ms(self) -> float:
        return statistics.median(self.runs)

    @property
    def low_ms(self) -> float:
        return min(self.runs)

    @property
    def high_ms(self) -> float:
        return max(self.runs)

    def beside(self, other: "Timing") -> float:
        """How many times as long as the other: the middle of the ratios, round by round."""
        return statistics.median(ours / theirs for ours, theirs in zip(self.runs, other.runs, strict=True))


def measured(what: str, took: Timing, **more: Any) -> Row:
    """A row of what was timed."""
    return Row(what, took.middle_ms, low_ms=took.low_ms, high_ms=took.high_ms, **more)


def timed(work: Callable[[], object], *, repeats: int = 7, number: int = 1) -> Timing:
    """Processor time of one call: `repeats` measurements of `number` calls each, after one to warm up."""
    work()
    return Timing(tuple(_once(work, number) for _repeat in range(repeats)))


def timed_together(
    works: dict[str, Callable[[], object]], *, repeats: int = 9, number: int = 1
) -> dict[str, Timing]:
    """Several things measured in turns, so that a busy moment of the machine falls on all of them alike."""
    for work in works.values():
        work()
    runs: dict[str, list[float]] = {name: [] for name in works}
    for _repeat in range(repeats):
        for name, work in works.items():
            runs[name].append(_once(work, number))
    return {name: Timing(tuple(each)) for name, each in runs.items()}


def timed_each(works: Iterable[Callable[[], object]]) -> Timing:
    """Things that can be done once only (one request is sent once), each measured, the first as warming up."""
    first, *rest = works
    first()
    return Timing(tuple(_once(work, 1) for work in rest))


def _once(work: Callable[[], object], number: int) -> float:
    started = time.process_time_ns()
    for _call in range(number):
        work()
    return (time.process_time_ns() - started) / number / 1e6


HEADINGS = (
    "what",
    "ours ms",
    "min to max",
    "ratio",
    "allowed",
    "queries",
    "allowed",
    "verdict",
    "beside; note",
)


def table(rows: Iterable[Row]) -> None:
    """Print the rows, one a line, as a table that can also be pasted into a page of documentation."""
    lines = [HEADINGS, *(_cells(row) for row in rows)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(HEADINGS))]
    for number, line in enumerate(lines):
        print("| " + " | ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)) + " |")
        if number == 0:
            print("|" + "|".join("-" * (width + 2) for width in widths) + "|")


def _cells(row: Row) -> tuple[str, ...]:
    took = "" if row.ours_ms is None else f"{row.ours_ms:.4g}"
    spread = f"{row.low_ms:.4g} to {row.high_ms:.4g}" if row.high_ms else ""
    ratio = "" if row.ratio is None else f"{row.ratio:.3g} x"
    allowed = (
        [f"{'at least' if row.at_least else 'at most'} {row.limit:g} x"] if row.limit is not None else []
    )
    allowed += [f"at most {row.most_ms:g} ms"] if row.most_ms is not None else []
    queries = "" if row.queries is None else str(row.queries)
    most = "" if row.most_queries is None else f"at most {row.most_queries}"
    memory = "" if row.more_mb is None else f"{row.more_mb:.0f} MB more memory, at most {row.most_more_mb:g}"
    rest = "; ".join(part for part in (row.limit_name, row.note, memory) if part)
    return (row.what, took, spread, ratio, ", ".join(allowed), queries, most, row.verdict, rest)
