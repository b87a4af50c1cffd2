"""Every book of the portal held against the others (safety rule 61). Reads everything, mends nothing."""

from datetime import datetime

from django.db.models import Count, F, Q

from portal.case_notes import reconciliation as notes
from portal.drop_ins.models import BookingState, Session, SessionState
from portal.finance import reconciliation as money
from portal.finance.reconciliation import Difference


def differences(*, now: datetime) -> list[Difference]:
    """Everything that does not add up at this moment: places at drop-ins, money, then notes for the case record."""
    noted = [Difference("notes", subject, words) for subject, words in notes.faults()]
    return [*places(), *money.differences(now=now), *noted]


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
