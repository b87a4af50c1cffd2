"""Complaints: any words, a reference, a clock, and an answer from somebody nobody complained about."""

from datetime import date

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from portal.accounts.models import Role, User
from portal.complaints.rules import OPEN, Action, Reach, Stage, State
from portal.people.models import YoungPerson
from portal.refs import new_ref


class Source(models.TextChoices):
    """How it reached us. Somebody who said it once never has to say it again."""

    WRITTEN = "WRITTEN", _("written here")
    SPOKEN = "SPOKEN", _("said to a member of staff")
    REQUEST = "REQUEST", _("said on a request")
    FEEDBACK = "FEEDBACK", _("said about a page")


class ComplaintQuerySet(models.QuerySet["Complaint"]):
    def visible_to(self, user: User, *, on: date) -> "ComplaintQuerySet":
        """Whoever made it as themselves; service managers, who coordinate complaints (regulation 10); and whoever it
        was given to. Never somebody who should not read it."""
        if not user.is_authenticated or not user.is_active or user.frozen_at is not None:
            return self.none()
        staff = Q(pk__in=[])
        if user.holds(Role.SERVICE_MANAGER, on=on):
            staff = Q(pk__isnull=False)
        elif user.holds(Role.TEAM_MANAGER, on=on):
            staff = Q(holder=user)
        kept_out = Q(pk__in=KeptFrom.objects.filter(user=user).values("complaint"))
        return self.filter(Q(young_person__user=user) | (staff & ~kept_out))

    def open(self) -> "ComplaintQuerySet":
        """Somebody is owed an answer."""
        return self.filter(state__in=OPEN)

    def soonest_first(self) -> "ComplaintQuerySet":
        """By the day we promised."""
        return self.order_by("due_on", "pk")


class Complaint(models.Model):
    """What somebody said went wrong, in their own words, which nobody edits. Its story is in `ComplaintStep`."""

    ref = models.CharField(max_length=10, unique=True, default=new_ref, editable=False)
    # Whoever looks without signing in knows the reference and this word, which is shown once.
    word_hash = models.CharField(max_length=64)
    # Of the words, the browser and the minute: a page sent twice is one complaint, whichever of the two comes first.
    fingerprint = models.CharField(max_length=64, unique=True)
    young_person = models.ForeignKey(
        YoungPerson, on_delete=models.PROTECT, null=True, related_name="complaints"
    )
    source = models.CharField(max_length=10, choices=Source.choices, default=Source.WRITTEN)
    about = models.CharField(max_length=80, blank=True)  # "payment_request:K7QX2M9TRB" when it began on one
    words = models.TextField()
    put_right = models.TextField(blank=True)
    name = models.CharField(max_length=200, blank=True)  # what a stranger chose to be called
    reach = models.CharField(max_length=10, choices=Reach.choices, default=Reach.HERE)
    reach_at = models.CharField(max_length=200, blank=True)
    reach_when = models.CharField(max_length=200, blank=True)  # when and how it is safe
    keep_from = models.CharField(max_length=200, blank=True)  # who should not read it, as they wrote it
    wants_advocate = models.BooleanField(default=False)

    made_at = models.DateTimeField()
    opened_at = models.DateTimeField(null=True)
    stage = models.PositiveSmallIntegerField(choices=Stage.choices, default=Stage.FIRST)
    state = models.CharField(max_length=18, choices=State.choices, default=State.LOOKING)
    stage_began_on = models.DateField()
    due_on = models.DateField(null=True)
    extended_at = models.DateTimeField(null=True)
    answered_at = models.DateTimeField(null=True)
    answer = models.TextField(blank=True)  # of the step it is in, as they read it
    holder = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )  # empty: all who coordinate complaints
    independent = models.CharField(
        max_length=300, blank=True
    )  # who looks from outside in this step, and who they are
    row_version = models.PositiveIntegerField(default=0)
    due_told_for = models.DateField(null=True)
    overdue_told_for = models.DateField(null=True)
    unopened_told_on = models.DateField(null=True)

    objects = ComplaintQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(name="complaint_due", fields=["due_on"], condition=Q(state__in=sorted(OPEN)))]
        constraints = [
            models.CheckConstraint(name="complaint_says_something", condition=~Q(words="")),
            models.CheckConstraint(
                name="complaint_open_has_a_day",
                condition=~Q(state__in=sorted(OPEN)) | Q(due_on__isnull=False),
            ),
            models.CheckConstraint(
                name="complaint_answer_has_words",
                condition=~Q(state=State.ANSWERED) | (~Q(answer="") & Q(answered_at__isnull=False)),
            ),
            models.CheckConstraint(name="complaint_three_steps", condition=Q(stage__in=Stage.values)),
        ]

    def __str__(self) -> str:
        return self.ref

    @property
    def is_open(self) -> bool:
        return self.state in OPEN

    @property
    def who(self) -> str:
        """Who complained, for staff: a name, or that they gave none."""
        return self.young_person.name if self.young_person else self.name or str(_("No name given"))

    @property
    def holder_words(self) -> str:
        """Who has it, for whoever complained: a first name, or the office."""
        if self.holder is not None:
            return self.holder.first_name or str(self.holder)
        return str(_("the complaints manager"))


class KeptFrom(models.Model):
    """Somebody the complaint is about, or who had a hand in it: they neither read it nor answer it."""

    complaint = models.ForeignKey(Complaint, on_delete=models.CASCADE, related_name="kept_from")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(name="kept_from_once", fields=["complaint", "user"])]

    def __str__(self) -> str:
        return f"kept from {self.user_id}"


class ComplaintStep(models.Model):
    """One line of a complaint's story: added, never changed. Triggers refuse UPDATE and DELETE."""

    complaint = models.ForeignKey(Complaint, on_delete=models.PROTECT, related_name="steps")
    number = models.PositiveIntegerField()
    action = models.CharField(max_length=12, choices=Action.choices)
    stage = models.PositiveSmallIntegerField(choices=Stage.choices)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )  # empty: whoever complained without signing in
    by_us = models.BooleanField()
    at = models.DateTimeField()
    due_on = models.DateField(null=True)
    words = models.TextField(blank=True)  # as whoever complained reads or wrote it
    staff_words = models.TextField(blank=True)

    class Meta:
        ordering = ["complaint", "number"]
        constraints = [
            models.UniqueConstraint(name="complaint_step_number_once", fields=["complaint", "number"])
        ]

    def __str__(self) -> str:
        return f"{self.action} {self.number}"
