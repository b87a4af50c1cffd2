"""Promising a message, taking it back, and ringing the bell."""

import logging
import threading
import time
from datetime import datetime

from celery import current_app
from django.contrib.auth.base_user import AbstractBaseUser
from django.db import IntegrityError, transaction
from kombu import Connection

from portal.notifications import rules
from portal.notifications.models import ContactChoice, Notification

log = logging.getLogger(__name__)

BELL = "portal.notifications.tasks.deliver_due"
REST_AFTER_SILENCE = 10.0  # seconds in which a broker that did not answer is not tried again


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
    link_token: str = "",
) -> Notification:
    """Write one message down, in the caller's transaction. The same key twice is one message.

    `subject` joins the steps of one thing into its latest. `link_token` is a booking's (`/b/<token>/`).
    """
    at = due_at
    if not exempt_from_quiet:
        at = rules.when_to_send(wanted_at=due_at, not_after=not_after, now=now, quiet=_quiet_of(to)) or due_at
    notification = _once(
        Notification(
            key=key, to_id=to.pk, kind=kind, wanted_at=due_at, due_at=at, not_after=not_after, subject=subject,
            about_at=about_at, exempt_from_quiet=exempt_from_quiet, link_token=link_token, made_at=now,
        )
    )  # fmt: skip
    if at <= now:
        transaction.on_commit(ring, robust=True)
    return notification


def _once(notification: Notification) -> Notification:
    """Written, or the one that stands there under the same key. Nearly all are new, so nobody looks first."""
    try:
        with transaction.atomic():
            notification.save(force_insert=True)
    except IntegrityError:
        earlier = Notification.objects.filter(key=notification.key).first()
        if earlier is None:
            raise
        return earlier
    return notification


def withdraw(*, key: str) -> int:
    """Take back a message that is no longer true, unless it has gone. Returns how many were taken back (0 or
    1).

    One that a worker holds at this moment may be on its way: it is marked, and not sent again if it did not
    go.
    """
    notifications = Notification.objects.filter(key=key)
    # One that found nothing on would wake up when something is turned on: `contact.turn_on`.
    not_gone = notifications.filter(state__in=[Notification.State.DUE, Notification.State.SILENT])
    taken = not_gone.update(state=Notification.State.WITHDRAWN)
    return taken or notifications.filter(state=Notification.State.CLAIMED).update(unwanted=True)


def ring() -> None:
    """Wake a worker. If the broker is down nobody hears, and the next minute's round finds the work."""
    bell.ring()


class Bell:
    """The one way to the broker for anything that a page does: it swallows every failure, and counts them
    (rule 65)."""

    def __init__(self) -> None:
        self.unheard = 0
        self._silent_until = 0.0
        self._counting = threading.Lock()
        self._own = threading.local()

    def ring(self, task: str = BELL, *arguments: int | str) -> bool:
        """Ask a worker for a task, by name. False when the broker did not hear; then nothing was asked of
        anybody."""
        if time.monotonic() < self._silent_until:
            self._missed()
            return False
        try:
            current_app.send_task(task, arguments, retry=False, ignore_result=True, connection=self._line())
            return True
        except Exception as failure:
            self._own.line = None
            self._silent_until = time.monotonic() + REST_AFTER_SILENCE
            self._missed()
            log.warning(
                "the broker could not be rung (%s); unheard so far: %d", type(failure).__name__, self.unheard
            )
            return False

    def _line(self) -> Connection:
        """This thread's own line to the broker, kept open."""
        line: Connection | None = getattr(self._own, "line", None)
        if line is None:
            line = self._own.line = current_app.connection_for_write(transport_options=_impatient())
        return line

    def _missed(self) -> None:
        with self._counting:
            self.unheard += 1


bell = Bell()


def _impatient() -> dict[str, object]:
    """One try and no waiting: left alone, the library tries for ten seconds while a page waits."""
    return {
        **current_app.conf.broker_transport_options,
        "max_retries": 1,
        "interval_start": 0,
        "interval_step": 0,
        "interval_max": 0,
        "connect_retries_timeout": 1,
    }


def _quiet_of(to: AbstractBaseUser) -> rules.Quiet:
    """Read with the account where somebody asked for it (`select_related("contact_choice")`), else in one query."""
    known = to._state.fields_cache
    if "contact_choice" in known:
        choice: ContactChoice | None = known["contact_choice"]
    else:
        choice = ContactChoice.objects.filter(user_id=to.pk).only("quiet_from", "quiet_until").first()
    return rules.quiet_for(choice.quiet_from, choice.quiet_until) if choice else rules.Quiet()
