"""Claim, send, mark: each message once, through dead workers, an empty broker and a restarted database.

A worker claims a message with a lease and commits before it calls out. A lease that ran out means "unsure":
the provider is asked by our reference before anything is sent again (rules 50, 62 and 63).
"""

import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from time import monotonic

from django.conf import settings
from django.db import transaction
from django.db.models import Q

from portal.integrations.messages import MessageProvider, Refused, message_provider
from portal.notifications import rules, words
from portal.notifications.contact import contact_of
from portal.notifications.models import Channel, Notification, NotificationQuerySet

log = logging.getLogger(__name__)

State = Notification.State
ROUND_SECONDS = 50  # a round ends before the next minute's begins
TEXTS_HELD_FOR = timedelta(minutes=30)  # when the day's ceiling of text messages is reached


def send_due(
    *, clock: Callable[[], datetime], provider: MessageProvider | None = None, seconds: float = ROUND_SECONDS
) -> int:
    """Deliver what is due, one after another, until nothing is or the time is used up. Returns how many were
    taken up."""
    provider = provider or message_provider()
    until, taken = monotonic() + seconds, 0
    while monotonic() < until and send_next(now=clock(), provider=provider):
        taken += 1
    return taken


def send_next(*, now: datetime, provider: MessageProvider) -> bool:
    """Take up the message that has waited longest. False when there is none that nobody else holds."""
    taken_up = monotonic()
    notification, verdict = _claim(now=now)
    if notification is None:
        return False
    try:
        if verdict is None:
            verdict = _find_out(notification, provider, now=now)
        if verdict is not None and verdict.action is rules.Action.SEND:
            if monotonic() - taken_up > rules.LEASE.total_seconds() / 2:
                raise TimeoutError  # this process slept: by now somebody else may hold the message
            _send(notification, verdict, provider, now=now)
    except Refused:
        _settle(notification, State.FAILED, why="refused", now=now)
    except Exception as failure:  # whether it went is not known: wait, then ask
        log.warning("message %s: %s", notification.ref, type(failure).__name__)
        _leave_for_later(notification, now=now)
    return True


@transaction.atomic(durable=True)
def _claim(*, now: datetime) -> tuple[Notification | None, rules.Verdict | None]:
    """Hold one message and its recipient's row, so that nobody counts the same day twice; weigh it, and
    lease it.

    No verdict yet means: somebody held it before, so the provider is asked first.
    """
    waiting = Notification.objects.waiting(now=now).select_related("to").order_by("due_at", "pk")
    notification = waiting.select_for_update(skip_locked=True, no_key=True, of=("self", "to")).first()
    if notification is None:
        return None, None
    if notification.state == State.CLAIMED:
        return (notification if _lease(notification, now=now) else None), None
    notification = _join(notification, now=now)
    verdict = _weigh(notification, now=now)
    if verdict.action is rules.Action.SEND:
        return (notification if _lease(notification, now=now) else None), verdict
    _apply(notification, verdict, now=now)
    return notification, verdict


def _find_out(
    notification: Notification, provider: MessageProvider, *, now: datetime
) -> rules.Verdict | None:
    """What became of a message whose worker did not come back: sent, or to be weighed again."""
    provider_id = provider.find(notification.ref)
    if provider_id:
        _mark_sent(notification, provider_id, now=now)
        return None
    with transaction.atomic(durable=True):
        held = (
            Notification.objects.filter(
                pk=notification.pk, state=State.CLAIMED, attempts=notification.attempts
            )
            .select_related("to")
            .select_for_update(no_key=True, of=("self", "to"))
            .first()
        )
        if held is None:
            return None
        if held.unwanted:
            _settle(held, State.WITHDRAWN, now=now)
            return None
        verdict = _weigh(held, now=now)
        if verdict.action is not rules.Action.SEND:
            _apply(held, verdict, now=now)
        return verdict


def _send(
    notification: Notification, verdict: rules.Verdict, provider: MessageProvider, *, now: datetime
) -> None:
    link = f"{settings.BASE_URL}/b/{notification.link_token}/" if notification.link_token else ""
    body = words.text(
        notification.kind,
        language=notification.to.language,
        channel=verdict.channel,
        about_at=notification.about_at,
        says_more=_says_more(notification),
        link=link,
        also_denied=getattr(settings, "MESSAGE_WORDS_DENIED", ()),
    )
    provider_id = provider.send(notification.ref, verdict.channel, verdict.destination, body)
    _mark_sent(notification, provider_id, now=now, channel=verdict.channel)


def _weigh(notification: Notification, *, now: datetime) -> rules.Verdict:
    """Ask the rules, with what is true at this moment."""
    kind = words.KINDS.get(notification.kind, words.ANY_KIND)
    counted = Notification.objects.filter(to_id=notification.to_id, exempt_from_quiet=False).exclude(
        pk=notification.pk
    )
    counted = counted.filter(Q(state=State.SENT) | Q(state=State.CLAIMED))
    last = None
    if notification.subject:
        last = (
            counted.filter(subject=notification.subject, sent_at__isnull=False).order_by("-sent_at").first()
        )
    verdict = rules.weigh(
        contact=contact_of(notification.to, kind=kind),
        now=now,
        not_after=notification.not_after,
        exempt=notification.exempt_from_quiet,
        sent_today=counted.filter(Q(sent_at__gte=rules.start_of_day(now)) | Q(state=State.CLAIMED)).count(),
        last_of_subject=last.sent_at if last else None,
    )
    if verdict.action is rules.Action.SEND and verdict.channel == Channel.SMS and _texts_used_up(now):
        log.error("the day's ceiling of text messages is reached")
        at = now + TEXTS_HELD_FOR
        return (
            rules.Verdict(rules.Action.LATER, at=at)
            if at <= notification.not_after
            else rules.Verdict(rules.Action.MISSED, why="ceiling")
        )
    return verdict


def _join(notification: Notification, *, now: datetime) -> Notification:
    """The latest state of a subject speaks for the steps before it that still wait; none is dropped
    unsaid."""
    if not notification.subject:
        return notification
    steps = Notification.objects.filter(
        to_id=notification.to_id, subject=notification.subject, state=State.DUE, due_at__lte=now
    )
    latest = steps.select_related("to").order_by("-wanted_at", "-pk").first() or notification
    steps.exclude(pk=latest.pk).update(state=State.JOINED, joined_into=latest)
    return latest


def _apply(notification: Notification, verdict: rules.Verdict, *, now: datetime) -> None:
    """Write down a verdict that is not "send"."""
    if verdict.action is rules.Action.LATER:
        _own(notification).update(state=State.DUE, due_at=verdict.at, lease_until=None)
        return
    state = {
        rules.Action.NOTHING: State.WITHDRAWN,
        rules.Action.HELD: State.HELD,
        rules.Action.MISSED: State.MISSED,
        rules.Action.SILENT: State.SILENT,
    }[verdict.action]
    _settle(notification, state, why=verdict.why, now=now)


def _settle(notification: Notification, state: str, *, now: datetime, why: str = "") -> None:
    """The end of a message that was not sent; where it mattered to somebody, a person's task begins (rules
    24 and 63)."""
    kind = words.KINDS.get(notification.kind, words.ANY_KIND)
    opens = kind.matters and state in {State.MISSED, State.HELD, State.FAILED}
    opens = opens or (kind.never_silent and state == State.SILENT)
    _own(notification).update(state=state, why=why, lease_until=None, task_opened_at=now if opens else None)


def _mark_sent(notification: Notification, provider_id: str, *, now: datetime, channel: str = "") -> None:
    values = {"channel": channel} if channel else {}
    _own(notification).update(
        state=State.SENT, sent_at=now, provider_id=provider_id, lease_until=None, **values
    )


def _leave_for_later(notification: Notification, *, now: datetime) -> None:
    if notification.attempts >= rules.MOST_ATTEMPTS:
        _settle(notification, State.FAILED, why="provider", now=now)
    else:
        # Never sooner than the lease itself: a provider that was too slow for us may still be
        # taking the message.
        _own(notification).update(lease_until=now + rules.LEASE + rules.wait_after(notification.attempts))


def _lease(notification: Notification, *, now: datetime) -> bool:
    """Take the message for a while. A conditional update: where rows cannot be locked, the second to come
    finds it taken."""
    was = Notification.objects.filter(
        pk=notification.pk, state=notification.state, attempts=notification.attempts
    )
    until = now + rules.LEASE
    held = was.update(state=State.CLAIMED, lease_until=until, attempts=notification.attempts + 1)
    notification.state, notification.lease_until = State.CLAIMED, until
    notification.attempts += 1
    return bool(held)


def _own(notification: Notification) -> NotificationQuerySet:
    """This message, as long as nobody else has taken it up since."""
    return Notification.objects.filter(
        pk=notification.pk, state=notification.state, attempts=notification.attempts
    )


def _says_more(notification: Notification) -> bool:
    return contact_of(notification.to, kind=words.KINDS.get(notification.kind, words.ANY_KIND)).says_more


def _texts_used_up(now: datetime) -> bool:
    today = Notification.objects.filter(
        state=State.SENT, channel=Channel.SMS, sent_at__gte=rules.start_of_day(now)
    )
    return today.count() >= settings.DAILY_TEXT_LIMIT
