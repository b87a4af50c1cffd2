"""The language of a page: its menu, what is said of its translation, and where it stands in the others."""

from typing import Any

from django import template
from django.conf import settings
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from cms import languages, translations
from cms.contents import contents

register = template.Library()
register.filter("direction", languages.direction)


@register.inclusion_tag("cms/language_menu.html", takes_context=True)
def language_menu(context: dict[str, Any]) -> dict[str, Any]:
    """The languages, each in its own words. A page that went wrong has none: it is nowhere in particular."""
    request = context.get("request")
    if request is None:
        return {"languages": ()}
    return {"languages": languages.menu(request), "here": request.get_full_path()}


@register.inclusion_tag("cms/language_line.html", takes_context=True)
def language_line(context: dict[str, Any]) -> dict[str, Any]:
    """What a reader of another language must know: who checked these words, whether English has moved on."""
    request, frame = context.get("request"), context["frame"]
    if request is None or frame == languages.ENGLISH or context.get("area") == "desk":
        return {"says": False}
    page = getattr(request, "published_page", None)
    in_english = page is not None and context["words_language"] != frame
    address = getattr(request, "in_english", "") or languages.split(request.path)[1]
    return {
        "says": True,
        "not_yet": in_english,
        "state": translations.state(page.pk, request) if page is not None and not in_english else None,
        "screens_checked": languages.interface_checked_on(frame),
        "english": address if context.get("area") == "public" else "",
        "here": request.get_full_path(),
    }


@register.simple_tag(takes_context=True)
def elsewhere(context: dict[str, Any]) -> SafeString:
    """For search engines: where this page stands in each language that has it; and which address is its own."""
    request = context.get("request")
    english = getattr(request, "in_english", "")
    if not english:
        return SafeString("")
    also = {code: card.address for code, card in contents(request).also_in(english).items()}
    if not also and context["frame"] == languages.ENGLISH:
        return SafeString("")
    links = format_html_join(
        "",
        '<link rel="alternate" hreflang="{}" href="{}{}">',
        ((code, settings.BASE_URL, address) for code, address in {"en": english, **also}.items()),
    )
    if context["words_language"] != context["frame"]:
        return format_html('<link rel="canonical" href="{}{}">', settings.BASE_URL, english)
    return links if also else SafeString("")
