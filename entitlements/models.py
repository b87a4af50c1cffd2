"""One definition of each entitlement: a stable code, and the immutable versions an editor published."""

from datetime import date

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class Duty(models.TextChoices):
    MUST = "MUST", _("We must offer this")
    USUALLY = "USUALLY", _("We usually offer this")
    MAY = "MAY", _("We may offer this")


class Status(models.TextChoices):
    IN_FORCE = "IN_FORCE", _("In force")
    ANNOUNCED = "ANNOUNCED", _("Announced, not started yet")
    PROSPECTIVE = "PROSPECTIVE", _("In law, not started yet")


class Confidence(models.TextChoices):
    LEWISHAM = "LEWISHAM", _("From the council itself")
    NATIONAL = "NATIONAL", _("National or London-wide")
    EXAMPLE = "EXAMPLE_FROM_OTHER_COUNCIL", _("Example from another council, not confirmed")


class HowToGet(models.TextChoices):
    AUTOMATIC = "AUTOMATIC", _("Comes by itself")
    ASK_PA = "ASK_PA", _("Ask your adviser")
    REQUEST_ONLINE = "REQUEST_ONLINE", _("Ask for it here")
    APPLY_ELSEWHERE = "APPLY_ELSEWHERE", _("Apply somewhere else")


class ApproverLevel(models.TextChoices):
    PA = "PA", _("your adviser")
    TEAM_MANAGER = "TEAM_MANAGER", _("a team manager")
    SERVICE_MANAGER = "SERVICE_MANAGER", _("a service manager")
    PANEL = "PANEL", _("a panel")


class AmountType(models.TextChoices):
    FIXED = "FIXED", _("exactly")
    UP_TO = "UP_TO", _("up to")
    IN_KIND = "IN_KIND", _("given as a thing or a service")
    VARIES = "VARIES", _("varies")


class Per(models.TextChoices):
    ONCE = "ONCE", _("once")
    YEAR = "YEAR", _("a year")
    ACADEMIC_YEAR = "ACADEMIC_YEAR", _("an academic year")
    MONTH = "MONTH", _("a month")
    WEEK = "WEEK", _("a week")
    TERM = "TERM", _("a term")
    ITEM = "ITEM", _("each")


class Section(models.TextChoices):
    """Where a page stands in the local offer. The stored words are part of addresses: `/offer/<section>/`."""

    MONEY = "money", _("Money")
    HOME = "home", _("Home")
    EDUCATION_AND_WORK = "education-and-work", _("Education and work")
    HEALTH = "health", _("Health")
    FEELING_WELL = "feeling-well", _("Feeling well")
    FAMILY = "family", _("Family")
    PAPERS_AND_LEGAL = "papers-and-legal", _("Papers and legal")
    HAVING_A_SAY = "having-a-say", _("Having a say")
    YOUR_RIGHTS = "your-rights", _("Your rights")


class Kind(models.TextChoices):
    STATUTORY = "STATUTORY", _("In law")
    NATIONAL = "NATIONAL", _("A national or London scheme")
    LOCAL = "LOCAL", _("A local promise")
    DISCRETIONARY = "DISCRETIONARY", _("At the council's discretion")


class AffectsBenefits(models.TextChoices):
    YES = "YES", _("Yes")
    NO = "NO", _("No")
    ASK = "ASK", _("Ask first")


class Entitlement(models.Model):
    """The thing itself, by a code that never changes. Pages of every language, requests and the ledger point here."""

    code = models.SlugField(max_length=80, unique=True)
    # The version in force for readers now; empty when the page is not published.
    current = models.ForeignKey(
        "EntitlementVersion", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    # What `load_handbook` last took from the data file, by field: tells an editor's change from a changed fact.
    loaded = models.JSONField(default=dict, editable=False)

    class Meta:
        ordering = ["code"]

    def __str__(self) -> str:
        return self.code


class EntitlementVersionQuerySet(models.QuerySet["EntitlementVersion"]):
    def current(self) -> "EntitlementVersionQuerySet":
        """The versions readers see now, with their codes, in one query."""
        in_use = Entitlement.objects.filter(current=models.OuterRef("pk"))
        return self.filter(models.Exists(in_use)).select_related("entitlement").order_by("title")


class EntitlementVersion(models.Model):
    """What was published, whole and for good: the page's words, the rule, the amount, the cap, the script.

    Triggers refuse UPDATE and DELETE. A request, a decision and the ledger quote the version they were made under.
    """

    entitlement = models.ForeignKey(Entitlement, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    published_at = models.DateTimeField()
    published_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    revision_id = models.BigIntegerField(null=True)
    # Of all that was published, so that the same content published again is the same version.
    digest = models.CharField(max_length=64)

    title = models.CharField(max_length=255)
    one_line = models.CharField(max_length=300)
    section = models.CharField(max_length=20, choices=Section.choices)
    duty = models.CharField(max_length=10, choices=Duty.choices)
    duty_line = models.CharField(max_length=300, blank=True)
    kind = models.CharField(max_length=14, choices=Kind.choices)
    status = models.CharField(max_length=12, choices=Status.choices)
    confidence = models.CharField(max_length=30, choices=Confidence.choices)
    quiet = models.BooleanField(default=False)
    how_to_get = models.CharField(max_length=20, choices=HowToGet.choices)
    approver_level = models.CharField(max_length=20, choices=ApproverLevel.choices, blank=True)
    decision_days = models.PositiveSmallIntegerField(null=True)
    affects_benefits = models.CharField(max_length=4, choices=AffectsBenefits.choices)
    cost_code = models.CharField(max_length=40, blank=True)

    amount_type = models.CharField(max_length=10, choices=AmountType.choices)
    per = models.CharField(max_length=14, choices=Per.choices, blank=True)
    amount_pence = models.PositiveIntegerField(null=True)  # the base rate on the day of publishing
    rates = models.JSONField(default=list)  # dated rates, as entitlements.rules reads them
    cap_pence = models.PositiveIntegerField(null=True)
    cap_period = models.CharField(max_length=14, choices=Per.choices, blank=True)
    rule = models.JSONField(default=dict)  # as entitlements.rules.Rule.from_data reads it
    evidence = models.JSONField(default=list)  # what to have ready, in words
    words = models.JSONField(default=dict)  # what the page said, by field
    explain = models.JSONField(default=dict)  # the adviser's card

    in_force_from = models.DateField(null=True)
    in_force_until = models.DateField(null=True)
    source = models.JSONField(default=dict)
    confirmed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    confirmed_on = models.DateField(null=True)
    decision_reference = models.CharField(max_length=80, blank=True)
    call_in_passed_on = models.DateField(null=True)
    review_by = models.DateField(null=True)

    objects = EntitlementVersionQuerySet.as_manager()

    class Meta:
        ordering = ["entitlement", "-number"]
        constraints = [models.UniqueConstraint(name="version_number_once", fields=["entitlement", "number"])]

    def __str__(self) -> str:
        return f"{self.title} (version {self.number})"

    @property
    def code(self) -> str:
        """The code of its entitlement."""
        return self.entitlement.code

    @property
    def is_confirmed(self) -> bool:
        """Whether the council stands behind this amount: its own or national, or confirmed by the budget holder."""
        return self.confidence != Confidence.EXAMPLE or self.confirmed_on is not None

    def is_in_force(self, on: date) -> bool:
        """Whether it has started, and not ended, on a day."""
        return (
            self.status == Status.IN_FORCE
            and (self.in_force_from is None or self.in_force_from <= on)
            and (self.in_force_until is None or on <= self.in_force_until)
        )


# These are models too: Django finds them through this module.
import entitlements.moderation  # noqa: E402
import entitlements.pages  # noqa: E402, F401
