"""Real processes for races and crashes, each with its own connections to the test's own database.

A process that imports the whole portal costs two seconds of processor. So one is started for a race; it imports
everything, and becomes as many as are wanted just before they begin.
"""

import importlib
import json
import multiprocessing
import os
import subprocess
import sys
from contextlib import ExitStack, suppress
from pathlib import Path
from threading import Barrier, BrokenBarrierError
from typing import Any

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

    Whoever ends without an answer fails the test, with its last words.
    """
    done = subprocess.run(
        [sys.executable, "-m", "tests.races.processes", module], input=json.dumps(jobs), stdout=subprocess.PIPE,
        text=True, cwd=ROOT, env=environment(folder), timeout=seconds, check=True,
    )  # fmt: skip
    return json.loads(done.stdout)


def environment(folder: Path) -> dict[str, str]:
    """What a child needs to meet this test's database, and to keep its files in this test's folder."""
    from django.conf import settings
    from django.db import connection

    there = connection.settings_dict
    url = f"postgres://{there['USER']}@{there['HOST']}:{there['PORT']}/{there['NAME']}"
    return {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "tests.settings",
        "DATABASE_URL": url,
        "PORTAL_TEST_DATA": str(folder),
        "CLOCK_OFFSET_FILE": settings.CLOCK_OFFSET_FILE,
    }


def _become_many(module: str, jobs: list[dict[str, Any]]) -> list[Any]:
    """Fork one child a job; each says it is there, waits for the others, runs, and writes its answer down a pipe."""
    import django

    django.setup()
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


if __name__ == "__main__":
    print(json.dumps(_become_many(sys.argv[1], json.load(sys.stdin))))
