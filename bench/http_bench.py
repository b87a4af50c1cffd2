"""What a page costs in processor time, beside the least that could answer: bare WSGI, a bare Django view, a template.

Everything is asked in this process, through the same WSGI door gunicorn uses, on a demo of its own.
"""

import io
import sys
from collections.abc import Callable, Iterable
from typing import Any

from bench import demo
from bench.row import Row, measured, timed_together

TEMPLATE = "a 20 KB template"
# Why a limit is not judged yet. A row without one is judged: it fails the command.
# What is measured, its address, and how many queries it may ask.
PUBLIC = (
    ("home", "/", 5),
    ("a handbook page", "/handbook/setting-up-home-allowance/", 5),
    ("the handbook", "/handbook/", 5),
    ("a section of the offer", "/offer/money/", 5),
    ("the list of services", "/services/", 5),
    ("one service", "/services/leaving-care-duty/", 5),
    ("search", "/search/?q=bed", 4),
)
HELD = (  # without the door each page is drawn anew; behind it a second reader is given what is held
    ("home", "/", False),
    ("home, packed small for a phone", "/", True),
    ("the handbook, packed small for a phone", "/handbook/", True),
    ("a section of the offer, packed small for a phone", "/offer/money/", True),
)
SIGNED_IN = (
    ("a young person's first page", "maya", "/me/", None, ""),
    ("what a young person can get", "maya", "/me/entitlements/", 6, ""),
    ("an adviser's first page", "sam", "/desk/", None, ""),
)
DRAWN = 2.0  # a public page that is drawn anew, beside the template
BY_TIME = {"a bare Django view": 1.18, "bare WSGI": 2.0}  # a page that is held: 0.85 and half their speed
REPEATS, NUMBER = 9, 5
QUICK = 400  # times that what takes microseconds is asked in one measurement


def rows() -> list[Row]:
    """Each page drawn anew, with its queries; then as a second reader finds it, beside answers nobody draws."""
    demo.ready()

    from django.core.wsgi import get_wsgi_application

    application = get_wsgi_application()
    plain = {"bare WSGI": asker(_bare_wsgi, "/"), **bare_django()}
    packed = "home, packed small for a phone"
    pages = {what: asker(application, path) for what, path, _most in PUBLIC}
    pages[packed] = asker(application, "/", packed=True)
    for what, who, path, _most, _due in SIGNED_IN:
        pages[what] = asker(application, path, cookie=sign_in(_account(who)))
    queries = {what: demo.count(ask) for what, ask in pages.items()}
    took = timed_together({**plain, **pages}, repeats=REPEATS, number=NUMBER)

    def row(what: str, **more: Any) -> Row:
        beside = {"ratio": took[what].beside(took[TEMPLATE]), "limit_name": TEMPLATE}
        return measured(what, took[what], **{**beside, "queries": queries.get(what), **more})

    return [
        *(row(name) for name in plain),
        *(row(what, limit=DRAWN, most_queries=most, note="drawn anew") for what, _path, most in PUBLIC),
        row(packed, note="drawn anew"),
        *(row(what, most_queries=most, due=due) for what, _who, _path, most, due in SIGNED_IN),
        *held(plain),
        *grown(application, plain),
    ]


def grown(application: Callable[..., Any], plain: dict[str, Callable[[], object]]) -> list[Row]:
    """Search on a site of 1,000 pages: as the next reader finds it, and the queries of the first one after a change."""
    from cms import content_version

    what, first = "search among 1,000 pages", "the first search after a change, 1,000 pages"
    grow_to(1_000)
    ask = asker(application, "/search/?q=bed")
    content_version.changed()
    with demo.counting() as at_first:
        ask()
    took = timed_together({TEMPLATE: plain[TEMPLATE], what: ask}, repeats=REPEATS, number=NUMBER)
    beside = {"ratio": took[what].beside(took[TEMPLATE]), "limit_name": TEMPLATE}
    return [
        measured(what, took[what], **beside, queries=demo.count(ask), most_queries=4),
        Row(
            what=first, queries=len(at_first), most_queries=35, note="the index is built anew, once a process"
        ),
    ]


def grow_to(number: int) -> None:
    """So many published pages, the new ones each with words of its own."""
    from django.db import transaction
    from wagtail.models import Page

    from cms.models import HelpIndexPage, HelpPage

    index = HelpIndexPage.objects.get(locale__language_code="en")
    with transaction.atomic():
        for each in range(number - Page.objects.live().count()):
            words = f"More help {each}"
            index.add_child(
                instance=HelpPage(title=words, slug=f"more-{each}", one_line=f"{words}, in one line.")
            )


def held(plain: dict[str, Callable[[], object]]) -> list[Row]:
    """Pages as a second reader finds them, through the whole door that gunicorn knocks at."""
    from portal.wsgi import application as door

    pages = {f"{what}, held": asker(door, path, packed=packed) for what, path, packed in HELD}
    for ask in pages.values():
        ask()
    queries = {what: demo.count(ask) for what, ask in pages.items()}
    took = timed_together({**{name: plain[name] for name in BY_TIME}, **pages}, repeats=REPEATS, number=QUICK)
    return [
        measured(
            what, took[what], ratio=took[what].beside(took[beside]), limit=limit, limit_name=beside,
            queries=queries[what], most_queries=0,
        )
        for what in pages
        for beside, limit in BY_TIME.items()
    ]  # fmt: skip


def _bare_wsgi(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [b"hello"]


def bare_django() -> dict[str, Callable[[], object]]:
    """Two views of a Django site without any middleware, through Django's own door."""
    from django.core.handlers.wsgi import WSGIHandler
    from django.test import override_settings

    class Bare(WSGIHandler):
        def resolve_request(self, request: Any) -> Any:
            request.urlconf = "bench.bare_urls"
            return super().resolve_request(request)

    with override_settings(MIDDLEWARE=[]):
        bare = Bare()
    return {"a bare Django view": asker(bare, "/hello/"), TEMPLATE: asker(bare, "/table/")}


def asker(
    application: Callable[..., Any], path: str, *, cookie: str = "", packed: bool = False
) -> Callable[[], object]:
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
            **({"HTTP_ACCEPT_ENCODING": "gzip, deflate, br"} if packed else {}),
        }  # fmt: skip
        answer = application(environ, lambda status, headers, info=None: said.append(status))
        body = b"".join(answer)
        getattr(answer, "close", bool)()  # as a server does: the request has ended
        if not said[0].startswith("200"):
            raise RuntimeError(f"{path} answered {said[0]}, so its time means nothing.")
        return body

    return ask


def sign_in(user: Any) -> str:
    """The session cookie of one of the demo's people."""
    from django.conf import settings
    from django.test import Client

    client = Client()
    client.force_login(user)
    return f"{settings.SESSION_COOKIE_NAME}={client.cookies[settings.SESSION_COOKIE_NAME].value}"


def _account(username: str) -> Any:
    from portal.accounts.models import User

    return User.objects.get(username=username)
