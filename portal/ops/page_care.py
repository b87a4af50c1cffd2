"""What the site's pages ask of their editors by themselves: reminders of reviews, and links that broke elsewhere."""

from datetime import datetime, timedelta

from cms.faults import outside_addresses
from cms.outside_links import check_some
from cms.reviews import reminders
from portal.clock import LONDON
from portal.notifications.outbox import promise

STANDS = timedelta(days=3)


def chase_reviews(now: datetime) -> int:
    """Tell keepers, and then publishers, of pages to read again. Each person once a week."""
    told = 0
    for reminder in reminders(now.astimezone(LONDON).date()):
        promise("page_review", to=reminder.to, key=reminder.key, due_at=now, not_after=now + STANDS, now=now)
        told += 1
    return told


def try_outside_links(now: datetime) -> int:
    """Try some links to other sites, where this machine may go out at all."""
    return check_some(outside_addresses(), now=now)
