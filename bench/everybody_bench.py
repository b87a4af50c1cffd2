"""Everybody against the whole handbook, as counted each night, and an editor's preview of one changed rule.

Each size has a process and a copy of the demo of its own (`bench.crowd`): memory is measured, and linear is judged by
what one person costs among 100,000 beside what one costs among 10,000. Those two are minutes apart and cannot be
measured in turns, so a busy machine is allowed for: what grew with the square would be ten times as dear.
"""

import json
import shutil
import subprocess
import sys
import tempfile
from typing import Any

from bench import demo
from bench.row import Row

BOROUGH, MANY, MOST = 660, 10_000, 100_000
AT_A_TIME = 5_000  # people for whom queries are allowed
LINEAR = 1.5


def rows() -> list[Row]:
    """One borough, then 10,000 people for the ratio, then 100,000."""
    said = {people: _measured(people) for people in (BOROUGH, MANY, MOST)}
    few, most = said[BOROUGH], said[MOST]
    count, preview = "read, answer and count {:,} people x 60", "preview of a changed rule for {:,} people"
    memory = {"more_mb": max(0.0, most["most_mb"] - few["most_mb"]), "most_more_mb": 200.0}
    return [
        _row(count.format(BOROUGH), few, "take-up", most_ms=500.0),
        _row(
            count.format(MOST), most, "take-up", beside=said[MANY], most_ms=20_000.0,
            note="queries for each 5,000 people", **memory,
        ),
        _row(preview.format(BOROUGH), few, "preview", most_ms=500.0),
        _row(
            preview.format(MOST), most, "preview", beside=said[MANY], most_ms=10_000.0,
            note="queries for each 5,000 people",
        ),
    ]  # fmt: skip


def _row(
    what: str, said: dict[str, Any], job: str, *, beside: dict[str, Any] | None = None, **more: Any
) -> Row:
    took = said["jobs"][job]
    if beside is not None:
        each = took["ms"] / said["people"]
        more["ratio"] = each / (beside["jobs"][job]["ms"] / beside["people"])
        more |= {"limit": LINEAR, "limit_name": f"one of {beside['people']:,}"}
    batches = max(1.0, said["people"] / AT_A_TIME)
    more |= {"low_ms": took["low_ms"], "high_ms": took["high_ms"]}
    return Row(what, took["ms"], queries=round(took["queries"] / batches), most_queries=10, **more)


def _measured(people: int) -> dict[str, Any]:
    """What `bench.crowd` says about so many people."""
    with tempfile.TemporaryDirectory(prefix="portal-bench-") as folder:
        shutil.copytree(demo.folder(), folder, dirs_exist_ok=True)
        words = [sys.executable, "-m", "bench.crowd", folder, str(people)]
        said = subprocess.run(words, cwd=demo.ROOT, check=True, stdout=subprocess.PIPE, text=True).stdout
    return dict(json.loads(said))
