"""A real Chromium for the tests that need one, and a server on 127.0.0.1 with every header in force."""

import os
import shutil
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page
from pytest_django.live_server_helper import LiveServer

# Playwright's own loop runs in this thread; the tests touch the database between steps, never inside one.
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")

BROWSERS = (
    "chromium-headless-shell",  # the same Chromium without its windows: half the work
    "chromium",
    "chromium-browser",
    "google-chrome",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
)
FLAGS = [
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}
SEEN = {  # what another width, or the dark, can change
    "runOnly": {"type": "rule", "values": ["color-contrast", "target-size", "scrollable-region-focusable"]}
}


SCRIPT_RUNS = "() => document.documentElement.classList.contains('js')"  # a moment after the first paint


def chromium() -> str:
    """Where Chromium is: `CHROMIUM_PATH`, else the first that is installed; empty when there is none."""
    return os.environ.get("CHROMIUM_PATH") or next(filter(None, map(shutil.which, BROWSERS)), "")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Without Chromium these tests are skipped with the reason; in CI they fail instead."""
    missing = pytest.mark.skip(reason="Chromium is not on this machine (Debian: apt-get install chromium)")
    for item in items:
        if "tests/browser/" in str(item.path):
            item.add_marker(pytest.mark.browser)
            if not chromium() and not os.environ.get("CI"):
                item.add_marker(missing)


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    return {
        **browser_type_launch_args,
        "executable_path": chromium() or "chromium is not installed",
        "chromium_sandbox": False,
        "args": FLAGS,
    }


@pytest.fixture(scope="session")
def bare_server() -> Iterator[str]:
    """The address of a server for pages that need no database: none may be asked, and none has to be emptied."""
    server = LiveServer("127.0.0.1")
    yield server.url
    server.stop()


@pytest.fixture
def open_browser(browser: Browser) -> Iterator[Callable[..., Page]]:
    """`open_browser(width=…, height=…, scripts=…, dark=…)` gives a page of a new, empty browser."""
    contexts: list[BrowserContext] = []

    def opened(
        width: int = 360, height: int = 740, *, scripts: bool = True, dark: bool = False, **more: Any
    ) -> Page:
        context = browser.new_context(
            viewport={"width": width, "height": height},
            java_script_enabled=scripts,
            color_scheme="dark" if dark else "light",
            **{
                "service_workers": "block",
                "reduced_motion": "reduce",  # all of a page is there from the start
                **more,
            },  # pages kept for times without signal have a test of their own
        )
        contexts.append(context)
        return context.new_page()

    yield opened
    for context in contexts:
        context.close()


@pytest.fixture
def axe_finds() -> Callable[..., list[str]]:
    """What axe says against a page: one line a fault, nothing for a clean one."""

    def finds(page: Page, rules: dict[str, Any] = RULES) -> list[str]:
        if not page.evaluate("'axe' in window"):
            page.evaluate(Axe().axe_script)
        answer = page.evaluate("rules => axe.run(rules)", {**rules, "resultTypes": ["violations"]})
        return [
            f"{fault['id']}: {fault['help']} at {' | '.join(node['target'][0] for node in fault['nodes'][:4])}"
            for fault in answer["violations"]
        ]

    return finds
