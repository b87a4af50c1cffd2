"""The local offer: nine sections by need, their pages, and the services and people who help."""

from datetime import date
from typing import Any

from django import forms
from django.db import models
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from modelcluster.fields import ParentalManyToManyField
from wagtail.admin.panels import FieldPanel, FieldRowPanel, MultiFieldPanel
from wagtail.fields import StreamField
from wagtail.models import Locale

from cms.blocks import ChipBlocks
from cms.contents import Card, contents
from cms.models import ContentPage, KeptPageForm
from local_offer.blocks import OfferBlocks, withdrawn_in


class OfferIndexPage(ContentPage):
    """`/offer/`: the nine sections."""

    intro = models.TextField(blank=True)

    content_panels = [*ContentPage.content_panels, FieldPanel("intro")]
    parent_page_types = ["cms.HomePage"]
    subpage_types = ["local_offer.SectionPage"]
    max_count = 1
    search_kind = "section"
    template = "local_offer/offer_index_page.html"


class SectionPage(ContentPage):
    """One need: money, home, health and so on. What you can get, pages that explain, people who help."""

    intro = models.TextField(blank=True, help_text=_("Two or three short sentences."))
    body = StreamField(OfferBlocks(), blank=True)

    content_panels = [*ContentPage.content_panels, FieldPanel("intro"), FieldPanel("body")]
    parent_page_types = ["local_offer.OfferIndexPage"]
    subpage_types = ["local_offer.OfferPage"]
    search_kind = "section"
    template = "local_offer/section_page.html"

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        services = services_by_section(request).get(self.pk, [])
        return {**super().get_context(request, *args, **kwargs), "services": services}

    def words_of_body(self) -> str:
        return f"{self.intro} {super().words_of_body()}"

    def own_faults(self, on: date) -> list[tuple[str, str]]:
        return withdrawn_in(self.body, on)


class OfferPage(ContentPage):
    """One thing a young person needs to know, explained."""

    body = StreamField(OfferBlocks(), blank=True)
    see_also = StreamField(ChipBlocks(), blank=True)

    content_panels = [*ContentPage.content_panels, FieldPanel("body"), FieldPanel("see_also")]
    parent_page_types = ["local_offer.SectionPage"]
    subpage_types: list[str] = []
    template = "local_offer/offer_page.html"

    def own_faults(self, on: date) -> list[tuple[str, str]]:
        return withdrawn_in(self.body, on)


class ServiceKind(models.TextChoices):
    PLACE = "PLACE", _("Place")
    SESSION = "SESSION", _("Session at Bromley Road")
    COUNCIL_TEAM = "COUNCIL_TEAM", _("Council team")
    HOUSING = "HOUSING", _("Housing")
    HEALTH = "HEALTH", _("Health")
    EMPLOYMENT = "EMPLOYMENT", _("Work")
    EDUCATION = "EDUCATION", _("Education")
    MONEY = "MONEY", _("Money")
    MENTORING = "MENTORING", _("Somebody beside you")
    SAFEGUARDING = "SAFEGUARDING", _("Staying safe")
    PARTICIPATION = "PARTICIPATION", _("Having a say")
    ADVOCACY = "ADVOCACY", _("On your side")
    COMPLAINTS = "COMPLAINTS", _("Putting things right")
    ADVICE = "ADVICE", _("Advice")
    LEISURE = "LEISURE", _("Free time")
    LONDON_OFFER = "LONDON_OFFER", _("London promise")


class Bookable(models.TextChoices):
    YES = "YES", _("You can book a place")
    NO = "NO", _("No booking")
    UNKNOWN = "UNKNOWN", _("Not known")


class ServiceIndexPage(ContentPage):
    """`/services/`: everybody who helps, by need."""

    intro = models.TextField(blank=True)

    content_panels = [*ContentPage.content_panels, FieldPanel("intro")]
    parent_page_types = ["cms.HomePage"]
    subpage_types = ["local_offer.ServicePage"]
    max_count = 1
    search_kind = "section"
    nav_section = "services"
    template = "local_offer/service_index_page.html"

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        sections = contents(request).cards
        groups: list[dict[str, Any]] = [
            {"section": sections[pk], "services": sorted(services, key=lambda card: card.title)}
            for pk, services in services_by_section(request).items()
            if pk in sections and sections[pk].language == self.locale.language_code
        ]
        groups.sort(key=lambda group: group["section"].path)
        return {**super().get_context(request, *args, **kwargs), "groups": groups}


class ServicePageForm(KeptPageForm):
    """The parts of the offer to tick are those of the page's own language: each has the same name in several."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "sections" in self.fields:
            locale = self.instance.locale_id or Locale.get_default().pk
            chosen = self.fields["sections"].queryset
            self.fields["sections"].queryset = chosen.filter(locale=locale).order_by("path")


class ServicePage(ContentPage):
    """Somebody who helps: what they do, who for, how to reach them, when."""

    kind = models.CharField(max_length=16, choices=ServiceKind.choices)
    at_bromley_road = models.BooleanField(_("at Bromley Road"), default=False)
    bookable = models.CharField(max_length=8, choices=Bookable.choices, default=Bookable.UNKNOWN)
    quiet = models.BooleanField(
        default=False,
        help_text=_("Turns on immigration, custody or crisis: kept out of lists that would tell who."),
    )
    what = models.TextField(_("what they do"), blank=True)
    who_for = models.TextField(blank=True)
    how_to_contact = models.TextField(blank=True, help_text=_("Quote phone numbers: {phone:duty}."))
    when = models.TextField(_("when they are there"), blank=True)
    good_to_know = models.TextField(blank=True)
    sections = ParentalManyToManyField(SectionPage, blank=True, related_name="services")

    content_panels = [
        *ContentPage.content_panels,
        FieldRowPanel([FieldPanel("kind"), FieldPanel("bookable"), FieldPanel("at_bromley_road")]),
        FieldPanel("what"),
        FieldPanel("who_for"),
        FieldPanel("how_to_contact"),
        FieldPanel("when"),
        FieldPanel("good_to_know"),
        MultiFieldPanel(
            [FieldPanel("sections", widget=forms.CheckboxSelectMultiple), FieldPanel("quiet")],
            heading=_("Where it is listed"),
        ),
    ]
    base_form_class = ServicePageForm
    parent_page_types = ["local_offer.ServiceIndexPage"]
    subpage_types: list[str] = []
    search_kind = "service"
    listed_by = "sections"
    nav_section = "services"
    template = "local_offer/service_page.html"

    def words_of_body(self) -> str:
        return " ".join([self.what, self.who_for, self.good_to_know])


def services_by_section(request: HttpRequest | None = None) -> dict[int, list[Card]]:
    """For each section, by its id: the cards of its published services, in the editors' order."""
    found: dict[int, list[Card]] = {}
    for card in contents(request).cards.values():
        for section in card.listed_in:
            found.setdefault(section, []).append(card)
    return found
