"""The demo's one command: made once however often it is started, stopped without a trace, kept from real people."""

import contextlib
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.checks import PRODUCTION
from tests.servers import free_port

ROOT = Path(__file__).parent.parent.parent
CLEAN = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
FIRST_TIME, ANSWERS, STOPS = 900, 120, 10  # seconds; the first two only keep a broken demo from hanging
PAGES = (
    "/", "/handbook/", "/check/", "/demo/", "/drop-ins/", "/search/?q=bed", "/offer/", "/services/",
)  # fmt: skip
pytestmark = pytest.mark.alone


def demo(data_dir: Path) -> dict[str, str]:
    """The environment of a demo that lives in this folder."""
    return {**CLEAN, "DEMO": "1", "DATA_DIR": str(data_dir), "DJANGO_SETTINGS_MODULE": "portal.settings"}


def prepare(data_dir: Path) -> str:
    """Set the demo up in a folder, and give back what was said."""
    done = subprocess.run(
        [sys.executable, "manage.py", "run_demo", "--prepare-only"],
        cwd=ROOT, env=demo(data_dir), capture_output=True, text=True, timeout=FIRST_TIME,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout


def rows(data_dir: Path) -> dict[str, int]:
    """How many rows each table of the demo holds."""
    with contextlib.closing(sqlite3.connect(data_dir / "portal.sqlite3")) as database:
        tables = [name for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        return {name: database.execute(f'SELECT count(*) FROM "{name}"').fetchone()[0] for name in tables}  # noqa: S608


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A demo that was set up once. Tests that change it take a copy; the whole suite brings the tables."""
    folder = tmp_path_factory.mktemp("demo")
    if "TEMPLATE_FILE" in os.environ:
        shutil.copyfile(os.environ["TEMPLATE_FILE"], folder / "portal.sqlite3")
    assert "[1/4]" in prepare(folder)
    return folder


@pytest.fixture
def own(prepared: Path, tmp_path: Path) -> Path:
    """A copy of the prepared demo for one test."""
    return Path(shutil.copytree(prepared, tmp_path / "demo"))


def test_a_second_start_has_nothing_to_do(own: Path) -> None:
    prepare(own)  # the code may have been edited since the first one, which does some steps again
    before = rows(own)

    said = prepare(own)

    assert said == ""
    assert rows(own) == before
    assert before["people_youngperson"] > 600
    assert before["wagtailcore_workflowstate"] == 1  # a page that waits for its second reader


def test_every_step_done_again_leaves_no_row_twice(own: Path) -> None:
    before = rows(own)
    shutil.rmtree(own / "demo-steps")

    said = prepare(own)

    assert "[4/4]" in said
    assert rows(own) == before


@contextlib.contextmanager
def served(data_dir: Path, port: int) -> Iterator[subprocess.Popen[bytes]]:
    """The demo as somebody starts it in a terminal: in a process group of its own."""
    words = [sys.executable, "manage.py", "run_demo", "--port", str(port)]
    started = subprocess.Popen(words, cwd=ROOT, env=demo(data_dir), start_new_session=True)
    try:
        yield started
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(started.pid, signal.SIGKILL)
        started.wait()


def answers(port: int, address: str = "/healthz") -> int | None:
    """The status of a page, or None while nobody listens."""
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}{address}", timeout=30) as page:
            return int(page.status)
    except OSError:
        return None


def group(number: int) -> list[str]:
    """The processes of a group that are still there."""
    listed = subprocess.run(["ps", "-eo", "pgid=,stat=,args="], capture_output=True, text=True, check=True)
    lines = [line.split(None, 2) for line in listed.stdout.splitlines()]
    return [line[-1] for line in lines if line[0] == str(number) and not line[1].startswith("Z")]


def wait_for(true: object, *, within: float) -> bool:
    """Whether it became true in so many seconds."""
    until = time.monotonic() + within
    while time.monotonic() < until:
        if true():  # type: ignore[operator]
            return True
        time.sleep(0.1)
    return False


def test_it_answers_and_ctrl_c_leaves_no_process(own: Path) -> None:
    port = free_port()
    with served(own, port) as started:
        assert wait_for(lambda: answers(port) == 200, within=ANSWERS)
        assert {address: answers(port, address) for address in PAGES} == dict.fromkeys(PAGES, 200)
        assert wait_for(lambda: any("celery" in line for line in group(started.pid)), within=ANSWERS)

        os.killpg(started.pid, signal.SIGINT)  # what Ctrl-C does: everybody in the group hears it

        assert wait_for(lambda: started.poll() is not None, within=STOPS), group(started.pid)
        assert started.returncode == 0
        assert group(started.pid) == []
        assert answers(port) is None


def test_the_demo_that_stops_in_the_middle_of_starting_leaves_no_process(own: Path) -> None:
    with served(own, free_port()) as started:
        assert wait_for(lambda: len(group(started.pid)) >= 3, within=ANSWERS)

        os.killpg(started.pid, signal.SIGINT)

        assert wait_for(lambda: started.poll() is not None, within=STOPS), group(started.pid)
        assert group(started.pid) == []


def test_its_people_are_refused_when_the_demo_is_off(own: Path) -> None:
    said = check_without_the_demo(own)

    assert said.returncode != 0
    assert "portal.E003" in said.stderr


def test_a_database_without_its_people_is_accepted(own: Path) -> None:
    with contextlib.closing(sqlite3.connect(own / "portal.sqlite3")) as database, database:
        database.execute("UPDATE people_youngperson SET in_the_demo = 0")

    assert "portal.E003" not in check_without_the_demo(own).stderr


def check_without_the_demo(data_dir: Path) -> subprocess.CompletedProcess[str]:
    """`check --database default` with the settings of production, but for the database: this folder's."""
    code = """
import os, sys
import portal.settings as settings
settings.DATABASES["default"] = {"ENGINE": "django.db.backends.sqlite3", "NAME": sys.argv[1]}
from django.core.management import execute_from_command_line
execute_from_command_line(["manage.py", "check", "--database", "default"])
"""
    environment = {
        **CLEAN,
        **PRODUCTION,
        "DATA_DIR": str(data_dir),
        "DJANGO_SETTINGS_MODULE": "portal.settings",
    }
    words = [sys.executable, "-c", code, str(data_dir / "portal.sqlite3")]
    return subprocess.run(words, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=120)
