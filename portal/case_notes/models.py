"""What the case record must hold: notes, the file of each night, and whether a note has arrived there."""

from datetime import date, datetime

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from portal.accounts.models import User
from portal.people.models import YoungPerson
from portal.refs import new_ref


class Kind(models.TextChoices):
    """What a note is about, as the case record sorts it."""

    REQUEST = "REQUEST", _("Request")
    DECISION = "DECISION", _("Decision")
    REVIEW = "REVIEW", _("Second look")
    AWARD = "AWARD", _("Regular payment")
    PAYMENT = "PAYMENT", _("Payment")
    SPOT_HELP = "SPOT_HELP", _("Help on the spot")
    LEDGER = "LEDGER", _("Limit or other payment")
    COMPLAINT = "COMPLAINT", _("Complaint")


class CaseNoteQuerySet(models.QuerySet["CaseNote"]):
    def visible_to(self, user: User, *, on: date, at: datetime | None = None) -> "CaseNoteQuerySet":
        """Those about whom somebody sees now; with `at` also whom break-glass opened, to look at only."""
        return self.filter(young_person__in=YoungPerson.objects.visible_to(user, on=on, at=at))

    def not_yet(self) -> "CaseNoteQuerySet":
        """What the case record does not hold, as far as we know, oldest first."""
        return self.filter(arrived=None).order_by("at", "pk")

    def for_tonight(self, *, now: datetime) -> "CaseNoteQuerySet":
        """What happened by now, no file has carried and nobody has copied. Outside the demo no invented person."""
        waiting = self.filter(arrived=None, carried=None, at__lte=now)
        return waiting if settings.DEMO else waiting.exclude(young_person__in_the_demo=True)


class CaseNote(models.Model):
    """One thing that happened, in the words the case record shall hold: added, never changed. Triggers see to it."""

    ref = models.CharField(max_length=10, unique=True, default=new_ref, editable=False)
    key = models.CharField(max_length=80, unique=True)  # the same thing twice is one note
    young_person = models.ForeignKey(YoungPerson, on_delete=models.PROTECT, related_name="case_notes")
    person_id = models.CharField(max_length=40)  # the case record's own, as it was
    kind = models.CharField(max_length=10, choices=Kind.choices)
    about = models.CharField(max_length=10, blank=True)  # our reference of the request, or of the help
    on = models.DateField()  # the London day
    at = models.DateTimeField()
    author = models.CharField(max_length=160)  # a name, or the service itself
    words = models.TextField()

    arrived: "Arrival | None"
    carried: "Carried | None"

    objects = CaseNoteQuerySet.as_manager()

    class Meta:
        ordering = ["-at", "-pk"]
        indexes = [models.Index(name="note_about", fields=["about"], condition=~Q(about=""))]
        constraints = [
            models.CheckConstraint(name="note_says_something", condition=~Q(words="") & ~Q(author=""))
        ]

    def __str__(self) -> str:
        return self.ref


class NotesFile(models.Model):
    """The notes of one night: the set is fixed once, and the file follows from it alone."""

    ref = models.CharField(max_length=10, unique=True, default=new_ref, editable=False)
    night = models.DateField(unique=True)  # one a night, however many make it at once
    made_at = models.DateTimeField()
    columns = models.JSONField()
    count = models.PositiveIntegerField(default=0)
    file_name = models.CharField(max_length=60, unique=True)
    sha256 = models.CharField(
        max_length=64, blank=True
    )  # empty: the set is fixed, the file is not written yet
    file_written_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-night"]
        constraints = [
            models.CheckConstraint(
                name="notes_file_written_says_when",
                condition=Q(sha256="", file_written_at=None)
                | (~Q(sha256="") & Q(file_written_at__isnull=False)),
            )
        ]

    def __str__(self) -> str:
        return self.ref


class Carried(models.Model):
    """Which file carries a note: exactly one, if any."""

    note = models.OneToOneField(CaseNote, on_delete=models.PROTECT, related_name="carried")
    file = models.ForeignKey(NotesFile, on_delete=models.PROTECT, related_name="notes")

    def __str__(self) -> str:
        return f"note {self.note_id} in {self.file_id}"


class Arrival(models.Model):
    """The case record holds it: it said so itself, or somebody copied it there. Without this row: not yet."""

    class How(models.TextChoices):
        ANSWERED = "ANSWERED", _("the case record says so")
        COPIED = "COPIED", _("copied by hand")

    note = models.OneToOneField(CaseNote, on_delete=models.PROTECT, related_name="arrived")
    how = models.CharField(max_length=8, choices=How.choices)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"note {self.note_id} {self.how}"


class RecordAnswer(models.Model):
    """What the case record answered, read once: the same bytes again change nothing."""

    ref = models.CharField(max_length=10, unique=True, default=new_ref, editable=False)
    sha256 = models.CharField(max_length=64, unique=True)
    written = models.PositiveIntegerField(default=0)  # how many notes this answer brought home
    said_before = models.PositiveIntegerField(default=0)
    read_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    read_at = models.DateTimeField()

    repeated = False
    """Whether a service found that these bytes were read before."""

    class Meta:
        ordering = ["-read_at", "-pk"]

    def __str__(self) -> str:
        return self.ref


class Unmatched(models.Model):
    """A line of an answer that brought no note home: a person must find out why."""

    class Why(models.TextChoices):
        UNKNOWN = "UNKNOWN", _("no note has this reference")
        NOT_SENT = "NOT_SENT", _("no file carried this note yet")
        REFUSED = "REFUSED", _("the case record refused it: copy it by hand")

    answer = models.ForeignKey(RecordAnswer, on_delete=models.PROTECT, related_name="unmatched")
    number = models.PositiveIntegerField()  # the line in the file
    reference = models.CharField(max_length=40)
    why = models.CharField(max_length=8, choices=Why.choices)
    reason = models.CharField(max_length=200, blank=True)  # the case record's own words
    note = models.ForeignKey(CaseNote, on_delete=models.PROTECT, null=True, related_name="+")
    looked_at = models.DateTimeField(null=True)
    looked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )

    class Meta:
        ordering = ["answer", "number"]
        constraints = [
            models.UniqueConstraint(name="unmatched_line_once", fields=["answer", "number"]),
            models.CheckConstraint(
                name="unmatched_looked_at_by_somebody",
                condition=Q(looked_at=None, looked_by=None)
                | Q(looked_at__isnull=False, looked_by__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.reference} {self.why}"
