"""Words of the field that explain themselves where they stand: a press opens the meaning, without any script.

A browser that knows no popovers shows the meaning in the line itself, in brackets. Each word is explained once a page,
where it comes first; never inside a link, a heading or a button.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language

from cms.content_version import held
from cms.kept_once import kept_once
from cms.models import lines

MOST = 5  # words explained on one page: more would be in the way
_TAG = re.compile(r"(<[^>]*>)")
_NOT_IN = re.compile(r"<(/?)(a|h[1-6]|button|summary|label)\b")


@dataclass(frozen=True)
class Glossary:
    """Every word and its other forms, in small letters, with what is said of it."""

    meanings: Mapping[str, tuple[int, str]]
    pattern: re.Pattern[str] | None


def glossary(request: HttpRequest | None = None) -> Glossary:
    """The words of the page's language. Held in memory until an editor changes one."""
    language = get_language() or "en"
    return held(f"glossary:{language}", lambda: _read(language), request=request)


def explain(html: str, request: HttpRequest | None) -> SafeString:
    """Safe HTML with each known word explained at its first place on the page. Without a request nothing is."""
    words = glossary(request) if request is not None else None
    if words is None or words.pattern is None:
        return SafeString(html)
    told: set[int] = getattr(request, "words_explained", set())
    request.words_explained = told  # type: ignore[union-attr]
    done, inside = [], 0
    for part in _TAG.split(html):
        found = _NOT_IN.match(part)
        if found:
            inside += -1 if found.group(1) else 1
        done.append(part if part.startswith("<") or inside else _explained(part, words, told))
    return SafeString("".join(done))


def _explained(text: str, words: Glossary, told: set[int]) -> str:
    def one(found: re.Match[str]) -> str:
        meaning = words.meanings.get(
            found.group().lower()
        )  # letters such as the dotless i fit, and mean nothing
        if meaning is None or meaning[0] in told or len(told) >= MOST:
            return found.group()
        number, plain = meaning
        told.add(number)
        return format_html(
            '<button type="button" class="word" popovertarget="word-{}">{}</button>'
            '<span class="meaning" popover id="word-{}"><i> (</i>{}<i>)</i></span>',
            number,
            SafeString(found.group()),  # a piece of HTML that was safe before
            number,
            plain,
        )

    assert words.pattern is not None  # noqa: S101 - asked by the caller
    return words.pattern.sub(one, text)


def _read(language: str) -> Glossary:
    meanings: dict[str, tuple[int, str]] = {}
    for term in sorted(kept_once().terms.get(language, ()), key=lambda term: term.term):
        for form in (term.term, *lines(term.also)):
            meanings.setdefault(form.lower(), (term.pk, term.plain))
            meanings.setdefault(f"{form.lower()}s", (term.pk, term.plain))
    forms = sorted(meanings, key=len, reverse=True)
    pattern = re.compile(rf"(?<![\w-])(?:{'|'.join(map(re.escape, forms))})(?![\w-])", re.IGNORECASE)
    return Glossary(meanings, pattern if forms else None)
