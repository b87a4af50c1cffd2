"""How we may reach her: nothing on by itself, on behind the question whether it is her, off in one press."""

from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client

from portal.accounts.sure import SURE
from portal.audit.models import AuditEvent
from portal.drop_ins.models import Session
from portal.integrations.recording import Recording
from portal.notifications import contact, delivery, words
from portal.notifications.models import ContactChoice, Notification, RecordedMessage
from portal.people.models import YoungPerson
from tests.conftest import NOW
from tests.factories import StaffFactory, YoungPersonFactory

pytestmark = [pytest.mark.django_db, pytest.mark.sqlite]
MINE = "/me/settings/contact/"
CHANGE = f"{MINE}change/"
TICKED = {"ways": ["SMS"], "detail": "LEAST", "quiet_from": "21:00:00", "quiet_until": "08:00:00"}


@pytest.fixture
def maya(db) -> YoungPerson:
    return YoungPersonFactory(
        adviser=StaffFactory(first_name="Sam"),
        user__phone="+447700900312",
        user__email="maya@example.org",
    )


@pytest.fixture
def hers(client: Client, maya: YoungPerson) -> Client:
    client.force_login(maya.user)
    return client


@pytest.fixture
def sure(hers: Client) -> Client:
    """She has just shown that it is her."""
    session = hers.session
    session[SURE] = NOW.timestamp()
    session.save()
    return hers


@pytest.fixture
def booked(maya: YoungPerson, hers: Client) -> str:
    """A place on Thursday at two; the page she comes to after booking it."""
    at = datetime(2026, 11, 26, 14, tzinfo=UTC)
    session = Session.objects.create(
        name="Open door", where="Bromley Road", host="Sam", places=3, starts_at=at,
        ends_at=at + timedelta(hours=3),
    )  # fmt: skip
    address: str = hers.post(f"/me/bookings/new/{session.ref}/", {"how": "THERE"}).headers["Location"]
    return address


def page(client: Client, address: str = MINE) -> str:
    return " ".join(client.get(address).content.decode().split())


def reach(maya: YoungPerson) -> contact.Standing:
    maya.user.refresh_from_db()
    return contact.standing_of(maya.user, now=NOW)


def test_nothing_is_on_and_the_page_shows_all_that_a_message_says(hers, maya):
    shown = page(hers)

    assert "Nothing is on until you turn it on." in shown
    assert words.text("drop_in_tomorrow", about_at=datetime(2026, 11, 30, 14, tzinfo=UTC)) in shown
    assert words.text("decision_made") in shown
    assert "Your number ends 12." in shown
    assert "m…@example.org" in shown
    assert "900312" not in shown
    assert "maya@" not in shown
    assert not reach(maya).is_on


def test_turning_on_asks_first_whether_it_is_her_and_keeps_what_she_ticked(hers, maya):
    answer = hers.post(
        CHANGE, {**TICKED, "ways": ["SMS", "EMAIL"], "detail": "MORE", "quiet_from": "19:00:00"}
    )

    assert answer.status_code == 302
    assert "/me/settings/sure/" in answer.url
    assert not reach(maya).is_on
    session = hers.session
    session[SURE] = NOW.timestamp()
    session.save()
    shown = page(hers, CHANGE)
    assert shown.count("checked") == 3
    assert '<option value="19:00:00" selected' in shown
    assert page(hers, CHANGE).count("checked") == 1, "once: nothing is ticked but what is on"


def test_what_she_saves_is_so_at_once_and_stands_in_the_trail(sure, maya):
    answer = sure.post(
        CHANGE, {**TICKED, "detail": "MORE", "quiet_from": "19:00:00", "quiet_until": "10:00:00"}
    )

    assert answer.url == MINE
    shown = page(sure)
    assert "On since 23 November, to the number ending 12" in shown
    assert "7pm to 10am" in shown
    assert "A little more" in shown
    assert words.text("decision_made", says_more=True) in shown
    assert "We text the number ending 12." in page(sure, "/me/settings/")
    assert [one.action for one in AuditEvent.objects.filter(young_person_id=maya.pk)] == ["contact_chosen"]
    ContactChoice.objects.update(sms_on_at=NOW - timedelta(days=9))
    sure.post(CHANGE, {**TICKED, "ways": ["SMS", "EMAIL"]})
    assert reach(maya).text.on_since == NOW - timedelta(days=9), "on already, it stays on since then"


def test_quiet_hours_only_ever_get_longer(sure, maya):
    assert sure.post(CHANGE, {**TICKED, "quiet_from": "23:00:00"}).status_code == 200
    assert not reach(maya).is_on


@pytest.mark.parametrize("off", ["text", "email", "more"])
def test_turning_off_takes_one_press_and_no_code(hers, maya, off):
    for channel in ("SMS", "EMAIL"):
        contact.turn_on(user=maya.user, channel=channel, now=NOW)
    contact.say_more(user=maya.user, more=True)

    hers.post(MINE, {"off": off})

    now = reach(maya)
    assert (bool(now.text.on_since), bool(now.email.on_since), now.says_more) == tuple(
        one != off for one in ("text", "email", "more")
    )


def test_what_is_stopped_for_safety_says_so_and_no_code_opens_it(sure, maya):
    contact.turn_on(user=maya.user, channel="SMS", now=NOW)
    sure.post("/me/settings/not-safe/")

    shown = page(sure)
    assert "Only a talk with your adviser opens messages again." in shown
    assert CHANGE not in shown
    assert sure.get(CHANGE).url == MINE
    assert sure.post(CHANGE, {**TICKED, "ways": ["SMS", "EMAIL"]}).url == MINE
    assert reach(maya).not_safe_since
    assert not reach(maya).email.on_since


def test_after_booking_she_is_asked_once_and_a_no_is_remembered(hers, maya, booked):
    assert "Shall we remind you before it?" in page(hers, booked)
    assert "Shall we text or email you before it?" in page(hers, "/me/")

    for back, onward in ((booked, booked), ("https://example.org/me/", MINE), ("//me/", MINE)):
        answer = hers.post(f"{MINE}no-thanks/", {"back": back})
        assert answer.url == onward

    assert "Shall we" not in page(hers, booked) + page(hers, "/me/")
    assert "We send you no reminder." in page(hers, booked)


def test_turned_on_after_booking_the_reminders_still_come(sure, maya, booked):
    assert Notification.objects.filter(to=maya.user, state="DUE").count() == 2
    day_before = datetime(2026, 11, 25, 10, tzinfo=UTC)
    delivery.send_due(clock=lambda: day_before, provider=Recording())
    assert not RecordedMessage.objects.exists()

    sure.post(CHANGE, TICKED)
    for at in (day_before + timedelta(hours=5), datetime(2026, 11, 26, 12, tzinfo=UTC)):
        delivery.send_due(clock=lambda at=at: at, provider=Recording())

    assert [one.destination for one in RecordedMessage.objects.all()] == ["+447700900312"] * 2
    assert "We remind you the day before" in page(sure, booked)


def test_after_ninety_days_she_is_asked_and_no_stops_it_at_once(hers, maya):
    contact.turn_on(user=maya.user, channel="SMS", now=NOW - timedelta(days=90))
    assert "Is this still yours alone? " in page(hers, "/me/").replace("<", " <")
    hers.post(f"{MINE}still-mine/", {"theirs": "yes"})
    assert "still yours alone" not in page(hers, "/me/")
    assert reach(maya).is_on

    ContactChoice.objects.update(asked_again_at=NOW - timedelta(days=90))
    hers.post(f"{MINE}still-mine/", {"theirs": "no"})
    assert not reach(maya).is_on
    assert "still yours alone" not in page(hers, "/me/")


def test_another_number_is_never_texted_before_she_turned_it_on(hers, maya):
    contact.turn_on(user=maya.user, channel="SMS", now=NOW)
    maya.user.phone = "+447700900377"
    maya.user.save()

    assert "Your number or email changed" in page(hers, "/me/")
    assert "The new one ends 77." in page(hers)
    hers.post(f"{MINE}no-thanks/", {"back": "/me/"})
    assert "Your number or email changed" not in page(hers, "/me/")
