"""The whole portal as it runs for real: gunicorn, a Celery worker with its beat, Redis, PostgreSQL, and a browser.

The demo's people are loaded into one PostgreSQL database, once; each portal starts from a copy of it.
"""

import math
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, BinaryIO

import psycopg
import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect
from redis import Redis as CacheServer

from entitlements.pdf import DRAWING
from tests.browser.conftest import FLAGS, chromium
from tests.library import HANDBOOK_AND_OFFER, database_loaded_by, made_once
from tests.servers import Redis, free_port

ROOT = Path(__file__).parent.parent.parent
PHONE = {"width": 360, "height": 740}
LAPTOP = {"width": 1280, "height": 900}
PATIENCE = 90  # seconds until something counts as hung
expect.set_options(timeout=30_000)


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, object]) -> dict[str, object]:
    if not chromium() and not os.environ.get("CI"):
        pytest.skip("Chromium is not on this machine (Debian: apt-get install chromium)")
    return {
        **browser_type_launch_args,
        "executable_path": chromium(),
        "chromium_sandbox": False,
        "args": FLAGS,
    }


class Portal:
    """A running portal. `moment()` is what its clock says; `set_clock` moves it for every process at once."""

    def __init__(self, url: str, folder: Path, database: str, redis: Redis) -> None:
        self.port = free_port()
        self.address = f"http://127.0.0.1:{self.port}"
        self.database_url = f"{url.rsplit('/', 1)[0]}/{database}"
        self.clock_file = folder / "clock-offset"
        self.folder = folder
        self.environment = {
            **{name: value for name, value in os.environ.items() if name not in {"TESTING", "DATA_DIR"}},
            "DEMO": "1",
            "DJANGO_SETTINGS_MODULE": "portal.settings",
            "DATA_DIR": str(folder),
            "DATABASE_URL": self.database_url,
            "REDIS_URL": redis.url,
            "BASE_URL": self.address,
            "CLOCK_OFFSET_FILE": str(self.clock_file),
        }
        self.log: BinaryIO | None = None
        self.processes: list[subprocess.Popen[bytes]] = []

    def start(self, *, with_worker: bool = True) -> "Portal":
        self.log = (self.folder / "log").open("wb")
        web = [
            "gunicorn",
            "portal.wsgi",
            "--preload",
            "--bind",
            f"127.0.0.1:{self.port}",
            "--workers",
            "2",
            "--threads",
            "2",
        ]
        worker = ["celery", "-A", "portal", "worker", "--beat", "--concurrency", "2", "--loglevel", "WARNING"]
        schedule = ["--schedule", str(self.folder / "beat")]
        for words in (web, [*worker, *schedule]) if with_worker else (web,):
            process = subprocess.Popen(
                [sys.executable, "-m", *words],
                cwd=ROOT,
                env=self.environment,
                stdout=self.log,
                stderr=self.log,
                start_new_session=True,
            )
            self.processes.append(process)
        wait_until(self._answers, "the portal answers")
        return self

    def stop(self) -> None:
        """Everything at once, children too: how it stops well is tested elsewhere."""
        for process in self.processes:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        if self.log is not None:
            self.log.close()

    def moment(self) -> datetime:
        offset = int(self.clock_file.read_text()) if self.clock_file.exists() else 0
        return datetime.now(UTC) + timedelta(seconds=offset)

    def set_clock(self, moment: datetime) -> None:
        self.clock_file.write_text(str(math.ceil((moment - datetime.now(UTC)).total_seconds())))

    def rows(self, query: str, *values: object) -> list[tuple[object, ...]]:
        """Asks the portal's own database."""
        with psycopg.connect(self.database_url) as connection:
            return connection.execute(query, values).fetchall()

    def _answers(self) -> bool:
        with suppress(OSError, socket.timeout):
            return urllib.request.urlopen(self.address + "/healthz", timeout=5).status == 200  # noqa: S310
        return False


def wait_until(holds: Callable[[], object], what: str, patience: float = PATIENCE) -> None:
    """Waits for something another process does; the patience is a guard against hanging, not a promise of speed."""
    until = time.monotonic() + patience
    while not holds():
        if time.monotonic() > until:
            raise AssertionError(f"Waited {patience:.0f} s, and still not: {what}.")
        time.sleep(0.25)


@pytest.fixture(scope="session")
def database_with_demo(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The name of a database that holds the handbook, the offer and the demo's people; made by whoever comes first."""
    return made_once(
        "portal_with_demo",
        start=database_loaded_by(HANDBOOK_AND_OFFER),
        commands=("load_demo",),
        environ={
            "DEMO": "1",
            "TESTING": "",
            "DJANGO_SETTINGS_MODULE": "portal.settings",
            "DATA_DIR": str(tmp_path_factory.mktemp("loading")),
        },
    )


@contextmanager
def _a_portal(loaded: str, folder: Path, *, with_worker: bool, draws: bool = False) -> Iterator[Portal]:
    url, name = os.environ["DATABASE_URL"], f"portal_{os.getpid()}_{time.monotonic_ns()}"
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}" TEMPLATE "{loaded}"')
    redis = Redis().start()
    if (
        not draws
    ):  # somebody draws the printed handbook already: seconds of work each day and after each change
        CacheServer.from_url(redis.url).set(f":1:{DRAWING}", 1)
    running = Portal(url, folder, name, redis)
    try:
        yield running.start(with_worker=with_worker)
    finally:
        running.stop()
        redis.stop()
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


@pytest.fixture
def portal(database_with_demo: str, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Portal]:
    """A portal of its own for this test, with all its processes; the handbook is printed for a test marked `prints`."""
    draws = request.node.get_closest_marker("prints") is not None
    with _a_portal(database_with_demo, tmp_path, with_worker=True, draws=draws) as running:
        yield running


@pytest.fixture(scope="session")
def standing_portal(database_with_demo: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Portal]:
    """One portal for all the tests that read, and change only what nobody else looks at; no worker runs."""
    with _a_portal(database_with_demo, tmp_path_factory.mktemp("standing"), with_worker=False) as running:
        yield running


@pytest.fixture
def sign_in(portal: Portal, browser: Browser) -> Iterator[Callable[..., Page]]:
    """`sign_in("maya")` on a phone; `sign_in("sam", LAPTOP)` on a laptop. Each has a browser of their own."""
    contexts: list[BrowserContext] = []

    def be(key: str, screen: dict[str, int] = PHONE) -> Page:
        return sign_in_as(key, opened(browser, portal, contexts, viewport=screen))

    yield be
    for context in contexts:
        context.close()


@pytest.fixture
def visit(standing_portal: Portal, browser: Browser) -> Iterator[Callable[..., Page]]:
    """`visit()` is a stranger with an empty browser at the standing portal, `visit("maya")` somebody signed in."""
    contexts: list[BrowserContext] = []

    def come(key: str = "", screen: dict[str, int] = PHONE, **more: Any) -> Page:
        page = opened(browser, standing_portal, contexts, viewport=screen, **more)
        return sign_in_as(key, page) if key else page

    yield come
    for context in contexts:
        context.close()


def opened(browser: Browser, portal: Portal, contexts: list[BrowserContext], **more: Any) -> Page:
    """A page of a new, empty browser; its context is added to those to be closed."""
    context = browser.new_context(base_url=portal.address, **more)
    contexts.append(context)
    page = context.new_page()
    page.set_default_timeout(30_000)
    return page


def sign_in_as(key: str, page: Page) -> Page:
    """One click on the demo's page; the same page, signed in."""
    page.goto("/demo/")
    page.locator(f'form[action="/demo/be/{key}/"] button').click()
    page.wait_for_url(lambda address: "/demo/" not in address)
    return page
