"""Promising a message, taking it back, and ringing the bell."""

import logging
from datetime import datetime

from django.contrib.auth.base_user import AbstractBaseUser
from django.db import transaction

from portal.notifications.models import Notification

log = logging.getLogger(__name__)


def promise(
    kind: str,
    *,
    to: AbstractBaseUser,
    key: str,
    due_at: datetime,
    not_after: datetime,
    now: datetime,
    subject: str = "",
    about_at: datetime | None = None,
    exempt_from_quiet: bool = False,
) -> Notification:
    """Write one message down, in the caller's transaction. The same key twice is one message."""
    notification, _ = Notification.objects.get_or_create(
        key=key,
        defaults={
            "to": to,
            "kind": kind,
            "due_at": due_at,
            "not_after": not_after,
            "subject": subject,
            "about_at": about_at,
            "exempt_from_quiet": exempt_from_quiet,
            "made_at": now,
        },
    )
    transaction.on_commit(ring, robust=True)
    return notification


def withdraw(*, key: str) -> int:
    """Take back a message that is no longer true, unless it has gone. Returns how many were taken back (0 or 1)."""
    return Notification.objects.filter(key=key, state=Notification.State.DUE).update(
        state=Notification.State.WITHDRAWN
    )


def ring() -> None:
    """Wake a worker. If the broker is down nobody hears, and the next minute's round finds the work."""
    from portal.notifications.tasks import deliver_due

    try:
        deliver_due.apply_async(retry=False)
    except Exception:  # a bell that fails must never fail a page (rule 65)
        log.warning("the broker could not be rung")
