"""The portal itself, as real processes on the test's database, and a crowd that presses at the same
moment."""

import http.client
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import urlencode

from django.conf import settings
from django.db import connection
from django.test import Client

from tests.servers import free_port

ROOT = Path(__file__).parent.parent.parent
CSRF = "a" * 32


def database_url_of_this_test() -> str:
    """Where the processes of this test find its database."""
    values = connection.settings_dict
    if connection.vendor == "sqlite":
        return f"sqlite:///{values['NAME']}"
    password = f":{values['PASSWORD']}" if values["PASSWORD"] else ""
    return f"postgres://{values['USER']}{password}@{values['HOST']}:{values['PORT']}/{values['NAME']}"


def environment(**more: str) -> dict[str, str]:
    """What a process of the portal needs to be part of this test: its database, and its clock."""
    return {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "tests.settings",
        "DATABASE_URL": database_url_of_this_test(),
        "PYTHONWARNINGS": "ignore",
        **more,
    }


class Portal:
    """Gunicorn with several processes of several threads, ended by whoever began it."""

    def __init__(self, *, workers: int, threads: int, door: str = "portal.wsgi", **environ: str) -> None:
        self.port = free_port()
        self.errors = Path(settings.DATA_DIR) / f"portal-{self.port}.log"
        self.log = self.errors.open("wb")
        words = ["--bind", f"127.0.0.1:{self.port}", "--workers", str(workers), "--threads", str(threads)]
        self.process = subprocess.Popen(
            [sys.executable, "-m", "gunicorn", door, "--preload", *words, "--log-level", "warning"],
            cwd=ROOT, env=environment(**environ), stderr=self.log, stdout=subprocess.DEVNULL,
        )  # fmt: skip

    def __enter__(self) -> "Portal":
        deadline = time.monotonic() + 120  # a hang guard
        while time.monotonic() < deadline and self.process.poll() is None:
            try:
                if self.get("/healthz")[0] == 200:
                    return self
            except OSError:
                time.sleep(0.1)
        self.__exit__()
        raise RuntimeError(f"The portal did not start: {self.errors.read_text()[-2000:]}")

    def __exit__(self, *failure: object) -> None:
        self.process.terminate()
        try:
            self.process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.log.close()

    def get(self, path: str, cookie: str = "") -> tuple[int, str]:
        """Status and text of one page."""
        return self._ask("GET", path, {"Cookie": cookie})

    def post(self, path: str, cookie: str, **answers: str) -> tuple[int, str]:
        """Send one form, as the person whose sign-in the cookie holds."""
        body = urlencode({**answers, "csrfmiddlewaretoken": CSRF})
        headers = {
            "Cookie": f"{cookie}; {settings.CSRF_COOKIE_NAME}={CSRF}",
            "Content-Type": "application/x-www-form-urlencoded",
        }
        return self._ask("POST", path, headers, body)

    def _ask(self, method: str, path: str, headers: dict[str, str], body: str = "") -> tuple[int, str]:
        line = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        try:
            line.request(method, path, body or None, headers)
            answer = line.getresponse()
            return answer.status, answer.read().decode()
        finally:
            line.close()


def sign_in(users: Iterable) -> list[str]:
    """A cookie for each account."""
    cookies = []
    for user in users:
        client = Client()
        client.force_login(user)
        cookies.append(f"{settings.SESSION_COOKIE_NAME}={client.cookies[settings.SESSION_COOKIE_NAME].value}")
    return cookies


def at_once(number: int, do, arguments: list) -> list:
    """Do the same with each argument, `number` of them at the same moment."""
    barrier = threading.Barrier(min(number, len(arguments)))
    together = threading.local()

    def one(argument):
        if not getattr(together, "came", False):
            together.came = True
            barrier.wait(timeout=60)
        return do(argument)

    with ThreadPoolExecutor(max_workers=number) as crowd:
        return list(crowd.map(one, arguments))
