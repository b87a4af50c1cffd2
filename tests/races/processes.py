"""Real processes for races and crashes, each with its own connections to the test's own database.

A process that imports the whole portal costs three seconds of processor. So one is started for all races of a run; it
imports everything, opens no connection, and for each race becomes as many as are wanted just before they begin.
"""

import atexit
import importlib
import json
import multiprocessing
import os
import select
import signal
import subprocess
import sys
import tempfile
from contextlib import ExitStack, suppress
from pathlib import Path
from threading import Barrier, BrokenBarrierError
from typing import Any

from tests.races.portal_server import database_url_of_this_test, environment

ROOT = Path(__file__).parents[2]
FULL_SIZE = os.environ.get("PROOF") == "1"


class EverybodyHere:
    """Where those in a race wait for one another: a twin without its guard loses for certain, not by luck."""

    processes: Barrier

    @classmethod
    def wait(cls, barrier: Barrier | None = None, *, seconds: float = 20) -> None:
        """Go on when every process, or everybody of this barrier, has come; alone, when the others have ended."""
        with suppress(BrokenBarrierError):
            (barrier or cls.processes).wait(seconds)


def race(
    module: str, jobs: list[dict[str, Any]], *, folder: Path, seconds: int = 240
) -> list[dict[str, Any]]:
    """Let one process a job begin at the same moment, and give back what each one's `run(job)` says at its end.

    They keep their files in `folder`. Whoever ends without an answer fails the test, with its last words.
    """
    return Starter.of_this_database().race(module, jobs, folder=folder, seconds=seconds)


class Starter:
    """The process that imported the portal, and becomes everybody in a race."""

    by_database: dict[str, "Starter"] = {}

    @classmethod
    def of_this_database(cls) -> "Starter":
        """The one that stands already, or a new one."""
        database = database_url_of_this_test()
        if database not in cls.by_database:
            cls.by_database[database] = cls(database)
        return cls.by_database[database]

    def __init__(self, database: str) -> None:
        from django.conf import settings

        self.database = database
        self.away = tempfile.TemporaryDirectory(prefix="races-")
        self.files = (
            Path(self.away.name) / "of-this-race"
        )  # a link, to the folder of whichever test races now
        self.files.symlink_to(self.away.name, target_is_directory=True)
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.races.processes"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
            cwd=ROOT, start_new_session=True,
            env=environment(PORTAL_TEST_DATA=str(self.files), CLOCK_OFFSET_FILE=settings.CLOCK_OFFSET_FILE),
        )  # fmt: skip
        atexit.register(self.end)

    def race(self, module: str, jobs: list[dict[str, Any]], *, folder: Path, seconds: int) -> Any:
        """What everybody said; fails, and takes them all down, when that takes longer than so many seconds."""
        assert self.process.stdin
        assert self.process.stdout
        self.files.unlink()
        self.files.symlink_to(folder, target_is_directory=True)
        print(json.dumps([module, jobs]), file=self.process.stdin, flush=True)
        answered, _, _ = select.select([self.process.stdout], [], [], seconds)
        said = self.process.stdout.readline() if answered else ""
        if not said.strip():
            self.end()
            raise AssertionError(
                "A process of the race died." if answered else f"The race took more than {seconds} s."
            )
        return json.loads(said)

    def end(self) -> None:
        """Everybody goes; the next race has a new one."""
        self.by_database.pop(self.database, None)
        atexit.unregister(self.end)
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.communicate()
        self.away.cleanup()


def _become_many(module: str, jobs: list[dict[str, Any]]) -> list[Any]:
    """Fork one child a job; each says it is there, waits for the others, runs, and writes its answer down a pipe."""
    run = importlib.import_module(module).run
    # The module that was imported by name, not this one: it runs as __main__.
    here = importlib.import_module("tests.races.processes").EverybodyHere
    here.processes = multiprocessing.get_context("fork").Barrier(len(jobs))
    gate, open_gate = os.pipe()  # nothing is ever written: it opens when its last writing end is closed
    with ExitStack() as stack:
        answers = []
        for job in jobs:
            read, write = os.pipe()
            if not os.fork():
                os.close(open_gate)
                os.write(write, b"\n")
                os.read(gate, 1)
                with open(write, "w") as answer:
                    json.dump(run(job), answer)
                sys.exit()
            os.close(write)
            answers.append(stack.enter_context(open(read)))
        for answer in answers:
            assert answer.readline() == "\n"
        os.close(open_gate)
        return [json.load(answer) for answer in answers]


def _start_races() -> None:
    """For each line, a race: a child becomes everybody in it and writes one line of answers, empty if one died."""
    import django
    from django.urls import get_resolver

    django.setup()
    _ = get_resolver().url_patterns  # most of the portal is imported by its addresses
    for line in sys.stdin:
        if not (child := os.fork()):
            print(json.dumps(_become_many(*json.loads(line))), flush=True)
            os._exit(0)
        if os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]):
            print(flush=True)


if __name__ == "__main__":
    _start_races()
