"""A process that dies at one line of the code that is watched, again and again, each time one step further.

For whatever makes files: payments for finance, notes for the case record. Nothing is flushed, closed or rolled back by
the one who dies; the database finds out by itself that its client is gone.
"""

import os
import sys
import time
import traceback
from collections.abc import Callable
from functools import partial
from pathlib import Path
from types import FrameType
from typing import Any

ROOT = Path(__file__).parents[2]
KILLED = 77
MOST_LINES_A_STEP = 23


def kill_at_each_line(
    work: Callable[[int], object],
    *,
    watched: tuple[str, ...],
    step: int,
    prepare: Callable[[int], object],
    at_once: Callable[[], list[str]],
    after: Callable[[], list[str]],
    first: int = 0,
) -> dict[str, Any]:
    """For each line of the watched code in turn: prepare, kill the worker there, let it run again twice.

    `prepare` and `work` are given which round it is. `at_once` says what is wrong right after the death, `after` what
    is when others have been through. Stops when a worker comes through alive, or something is wrong. Gives back how
    often one was killed, and what was found wrong. `first`: how many steps nobody needs to be killed at again.
    """
    assert step <= MOST_LINES_A_STEP
    killed, wrong = 0, []
    while not wrong:
        prepare(killed)
        if _run_apart(partial(work, killed), watched=watched, die_at=(first + killed + 1) * step) != KILLED:
            break
        wrong += at_once()
        for _again in range(2):
            assert _run_apart(partial(work, killed), watched=watched, die_at=0) == 0
        wrong += after()
        killed += 1
    return {"killed": killed, "wrong": wrong}


def in_halves(watched: tuple[str, ...]) -> Callable[[Path, bytes], None]:
    """The guard off: straight under the final name, in two halves, with room to die between them at any step."""

    def write_in_halves(path: Path, content: bytes) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        with open(path, "wb", buffering=0) as file:
            file.write(content[: len(content) // 2])
            exec(compile("pass\n" * MOST_LINES_A_STEP, f"{watched[0]}/halves.py", "exec"))  # noqa: S102
            file.write(content[len(content) // 2 :])

    return write_in_halves


def _run_apart(work: Callable[[], object], *, watched: tuple[str, ...], die_at: int) -> int:
    """Work in a process of its own that ends without a word at its n-th line; 0 is never. Gives its exit code."""
    from django.db import connections

    others = _other_connections()
    connections.close_all()
    child = os.fork()
    if child:
        code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        while _other_connections() > others:  # the server is still finding out that its client is gone
            time.sleep(0.02)
        return code
    code = 1
    try:
        if die_at:
            sys.settrace(_Death(die_at, watched).watch)
        work()
        code = 0
    except BaseException:
        traceback.print_exc()
    finally:
        os._exit(code)


def _other_connections() -> int:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
        return int(cursor.fetchone()[0])


class _Death:
    """Counts lines of the watched code, and ends the process at one."""

    def __init__(self, at: int, watched: tuple[str, ...]) -> None:
        self.left = at
        self.watched = watched

    def watch(self, frame: FrameType, event: str, _argument: Any) -> Any:
        if not frame.f_code.co_filename.startswith(self.watched):
            return None
        if event == "line":
            self.left -= 1
            if not self.left:
                os._exit(KILLED)
        return self.watch
