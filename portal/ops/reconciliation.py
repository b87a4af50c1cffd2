"""Every book of the portal held against the others (safety rule 61). Reads everything, mends nothing."""

import logging
from datetime import datetime, timedelta

from django.db.models import Count, F, Q

from portal.case_notes import reconciliation as notes
from portal.drop_ins.models import BookingState, Session, SessionState
from portal.finance import reconciliation as money
from portal.finance.reconciliation import Difference
from portal.integrations.messages import NoAnswer, message_provider
from portal.notifications.models import Notification

log = logging.getLogger(__name__)

ASKED_ABOUT = 20  # of the newest messages sent in a day: each costs the provider a question
STUCK = timedelta(hours=1)


def differences(*, now: datetime) -> list[Difference]:
    """Everything that does not add up at this moment: places at drop-ins, money, case notes, messages."""
    noted = [Difference("notes", subject, words) for subject, words in notes.faults()]
    return [*places(), *money.differences(now=now), *noted, *messages(now=now)]


def messages(*, now: datetime) -> list[Difference]:
    """Is no message stuck, and does the provider know the newest that we call sent? Asking about each would cost hours;
    a provider that does not answer is no difference."""
    found, states = [], Notification.State
    for one in Notification.objects.filter(state=states.CLAIMED, lease_until__lt=now - STUCK).order_by("pk"):
        found.append(Difference("messages", f"message {one.ref}", "a worker took it and nobody finished"))
    sent = Notification.objects.filter(
        state=states.SENT, sent_at__gt=now - timedelta(days=1), sent_at__lte=now
    )
    try:
        for ref in sent.order_by("-sent_at", "-pk").values_list("ref", flat=True)[:ASKED_ABOUT]:
            if message_provider().find(ref) is None:
                found.append(
                    Difference("messages", f"message {ref}", "is called sent, the provider does not know it")
                )
    except NoAnswer:
        log.warning("the message provider did not answer: its messages were not compared")
    return found


def places() -> list[Difference]:
    """Is each session's count of places taken the number of bookings that hold one?"""
    holding = Count("bookings", filter=~Q(bookings__state=BookingState.CANCELLED))
    sessions = (
        Session.objects.filter(state=SessionState.OPEN).annotate(holding=holding).exclude(holding=F("booked"))
    )
    return [
        Difference(
            "places", f"session {session.ref}", f"counts {session.booked}, has {session.holding} bookings"
        )
        for session in sessions.order_by("pk")
    ]
