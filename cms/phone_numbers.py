"""What stands where a page says {phone:key}: the number to press, or how to find it until somebody has rung it."""

from datetime import date

from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from cms import tokens
from cms.kept_once import kept_once
from cms.languages import ENGLISH, direction
from cms.models import Phone
from cms.text import link_addresses


def let_pages_quote() -> None:
    """Register who knows {phone:key}."""
    tokens.register("phone", _said_on)


def said(phone: Phone) -> str:
    """One number as pages show it. A number nobody checked says so."""
    if not phone.number:
        words, speaks = _how_to_find(phone.how_to_find)
        full = tokens.Said(
            format_html(
                '<span id="phone-{}"{}>{}</span>', phone.key, speaks, SafeString(link_addresses(words))
            )
        )
        full.again = format_html('<a href="#phone-{}">{}</a>', phone.key, _("how to reach them is above"))
        return full
    href = f"{'sms' if phone.text_number else 'tel'}:{phone.dialled}"
    pressed = format_html('<a class="number" href="{}"><bdi>{}</bdi></a>', href, phone.number)
    return (
        pressed
        if phone.confirmed
        else format_html("{} ({})", pressed, _("we have not checked this number lately"))
    )


def _how_to_find(english: str) -> tuple[str, str]:
    """The words, in the reader's language when somebody translated them, and the attributes that say which it is.

    A page quotes them in the middle of a sentence: "Call the duty worker: we do not have…".
    """
    if not english:
        return _("we do not have this number yet: ask any worker"), ""
    spoken = get_language() or ENGLISH
    words = _(english)
    if words == english:
        words = f"we {english.removeprefix('We ')}" if english.startswith("We ") else english
        spoken_there = ENGLISH
    else:
        spoken_there = spoken
    if spoken == ENGLISH:
        return words, ""
    return words, format_html(' lang="{}" dir="{}"', spoken_there, direction(spoken_there))


def _said_on(on: date) -> dict[str, str]:
    return {phone.key: said(phone) for phone in kept_once().phones.values()}
