"""Yusuf, who reads Arabic first, books a place and is reminded; his phone shows nothing that could tell on
him."""

from datetime import UTC, datetime, time

import pytest

from portal.drop_ins.models import Booking
from portal.drop_ins.services import start_series
from portal.notifications import contact
from portal.notifications.models import Notification, RecordedMessage
from portal.notifications.words import denied, fits_one_segment
from portal.ops.tasks import run_due
from tests.factories import StaffFactory, YoungPersonFactory

pytestmark = [pytest.mark.django_db, pytest.mark.sqlite]


@pytest.mark.parametrize("language", ["en", "ar"])
def test_from_the_timetable_to_the_reminder_and_away_again(client, clock, now, language):
    sam = StaffFactory()
    yusuf = YoungPersonFactory(adviser=sam, user__phone="+447700900001", user__language=language)
    start_series(
        name="Open door",
        weekday=3,
        opens=time(14),
        closes=time(17),
        places=2,
        by=sam,
        now=now,
        today=now.date(),
    )
    contact.turn_on(user=yusuf.user, channel="SMS", now=now)

    timetable = client.get("/drop-ins/").text
    path = timetable[timetable.index("/drop-ins/", timetable.index("Thursday 26 November")) :].split('"')[0]
    assert client.get(path).status_code == 200
    new = path.replace("/drop-ins/", "/me/bookings/new/")
    assert client.get(new).headers["Location"].startswith("/account/login/")
    client.force_login(yusuf.user)
    answer = client.post(new, {"how": "THERE", "needs": ["needs_interpreter"], "word": "red kite"})
    booking = Booking.objects.get()
    assert answer.headers["Location"] == f"/me/bookings/{booking.ref}/"

    clock.set(datetime(2026, 11, 25, 9, 58, tzinfo=UTC))
    run_due()
    assert not RecordedMessage.objects.exists()
    clock.set(datetime(2026, 11, 25, 10, 1, tzinfo=UTC))
    run_due()
    run_due()

    message = RecordedMessage.objects.get()
    assert message.destination == "+447700900001"
    assert denied(message.body) == []
    assert fits_one_segment(message.body)
    assert ("Thursday 26 November at 2pm" if language == "en" else "26/11") in message.body

    client.logout()
    client.post(f"/b/{booking.token}/", {"what": "cancel", "word": "red kite"})
    clock.set(datetime(2026, 11, 26, 12, 1, tzinfo=UTC))
    run_due()

    booking.refresh_from_db()
    assert booking.state == "CANCELLED"
    assert RecordedMessage.objects.count() == 1, "who cancelled is not reminded"
    assert set(Notification.objects.values_list("state", flat=True)) == {"SENT", "WITHDRAWN"}
