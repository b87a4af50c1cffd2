"""An advocate's seat at one request, and words added to a request after it was sent."""

from datetime import date

from django.conf import settings
from django.db import models
from django.db.models import Q

from portal.payments.models import PaymentRequest
from portal.refs import new_ref


class AdvocateSeatQuerySet(models.QuerySet["AdvocateSeat"]):
    def live(self, on: date) -> "AdvocateSeatQuerySet":
        """Seats that give sight of their request on a day: not ended, and not over. The last day counts."""
        return self.filter(ended_at=None, ends_on__gte=on)


class AdvocateSeat(models.Model):
    """Somebody the young person invited to one request, until a day. Nothing else is open to them.

    `PaymentRequest.visible_to` asks `user.advocate_seats`; ending the row ends the sight at the next request.
    """

    ref = models.CharField(max_length=10, unique=True, default=new_ref, editable=False)
    asked = models.ForeignKey(PaymentRequest, on_delete=models.PROTECT, related_name="advocate_seats")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="advocate_seats"
    )
    invited_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    invited_at = models.DateTimeField()
    ends_on = models.DateField()
    ended_at = models.DateTimeField(null=True)
    ended_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    last_looked_at = models.DateTimeField(null=True)

    objects = AdvocateSeatQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="one_open_seat_each", fields=["asked", "user"], condition=Q(ended_at=None)
            ),
            models.CheckConstraint(
                name="seat_ended_by_somebody", condition=Q(ended_at=None) | Q(ended_by__isnull=False)
            ),
        ]

    def __str__(self) -> str:
        return self.ref

    @property
    def name(self) -> str:
        """What the young person called them."""
        return self.user.first_name


class AddedWords(models.Model):
    """Something said on a request beside its steps, by the young person or their advocate. Part of its story."""

    asked = models.ForeignKey(PaymentRequest, on_delete=models.PROTECT, related_name="added_words")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    words = models.TextField()

    class Meta:
        ordering = ["asked", "at", "pk"]
        constraints = [models.CheckConstraint(name="added_words_are_some", condition=~Q(words=""))]

    def __str__(self) -> str:
        return f"words {self.pk}"
