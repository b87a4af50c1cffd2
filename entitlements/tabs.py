"""The order of the entitlement editor: the whole offer on its first tab, everything rarer behind it."""

from typing import Any

from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import (
    FieldPanel,
    FieldRowPanel,
    HelpPanel,
    MultiFieldPanel,
    ObjectList,
    PublishingPanel,
    TabbedInterface,
    TitleFieldPanel,
)

from entitlements.content import EXPLAIN, WORDS
from entitlements.panels import ImpactPanel, ReadBackPanel


def editor_tabs(truth_panels: list[Any]) -> TabbedInterface:
    """Five tabs. The first alone makes an entitlement that works; `truth_panels` are those of every page of ours."""
    return TabbedInterface(
        [
            ObjectList(_the_offer(), heading=_("The offer")),
            ObjectList(_words(), heading=_("What people read")),
            ObjectList(_more(), heading=_("Rates, limits, dates")),
            ObjectList(
                [*(FieldPanel(f"explain_{name}") for name in EXPLAIN), FieldPanel("check_questions")],
                heading=_("Adviser's card"),
            ),
            ObjectList(_truth(truth_panels), heading=_("Keeping it true")),
        ]
    )


def _the_offer() -> list[Any]:
    return [
        HelpPanel(template="entitlements/admin/how_to.html"),
        TitleFieldPanel(
            "title", help_text=_("What a young person would call it: “Money while you volunteer”.")
        ),
        FieldPanel("one_line"),
        FieldPanel("section"),
        MultiFieldPanel(
            [
                FieldRowPanel([FieldPanel("amount_type"), FieldPanel("amount")]),
                FieldRowPanel([FieldPanel("per"), FieldPanel("at_most_weeks")]),
            ],
            heading=_("How much"),
            help_text=_("“£25 a week, at most 12 weeks” is: exactly, 25, a week, 12."),
        ),
        FieldPanel("rule", heading=_("Who can get it")),
        MultiFieldPanel(
            [
                FieldRowPanel([FieldPanel("how_to_get"), FieldPanel("approver_level")]),
                FieldPanel("decision_days"),
            ],
            heading=_("How they ask, and who says yes"),
        ),
        ReadBackPanel(heading=_("What you have built, in words")),
        ImpactPanel(heading=_("See what this changes")),
    ]


def _words() -> list[Any]:
    return [
        MultiFieldPanel([FieldPanel(name) for name in WORDS], heading=_("The page")),
        MultiFieldPanel([FieldPanel("also_called"), FieldPanel("search_words")], heading=_("Finding it")),
    ]


def _more() -> list[Any]:
    return [
        MultiFieldPanel(
            [
                FieldPanel("status"),
                FieldRowPanel([FieldPanel("in_force_from"), FieldPanel("in_force_until")]),
            ],
            heading=_("When it counts"),
        ),
        MultiFieldPanel(
            [FieldRowPanel([FieldPanel("cap"), FieldPanel("cap_period")])], heading=_("The limit")
        ),
        FieldPanel("rates"),
        FieldPanel("approver_bands"),
        FieldPanel("evidence"),
        MultiFieldPanel(
            [
                FieldRowPanel([FieldPanel("affects_benefits"), FieldPanel("cost_code")]),
                FieldPanel("amount_note"),
            ],
            heading=_("Money, for the team"),
        ),
        FieldPanel("quiet"),
    ]


def _truth(truth_panels: list[Any]) -> list[Any]:
    return [
        MultiFieldPanel(
            [FieldRowPanel([FieldPanel("duty"), FieldPanel("kind")]), FieldPanel("duty_line")],
            heading=_("What stands behind it"),
        ),
        MultiFieldPanel(
            [
                FieldPanel("confidence"),
                FieldPanel("source_name"),
                FieldRowPanel([FieldPanel("source_url"), FieldPanel("source_date")]),
                FieldPanel("also_see"),
            ],
            heading=_("Source"),
        ),
        MultiFieldPanel(
            [
                FieldRowPanel([FieldPanel("basis_rule"), FieldPanel("basis_evidence")]),
                FieldRowPanel([FieldPanel("basis_approver"), FieldPanel("basis_decision_days")]),
            ],
            heading=_("What each part rests on"),
        ),
        MultiFieldPanel(
            [
                FieldRowPanel([FieldPanel("confirmed_on"), FieldPanel("call_in_passed_on")]),
                FieldPanel("decision_reference"),
            ],
            heading=_("Confirmed by the budget holder"),
        ),
        MultiFieldPanel(truth_panels, heading=_("Who keeps it true")),
        MultiFieldPanel(
            [
                FieldPanel(
                    "slug",
                    heading=_("End of its web address"),
                    help_text=_(
                        "Made from the title. It is the name that texts quote the amount by, and never changes later."
                    ),
                ),
                PublishingPanel(),
            ],
            heading=_("Web address, and days to publish"),
        ),
    ]
