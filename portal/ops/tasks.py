"""The minute's round."""

from celery import shared_task

from portal import clock
from portal.ops import due


@shared_task
def run_due() -> dict[str, str]:
    """Do everything that is due now. What that is, is listed in `portal/ops/due.py`."""
    return due.run(clock=clock.now)
