"""Facts that live once and are quoted everywhere: `{phone:key}`, `{amount:code}`, `{link:code}`.

Words are stored with the token; the fact is put in when the page is drawn, and escaped. A package above registers
a loader that gives every code of its kind at once, so a page costs no more queries for quoting ten facts than one.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import date

from django.http import HttpRequest
from django.utils.html import conditional_escape, escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from cms.content_version import held


class Said(SafeString):
    """Safe HTML that is long: `again` is what stands for it after its first time on a page."""

    again: SafeString


Loader = Callable[[date], Mapping[str, str]]
TOKEN = re.compile(r"\{(phone|amount|link):([a-z0-9-]+)\}")
_TAG = re.compile(r"(<[^>]*>)")
_loaders: dict[str, Loader] = {}


def register(name: str, loader: Loader) -> None:
    """Say who knows the facts of one kind. `loader(on)` gives code -> words (escaped later) or safe HTML."""
    _loaders[name] = loader


def kinds() -> list[str]:
    """The kinds of facts that somebody knows."""
    return sorted(_loaders)


def facts(name: str, *, request: HttpRequest | None = None, on: date | None = None) -> Mapping[str, str]:
    """Every fact of one kind on a day (the day of the request, unless given)."""
    day = on or getattr(request, "today", None) or date.max
    loader = _loaders.get(name)
    key = f"tokens:{name}:{get_language()}"
    return held(key, lambda: loader(day), request=request, also=day) if loader else {}


def fill_text(words: str, *, request: HttpRequest | None = None) -> SafeString:
    """Plain words, escaped, with the facts put in."""
    return _fill(escape(words), request)


def fill_html(html: str, *, request: HttpRequest | None = None) -> SafeString:
    """HTML from our own editor with the facts put in; a token inside a tag is left alone."""
    parts = _TAG.split(html)
    return mark_safe("".join(part if part.startswith("<") else _fill(part, request) for part in parts))  # noqa: S308


def mark_told(request: HttpRequest, tokens: Iterable[str]) -> set[str]:
    """What this page has said already, with some more; long facts are then said short."""
    told: set[str] = getattr(request, "facts_told", set())
    told.update(tokens)
    request.facts_told = told  # type: ignore[attr-defined]
    return told


def tokens_in(words: str) -> list[tuple[str, str]]:
    """Each (kind, code) the words quote, for the reports."""
    return TOKEN.findall(words)


def _fill(escaped: str, request: HttpRequest | None) -> SafeString:
    def fact(found: re.Match[str]) -> str:
        kind, code = found.groups()
        value = facts(kind, request=request).get(code)
        if value is None:
            return escape(_stand_in(kind, code))
        if isinstance(value, Said) and request is not None:
            told = mark_told(request, ())
            if found.group() in told:
                return value.again
            told.add(found.group())
        return conditional_escape(value)

    return mark_safe(TOKEN.sub(fact, escaped))  # noqa: S308 - the words were escaped before, each fact is escaped here


def _stand_in(kind: str, code: str) -> str:
    if kind == "amount":
        return _("ask us how much")
    if kind == "phone":
        return _("we do not have this number yet: ask any worker")
    return code.replace("-", " ")
