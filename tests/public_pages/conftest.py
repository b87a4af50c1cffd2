"""The handbook and the local offer, loaded once for this folder, behind the door that gunicorn knocks at."""

import io
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from django.core.cache import cache
from django.core.signals import request_finished, request_started
from django.db import close_old_connections

from portal.public_pages import Door, PublicPages
from portal.wsgi import django
from tests.library import HANDBOOK_AND_OFFER, loaded


@pytest.fixture(scope="package")
def _loaded_once(django_db_setup, django_db_blocker) -> Iterator[None]:
    with loaded(HANDBOOK_AND_OFFER, django_db_blocker):
        yield


@pytest.fixture
def library(_loaded_once, db) -> None:
    """Everything an editor starts with."""
    cache.clear()


@dataclass
class Answer:
    """What the door said."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode()


Ask = Callable[..., Answer]


@pytest.fixture
def pages() -> PublicPages:
    """What one process holds. It asks the database at every request whether anything was published."""
    return PublicPages(ask_every=-1)


@pytest.fixture
def ask(library, pages) -> Iterator[Ask]:
    """Asks the door for a page the way a server does."""
    door = Door(django, pages)
    # As Django's own test client does: the edges of a request would end the test's transaction.
    for edge in (request_started, request_finished):
        edge.disconnect(close_old_connections)

    def asked(path: str, **headers: str) -> Answer:
        address, _, query = path.partition("?")
        said: list[Any] = []
        environ = {
            "REQUEST_METHOD": "GET", "PATH_INFO": address, "QUERY_STRING": query, "SERVER_NAME": "127.0.0.1",
            "SERVER_PORT": "80", "SERVER_PROTOCOL": "HTTP/1.1", "HTTP_HOST": "127.0.0.1", "REMOTE_ADDR": "127.0.0.1",
            "wsgi.input": io.BytesIO(), "wsgi.errors": sys.stderr, "wsgi.version": (1, 0), "wsgi.url_scheme": "http",
            "wsgi.multithread": True, "wsgi.multiprocess": False, "wsgi.run_once": False,
            **{f"HTTP_{name.upper()}": value for name, value in headers.items()},
        }  # fmt: skip
        answer = door(environ, lambda status, sent, info=None: said.extend([status, sent]))
        body = b"".join(answer)
        getattr(answer, "close", bool)()
        return Answer(int(said[0].split()[0]), dict(said[1]), body)

    yield asked
    for edge in (request_started, request_finished):
        edge.connect(close_old_connections)
