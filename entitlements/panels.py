"""Two pieces of the page editor: the rule in words, and what a change would do."""

from typing import Any

from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import Panel

from entitlements.content import rule_of
from entitlements.readback import read_back, read_rate
from entitlements.rule_blocks import entitlement_choices
from entitlements.rules import Rule

UNFINISHED = _("Finish the rule, then save: it is read back here.")


def say_rule(page: Any) -> list[Any]:
    """The draft's rule and rates as sentences; what cannot be read yet says so."""
    try:
        return sentences(rule_of(page))
    except (KeyError, TypeError, ValueError):
        return [UNFINISHED]


def sentences(rule: Rule) -> list[str]:
    """A rule and its rates, one sentence each."""
    titles = dict(entitlement_choices()) if any(rate.inside for rate in rule.rates) else {}
    return [read_back(rule), *(read_rate(rate, titles=titles) for rate in rule.rates)]


class ReadBackPanel(Panel):
    """The rule an editor built, in plain English: as saved, and as it changes where there is a script."""

    class BoundPanel(Panel.BoundPanel):
        template_name = "entitlements/admin/read_back.html"

        def get_context_data(self, parent_context: Any = None) -> dict[str, Any]:
            context: dict[str, Any] = super().get_context_data(parent_context)
            return {**context, "sentences": say_rule(self.instance)}


class ImpactPanel(Panel):
    """A way to see, before publishing, how many people a changed rule or amount touches."""

    class BoundPanel(Panel.BoundPanel):
        template_name = "entitlements/admin/impact_panel.html"

        def is_shown(self) -> bool:
            return super().is_shown() and self.instance.pk is not None
