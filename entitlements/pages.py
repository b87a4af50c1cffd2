"""The handbook as editors and readers meet it: one page an entitlement, each with its fields, rule and words."""

from dataclasses import replace
from datetime import date
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import MinValueValidator
from django.db import models, transaction
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel
from wagtail.fields import StreamField
from wagtail.models import Revision
from wagtail.search import index

from cms.models import ContentPage
from cms.search import Document
from entitlements.agreement import check_may_publish
from entitlements.amounts import WHOLE_SUM_PER, say_amount
from entitlements.content import EXPLAIN, WORDS, content_of
from entitlements.forms import CopyAsDraftForm, EntitlementPageForm
from entitlements.models import (
    AffectsBenefits,
    AmountType,
    ApproverLevel,
    Confidence,
    Duty,
    Entitlement,
    EntitlementVersion,
    HowToGet,
    Kind,
    Per,
    Section,
    Status,
)
from entitlements.reading import by_section, labels_of, sheet_of
from entitlements.rule_blocks import (
    ApproverBandsBlock,
    CheckQuestionsBlock,
    RatesBlock,
    RuleBlock,
    SourcesBlock,
)
from entitlements.tabs import editor_tabs
from entitlements.tokens import check_tokens, codes_named, names_used

BASIS = [
    ("", "---"),
    ("source", _("The source says so")),
    ("suggested", _("We suggest it")),
    ("our_reading", _("Our reading of the source")),
    ("not_applicable", _("Does not apply")),
]
ONE_A_LINE = _("One a line.")


def words_field(label: Any, help_text: Any, **kwargs: Any) -> models.TextField:
    """A text people read: plain, with points after "- " and the marks of `tokens`."""
    return models.TextField(label, blank=True, help_text=help_text, validators=[check_tokens], **kwargs)


class HandbookPage(ContentPage):
    """The handbook's front: every entitlement by need."""

    introduction = models.TextField(_("introduction"), blank=True)

    max_count_per_parent = 1
    parent_page_types = ["cms.HomePage"]
    subpage_types = ["entitlements.EntitlementPage"]
    template = "entitlements/handbook_page.html"
    content_panels = [*ContentPage.content_panels, FieldPanel("introduction")]
    nav_section = "handbook"

    class Meta:
        verbose_name = _("handbook")

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        return {**super().get_context(request, *args, **kwargs), "sections": by_section(request)}

    def words_of_body(self) -> str:
        """What search reads besides its title."""
        return self.introduction


class EntitlementPage(ContentPage):
    """One entitlement in one language. What is published becomes an `EntitlementVersion`, for good."""

    entitlement = models.ForeignKey(
        Entitlement, on_delete=models.PROTECT, null=True, related_name="+", editable=False
    )

    section = models.CharField(
        _("part of the offer"),
        max_length=20,
        choices=Section.choices,
        help_text=_("The heading it stands under."),
    )
    quiet = models.BooleanField(
        _("quiet"),
        default=False,
        help_text=_(
            "It turns on immigration, custody or a crisis: it never shows in lists or counts that would tell who."
        ),
    )
    what_it_is = words_field(
        _("what it is"), _("Two to four short sentences. A line that starts with “- ” is a point.")
    )
    what_it_can_buy = words_field(_("what it can buy"), _("Points. Leave empty when it makes no sense."))
    who_for = words_field(_("who it is for"), _("Must agree with the rule: see the sentence under the rule."))
    how_much = words_field(_("how much"), _("Write {amount} for the figure. Never type it."))
    have_ready = words_field(_("what to have ready"), _("And what to do when they do not have it."))
    how_to_ask = words_field(_("how to ask"), _("Steps. {link:code} links to another entitlement."))
    what_next = words_field(
        _("what happens next"), _("{decider} and {days} are filled in from “How it is decided”.")
    )
    if_no = words_field(
        _("what if the answer is no"), _("Common reasons, what else to try, who else can look.")
    )
    good_to_know = words_field(
        _("good to know"), _("Benefits, tax, last day to use it, moving away. May be empty.")
    )

    amount_type = models.CharField(
        _("kind of amount"), max_length=10, choices=AmountType.choices, default=AmountType.FIXED
    )
    amount = models.DecimalField(
        _("amount in pounds"),
        max_digits=9,
        decimal_places=2,
        null=True,
        blank=True,
        validators=[MinValueValidator(0)],
        help_text=_("Exact pounds and pence. Empty when there is no set sum."),
    )
    per = models.CharField(_("how often"), max_length=14, choices=Per.choices, blank=True)
    at_most_weeks = models.PositiveSmallIntegerField(
        _("for at most this many weeks"),
        null=True,
        blank=True,
        validators=[MinValueValidator(1)],
        help_text=_("For a weekly amount. Empty: no end."),
    )
    cap = models.DecimalField(
        _("the most one person may have, in pounds"),
        max_digits=9,
        decimal_places=2,
        null=True,
        blank=True,
        validators=[MinValueValidator(0)],
        help_text=_("Empty: the amount itself (for a weekly amount, the amount times its weeks)."),
    )
    cap_period = models.CharField(_("in each"), max_length=14, choices=Per.choices, blank=True)
    rates = StreamField(
        RatesBlock(required=False),
        blank=True,
        verbose_name=_("other rates"),
        help_text=_(
            "An amount that starts on a day (an April rise, prepared in advance), or is for some people only."
        ),
    )
    affects_benefits = models.CharField(
        _("affects benefits"), max_length=4, choices=AffectsBenefits.choices, default=AffectsBenefits.ASK
    )
    cost_code = models.CharField(_("cost code"), max_length=40, blank=True)
    amount_note = models.TextField(_("note about the amount, for editors"), blank=True)

    status = models.CharField(_("status"), max_length=12, choices=Status.choices, default=Status.IN_FORCE)
    in_force_from = models.DateField(_("in force from"), null=True, blank=True)
    in_force_until = models.DateField(_("last day in force"), null=True, blank=True)
    rule = StreamField(
        RuleBlock(required=False),
        blank=True,
        verbose_name=_("the rule"),
        help_text=_("Everything here must be true. Nothing here: it is for everybody."),
    )

    duty = models.CharField(
        _("must, usually or may"),
        max_length=10,
        choices=Duty.choices,
        default=Duty.MAY,
        help_text=_("“Must” only where the law or a decision of the council says so."),
    )
    duty_line = models.CharField(
        _("the law or policy"), max_length=300, blank=True, help_text=_("Only as the source gives it.")
    )
    kind = models.CharField(
        _("where it comes from"), max_length=14, choices=Kind.choices, default=Kind.DISCRETIONARY
    )
    how_to_get = models.CharField(
        _("how to get it"), max_length=20, choices=HowToGet.choices, default=HowToGet.REQUEST_ONLINE
    )
    approver_level = models.CharField(
        _("decided by"),
        max_length=20,
        choices=ApproverLevel.choices,
        blank=True,
        help_text=_("The lowest level that may decide. Higher amounts go higher by delegated authority."),
    )
    approver_bands = StreamField(
        ApproverBandsBlock(required=False), blank=True, verbose_name=_("above a sum, somebody else decides")
    )
    decision_days = models.PositiveSmallIntegerField(
        _("working days to decide"), null=True, blank=True, validators=[MinValueValidator(1)]
    )
    evidence = models.TextField(_("evidence"), blank=True, help_text=_("What the form asks for. One a line."))

    explain_in_one_breath = words_field(
        _("in one breath"), _("What to say to a young person, in a sentence or two.")
    )
    explain_ask = words_field(_("ask"), _("Questions that show whether it fits. One a line."))
    explain_say = words_field(_("say"), _("What they must hear. One a line."))
    explain_yes_example = words_field(_("example of a yes"), _("No names: “A 19-year-old who …”."))
    explain_no_example = words_field(_("example of a no"), _("And what to offer instead."))
    explain_mistakes = words_field(_("common mistakes"), ONE_A_LINE)
    check_questions = StreamField(
        CheckQuestionsBlock(required=False),
        blank=True,
        verbose_name=_("three-question check"),
        help_text=_("Advisers answer these when the rule, an amount or who decides has changed."),
    )

    source_name = models.CharField(_("source"), max_length=300, blank=True)
    source_url = models.URLField(_("web address of the source"), blank=True, max_length=500)
    source_date = models.CharField(
        _("date of the source"),
        max_length=60,
        blank=True,
        help_text=_("As the source gives it: a day, a month, a year."),
    )
    confidence = models.CharField(
        _("how sure we are"),
        max_length=30,
        choices=Confidence.choices,
        default=Confidence.LEWISHAM,
        help_text=_("An example is labelled as one wherever it shows, and nobody is paid by it."),
    )
    also_see = StreamField(SourcesBlock(required=False), blank=True, verbose_name=_("also see"))
    basis_evidence = models.CharField(_("evidence"), max_length=16, choices=BASIS, blank=True)
    basis_approver = models.CharField(_("who decides"), max_length=16, choices=BASIS, blank=True)
    basis_decision_days = models.CharField(_("days to decide"), max_length=16, choices=BASIS, blank=True)
    basis_rule = models.CharField(_("the rule"), max_length=16, choices=BASIS, blank=True)
    confirmed_on = models.DateField(_("confirmed on"), null=True, blank=True)
    confirmed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        editable=False,
        related_name="+",
    )
    decision_reference = models.CharField(_("decision reference"), max_length=80, blank=True)
    call_in_passed_on = models.DateField(_("call-in passed on"), null=True, blank=True)
    agreed_sums = models.CharField(max_length=64, blank=True, editable=False)  # a digest: see `agreement`

    base_form_class = EntitlementPageForm
    copy_form_class = CopyAsDraftForm
    search_kind = "answer"
    search_needs = ("entitlement",)
    nav_section = "handbook"
    parent_page_types = ["entitlements.HandbookPage"]
    subpage_types: list[str] = []
    template = "entitlements/entitlement_page.html"
    # Nobody has confirmed a copy; when it is published it gets a code of its own. A translation keeps the code.
    exclude_fields_in_copy = [
        "confirmed_on",
        "confirmed_by",
        "decision_reference",
        "call_in_passed_on",
        "agreed_sums",
    ]
    search_fields = [
        *ContentPage.search_fields,
        index.SearchField("one_line", boost=2),
        index.SearchField("also_called", boost=2),
        index.SearchField("search_words", boost=2),
        index.SearchField("what_it_is"),
        index.FilterField("section"),
    ]

    edit_handler = editor_tabs(ContentPage.truth_panels)

    class Meta:
        verbose_name = _("entitlement page")

    @property
    def code(self) -> str:
        """The entitlement's code; a page that was never published is called by its address."""
        return self.entitlement.code if self.entitlement else self.slug

    def publish(self, revision: Revision, user: Any = None, *args: Any, **kwargs: Any) -> Any:
        """Publish the page and write its version together, or neither.

        Refuses what a person would publish unfinished (`unfinished`), with an amount the budget holder has not agreed
        (`amount_not_agreed`), or as a translation of nothing (`no_english`). A scheduled page was asked when it was
        scheduled; a loading command is nobody.
        """
        by_somebody = (user is not None or revision.user_id is not None) and not revision.approved_go_live_at
        if by_somebody:
            check_may_publish(revision.as_object())
        with transaction.atomic():
            return super().publish(revision, user, *args, **kwargs)

    def texts(self) -> list[str]:
        """Every text in which marks may stand."""
        names = (*WORDS, *(f"explain_{name}" for name in EXPLAIN))
        return [self.one_line, *(getattr(self, name) for name in names)]

    def clean(self) -> None:
        """Refuse a page that could not keep what it says."""
        super().clean()
        errors: dict[str, Any] = {}
        try:
            check_tokens(self.one_line)
        except ValidationError as refusal:
            errors["one_line"] = refusal
        if self.at_most_weeks and self.per and self.per != Per.WEEK:
            errors["at_most_weeks"] = _("This is for weekly amounts.")
        if self.cap is not None and not (self.cap_period or self.per in WHOLE_SUM_PER):
            errors["cap_period"] = _("Say in what time this is the most.")
        if self.in_force_from and self.in_force_until and self.in_force_until < self.in_force_from:
            errors["in_force_until"] = _("The last day comes before the first.")
        unknown = codes_named(self.texts()) - set(
            Entitlement.objects.filter(code__in=codes_named(self.texts())).values_list("code", flat=True)
        )
        if unknown:
            errors["__all__"] = _("There is no entitlement called %(codes)s.") % {
                "codes": ", ".join(sorted(unknown))
            }
        if errors:
            raise ValidationError(errors)

    def missing(self) -> dict[str, Any]:
        """What a draft may lack and a published page may not: field and what to tell its editor."""
        found: dict[str, Any] = {}
        if self.amount_type == AmountType.FIXED and self.amount is None:
            found["amount"] = _("A fixed amount needs a figure.")
        if (self.amount is not None or self.at_most_weeks) and not self.per:
            found["per"] = _("Say how often this amount is given.")
        used = names_used(self.texts())
        if "days" in used and not self.decision_days:
            found["decision_days"] = _("The texts say {days}: give the number.")
        if "decider" in used and not self.approver_level:
            found["approver_level"] = _("The texts say {decider}: say who decides.")
        return found

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        return {**super().get_context(request, *args, **kwargs), "sheet": sheet_of(self, request)}

    def search_document(self, on: date) -> Document | None:
        """The answer search shows first: its amount and the label it must carry."""
        version = EntitlementVersion(entitlement=self.entitlement, **content_of(self))
        found = super().search_document(on)
        labels = labels_of(version, on)
        # Quiet ones, and what has not started, are for few: they stand behind what fits as well.
        weight = (0.85 if self.quiet else 1.0) * (0.8 if self.status != Status.IN_FORCE else 1.0)
        return found and replace(
            found, amount=say_amount(version, on), label=labels[0].text if labels else "", weight=weight
        )

    def words_of_body(self) -> str:
        """All the words a reader meets."""
        return " ".join(getattr(self, name) for name in WORDS)

    def own_faults(self, on: date) -> list[tuple[str, str]]:
        """For the report: an example nobody confirmed, and a card advisers would look for in vain."""
        found = []
        if self.confidence == Confidence.EXAMPLE and self.confirmed_on is None:
            found.append(("unconfirmed", str(_("an example from another council, not confirmed"))))
        if not self.explain_in_one_breath:
            found.append(("no_explain_card", str(_("advisers have nothing to explain it from"))))
        return found
