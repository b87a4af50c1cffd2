"""When each thing that happens by itself last did."""

from django.db import models


class JobRun(models.Model):
    """One row for each job of the timetable, and one for the round itself: the heartbeat that `/readyz`
    reads."""

    name = models.CharField(max_length=60, unique=True)
    done_at = models.DateTimeField(null=True)
    done_on = models.DateField(null=True)  # the London day a daily job was last done for
    held_until = models.DateTimeField(
        null=True
    )  # a worker is doing it; if that worker dies, somebody else may from then
    failed_at = models.DateTimeField(null=True)
    failure = models.CharField(max_length=80, blank=True)  # the kind of error, never its words

    def __str__(self) -> str:
        return self.name
