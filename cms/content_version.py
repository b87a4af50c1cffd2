"""One number that grows when anything published changes, and values each process holds until it does.

Every web process asks the database for the number once a request (one small query) and rebuilds what it holds
when the number moved. So a change made by one process reaches all of them with their next request.
"""

from collections.abc import Callable
from threading import RLock
from typing import Any, TypeVar

from django.db.models import F, Subquery
from django.http import HttpRequest

from cms.models import ContentVersion

Value = TypeVar("Value")
_held: dict[str, tuple[object, Any]] = {}
_building = RLock()


def current(request: HttpRequest | None = None) -> int:
    """The number now. Asked once for each request when the request is given."""
    known: int | None = getattr(request, "content_version", None)
    if known is None:
        known = ContentVersion.objects.filter(pk=1).values_list("number", flat=True).first() or 0
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
    """
    wanted = (current(request), also)
    kept = _held.get(key)
    if kept is not None and kept[0] == wanted:
        return kept[1]  # type: ignore[no-any-return]
    with _building:
        kept = _held.get(key)
        if kept is None or kept[0] != wanted:
            kept = (wanted, build())
            _held[key] = kept
    return kept[1]  # type: ignore[no-any-return]


def forget() -> None:
    """Drop everything held. For tests and commands that change content underneath."""
    _held.clear()
