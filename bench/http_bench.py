"""What a page costs in processor time, beside the least that could answer: bare WSGI, a bare Django view, a template.

Everything is asked in this process, through the same WSGI door gunicorn uses, on a demo of its own.
"""

import io
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from bench.row import Row, timed_together

ROOT = Path(__file__).parent.parent
PAGES = {
    "home": "/",
    "a handbook page": "/handbook/setting-up-home-allowance/",
    "a section of the offer": "/offer/money/",
    "search": "/search/?q=bed",
}
SIGNED_IN = {"young person, today": ("maya", "/me/"), "adviser, queue": ("sam", "/desk/")}
REPEATS, NUMBER = 9, 5


def rows() -> list[Row]:
    """One row a page: processor milliseconds a request, and the ratio to a template of 20 KB drawn by Django."""
    folder = tempfile.mkdtemp(prefix="portal-bench-")
    os.environ |= {"DEMO": "1", "DATA_DIR": folder, "DJANGO_SETTINGS_MODULE": "portal.settings"}
    subprocess.run(
        [sys.executable, "manage.py", "run_demo", "--prepare-only"], cwd=ROOT, check=True, stdout=sys.stderr
    )

    from django.core.wsgi import get_wsgi_application

    application = get_wsgi_application()
    plain = {"bare WSGI": _asker(_bare_wsgi, "/"), **_bare_django(application)}
    ours = {name: _asker(application, path) for name, path in PAGES.items()}
    ours |= {
        name: _asker(application, path, cookie=_sign_in(application, who))
        for name, (who, path) in SIGNED_IN.items()
    }
    timings = timed_together({**plain, **ours}, repeats=REPEATS, number=NUMBER)
    beside = timings["a 20 KB template"]
    answers = []
    for name in (*plain, *ours):
        took = timings[name]
        answers.append(
            Row(
                what=name,
                ours_ms=took.middle_ms,
                limit_name="a 20 KB template drawn by Django",
                ratio=took.middle_ms / beside.middle_ms,
                low_ms=took.low_ms,
                high_ms=took.high_ms,
            )
        )
    return answers


def _bare_wsgi(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [b"hello"]


def _bare_django(application: Callable[..., Any]) -> dict[str, Callable[[], object]]:
    """A view that says hello, and one that draws a 20 KB table, without any middleware."""
    from django.http import HttpResponse
    from django.template import engines
    from django.test import RequestFactory

    template = engines["django"].from_string(
        "{% for row in rows %}<tr><th>{{ row.name }}</th><td>{{ row.words }}</td></tr>{% endfor %}"
    )
    table = {
        "rows": [{"name": f"Row {n}", "words": "Some words that stand in a cell of it"} for n in range(270)]
    }
    request = RequestFactory().get("/")
    return {
        "a bare Django view": lambda: HttpResponse("hello").serialize(),
        "a 20 KB template": lambda: HttpResponse(template.render(table, request)).serialize(),
    }


def _asker(application: Callable[..., Any], path: str, cookie: str = "") -> Callable[[], object]:
    """Something that asks for a page the way a server would, and reads the whole answer."""
    address, _, query = path.partition("?")

    def ask() -> bytes:
        said: list[str] = []
        environ = {
            "REQUEST_METHOD": "GET", "PATH_INFO": address, "QUERY_STRING": query, "SERVER_NAME": "127.0.0.1",
            "SERVER_PORT": "80", "SERVER_PROTOCOL": "HTTP/1.1", "HTTP_HOST": "127.0.0.1", "HTTP_COOKIE": cookie,
            "REMOTE_ADDR": "127.0.0.1", "wsgi.input": io.BytesIO(), "wsgi.errors": sys.stderr,
            "wsgi.version": (1, 0), "wsgi.url_scheme": "http", "wsgi.multithread": True,
            "wsgi.multiprocess": False, "wsgi.run_once": False,
        }  # fmt: skip
        answer = application(environ, lambda status, headers, info=None: said.append(status))
        body = b"".join(answer)
        if not said[0].startswith("200"):
            raise RuntimeError(f"{path} answered {said[0]}, so its time means nothing.")
        return body

    return ask


def _sign_in(application: Callable[..., Any], who: str) -> str:
    """The session cookie of one of the demo's people, through the demo's own door."""
    from django.conf import settings
    from django.test import Client

    client = Client()
    client.post(f"/demo/be/{who}/")
    return f"{settings.SESSION_COOKIE_NAME}={client.cookies[settings.SESSION_COOKIE_NAME].value}"
