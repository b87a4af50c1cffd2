"""Real processes for races and crashes, each with its own connections to the test's own database."""

import json
import os
import subprocess
import sys
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from django.db import connection

ROOT = Path(__file__).parents[2]
FULL_SIZE = os.environ.get("PROOF") == "1"


def race(
    module: str, jobs: list[dict[str, Any]], *, folder: Path, seconds: int = 240
) -> list[dict[str, Any]]:
    """Start one process a job, let all go at the same moment, and give back what each one says at its end.

    `module` reads one JSON line (its job), prints `ready`, waits for a second line, and prints one JSON line.
    """
    with ExitStack() as stack:
        processes = []
        for job in jobs:
            process = subprocess.Popen(
                [sys.executable, "-m", module],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
                cwd=ROOT,
                env=environment(folder),
            )
            stack.enter_context(process)
            stack.callback(process.kill)
            processes.append(process)
            process.stdin.write(json.dumps(job) + "\n")
            process.stdin.flush()
        for process in processes:
            assert process.stdout.readline().strip() == "ready"
        for process in processes:
            process.stdin.write("go\n")
            process.stdin.flush()
        return [json.loads(process.communicate(timeout=seconds)[0]) for process in processes]


def environment(folder: Path) -> dict[str, str]:
    """What a child needs to meet this test's database, and to keep its files in this test's folder."""
    settings = connection.settings_dict
    url = f"postgres://{settings['USER']}@{settings['HOST']}:{settings['PORT']}/{settings['NAME']}"
    return {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "tests.settings",
        "DATABASE_URL": url,
        "PORTAL_TEST_DATA": str(folder),
    }


def told(**words: Any) -> None:
    """Say what happened, as the last line of a child."""
    print(json.dumps(words), flush=True)


def begin() -> dict[str, Any]:
    """In a child: read the job, set Django up, and wait for the others."""
    import django

    job: dict[str, Any] = json.loads(sys.stdin.readline())
    django.setup()
    print("ready", flush=True)
    sys.stdin.readline()
    return job
