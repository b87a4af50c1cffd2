"""What somebody told us who wants to come back: how to reach them, by when we promised, and what came of it."""

from datetime import date

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from portal.accounts.models import Role, User
from portal.coming_back.rules import Reach
from portal.refs import new_ref

ANSWERING = (Role.DUTY_ADVISER, Role.TEAM_MANAGER, Role.SERVICE_MANAGER)


class Outcome(models.TextChoices):
    """What came of it. The labels are what staff read."""

    OURS = "OURS", _("We spoke. They are ours, and somebody is with them now")
    ELSEWHERE = "ELSEWHERE", _("We spoke. Another council owes them help, and knows of them")
    ADVICE = "ADVICE", _("We spoke. They have what they need")
    NOT_REACHED = "NOT_REACHED", _("We could not reach them, after three tries on different days")


class ComingBackQuerySet(models.QuerySet["ComingBack"]):
    def visible_to(self, user: User, *, on: date) -> "ComingBackQuerySet":
        """Duty, who rings them, and the managers, who answer for it."""
        if not user.is_active or user.frozen_at is not None or not user.holds(*ANSWERING, on=on):
            return self.none()
        return self.all()

    def waiting(self) -> "ComingBackQuerySet":
        """Nobody has spoken with them yet, the oldest promise first."""
        return self.filter(done_at=None).order_by("call_by", "pk")


class ComingBack(models.Model):
    """One ask. Nothing here says whether we know them: that is found out on the phone, by a person."""

    ref = models.CharField(max_length=10, unique=True, default=new_ref, editable=False)
    # Of the words, the browser and the moment: a page sent twice is one ask.
    fingerprint = models.CharField(max_length=64, unique=True)
    name = models.CharField(max_length=200, blank=True)  # what they want to be called
    reach = models.CharField(max_length=10, choices=Reach.choices)
    reach_at = models.CharField(max_length=200, blank=True)
    reach_when = models.CharField(max_length=200, blank=True)  # when it is safe, and what not to say
    words = models.TextField(blank=True)
    language = models.CharField(max_length=10)  # the one they read our page in
    sent_at = models.DateTimeField()
    call_by = models.DateField()
    tries = models.PositiveSmallIntegerField(default=0)
    tried_at = models.DateTimeField(null=True)
    managers_told_on = models.DateField(null=True)
    done_at = models.DateTimeField(null=True)
    done_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    outcome = models.CharField(max_length=12, choices=Outcome.choices, blank=True)
    forgotten_at = models.DateTimeField(null=True)  # what they wrote about themselves is gone from here

    objects = ComingBackQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "coming back"
        indexes = [models.Index(name="coming_back_waiting", fields=["call_by"], condition=Q(done_at=None))]
        constraints = [
            models.CheckConstraint(
                name="coming_back_can_be_reached", condition=~Q(reach_at="") | Q(forgotten_at__isnull=False)
            ),
            models.CheckConstraint(
                name="coming_back_done_says_how",
                condition=Q(done_at=None, done_by=None, outcome="")
                | (Q(done_at__isnull=False, done_by__isnull=False) & ~Q(outcome="")),
            ),
            models.CheckConstraint(
                name="coming_back_forgotten_when_done",
                condition=Q(forgotten_at=None) | Q(done_at__isnull=False, name="", reach_at="", words=""),
            ),
        ]

    def __str__(self) -> str:
        return self.ref

    @property
    def who(self) -> str:
        """What staff call them."""
        return self.name or str(_("No name given"))
