"""Help first, written down after: who may give it, what was given, and who looked at it since."""

from datetime import date, datetime

from django.conf import settings
from django.db import models
from django.db.models import F, Q, Sum

from portal.accounts.models import CASEWORK_ROLES, Role, User
from portal.people.models import DatedRow, YoungPerson, held_on
from portal.refs import new_ref
from portal.spot_help.rules import Finding, How, Need


class SpotAuthorityQuerySet(models.QuerySet["SpotAuthority"]):
    def limit_for(self, user: User, *, on: date, with_examples: bool) -> int | None:
        """Pence somebody may give one young person in a day; None when they were given no authority."""
        held = self.filter(held_on(on), user=user)
        if not with_examples:
            held = held.exclude(decision_reference="")
        return held.values_list("limit_pence", flat=True).first()


class SpotAuthority(DatedRow):
    """A named worker may give up to this much on the spot. Without a decision's reference it is an example."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="spot_authority"
    )
    limit_pence = models.PositiveIntegerField()  # to one young person in one day
    given_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    given_at = models.DateTimeField()
    decision_reference = models.CharField(max_length=80, blank=True)

    objects = SpotAuthorityQuerySet.as_manager()

    class Meta(DatedRow.Meta):
        ordering = ["user__first_name", "-starts_on"]
        constraints = [
            *DatedRow.Meta.constraints,
            models.UniqueConstraint(
                name="one_current_spot_authority", fields=["user"], condition=Q(ends_on=None)
            ),
            models.CheckConstraint(name="spot_authority_is_something", condition=Q(limit_pence__gt=0)),
            models.CheckConstraint(name="spot_authority_not_by_oneself", condition=~Q(user=F("given_by"))),
        ]

    def __str__(self) -> str:
        return f"{self.user} {self.limit_pence}"


class SpotLookup(models.Model):
    """Somebody looked for a young person to help them now, and for half an hour may write that help down."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    young_person = models.ForeignKey(
        YoungPerson, on_delete=models.PROTECT, null=True, related_name="+"
    )  # empty: nobody was found
    at = models.DateTimeField()
    ends_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"lookup {self.pk}"


class SpotHelpQuerySet(models.QuerySet["SpotHelp"]):
    def visible_to(self, user: User, *, on: date) -> "SpotHelpQuerySet":
        """Casework: that of whom they see. Whoever gave it: what they gave. A young person: theirs."""
        if not user.is_active or user.frozen_at:
            return self.none()
        theirs = Q(young_person__user=user)
        if user.holds(*CASEWORK_ROLES, Role.OUT_OF_HOURS, on=on):
            theirs |= Q(given_by=user)
        if user.holds(*CASEWORK_ROLES, on=on):
            theirs |= Q(young_person__in=YoungPerson.objects.visible_to(user, on=on))
        return self.filter(theirs)

    def to_check(self, user: User, *, on: date) -> "SpotHelpQuerySet":
        """What somebody may check now, oldest promise first: never their own, and never about themselves."""
        if not user.holds(*CASEWORK_ROLES, on=on):
            return self.none()
        found = self.visible_to(user, on=on).filter(checked_at=None)
        return found.exclude(given_by=user).exclude(young_person__user=user).order_by("check_by", "pk")

    def given_pence(self, *, by: User, young_person_id: int, on: date) -> int:
        """What one worker gave one young person on a day."""
        total: int | None = self.filter(given_by=by, young_person_id=young_person_id, given_on=on).aggregate(
            total=Sum("pence")
        )["total"]
        return total or 0


class SpotHelp(models.Model):
    """One help given on the spot. Only its number and the check are added after; nothing comes back."""

    ref = models.CharField(max_length=10, unique=True, default=new_ref, editable=False)
    token = models.CharField(max_length=26, unique=True)  # one form, one help
    young_person = models.ForeignKey(YoungPerson, on_delete=models.PROTECT, related_name="spot_help")
    need = models.CharField(max_length=8, choices=Need.choices)
    how = models.CharField(max_length=8, choices=How.choices)
    pence = models.PositiveIntegerField()
    proof = models.CharField(max_length=60, blank=True)  # the number of the voucher, slip or till receipt
    given_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    given_at = models.DateTimeField()
    given_on = models.DateField()  # the London day
    limit_pence = models.PositiveIntegerField()  # the authority it was given under
    check_by = models.DateField()
    checked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    checked_at = models.DateTimeField(null=True)
    finding = models.CharField(max_length=6, choices=Finding.choices, blank=True)
    finding_words = models.CharField(max_length=300, blank=True)  # for colleagues

    objects = SpotHelpQuerySet.as_manager()

    class Meta:
        ordering = ["-given_at", "-pk"]
        verbose_name_plural = "spot help"
        indexes = [models.Index(name="spot_help_to_check", fields=["check_by"], condition=Q(checked_at=None))]
        constraints = [
            models.CheckConstraint(
                name="spot_help_within_its_limit", condition=Q(pence__gt=0, pence__lte=F("limit_pence"))
            ),
            models.UniqueConstraint(name="spot_proof_once", fields=["how", "proof"], condition=~Q(proof="")),
            models.CheckConstraint(
                name="spot_help_checked_by_another",
                condition=Q(checked_by=None, checked_at=None, finding="")
                | (
                    Q(checked_by__isnull=False, checked_at__isnull=False)
                    & ~Q(finding="")
                    & ~Q(checked_by=F("given_by"))
                ),
            ),
            models.CheckConstraint(
                name="spot_help_odd_says_what", condition=~Q(finding="ODD") | ~Q(finding_words="")
            ),
        ]

    def __str__(self) -> str:
        return self.ref

    @property
    def is_checked(self) -> bool:
        return self.checked_at is not None

    def is_late(self, on: date) -> bool:
        """Nobody has checked it by the day it was promised."""
        return self.checked_at is None and self.check_by < on

    @property
    def key(self) -> str:
        """Its own reference in the ledger."""
        return f"spot:{self.ref}"


def opened_by_lookup(user: User, *, at: datetime) -> models.QuerySet[YoungPerson]:
    """Whom somebody found to help and may still write help down for."""
    found = SpotLookup.objects.filter(user=user, at__lte=at, ends_at__gt=at).values("young_person")
    return YoungPerson.objects.filter(pk__in=found)
