"""Words of the field that explain themselves where they stand: a press opens the meaning, without any script.

A browser that knows no popovers shows the meaning in the line itself, in brackets. Each word is explained once a page,
where it comes first; never inside a link, a heading or a button.
"""

import re
from collections.abc import Iterable, Mapping
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
_WORD = re.compile(r"\w+")
_NOT_IN = re.compile(r"<(/?)(a|h[1-6]|button|summary|label)\b")


@dataclass(frozen=True)
class Glossary:
    """Every word and its other forms, in small letters, with what is said of it; and the forms by their first word."""

    meanings: Mapping[str, tuple[int, str]]
    forms: Mapping[str, tuple[str, ...]]

    def pattern_for(self, html: str) -> re.Pattern[str] | None:
        """What finds the forms that may stand in these words, longest first; nothing when none can.

        A page holds a few of a hundred words: looking for all of them at each letter took a fifth of its drawing.
        """
        begun = self.forms.keys() & set(_WORD.findall(html.lower()))
        found = [form for first in begun for form in self.forms[first]]
        if not found:
            return None
        longest_first = sorted(found, key=lambda form: (-len(form), form))
        return re.compile(rf"(?<![\w-])(?:{'|'.join(map(re.escape, longest_first))})(?![\w-])", re.IGNORECASE)


def glossary(request: HttpRequest | None = None) -> Glossary:
    """The words of the page's language. Held in memory until an editor changes one."""
    language = get_language() or "en"
    return held(f"glossary:{language}", lambda: _read(language), request=request)


def explain(html: str, request: HttpRequest | None) -> SafeString:
    """Safe HTML with each known word explained at its first place on the page. Without a request nothing is."""
    if request is None:
        return SafeString(html)
    told: set[int] = getattr(request, "words_explained", set())
    request.words_explained = told  # type: ignore[attr-defined]
    return _explain(html, glossary(request), told)


def explain_all(pieces: Iterable[str], request: HttpRequest | None) -> list[SafeString]:
    """The safe pieces of one page in their order, each word explained once in all of them: to be held with the page."""
    words, told = glossary(request), set[int]()
    return [_explain(html, words, told) for html in pieces]


def _explain(html: str, words: Glossary, told: set[int]) -> SafeString:
    pattern = words.pattern_for(html) if len(told) < MOST else None
    if pattern is None:
        return SafeString(html)
    done, inside = [], 0
    for part in _TAG.split(html):
        found = _NOT_IN.match(part)
        if found:
            inside += -1 if found.group(1) else 1
        done.append(part if part.startswith("<") or inside else _explained(part, words, pattern, told))
    return SafeString("".join(done))


def _explained(text: str, words: Glossary, pattern: re.Pattern[str], told: set[int]) -> str:
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

    return pattern.sub(one, text)


def _read(language: str) -> Glossary:
    meanings: dict[str, tuple[int, str]] = {}
    for term in sorted(kept_once().terms.get(language, ()), key=lambda term: term.term):
        for form in (term.term, *lines(term.also)):
            meanings.setdefault(form.lower(), (term.pk, term.plain))
            meanings.setdefault(f"{form.lower()}s", (term.pk, term.plain))
    forms: dict[str, list[str]] = {}
    for form in meanings:
        if first := _WORD.search(form):
            forms.setdefault(first.group(), []).append(form)
    return Glossary(meanings, {first: tuple(its) for first, its in forms.items()})
