"""The few marks an editor may type in a text, and what they become.

`{amount}` this entitlement's sum, `{amount:code}` another's, `{link:code}` a link to another's page, `{days}` the
working days a decision takes, `{decider}` who decides. Texts are plain: a blank line starts a paragraph, and
"- " a point. So a figure is typed once, everything is escaped, and a translator meets words and nothing else.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING

from django.core.exceptions import ValidationError
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from entitlements.amounts import pence_on, say_amount, say_pounds

if TYPE_CHECKING:
    from entitlements.models import EntitlementVersion

TOKEN = re.compile(r"\{([^{}\n]*)\}")
PLAIN = frozenset({"amount", "days", "decider"})
WITH_CODE = frozenset({"amount", "link"})
URGENT = "urgent help"  # entitlements are written in English
_CODE = re.compile(r"[a-z0-9-]+")


def check_tokens(text: str) -> None:
    """Refuse a mark nobody knows, so that a slip of the keyboard never reaches a reader."""
    for token in TOKEN.findall(text or ""):
        name, colon, code = token.partition(":")
        if (name in WITH_CODE and _CODE.fullmatch(code)) if colon else name in PLAIN:
            continue
        raise ValidationError(
            _(
                "%(token)s is not something we can fill in. "
                "Use {amount}, {amount:code}, {link:code}, {days} or {decider}."
            ),
            code="unknown_token",
            params={"token": "{" + token + "}"},
        )
    if re.search(r"[{}]", TOKEN.sub("", text or "")):
        raise ValidationError(_("A { or } stands alone. Type both, or neither."), code="unknown_token")


def codes_named(texts: Iterable[str]) -> set[str]:
    """The codes of the other entitlements these texts quote or link to."""
    tokens = (token.partition(":") for text in texts for token in TOKEN.findall(text))
    return {code for _name, colon, code in tokens if colon}


def names_used(texts: Iterable[str]) -> set[str]:
    """Which marks without a code these texts use: some of `amount`, `days`, `decider`."""
    return {token for text in texts for token in TOKEN.findall(text) if ":" not in token}


@dataclass(frozen=True)
class Reading:
    """One version's texts, ready to read on a day. `others`: the current versions its texts name, by code.

    Something that is no longer published is named by nothing: a link loses its anchor, an amount becomes words.
    """

    version: "EntitlementVersion"
    others: Mapping[str, "EntitlementVersion"] = field(default_factory=dict)
    on: date | None = None
    address: str = "/handbook/{}/"  # of another entitlement, by its code

    def html(self, text: str) -> SafeString:
        """Paragraphs and lists, everything escaped."""
        return _joined(
            format_html("<ul>{}</ul>", _joined(format_html("<li>{}</li>", self.line(item)) for item in found))
            if is_list
            else format_html("<p>{}</p>", self.line(" ".join(found)))
            for is_list, found in paragraphs(text)
        )

    def line(self, text: str) -> SafeString:
        """One line with its marks filled in, everything escaped."""
        parts: list[str | SafeString] = []
        last = 0
        for found in TOKEN.finditer(text):
            parts += [self._plain(text[last : found.start()]), self._fill(found[1], link=True)]
            last = found.end()
        return _joined([*parts, self._plain(text[last:])])

    def _plain(self, words: str) -> str | SafeString:
        """Words between marks. "Urgent help" leads there: who is sent to it must not have to look for it."""
        if URGENT not in words or self.address != Reading.address:  # on paper there is nothing to press
            return words
        link = format_html('<a href="/help/urgent/">{}</a>', URGENT)
        return format_html_join(link, "{}", ((part,) for part in words.split(URGENT)))

    def text(self, text: str) -> str:
        """The same in plain words, for a letter, a JSON answer or a search result."""
        return TOKEN.sub(lambda found: str(self._fill(found[1], link=False)), text)

    def _fill(self, token: str, *, link: bool) -> str | SafeString:
        name, _colon, code = token.partition(":")
        if name == "link":
            other = self.others.get(code)
            if other is None:
                return _("something else that may help (ask your adviser)")
            return (
                format_html('<a href="{}">{}</a>', self.address.format(code), other.title)
                if link
                else other.title
            )
        if name == "days":
            return str(self.version.decision_days or _("a few"))
        if name == "decider":
            return (
                self.version.get_approver_level_display()
                if self.version.approver_level
                else _("the people who run it")
            )
        return self._amount(code)

    def _amount(self, code: str) -> str:
        """The bare sum: the words around it say "up to" or "a week"."""
        version = self.others.get(code) if code else self.version
        if version is None:
            return _("an amount we can tell you")
        pence = pence_on(version, self.on)
        said = say_amount(version, self.on) if pence is None else say_pounds(pence)
        return (
            said
            if not code or version.is_confirmed
            else _("%(sum)s (an example, not confirmed)") % {"sum": said}
        )


def _joined(parts: Iterable[str | SafeString]) -> SafeString:
    """Side by side, each escaped unless it is safe already."""
    return format_html_join("", "{}", ((part,) for part in parts))


def paragraphs(text: str) -> list[tuple[bool, list[str]]]:
    """The text as (is a list, its lines): a blank line or a change between prose and points starts a new one."""
    found: list[tuple[bool, list[str]]] = []
    fresh = True
    for raw in text.splitlines():
        line = raw.strip()
        if not line:
            fresh = True
            continue
        is_point = line.startswith("- ")
        if not found or found[-1][0] != is_point or (fresh and not is_point):
            found.append((is_point, []))
        found[-1][1].append(line.removeprefix("- ") if is_point else line)
        fresh = False
    return found
