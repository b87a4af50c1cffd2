"""The demo that the pages are measured on: made once for all modules of a run, in a folder that goes afterwards.

`BENCH_DEMO=folder ./run bench` starts from a copy of a demo that was prepared before (its DATA_DIR).
"""

import atexit
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent
NOT_A_QUESTION = ("BEGIN", "SAVEPOINT", "RELEASE SAVEPOINT", "ROLLBACK")


def folder() -> Path:
    """A prepared demo's DATA_DIR, named in `BENCH_FOLDER` for the modules that come after."""
    if "BENCH_FOLDER" not in os.environ:
        made = tempfile.mkdtemp(prefix="portal-bench-")
        atexit.register(shutil.rmtree, made, ignore_errors=True)
        if os.environ.get("BENCH_DEMO"):
            shutil.copytree(os.environ["BENCH_DEMO"], made, dirs_exist_ok=True)
        words = [sys.executable, "manage.py", "run_demo", "--prepare-only"]
        subprocess.run(words, cwd=ROOT, check=True, stdout=sys.stderr, env={**os.environ, **_settings(made)})
        os.environ["BENCH_FOLDER"] = made
    return Path(os.environ["BENCH_FOLDER"])


def ready() -> None:
    """Start Django on the prepared demo, in this process."""
    start(str(folder()))


def start(data_dir: str) -> None:
    """Start Django on the data in a folder."""
    os.environ |= _settings(data_dir)

    import django

    django.setup()


def _settings(data_dir: str) -> dict[str, str]:
    return {"DEMO": "1", "DATA_DIR": data_dir, "DJANGO_SETTINGS_MODULE": "portal.settings"}


@dataclass
class Asked:
    """The statements that went to the database; beginning and ending a transaction are not counted."""

    statements: list[str] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.statements)


@contextmanager
def counting() -> Iterator[Asked]:
    """Count what the work inside asks of the database."""
    from django.db import connection

    asked = Asked()

    def note(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if not sql.startswith(NOT_A_QUESTION):
            asked.statements.append(sql)
        return execute(sql, params, many, context)

    with connection.execute_wrapper(note):
        yield asked


def count(work: Callable[[], object]) -> int:
    """How many statements the second time needs: the first fills what a process remembers."""
    work()
    with counting() as asked:
        work()
    return len(asked)
