"""The minute's round."""

from celery import shared_task


@shared_task
def run_due() -> None:
    """Do everything that is due now."""
