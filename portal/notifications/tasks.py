"""What workers do with the outbox."""

from celery import shared_task

from portal import clock
from portal.notifications import delivery


@shared_task
def deliver_due() -> int:
    """Send what is due. Returns how many messages were taken up."""
    return delivery.send_due(clock=clock.now)
