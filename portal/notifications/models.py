"""The outbox: every message we owe somebody, written in the transaction that makes us owe it."""

from datetime import datetime

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from portal.notifications.rules import Silence
from portal.refs import new_ref


class Channel(models.TextChoices):
    SMS = "SMS", _("text message")
    EMAIL = "EMAIL", _("email")


class NotificationQuerySet(models.QuerySet["Notification"]):
    def waiting(self, *, now: datetime) -> "NotificationQuerySet":
        """What a worker should take up: its time has come, or whoever held it did not come back."""
        return self.filter(
            Q(state=Notification.State.DUE, due_at__lte=now)
            | Q(state=Notification.State.CLAIMED, lease_until__lte=now)
        )

    def for_a_person(self) -> "NotificationQuerySet":
        """What could not be delivered and that nobody has seen to: the adviser's tasks."""
        return self.filter(task_opened_at__isnull=False, task_done_at=None)


class Notification(models.Model):
    """One message to one person, delivered once. `key` says what it is about, so that promising twice is
    once."""

    class State(models.TextChoices):
        DUE = "DUE", _("waiting for its time")
        CLAIMED = "CLAIMED", _("being sent")
        SENT = "SENT", _("sent")
        WITHDRAWN = "WITHDRAWN", _("no longer needed")
        MISSED = "MISSED", _("its time passed")
        SILENT = "SILENT", _("shown on the screen only: no channel is on")
        FAILED = "FAILED", _("could not be delivered")
        JOINED = "JOINED", _("told by a later message about the same thing")
        HELD = "HELD", _("held back: not safe to send")

    ref = models.CharField(
        max_length=10, unique=True, default=new_ref, editable=False
    )  # the provider's idempotency key
    to = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="notifications")
    kind = models.CharField(max_length=40)
    key = models.CharField(max_length=120, unique=True)
    subject = models.CharField(
        max_length=80, blank=True
    )  # "payment:REF": steps of one subject join into its latest
    about_at = models.DateTimeField(null=True)  # day and time of a booking; the only fact the words may carry
    wanted_at = models.DateTimeField(null=True)  # when it was promised for; `due_at` keeps out of quiet hours
    due_at = models.DateTimeField()
    not_after = models.DateTimeField()
    exempt_from_quiet = models.BooleanField(default=False)
    state = models.CharField(max_length=10, choices=State.choices, default=State.DUE)
    channel = models.CharField(max_length=5, choices=Channel.choices, blank=True)
    lease_until = models.DateTimeField(null=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    provider_id = models.CharField(max_length=80, blank=True)
    sent_at = models.DateTimeField(null=True)
    made_at = models.DateTimeField()
    why = models.CharField(max_length=20, blank=True)  # a code: late, no_opening, not_safe, refused, ...
    unwanted = models.BooleanField(default=False)  # taken back while a worker held it
    link_token = models.CharField(max_length=26, blank=True)  # of /b/<token>/, the only link ever sent
    joined_into = models.ForeignKey("self", on_delete=models.SET_NULL, null=True, related_name="joined")
    task_opened_at = models.DateTimeField(null=True)  # a person has to see to it
    task_done_at = models.DateTimeField(null=True)
    task_done_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )

    objects = NotificationQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(name="notification_sent", fields=["sent_at"], condition=Q(state="SENT")),
            models.Index(name="notification_task", fields=["task_opened_at"], condition=Q(task_done_at=None)),
            models.Index(
                name="notification_due", fields=["due_at"], condition=Q(state__in=["DUE", "CLAIMED"])
            ),
            models.Index(name="notification_subject", fields=["to", "subject"]),
        ]
        constraints = [
            models.CheckConstraint(
                name="notification_due_before_end", condition=Q(due_at__lte=F("not_after"))
            ),
            models.CheckConstraint(
                name="notification_sent_says_when", condition=~Q(state="SENT") | Q(sent_at__isnull=False)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.ref}"


class ContactChoice(models.Model):
    """How, when and whether somebody wants to be reached: the one record every sender asks (rules 22 to
    25)."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="contact_choice"
    )
    sms_on_at = models.DateTimeField(null=True)
    email_on_at = models.DateTimeField(null=True)
    # What it was turned on for: once the account has another number or address, this way is off (rule 23).
    sms_on_for = models.CharField(max_length=20, blank=True, default="", db_default="")
    email_on_for = models.CharField(max_length=254, blank=True, default="", db_default="")
    asked_again_at = models.DateTimeField(null=True)  # when they last said that it is theirs: every 90 days
    no_thanks_at = models.DateTimeField(null=True)  # they were asked whether they want messages, and said no
    quiet_from = models.TimeField(null=True)  # wider than 21:00 to 08:00 London, never narrower
    quiet_until = models.TimeField(null=True)
    not_safe_since = models.DateTimeField(null=True)
    says_more = models.BooleanField(default=False)
    # Died, opted out, or in custody: set and cleared through `contact.silence` by whoever knows the record.
    silenced_at = models.DateTimeField(null=True)
    silenced_why = models.CharField(max_length=10, blank=True, choices=[(s.value, s.value) for s in Silence])

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="contact_sms_on_for_a_number",
                condition=Q(sms_on_at=None, sms_on_for="") | (Q(sms_on_at__isnull=False) & ~Q(sms_on_for="")),
            ),
            models.CheckConstraint(
                name="contact_email_on_for_an_address",
                condition=Q(email_on_at=None, email_on_for="")
                | (Q(email_on_at__isnull=False) & ~Q(email_on_for="")),
            ),
            models.CheckConstraint(
                name="contact_silence_says_why",
                condition=Q(silenced_at=None, silenced_why="")
                | (Q(silenced_at__isnull=False) & ~Q(silenced_why="")),
            ),
        ]

    def __str__(self) -> str:
        return f"contact choice {self.pk}"


class RecordedMessage(models.Model):
    """What the recording provider was asked to send: the demo's on-screen outbox and the tests' proof."""

    reference = models.CharField(max_length=40, db_index=True)
    channel = models.CharField(max_length=5)
    destination = models.CharField(max_length=254)
    body = models.TextField()
    provider_id = models.CharField(max_length=40, blank=True)
    at = models.DateTimeField()

    def __str__(self) -> str:
        return self.reference
