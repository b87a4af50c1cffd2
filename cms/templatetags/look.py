"""Small helps for the components: money in words, the pieces of a bar, the numbers of the help block."""

import unicodedata
from functools import lru_cache
from typing import Any

from django import template
from django.template import Library
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language, get_language_bidi

from cms import phones
from cms.languages import ENGLISH, direction

register = Library()


@register.filter
def pounds(pence: int | None, form: str = "") -> str:
    """Pence as "£1,180" or "£24.50"; always with two decimals for `pounds:"exact"`. Nothing for no amount."""
    if pence is None or pence == "":
        return ""
    whole, rest = divmod(abs(int(pence)), 100)
    sign = "\u200e" if get_language_bidi() else ""  # after Arabic letters the pound sign would jump behind
    sign += "−" if int(pence) < 0 else ""
    return f"{sign}£{whole:,}.{rest:02}" if rest or form == "exact" else f"{sign}£{whole:,}"


JOINERS = "\u200c\u200d"  # Pashto, Persian and emoji are written with them


@register.filter
def marks(text: str) -> str:
    """What cannot be seen, or turns the words around it, as a mark: staff read what was typed (rule 43)."""
    return "".join(
        f"[U+{ord(letter):04X}]"
        if unicodedata.category(letter) in {"Cc", "Cf"} and letter not in "\n\t" + JOINERS
        else letter
        for letter in str(text or "")
    )


SIGNS = {"go": "tick", "wait": "clock", "stop": "mark"}


@register.filter
def tag(label: Any) -> SafeString:
    """What `<c-status-tag>` draws, for long lists: something with a `tone` and a `text`."""
    sign = icon(SIGNS[label.tone]) if label.tone in SIGNS else ""
    return format_html('<span class="tag {}">{}<span>{}</span></span>', label.tone, sign, label.text)


@register.filter
def row(page: Any, small: str | None = None) -> SafeString:
    """What `<c-row>` draws, for long lists of pages: something with an address, a title and a line of its own."""
    stands_in = getattr(page, "standing_in", False)  # in the tree of a language, with English words
    spoken = ENGLISH if stands_in else getattr(page, "language", "") or ENGLISH
    return _row(
        page.address,
        page.title,
        page.one_line if small is None else small,
        "" if spoken == (get_language() or ENGLISH) else spoken,
    )


@lru_cache(maxsize=4_000)  # the same rows stand in many lists
def _row(address: str, title: str, small: str, other: str) -> SafeString:
    """`other`: the language of these words, when the page around them is in another one."""
    words = format_html("<small>{}</small>", small) if small else ""
    speaks = format_html(' lang="{}" dir="{}"', other, direction(other)) if other else ""
    return format_html('<li><div{}><a href="{}">{}</a>{}</div></li>', speaks, address, title, words)


@register.filter
def initial(name: str) -> str:
    """The first letter of a name, for the round mark beside it."""
    return str(name).strip()[:1].upper()


@register.filter
def bar_pieces(parts: list[dict[str, object]]) -> list[dict[str, object]]:
    """Parts with a `size` (pence or a count) as lines on a scale of 1000: `from`, `to`, and their own keys."""
    total = sum(max(int(part["size"]), 0) for part in parts) or 1  # type: ignore[call-overload]
    pieces, upto = [], 0
    for part in parts:
        start, upto = upto, upto + max(int(part["size"]), 0)  # type: ignore[call-overload]
        if upto > start:
            pieces.append({**part, "from": start * 1000 // total, "to": upto * 1000 // total})
    return pieces


@register.simple_tag
def help_now_phones() -> list[phones.Phone]:
    """The urgent help block's numbers, from memory."""
    return phones.help_now()


@register.simple_tag
def phone(key: str) -> phones.Phone | None:
    """One number by its key, or nothing."""
    try:
        return phones.phone(key)
    except KeyError:
        return None


ICONS = {
    "tick": '<path d="m4 13 5 5L20 6"/>',
    "clock": '<circle cx="12" cy="12" r="9"/><path d="M12 7v6l4 2"/>',
    "mark": '<circle cx="12" cy="12" r="9"/><path d="M12 7v6M12 17v.01"/>',
    "back": '<path d="M15 5l-7 7 7 7"/>',
    "on": '<path d="M9 5l7 7-7 7"/>',
    "today": '<path d="M4 11l8-7 8 7v9h-5v-6H9v6H4z"/>',
    "get": '<path d="M12 20s-8-4.5-8-10.5A4.5 4.5 0 0 1 12 7a4.5 4.5 0 0 1 8 2.5C20 15.5 12 20 12 20z"/>',
    "requests": '<path d="M6 3h12v18l-3-2-3 2-3-2-3 2zM9 8h6M9 12h6"/>',
    "drop-in": '<path d="M4 6h16v14H4zM4 10h16M9 3v4M15 3v4"/>',
    "search": '<circle cx="11" cy="11" r="7"/><path d="m16 16 5 5"/>',
    "sign": '<path d="M12 21V3M12 4h7l2.5 3L19 10h-7M12 12H6l-2.5 3L6 18h6"/>',
}


@register.simple_tag
def icon(name: str, classes: str = "") -> SafeString:
    """A small drawing beside words that say the same; on the narrowest screens the words may be heard only."""
    if name not in ICONS:
        raise template.TemplateSyntaxError(f"There is no icon {name}.")
    return SafeString(f'<svg class="i {classes}" viewBox="0 0 24 24" aria-hidden="true">{ICONS[name]}</svg>')
