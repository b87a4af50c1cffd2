"""What workers do with the outbox."""

from celery import shared_task


@shared_task
def deliver_due() -> int:
    """Send what is due. Returns how many were sent."""
    return 0
