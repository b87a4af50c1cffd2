"""What was seen and done, by whom: added to, never changed (rule 6). Rows hold ids, never words."""

from datetime import timedelta

from django.db import models


class AuditEvent(models.Model):
    """One thing that somebody did or looked at. Triggers refuse UPDATE and DELETE on both databases."""

    at = models.DateTimeField(db_index=True)
    action = models.CharField(max_length=60)  # e.g. "record_opened", "request_approved"
    actor_id = models.BigIntegerField(
        null=True, db_index=True
    )  # a User's id; empty when nobody was signed in
    actor_role = models.CharField(max_length=20, blank=True)
    actor_team = models.CharField(max_length=80, blank=True)
    young_person_id = models.BigIntegerField(null=True, db_index=True)
    subject = models.CharField(max_length=80, blank=True)  # "payment_request:K7QX2M9TRB"
    part = models.CharField(max_length=40, blank=True)  # which part of the record was on the page
    reason = models.CharField(max_length=500, blank=True)
    detail = models.JSONField(default=dict)  # ids, codes and numbers alone

    def __str__(self) -> str:
        return f"{self.action} {self.subject}"


class WithheldLooks(models.Model):
    """A manager keeps one worker's looks at one young person out of what that person reads, for a reason, until a day
    (rule 7). The trail itself has them all along; on the day they are shown again by themselves."""

    LONGEST = timedelta(days=90)

    young_person_id = models.BigIntegerField(db_index=True)
    actor_id = models.BigIntegerField()  # a User's id: whose looks
    since = models.DateTimeField()
    reason = models.CharField(max_length=500)
    decided_by_id = models.BigIntegerField()  # a User's id: the named person
    decided_at = models.DateTimeField()
    review_on = models.DateField()
    shown_at = models.DateTimeField(null=True)  # somebody decided so before the day

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="nobody_withholds_their_own_looks",
                condition=~models.Q(actor_id=models.F("decided_by_id")),
            ),
            models.CheckConstraint(name="withheld_for_a_reason", condition=~models.Q(reason="")),
        ]

    def __str__(self) -> str:
        return f"withheld {self.pk}"


class AuditSeal(models.Model):
    """Chains one event to the one before by hash; written each minute, so that reading a page waits for nobody.

    `number` and `previous_hash` are each used once, so two sealers at once make one chain, never a fork.
    """

    number = models.PositiveBigIntegerField(unique=True)
    event = models.OneToOneField(AuditEvent, on_delete=models.PROTECT, related_name="seal")
    sealed_at = models.DateTimeField()
    previous_hash = models.CharField(max_length=64, unique=True)
    hash = models.CharField(max_length=64, unique=True)

    def __str__(self) -> str:
        return self.hash
