"""Who is who, and who looks after whom on which day."""

from datetime import date

from django.conf import settings
from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from entitlements.facts import CareLeaverStatus
from portal.accounts.models import Role, User
from portal.refs import new_ref


def held_on(on: date, prefix: str = "") -> Q:
    """A dated row that counts on a day: started, and not ended before it."""
    return Q(**{f"{prefix}starts_on__lte": on}) & (
        Q(**{f"{prefix}ends_on": None}) | Q(**{f"{prefix}ends_on__gte": on})
    )


class DatedRow(models.Model):
    """True from one day to another; `ends_on` is the last day and is empty while current."""

    starts_on = models.DateField()
    ends_on = models.DateField(null=True, blank=True)

    class Meta:
        abstract = True
        constraints = [
            models.CheckConstraint(
                name="%(class)s_ends_after_start", condition=Q(ends_on=None) | Q(ends_on__gte=F("starts_on"))
            )
        ]


class Team(models.Model):
    """A team of advisers or social workers."""

    code = models.SlugField(unique=True)
    name = models.CharField(max_length=80)

    def __str__(self) -> str:
        return self.name


class TeamMembership(DatedRow):
    """Who works in, or manages, a team."""

    team = models.ForeignKey(Team, on_delete=models.PROTECT, related_name="memberships")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="team_memberships")
    manages = models.BooleanField(default=False)

    def __str__(self) -> str:
        return f"{self.user} in {self.team}"


class Absence(DatedRow):
    """Somebody is away, and a colleague covers: sees the same young people and holds the same promises."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="absences")
    cover = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="covering")

    def __str__(self) -> str:
        return f"{self.user} away"


class YoungPersonQuerySet(models.QuerySet["YoungPerson"]):
    """The one place that says who may see whom (product.md section 3)."""

    def visible_to(self, user: User, *, on: date) -> "YoungPersonQuerySet":
        """The young people somebody may open on a day. Starts from nobody and adds; every view begins here.

        Advisers and social workers: those allocated to them, and to colleagues they cover for. Duty: those with no adviser
        now. Team managers: those allocated to their teams. Service managers: all. A young person: themselves.
        Everyone else: nobody.
        """
        if not user.is_authenticated or user.frozen_at:
            return self.none()
        roles = user.roles_on(on)
        seen = Q(user=user)
        if roles & {Role.PERSONAL_ADVISER, Role.SOCIAL_WORKER}:
            covered = Absence.objects.filter(held_on(on), cover=user).values("user")
            seen |= Exists(
                Allocation.objects.filter(
                    held_on(on), Q(worker=user) | Q(worker__in=covered), young_person=OuterRef("pk")
                )
            )
        if Role.DUTY_ADVISER in roles:
            seen |= ~Exists(Allocation.objects.filter(held_on(on), young_person=OuterRef("pk")))
        if Role.TEAM_MANAGER in roles:
            managed = TeamMembership.objects.filter(held_on(on), user=user, manages=True).values("team")
            workers = TeamMembership.objects.filter(held_on(on), team__in=managed).values("user")
            seen |= Q(team__in=managed) | Exists(
                Allocation.objects.filter(held_on(on), worker__in=workers, young_person=OuterRef("pk"))
            )
        if Role.SERVICE_MANAGER in roles:
            return self.all()
        return self.filter(seen)


class YoungPerson(models.Model):
    """A young person the council owes a local offer. Facts come from the case record; nothing here is typed by guess."""

    ref = models.CharField(max_length=10, unique=True, default=new_ref, editable=False)
    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="young_person"
    )
    person_id = models.CharField(max_length=40, unique=True)  # the case record's own
    given_name = models.CharField(max_length=80)
    family_name = models.CharField(max_length=80)
    known_as = models.CharField(max_length=80, blank=True)
    born_on = models.DateField(null=True, blank=True)
    born_estimated = models.BooleanField(default=False)
    team = models.ForeignKey(Team, on_delete=models.PROTECT, null=True, blank=True, related_name="young_people")
    interpreter_language = models.CharField(max_length=40, blank=True)
    died_on = models.DateField(null=True, blank=True)
    opted_out_at = models.DateTimeField(null=True, blank=True)
    in_custody_since = models.DateField(null=True, blank=True)
    in_the_demo = models.BooleanField(default=False)

    objects = YoungPersonQuerySet.as_manager()

    class Meta:
        ordering = ["given_name", "pk"]

    def __str__(self) -> str:
        return self.ref

    @property
    def name(self) -> str:
        """What they like to be called."""
        return self.known_as or self.given_name


class StatusPeriod(DatedRow):
    """The legal status that gives the right, dated, from the case record; never worked out from dates."""

    young_person = models.ForeignKey(YoungPerson, on_delete=models.PROTECT, related_name="status_periods")
    status = models.CharField(max_length=20, choices=[(s.value, s.name) for s in CareLeaverStatus])

    class Meta(DatedRow.Meta):
        constraints = [
            *DatedRow.Meta.constraints,
            models.UniqueConstraint(name="one_current_status", fields=["young_person"], condition=Q(ends_on=None)),
        ]

    def __str__(self) -> str:
        return self.status


class Circumstance(models.Model):
    """One fact about somebody's life, with where it came from and how long it may be believed."""

    class Source(models.TextChoices):
        DERIVED = "DERIVED", _("worked out from the record")
        IMPORTED = "IMPORTED", _("from the case record")
        TOLD = "TOLD", _("told by the young person")
        CONFIRMED = "CONFIRMED", _("confirmed by a member of staff")

    young_person = models.ForeignKey(YoungPerson, on_delete=models.PROTECT, related_name="circumstances")
    key = models.CharField(max_length=60)
    value = models.BooleanField()
    source = models.CharField(max_length=10, choices=Source.choices)
    said_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    as_of = models.DateField()
    until = models.DateField(null=True, blank=True)  # the last day it may be believed

    class Meta:
        constraints = [models.UniqueConstraint(name="one_fact_a_circumstance", fields=["young_person", "key"])]

    def __str__(self) -> str:
        return self.key


class Allocation(DatedRow):
    """Who looks after somebody. Seeing a record follows from this row and ends with it."""

    class As(models.TextChoices):
        PERSONAL_ADVISER = "PERSONAL_ADVISER", _("personal adviser")
        SOCIAL_WORKER = "SOCIAL_WORKER", _("social worker")

    young_person = models.ForeignKey(YoungPerson, on_delete=models.PROTECT, related_name="allocations")
    worker = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="allocations")
    acts_as = models.CharField(max_length=20, choices=As.choices, default=As.PERSONAL_ADVISER)

    class Meta(DatedRow.Meta):
        constraints = [
            *DatedRow.Meta.constraints,
            models.UniqueConstraint(
                name="one_current_worker_each", fields=["young_person", "acts_as"], condition=Q(ends_on=None)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.worker} for {self.young_person}"


class PlanReview(models.Model):
    """A pathway plan review: when the next one is due."""

    young_person = models.ForeignKey(YoungPerson, on_delete=models.PROTECT, related_name="plan_reviews")
    due_on = models.DateField()
    done_on = models.DateField(null=True, blank=True)

    def __str__(self) -> str:
        return f"review due {self.due_on}"


class BreakGlass(models.Model):
    """Somebody opened a record that is not theirs: why, until when, and their manager is told at once (rule 3)."""

    young_person = models.ForeignKey(YoungPerson, on_delete=models.PROTECT, related_name="break_glass")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    reason = models.TextField()
    opened_at = models.DateTimeField()
    ends_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"break-glass {self.pk}"
