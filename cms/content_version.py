"""One number that grows when anything published changes, and values each process holds until it does.

Every web process asks the database for the number once a request (one small query) and rebuilds what it holds
when the number moved. So a change made by one process reaches all of them with their next request.
"""

from collections.abc import Callable
from contextvars import ContextVar
from threading import RLock
from typing import Any, TypeVar

from django.db import connection
from django.db.models import F, Subquery
from django.http import HttpRequest

from cms import phones
from cms.models import ContentVersion

Value = TypeVar("Value")
NUMBER = f"SELECT number FROM {ContentVersion._meta.db_table} WHERE id = 1"  # noqa: S608 - our own table's name
_held: dict[str, tuple[int, object, Any]] = {}
_building = RLock()
_built_for: ContextVar[int | None] = ContextVar(
    "built_for", default=None
)  # while something held is being built


def current(request: HttpRequest | None = None) -> int:
    """The number now. Asked once for each request that is given, and once for all that is built together."""
    known: int | None = getattr(request, "content_version", None) if request is not None else _built_for.get()
    if known is None:
        with (
            connection.cursor() as cursor
        ):  # asked so often that building the statement would cost more than it
            cursor.execute(NUMBER)
            known = (cursor.fetchone() or (0,))[0]
        if request is not None:
            request.content_version = known  # type: ignore[attr-defined]
    return known


def as_a_column() -> Subquery:
    """The number as one more column of a query that is made anyway; hand what it found to `note`."""
    return Subquery(ContentVersion.objects.filter(pk=1).values("number"))


def note(request: HttpRequest, number: int | None) -> None:
    """The number is known for this request, so nobody asks for it again."""
    request.content_version = number or 0  # type: ignore[attr-defined]


def changed() -> None:
    """Something readers see has changed: every process builds again what it holds."""
    if not ContentVersion.objects.filter(pk=1).update(number=F("number") + 1):
        ContentVersion.objects.get_or_create(pk=1, defaults={"number": 1})


def held(
    key: str, build: Callable[[], Value], *, request: HttpRequest | None = None, also: object = None
) -> Value:
    """`build()`, kept in this process until the content changes (or `also`, such as the day, does).

    One thread builds at a time; the others wait for it, so that a change costs one build and not a crowd of them.
    What is newer than the request stays: a slow reader never puts old words back.
    """
    number = current(request)
    kept = _held.get(key)
    if kept is None or kept[0] < number or kept[1] != also:
        with _building:
            kept = _held.get(key)
            if kept is None or kept[0] < number or kept[1] != also:
                before = _built_for.set(number)
                try:
                    kept = _held[key] = (number, also, build())
                finally:
                    _built_for.reset(before)
    return kept[2]  # type: ignore[no-any-return]


def forget() -> None:
    """Drop everything held, the help block's numbers too. For tests and commands that change content underneath."""
    _held.clear()
    phones.correct([])
