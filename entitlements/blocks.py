"""An entitlement quoted on any page, so that its figure is never typed twice."""

from typing import Any

from django.utils.translation import gettext_lazy as _
from wagtail import blocks

from entitlements.reading import summaries
from entitlements.rule_blocks import entitlement_choices


class EntitlementQuoteBlock(blocks.StructBlock):
    """An entitlement quoted on another page: its name, amount and one line, always as they are today."""

    code = blocks.ChoiceBlock(label=_("Entitlement"), choices=entitlement_choices)

    def get_context(self, value: Any, parent_context: dict[str, Any] | None = None) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context(value, parent_context)
        request = (parent_context or {}).get("request")
        today = getattr(request, "today", None)
        context["summary"] = summaries(today, request=request).get(value["code"])
        return context

    class Meta:
        label = _("Quote an entitlement")
        icon = "doc-full-inverse"
        template = "entitlements/blocks/quote.html"
        description = _("The name, amount and one line of an entitlement. The figure is never typed twice.")
