"""The pieces only the local offer has: entitlements quoted from the handbook, and services."""

from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from wagtail import blocks

import entitlements.models  # noqa: F401 - the models first: what reads them needs them whole
from cms.blocks import ContentBlocks, PublishedPageBlock
from cms.contents import contents
from entitlements.reading import summaries
from entitlements.rule_blocks import entitlement_choices


class EntitlementCodeBlock(blocks.FieldBlock):
    """An entitlement's code, chosen by title. Reading a page asks the database nothing; only the editor's list does."""

    def __init__(self, required: bool = True, help_text: str = "", **kwargs: Any) -> None:
        self.field = forms.ChoiceField(choices=entitlement_choices, required=required, help_text=help_text)
        super().__init__(**kwargs)

    def to_python(self, value: Any) -> str:
        return str(value or "")


class EntitlementsBlock(blocks.StructBlock):
    heading = blocks.CharBlock(max_length=120, default=_("What you can get"))
    codes = blocks.ListBlock(EntitlementCodeBlock(), min_num=1, label=_("Entitlements"))

    class Meta:
        icon = "tag"
        label = _("Entitlements")
        template = "local_offer/blocks/entitlements.html"
        description = _(
            "Handbook entries, each with its one line and today's amount. Amounts are never typed here."
        )

    def get_preview_value(self) -> Any:
        """The first two of the handbook, as they are today."""
        return self.to_python({"heading": str(_("What you can get")), "codes": [*summaries(None)][:2]})

    def get_context(self, value: Any, parent_context: dict[str, Any] | None = None) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context(value, parent_context)
        request = (parent_context or {}).get("request")
        known = summaries(getattr(request, "today", None), request=request)
        context["summaries"] = [known[code] for code in value["codes"] if code in known]
        return context


class ServicesBlock(blocks.StructBlock):
    heading = blocks.CharBlock(max_length=120, default=_("People who can help"))
    services = blocks.ListBlock(PublishedPageBlock(page_type="local_offer.ServicePage"), min_num=1)

    class Meta:
        icon = "group"
        label = _("Services")
        template = "local_offer/blocks/services.html"
        description = _("Services and people who help, each with its one line.")

    def get_preview_value(self) -> Any:
        """The first two services that readers see."""
        cards = [pk for pk, card in contents().cards.items() if card.kind == "local_offer.ServicePage"]
        return self.to_python({"heading": str(_("People who can help")), "services": cards[:2]})

    def get_context(self, value: Any, parent_context: dict[str, Any] | None = None) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context(value, parent_context)
        cards = contents((parent_context or {}).get("request")).cards
        context["cards"] = [cards[page.pk] for page in value["services"] if page.pk in cards]
        return context


class OfferBlocks(ContentBlocks):
    """What a page of the local offer may hold."""

    entitlements = EntitlementsBlock()
    services = ServicesBlock()


def withdrawn_in(body: Any, on: date) -> list[tuple[str, str]]:
    """For the report: entitlements that a page's blocks list, and readers are shown nothing of."""
    known = summaries(on)
    codes = (code for block in body if block.block_type == "entitlements" for code in block.value["codes"])
    words = _("it lists “%(code)s”, which is not published: readers see nothing of that money")
    return [("broken_link", str(words) % {"code": code}) for code in codes if code not in known]
