"""Never more than the cap: what is reserved, spent and left, by person, entitlement and period."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from portal.people.models import YoungPerson


class Allowance(models.Model):
    """What one young person may have of one entitlement in one period, and how much of it is taken."""

    young_person = models.ForeignKey(YoungPerson, on_delete=models.PROTECT, related_name="allowances")
    entitlement = models.ForeignKey("entitlements.Entitlement", on_delete=models.PROTECT, related_name="+")
    period = models.CharField(max_length=12)  # "once", "2026", "2026-27", "2026-11", "2026-W47"
    cap_pence = models.PositiveIntegerField(null=True)  # empty: no cap
    extra_pence = models.PositiveIntegerField(default=0)  # recorded exceptions above a discretionary cap
    reserved_pence = models.PositiveIntegerField(default=0)
    spent_pence = models.PositiveIntegerField(default=0)
    expires_on = models.DateField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(name="allowance_once", fields=["young_person", "entitlement", "period"]),
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

    allowance = models.ForeignKey(Allowance, on_delete=models.PROTECT, related_name="entries")
    kind = models.CharField(max_length=10, choices=Kind.choices)
    pence = models.PositiveIntegerField()
    key = models.CharField(max_length=80, unique=True)  # "request:REF:reserve": the same movement twice is once
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.kind} {self.pence}"
