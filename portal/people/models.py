"""Who is who, and who looks after whom on which day."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import BooleanField, Case, CharField, Exists, F, OuterRef, Prefetch, Q, Value, When
from django.db.models.functions import Length
from django.db.models.lookups import GreaterThanOrEqual
from django.utils.translation import gettext_lazy as _

from entitlements import facts as known
from entitlements.facts import MISSING_BIRTH_DATE, CareLeaverStatus, Facts
from portal.accounts.models import CASEWORK_ROLES, Invitation, Role, User
from portal.people.facts import Reader
from portal.refs import new_ref

BREAK_GLASS = "BREAK_GLASS"  # how a record was opened, when no role opens it
BREAK_GLASS_LASTS = timedelta(minutes=60)
SHORTEST_REASON = 20  # characters
UNDONE_WITHIN = timedelta(days=30)  # a change of the way in (rule 17)


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

    def counts_on(self, on: date) -> bool:
        """Whether it is true on a day."""
        return self.starts_on <= on and (self.ends_on is None or self.ends_on >= on)


class Team(models.Model):
    """A team of advisers or social workers."""

    code = models.SlugField(unique=True)
    name = models.CharField(max_length=80)

    def __str__(self) -> str:
        return self.name


class TeamMembership(DatedRow):
    """Who works in, or manages, a team."""

    team = models.ForeignKey(Team, on_delete=models.PROTECT, related_name="memberships")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="team_memberships"
    )
    manages = models.BooleanField(default=False)

    def __str__(self) -> str:
        return f"{self.user} in {self.team}"


class Absence(DatedRow):
    """Somebody is away, and a colleague covers: sees the same young people and holds the same promises."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="absences")
    cover = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="covering"
    )

    class Meta(DatedRow.Meta):
        constraints = [
            *DatedRow.Meta.constraints,
            models.CheckConstraint(name="nobody_covers_for_themselves", condition=~Q(cover=F("user"))),
        ]

    def __str__(self) -> str:
        return f"{self.user} away"


class YoungPersonQuerySet(models.QuerySet["YoungPerson"]):
    """The one place that says who may see whom (product.md section 3)."""

    def visible_to(self, user: User, *, on: date, at: datetime | None = None) -> "YoungPersonQuerySet":
        """The young people somebody may see on a day. Starts from nobody and adds; every view begins here.

        Advisers: those allocated to them, and to colleagues they cover for. Social workers: the same, for
        children. Duty:
        those with no adviser now, and whoever asked duty for help that day or has no answer yet. Team managers: their
        teams', and
        those of managers they cover for.
        Service managers:
        all. A young person: themselves. Everyone else: nobody.

        With `at`, also what somebody opened by break-glass and may still read at that moment. Only pages that show give
        it (`open_record` on GET); what changes or exports never does, so break-glass reads and nothing more (rule 3).
        """
        if not _may_look(user):
            return self.none()
        seen = Q(user=user)
        for _seen_as, theirs in _ways_to_see(user, on=on, at=at):
            seen |= theirs
        return self.filter(seen)

    def seen_by(self, user: User, *, on: date, at: datetime | None = None) -> "YoungPersonQuerySet":
        """The same people, each with `seen_as`: the role that opens the record, `BREAK_GLASS`, or empty for oneself."""
        if not _may_look(user):
            return self.none()
        cases = [When(theirs, then=Value(seen_as)) for seen_as, theirs in _ways_to_see(user, on=on, at=at)]
        return self.visible_to(user, on=on, at=at).annotate(
            seen_as=Case(*cases, default=Value(""), output_field=CharField())
        )

    def with_advisers(self) -> "YoungPersonQuerySet":
        """Brings what `adviser_on`, `social_worker_on` and `holder_on` read, covers included."""
        return self.prefetch_related(
            Prefetch("allocations", Allocation.objects.select_related("worker")),
            Prefetch("allocations__worker__absences", Absence.objects.select_related("cover")),
        )


def _may_look(user: User) -> bool:
    return user.is_authenticated and user.is_active and user.frozen_at is None


def _ways_to_see(user: User, *, on: date, at: datetime | None) -> Iterable[tuple[str, Q]]:
    """Each role held on the day with the young people it opens, nearest first."""
    roles = user.roles_on(on)
    now_theirs = Allocation.objects.effective(on).filter(young_person=OuterRef("pk"))
    covered_by_them = Absence.objects.filter(held_on(on), cover=user).values("user")
    for role in (Role.PERSONAL_ADVISER, Role.SOCIAL_WORKER):
        if role in roles:
            own = now_theirs.filter(Q(worker=user) | Q(worker__in=covered_by_them), acts_as=role)
            yield role, Q(Exists(own))
    if Role.DUTY_ADVISER in roles:
        asked_today = AskedDuty.objects.waiting_or_of(on).filter(young_person=OuterRef("pk"))
        yield Role.DUTY_ADVISER, Q(~Exists(now_theirs)) | Q(Exists(asked_today))
    if Role.TEAM_MANAGER in roles:
        managing = Q(user=user) | Q(user__in=covered_by_them)
        managed = TeamMembership.objects.filter(held_on(on), managing, manages=True).values("team")
        workers = TeamMembership.objects.filter(held_on(on), team__in=managed).values("user")
        yield Role.TEAM_MANAGER, Q(team__in=managed) | Q(Exists(now_theirs.filter(worker__in=workers)))
    if Role.SERVICE_MANAGER in roles:
        yield Role.SERVICE_MANAGER, Q(pk__isnull=False)
    if at is not None and roles & CASEWORK_ROLES:
        opened = BreakGlass.objects.filter(
            user=user, opened_at__lte=at, ends_at__gt=at, young_person=OuterRef("pk")
        )
        yield BREAK_GLASS, Q(Exists(opened))


class YoungPerson(models.Model):
    """A young person the council owes a local offer. Facts come from the case record; nothing here is typed
    by guess.
    """

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
    children = models.PositiveSmallIntegerField(null=True, blank=True)  # living with them; empty: not known
    team = models.ForeignKey(
        Team, on_delete=models.PROTECT, null=True, blank=True, related_name="young_people"
    )
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

    def facts(self, on: date) -> Facts:
        """What the rules may ask about this person on a day. One query.

        A circumstance that is no longer to be believed on that day comes as stale, which counts as unknown. Awards are
        not here: the ledger knows them.
        """
        return Reader(on).facts(
            said_about(young_person=self),
            born_on=self.born_on,
            born_estimated=self.born_estimated,
            children=self.children,
            in_custody_since=self.in_custody_since,
        )

    def adviser_on(self, on: date) -> User | None:
        """Their personal adviser on a day, or whoever covers while the adviser is away; None when duty
        looks after them.
        """
        return self._worker_on(on, Role.PERSONAL_ADVISER)

    def social_worker_on(self, on: date) -> User | None:
        """Their social worker on a day, while they are a child; cover counts."""
        return self._worker_on(on, Role.SOCIAL_WORKER) if self.is_child_on(on) else None

    def holder_on(self, on: date) -> User | None:
        """Who holds what they are waiting for: the adviser, else the social worker, else None, which is the
        duty team.
        """
        return self.adviser_on(on) or self.social_worker_on(on)

    def holder_name_on(self, on: date) -> str:
        """The holder in words a young person knows."""
        holder = self.holder_on(on)
        return str(holder) if holder is not None else str(_("the duty team"))

    def is_child_on(self, on: date) -> bool:
        """Under 18 on a day. An estimated or missing birthday keeps them a child as long as it may be so."""
        if self.born_on is None or self.born_on == MISSING_BIRTH_DATE:
            return True
        born_on = self.born_on.replace(month=12, day=31) if self.born_estimated else self.born_on
        return known.age_on(born_on, on) < 18

    def _worker_on(self, on: date, acts_as: str) -> User | None:
        """Prefetched rows are read in Python, so a list of people costs no query each."""
        for allocation in self.allocations.all():
            if allocation.acts_as == acts_as and allocation.counts_on(on) and allocation.worker.is_active:
                return _present_or_cover(allocation.worker, on)
        return None


def _present_or_cover(worker: User, on: date) -> User:
    """The worker, or whoever covers, or whoever covers for the cover. An absence without a cover changes nobody."""
    asked: set[int] = set()
    while worker.pk not in asked:
        asked.add(worker.pk)
        cover = next(
            (away.cover for away in worker.absences.all() if away.counts_on(on) and away.cover), None
        )
        if cover is None or not cover.is_active:
            break
        worker = cover
    return worker


class StatusPeriod(DatedRow):
    """The legal status that gives the right, dated, from the case record; never worked out from dates."""

    young_person = models.ForeignKey(YoungPerson, on_delete=models.PROTECT, related_name="status_periods")
    status = models.CharField(max_length=20, choices=[(s.value, s.name) for s in CareLeaverStatus])

    class Meta(DatedRow.Meta):
        constraints = [
            *DatedRow.Meta.constraints,
            models.UniqueConstraint(
                name="one_current_status", fields=["young_person"], condition=Q(ends_on=None)
            ),
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
    said_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    as_of = models.DateField()
    until = models.DateField(null=True, blank=True)  # the last day it may be believed

    class Meta:
        constraints = [
            models.UniqueConstraint(name="one_fact_a_circumstance", fields=["young_person", "key"])
        ]

    def __str__(self) -> str:
        return self.key

    def as_known(self, on: date) -> known.Known:
        """As the rules take it, stale when it is too old to believe on that day."""
        return Reader(on).known(self.key, self.value, self.source, self.as_of, self.until)


def said_about(**whom: object) -> Iterable[Any]:
    """Statuses and circumstances of the young people a filter finds, as rows of `facts.Said`, in one query."""
    statuses = StatusPeriod.objects.filter(**whom).values_list(
        "young_person_id", "status", "starts_on", "ends_on", Value(None, BooleanField()), Value("")
    )
    circumstances = Circumstance.objects.filter(**whom).values_list(
        "young_person_id", "key", "as_of", "until", "value", "source"
    )
    return statuses.union(circumstances, all=True).iterator()


class AllocationQuerySet(models.QuerySet["Allocation"]):
    def effective(self, on: date) -> "AllocationQuerySet":
        """Allocations that give sight of somebody on a day: held, the worker's account open, a social worker's only for
        a child. A birthday that is missing or estimated keeps the social worker as long as it may be before 18."""
        turned_18 = known.born_between_for_age(18, on)[1]
        child = (
            Q(young_person__born_on=None)
            | Q(young_person__born_on=MISSING_BIRTH_DATE)
            | Q(young_person__born_on__gt=turned_18)
            | Q(young_person__born_estimated=True, young_person__born_on__gte=_year_that_may_be_18(turned_18))
        )
        adviser = Q(acts_as=Allocation.As.PERSONAL_ADVISER)
        return self.filter(held_on(on), adviser | child, worker__is_active=True)


def _year_that_may_be_18(turned_18: date) -> date:
    """The first birth date whose year still holds a day after the last day on which somebody now 18 was born."""
    year = turned_18.year if (turned_18.month, turned_18.day) < (12, 31) else turned_18.year + 1
    return date(year, 1, 1)


class Allocation(DatedRow):
    """Who looks after somebody. Seeing a record follows from this row and ends with it."""

    class As(models.TextChoices):
        PERSONAL_ADVISER = "PERSONAL_ADVISER", _("personal adviser")
        SOCIAL_WORKER = "SOCIAL_WORKER", _("social worker")

    young_person = models.ForeignKey(YoungPerson, on_delete=models.PROTECT, related_name="allocations")
    worker = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="allocations")
    acts_as = models.CharField(max_length=20, choices=As.choices, default=As.PERSONAL_ADVISER)

    objects = AllocationQuerySet.as_manager()

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


class AskedDutyQuerySet(models.QuerySet["AskedDuty"]):
    def waiting_or_of(self, on: date) -> "AskedDutyQuerySet":
        """What gives duty sight of somebody on a day: asked for that day, or before it and still without an answer."""
        return self.filter(Q(on=on) | Q(on__lt=on, answered_at=None))

    def waiting(self, *, on: date) -> "AskedDutyQuerySet":
        """Nobody has been in touch yet, the longest waiting first."""
        return self.filter(answered_at=None, on__lte=on).order_by("asked_at", "pk")


class AskedDuty(models.Model):
    """Somebody asked the duty team to be in touch, on the working day it can be read; duty sees them that day, and
    until somebody has been in touch."""

    young_person = models.ForeignKey(YoungPerson, on_delete=models.PROTECT, related_name="asked_duty")
    on = models.DateField()
    asked_at = models.DateTimeField()
    managers_told_at = models.DateTimeField(null=True)  # nobody had been in touch after an hour of the office
    answered_at = models.DateTimeField(null=True)
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )

    objects = AskedDutyQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(name="asked_duty_waiting", fields=["asked_at"], condition=Q(answered_at=None))
        ]
        constraints = [
            models.UniqueConstraint(name="asked_duty_once_a_day", fields=["young_person", "on"]),
            models.CheckConstraint(
                name="asked_duty_answered_by_somebody",
                condition=Q(answered_at=None, answered_by=None)
                | Q(answered_at__isnull=False, answered_by__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"asked duty on {self.on}"


class BreakGlass(models.Model):
    """Somebody opened a record that is not theirs: why, until when, and their manager is told at once (rule 3)."""

    young_person = models.ForeignKey(YoungPerson, on_delete=models.PROTECT, related_name="break_glass")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    reason = models.TextField()
    opened_at = models.DateTimeField()
    ends_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(name="break_glass_open", fields=["user", "ends_at"])]
        constraints = [
            models.CheckConstraint(
                name="break_glass_says_why", condition=GreaterThanOrEqual(Length("reason"), SHORTEST_REASON)
            ),
            models.CheckConstraint(name="break_glass_ends_later", condition=Q(ends_at__gt=F("opened_at"))),
        ]

    def __str__(self) -> str:
        return f"break-glass {self.pk}"


class RecoveryQuerySet(models.QuerySet["Recovery"]):
    def open(self, *, now: datetime) -> "RecoveryQuerySet":
        """Begun, and not done, stopped, come in by, or older than a week."""
        return self.filter(done_at=None, stopped_at=None, ends_at__gt=now).exclude(
            invitation__used_at__isnull=False
        )

    def for_a_second(self, user: User, *, now: datetime) -> "RecoveryQuerySet":
        """Waits for a second member of staff, who may be `user`; whom they may see is asked by whoever lists them."""
        return self.open(now=now).filter(confirmed_at=None, ready_at__gt=now).exclude(asked_by=user)

    def ready_for(self, user: User, *, now: datetime) -> "RecoveryQuerySet":
        """Begun by `user`, confirmed or a day old, and no code made yet."""
        ready = Q(confirmed_at__isnull=False) | Q(ready_at__lte=now)
        return self.open(now=now).filter(ready, asked_by=user, code_at=None)


class Recovery(models.Model):
    """A young person whose phone is gone, or whose number is another one, is let in again; or that is undone (rule 17).

    A worker says how they made sure who it is. A second one confirms, or 24 hours pass. Then a code of 15 minutes,
    said in person or on a call, lets them in with a new number or address, and all the old ways end. For 30 days the
    old ones are kept, so that it can be undone: by another row of the same kind, which needs two people too.
    """

    class How(models.TextChoices):
        MET = "MET", _("I met them, and I know them")
        VIDEO = "VIDEO", _("I saw them on a video call, and I know them")
        PHOTO = "PHOTO", _("They showed me photo ID")
        WITH_THEM = (
            "WITH_THEM",
            _("Somebody who knows them was with them: a key worker, a carer, prison staff"),
        )
        RANG_THERE = (
            "RANG_THERE",
            _("I rang the place where they live, on its own number, and spoke with them"),
        )

    ref = models.CharField(max_length=10, unique=True, default=new_ref, editable=False)
    young_person = models.ForeignKey(YoungPerson, on_delete=models.PROTECT, related_name="recoveries")
    undoes = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="undone_by")
    how = models.CharField(max_length=10, choices=How.choices)
    words = models.TextField()
    new_way = models.CharField(
        max_length=254, blank=True, default=""
    )  # normalised; empty when nobody knows it yet
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField()
    ready_at = models.DateTimeField()  # from then on without a second person
    ends_at = models.DateTimeField()  # nothing came of it by then: it begins anew
    confirmed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    confirmed_at = models.DateTimeField(null=True)
    stopped_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    stopped_at = models.DateTimeField(null=True)
    invitation = models.OneToOneField(
        Invitation, on_delete=models.PROTECT, null=True, related_name="+"
    )  # the newest code
    code_at = models.DateTimeField(null=True)  # when the newest code was made, or the old ways were put back
    old_phone = models.CharField(max_length=20, blank=True, default="")
    old_email = models.CharField(max_length=254, blank=True, default="")
    done_at = models.DateTimeField(null=True)
    told_old_at = models.DateTimeField(null=True)  # the old ones had their one notice, or are to have none

    objects = RecoveryQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "recoveries"
        indexes = [
            models.Index(
                name="recovery_waiting", fields=["asked_at"], condition=Q(done_at=None, stopped_at=None)
            )
        ]
        constraints = [
            models.UniqueConstraint(
                name="one_open_recovery", fields=["young_person"], condition=Q(done_at=None, stopped_at=None)
            ),
            models.UniqueConstraint(
                name="one_undoing", fields=["undoes"], condition=Q(done_at__isnull=False)
            ),
            models.CheckConstraint(
                name="recovery_says_how", condition=GreaterThanOrEqual(Length("words"), SHORTEST_REASON)
            ),
            models.CheckConstraint(
                name="recovery_second_is_another",
                condition=Q(confirmed_by=None, confirmed_at=None)
                | Q(confirmed_by__isnull=False, confirmed_at__isnull=False) & ~Q(confirmed_by=F("asked_by")),
            ),
            models.CheckConstraint(name="recovery_waits", condition=Q(ready_at__gt=F("asked_at"))),
            models.CheckConstraint(
                name="recovery_two_or_a_day",
                condition=Q(code_at=None)
                | Q(confirmed_at__isnull=False, code_at__gte=F("confirmed_at"))
                | Q(code_at__gte=F("ready_at")),
            ),
            models.CheckConstraint(
                name="recovery_done_by_a_code", condition=Q(done_at=None) | Q(code_at__isnull=False)
            ),
        ]

    def __str__(self) -> str:
        return f"recovery {self.ref}"

    @property
    def came_in_at(self) -> datetime | None:
        """When they came in by the code, or, of an undoing, when the old ways were put back."""
        return self.done_at or (self.invitation.used_at if self.invitation else None)

    def is_open(self, now: datetime) -> bool:
        """Whether something can still be done with it."""
        return self.came_in_at is None and self.stopped_at is None and now < self.ends_at

    def is_ready(self, now: datetime) -> bool:
        """Whether two people stand behind it, or a day has passed."""
        return self.confirmed_at is not None or now >= self.ready_at

    def can_be_undone(self, now: datetime) -> bool:
        """Within 30 days, while the old number or address is still kept."""
        came = self.came_in_at
        return (
            self.undoes_id is None
            and came is not None
            and now < came + UNDONE_WITHIN
            and bool(self.old_phone or self.old_email)
        )
