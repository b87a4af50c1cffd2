"""One line of `./run bench`: what was measured, beside what, and how far it may go."""

import statistics
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Row:
    """A measurement in milliseconds of processor time, and its ratio to what stands beside it.

    `limit` is the largest ratio allowed, or the smallest when `at_least`; None: shown, not judged.
    """

    what: str
    ours_ms: float
    limit_name: str = ""
    ratio: float | None = None
    limit: float | None = None
    low_ms: float = 0.0
    high_ms: float = 0.0
    note: str = ""
    at_least: bool = False

    @property
    def ok(self) -> bool:
        if self.limit is None or self.ratio is None:
            return True
        return self.ratio >= self.limit if self.at_least else self.ratio <= self.limit


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


def _once(work: Callable[[], object], number: int) -> float:
    started = time.process_time_ns()
    for _call in range(number):
        work()
    return (time.process_time_ns() - started) / number / 1e6


def table(rows: Iterable[Row]) -> None:
    """Print the rows, one a line; a row past its limit says so."""
    print(f"{'what':<54} {'ours ms':>11} {'ratio':>9} {'limit':>10}  min to max ms; beside; note")
    for row in rows:
        ratio = "" if row.ratio is None else f"{row.ratio:.2f} x"
        sign = "at least " if row.at_least else ""
        limit = "" if row.limit is None else f"{sign}{row.limit:g} x"
        spread = f"{row.low_ms:.4g} to {row.high_ms:.4g}"
        mark = "" if row.ok else "  PAST ITS LIMIT"
        rest = "; ".join(part for part in (spread, row.limit_name, row.note) if part)
        print(f"{row.what:<54} {row.ours_ms:>11.4f} {ratio:>9} {limit:>10}  {rest}{mark}")
