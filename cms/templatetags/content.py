"""Published words: facts put in, and cards of pages."""

from typing import Any

from django import template
from django.http import HttpRequest
from django.utils.safestring import SafeString
from wagtail.rich_text import RichText, expand_db_html

from cms import phones
from cms.contents import Card, contents
from cms.feedback import outcome_of
from cms.glossary import explain
from cms.phone_numbers import said
from cms.stamps import published_on
from cms.text import to_rich
from cms.tokens import fill_html, fill_text, mark_told

register = template.Library()


@register.filter
def fill(words: str, request: HttpRequest | None = None) -> SafeString:
    """One line of plain words with its facts."""
    return fill_text(str(words or ""), request=request)


@register.filter
def fill_words(words: str, request: HttpRequest | None = None) -> SafeString:
    """Plain words of several paragraphs, with points and facts."""
    return explain(fill_html(to_rich(str(words or "")), request=request), request)


@register.filter
def fill_rich(text: RichText | str, request: HttpRequest | None = None) -> SafeString:
    """What our editor stored, with its facts."""
    source = text.source if isinstance(text, RichText) else str(text or "")
    return explain(fill_html(expand_db_html(source), request=request), request)


@register.filter
def fill_inline(text: RichText | str, request: HttpRequest | None = None) -> SafeString:
    """The same, for one line inside another element: the paragraph around it goes."""
    html = fill_rich(text, request).strip()
    if html.startswith("<p") and html.endswith("</p>") and html.count("<p") == 1:
        html = html[html.index(">") + 1 : -4]
    return SafeString(html)


@register.filter
def changed_since_checked(page: Any) -> bool:
    """Whether its words went to readers again on a later day than Elevation read them."""
    return bool(page.checked_by_elevation_on) and published_on(page) > page.checked_by_elevation_on


@register.filter
def as_card(page_id: Any, request: HttpRequest | None = None) -> Card | None:
    """A live page in a list: its title, one line and address; nothing when it is not live."""
    return contents(request).cards.get(int(page_id)) if page_id else None


@register.filter
def number(phone: Any) -> str:
    """A phone number to press, or how to find it."""
    return said(phone) if phone else ""


@register.simple_tag(takes_context=True)
def numbers_are_above(context: dict[str, Any]) -> SafeString:
    """The help block stands above: later words need not tell again how to find its numbers."""
    mark_told(context["request"], [f"{{phone:{phone.key}}}" for phone in phones.help_now()])
    return SafeString("")


@register.simple_tag(takes_context=True)
def children_of(context: dict[str, Any], page: Any) -> tuple[Card, ...]:
    """The published pages right below this one, in the editors' order."""
    return contents(context["request"]).children(page.path)


@register.simple_tag(takes_context=True)
def parent_of(context: dict[str, Any], page: Any) -> Card | None:
    """The published page right above this one."""
    return contents(context["request"]).parent(page.path)


@register.simple_tag(takes_context=True)
def outcome_for(context: dict[str, Any], page: Any) -> Any:
    """The last thing we did on this page because a reader said so, or nothing."""
    return outcome_of(page.pk, context["request"])
