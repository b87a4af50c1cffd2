"""Never more than the cap: what is reserved, spent and left, by person, entitlement and period."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from portal.ledger.rules import Sums
from portal.people.models import YoungPerson


class Allowance(models.Model):
    """What one young person may have of one entitlement in one period, and how much of it is taken.

    Without an entitlement it is "something else": counted, and with no cap.
    """

    young_person = models.ForeignKey(YoungPerson, on_delete=models.PROTECT, related_name="allowances")
    entitlement = models.ForeignKey(
        "entitlements.Entitlement", on_delete=models.PROTECT, null=True, related_name="+"
    )
    period = models.CharField(
        max_length=12
    )  # "once", "2026", "2026-27", "2026-11", "2026-W47", "2026-autumn"
    # The newest version whose cap this is; an older request never brings an older cap back.
    version = models.ForeignKey(
        "entitlements.EntitlementVersion", on_delete=models.PROTECT, null=True, related_name="+"
    )
    cap_pence = models.PositiveIntegerField(null=True)  # empty: no cap
    extra_pence = models.PositiveIntegerField(default=0)  # recorded exceptions above the cap
    reserved_pence = models.PositiveIntegerField(default=0)
    spent_pence = models.PositiveIntegerField(default=0)
    expires_on = models.DateField(null=True)  # the period's last day

    class Meta:
        constraints = [
            models.UniqueConstraint(name="allowance_once", fields=["young_person", "entitlement", "period"]),
            models.UniqueConstraint(
                name="allowance_something_else_once",
                fields=["young_person", "period"],
                condition=Q(entitlement=None),
            ),
            models.CheckConstraint(
                name="allowance_never_over",
                condition=Q(cap_pence=None)
                | Q(cap_pence__gte=F("reserved_pence") + F("spent_pence") - F("extra_pence")),
            ),
        ]

    def __str__(self) -> str:
        return f"allowance {self.pk}"

    @property
    def left_pence(self) -> int | None:
        """Pence not yet spoken for; None when there is no cap."""
        if self.cap_pence is None:
            return None
        return self.cap_pence + self.extra_pence - self.reserved_pence - self.spent_pence

    @property
    def counters(self) -> Sums:
        """What the row says, to hold against what its entries say."""
        return Sums(self.cap_pence, self.extra_pence, self.reserved_pence, self.spent_pence)


class Entry(models.Model):
    """One movement, added and never changed; a correction is another entry. Triggers hold that on both databases."""

    class Kind(models.TextChoices):
        RESERVE = "RESERVE", _("set aside")
        RELEASE = "RELEASE", _("given back")
        SPEND = "SPEND", _("paid")
        UNSPEND = "UNSPEND", _("came back unpaid")
        OPENING = "OPENING", _("before this service began")
        ELSEWHERE = "ELSEWHERE", _("paid another way")
        EXCEPTION = "EXCEPTION", _("raised above the cap for one person")
        UNEXCEPT = "UNEXCEPT", _("such a raise was not used")
        CAP = "CAP", _("the most there is, from a published page")
        NO_CAP = "NO_CAP", _("no limit, from a published page")

    allowance = models.ForeignKey(Allowance, on_delete=models.PROTECT, related_name="entries")
    kind = models.CharField(max_length=10, choices=Kind.choices)
    pence = models.PositiveIntegerField()
    key = models.CharField(
        max_length=80, unique=True
    )  # "request:REF:reserve": the same movement twice is once
    reason = models.CharField(
        max_length=300, blank=True
    )  # why the cap was passed; never a young person's story
    version = models.ForeignKey(
        "entitlements.EntitlementVersion", on_delete=models.PROTECT, null=True, related_name="+"
    )
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField()

    repeated = False
    """Whether a service found this entry already there, and so moved nothing."""

    class Meta:
        ordering = ["pk"]
        verbose_name_plural = "entries"
        constraints = [
            models.CheckConstraint(
                name="entry_moves_something", condition=Q(pence__gte=1) | Q(kind__in=["CAP", "NO_CAP"])
            ),
            models.CheckConstraint(
                name="entry_exception_says_who_and_why",
                condition=~Q(kind="EXCEPTION") | (Q(by__isnull=False) & ~Q(reason="")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.pence}"
