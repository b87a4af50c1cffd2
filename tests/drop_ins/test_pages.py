"""The pages of drop-ins: for everybody, for me, by link, and at the desk."""

from datetime import timedelta

import pytest
from icalendar import Calendar

from portal.drop_ins import services
from portal.drop_ins.models import Booking, PlaceOffer, Series, Session, WaitingPlace
from portal.notifications.words import denied
from portal.people.services import who_looked

pytestmark = [pytest.mark.django_db, pytest.mark.sqlite]


@pytest.fixture
def me(young_people):
    return young_people[0]


@pytest.fixture
def mine(client, me):
    client.force_login(me.user)
    return client


@pytest.fixture
def desk(client, adviser):
    client.force_login(adviser)
    return client


@pytest.fixture
def booking(session, me, now):
    return services.book(session=session, young_person=me, by=me.user, now=now, word="red kite")


def test_the_timetable_is_the_same_bytes_for_everybody_and_carries_no_cookie(client, session, me):
    visitor = client.get("/drop-ins/")
    client.force_login(me.user)
    signed_in = client.get("/drop-ins/")

    assert "Thursday 3 December" in visitor.text
    assert "2pm to 5pm" in visitor.text
    assert visitor.content == signed_in.content
    assert not visitor.cookies
    assert "csrf" not in visitor.text


def test_the_session_page_leads_to_booking_behind_the_sign_in(client, session):
    page = client.get(f"/drop-ins/{session.ref}/")

    assert f"/me/bookings/new/{session.ref}/" in page.text
    assert "csrf" not in page.text
    assert not page.cookies
    assert client.get(f"/me/bookings/new/{session.ref}/").status_code == 302


def test_booking_from_the_form_to_the_confirmation(mine, session, me):
    assert "Book a place" in mine.get(f"/me/bookings/new/{session.ref}/").text

    answer = mine.post(
        f"/me/bookings/new/{session.ref}/",
        {"how": "THERE", "needs": ["needs_interpreter", "needs_fare"], "word": "red kite"},
    )

    booking = Booking.objects.get(young_person=me)
    assert answer.headers["Location"] == f"/me/bookings/{booking.ref}/"
    assert (booking.needs_interpreter, booking.needs_fare, booking.brings_child) == (True, True, False)
    page = mine.get(answer.headers["Location"])
    assert "You have a place" in page.text
    assert "An interpreter" in page.text
    assert booking.ref in mine.get("/me/bookings/").text


def test_pressing_twice_is_one_booking(mine, session, me):
    for _ in range(2):
        answer = mine.post(f"/me/bookings/new/{session.ref}/", {"how": "THERE"})

    assert answer.status_code == 302
    assert Booking.objects.count() == 1


def test_a_full_day_is_told_kindly_and_the_line_is_one_tap_away(mine, session, young_people, now):
    other = young_people[1]
    services.book(session=session, young_person=other, by=other.user, now=now)

    page = mine.post(f"/me/bookings/new/{session.ref}/", {"how": "THERE", "word": "red kite"})
    assert page.status_code == 200
    assert "All the places are taken" in page.text
    assert mine.post(f"/me/bookings/wait/{session.ref}/").status_code == 302

    assert WaitingPlace.objects.get().young_person == young_people[0]
    assert "You are in line" in mine.get("/me/bookings/").text


def test_a_kept_place_is_shown_and_taken_by_booking(mine, session, young_people, now):
    me, other = young_people[:2]
    theirs = services.book(session=session, young_person=other, by=other.user, now=now)
    services.join_waiting_list(session=session, young_person=me, by=me.user, now=now)
    services.cancel(booking=theirs, by=other.user, now=now)

    assert "A place is free for you" in mine.get("/me/bookings/").text
    assert "Book it" in mine.get(f"/me/bookings/new/{session.ref}/").text
    mine.post(f"/me/bookings/new/{session.ref}/", {"how": "THERE"})

    assert Booking.objects.live().get(young_person=me).session == session


def test_no_thanks_passes_the_place_on(mine, session, young_people, now):
    me, other = young_people[:2]
    theirs = services.book(session=session, young_person=other, by=other.user, now=now)
    services.join_waiting_list(session=session, young_person=me, by=me.user, now=now)
    services.cancel(booking=theirs, by=other.user, now=now)

    mine.post(f"/me/bookings/offers/{PlaceOffer.objects.get().ref}/no/")

    session.refresh_from_db()
    assert (session.left, PlaceOffer.objects.get().state) == (1, "DECLINED")


def test_moving_and_cancelling_while_signed_in(mine, booking, make_session, session):
    later = make_session(starts_at=session.starts_at + timedelta(days=7))

    mine.post(f"/me/bookings/{booking.ref}/move/", {"to": later.ref})
    booking.refresh_from_db()
    assert booking.session == later
    mine.post(f"/me/bookings/{booking.ref}/cancel/")
    booking.refresh_from_db()

    assert booking.state == "CANCELLED"
    assert "You cancelled this" in mine.get(f"/me/bookings/{booking.ref}/").text


def test_nobody_sees_another_persons_booking(client, booking, young_people):
    client.force_login(young_people[1].user)

    for path in ("", "move/", "cancel/", "appointment.ics"):
        assert client.get(f"/me/bookings/{booking.ref}/{path}").status_code == 404


def test_the_calendar_entry_says_nothing_but_day_and_time(mine, booking, session):
    answer = mine.get(f"/me/bookings/{booking.ref}/appointment.ics")

    [event] = Calendar.from_ical(answer.content).walk("VEVENT")
    assert (event["SUMMARY"], event["DTSTART"].dt, event["DTEND"].dt) == (
        "Appointment",
        session.starts_at,
        session.ends_at,
    )
    assert "LOCATION" not in event
    assert "DESCRIPTION" not in event
    assert denied(answer.text) == []
    assert 'filename="appointment.ics"' in answer.headers["Content-Disposition"]


def test_the_link_shows_day_and_time_and_nothing_about_anybody(client, booking, me, session):
    page = client.get(f"/b/{booking.token}/")

    assert "Thursday 3 December at 2pm" in page.text
    main = page.text[page.text.index("<main") : page.text.index("</main>")]
    for telling in (me.given_name, me.family_name, session.name, session.where, booking.ref):
        assert telling not in main
    assert denied(main) == []
    assert "Run by Lewisham" not in page.text
    assert page.headers["Cache-Control"] == "no-store"


def test_a_booking_is_moved_and_cancelled_by_link_and_word_without_signing_in(
    client, booking, make_session, session
):
    later = make_session(starts_at=session.starts_at + timedelta(days=7))
    address = f"/b/{booking.token}/"

    assert client.post(address, {"what": later.ref, "word": "Red  Kite"}).status_code == 302
    booking.refresh_from_db()
    assert booking.session == later
    assert client.post(address, {"what": "cancel", "word": "red kite"}).status_code == 302

    assert "This booking is cancelled" in client.get(address).text


def test_the_fifth_wrong_word_closes_the_link_for_good(client, booking):
    address = f"/b/{booking.token}/"

    for _ in range(5):
        assert "That is not the word" in client.post(address, {"what": "cancel", "word": "blue"}).text
    assert "please sign in" in client.get(address).text
    client.post(address, {"what": "cancel", "word": "red kite"})

    booking.refresh_from_db()
    assert booking.state == "BOOKED"


def test_a_link_that_is_not_one_is_not_found(client, db):
    assert client.get("/b/23456789ABCDEFGHJKMNPQRSTW/").status_code == 404


def test_the_register_is_written_down_before_it_is_shown(desk, booking, me, session, now):
    page = desk.get(f"/desk/drop-ins/{session.ref}/")

    assert me.name in page.text
    assert me.family_name not in page.text
    assert [look.part for look in who_looked(me, on=now.date())] == ["drop_in"]


def test_the_register_adds_a_walk_in_without_a_name_and_checks_somebody_in(desk, booking, session, clock):
    clock.set(session.starts_at)
    desk.post(f"/desk/drop-ins/{session.ref}/", {"name": ""})
    desk.post(f"/desk/drop-ins/{session.ref}/{booking.ref}/", {"outcome": "CAME"})

    booking.refresh_from_db()
    assert (booking.state, session.walk_ins.count()) == ("CAME", 1)
    assert "Somebody" in desk.get(f"/desk/drop-ins/{session.ref}/").text


def test_the_desk_begins_a_series_and_its_days_are_on_the_public_timetable(desk, now):
    asked = {"name": "Cooking", "weekday": "2", "opens": "16:00", "closes": "18:00", "places": "8"}
    assert desk.post("/desk/drop-ins/new/", {**asked, "closes": "15:00"}).status_code == 200

    assert desk.post("/desk/drop-ins/new/", asked).status_code == 302

    assert Series.objects.count() == 1
    assert Session.objects.count() == 8
    assert "Cooking" in desk.get("/drop-ins/").text
    assert "Cooking" in desk.get("/desk/drop-ins/").text


def test_calling_a_day_off_tells_everybody(desk, booking, session):
    assert "1 person is booked" in desk.get(f"/desk/drop-ins/{session.ref}/called-off/").text

    desk.post(f"/desk/drop-ins/{session.ref}/called-off/")

    booking.refresh_from_db()
    assert booking.state == "WE_COULD_NOT"
    assert "Called off" in desk.get("/drop-ins/").text


@pytest.mark.parametrize("path", ["", "new/", "{ref}/", "{ref}/called-off/"])
def test_a_young_person_finds_no_desk(mine, session, path):
    assert mine.get(f"/desk/drop-ins/{path.format(ref=session.ref)}").status_code == 404
