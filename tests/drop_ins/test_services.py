"""Booking, moving, cancelling, waiting and coming: what each verb promises."""

from datetime import UTC, date, datetime, time, timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from portal.accounts.models import Role
from portal.audit.models import AuditEvent
from portal.drop_ins import services
from portal.drop_ins.models import Booking, ClosedDay, PlaceOffer, Series, Session, WaitingPlace
from portal.notifications.models import Notification
from tests.factories import StaffFactory, YoungPersonFactory

pytestmark = [pytest.mark.django_db, pytest.mark.sqlite]

ON_THE_DAY = datetime(2026, 12, 3, 17, 30, tzinfo=UTC)


def refused(verb, **facts):
    with pytest.raises(ValidationError) as refusal:
        verb(**facts)
    return refusal.value.code


@pytest.fixture
def book(session, now):
    def _book(person, on=session, **facts):
        return services.book(
            **{"session": on, "young_person": person, "by": person.user, "now": now, **facts}
        )

    return _book


@pytest.fixture
def join(session, now):
    def _join(person, at=now):
        return services.join_waiting_list(session=session, young_person=person, by=person.user, now=at)

    return _join


def promised():
    live = Notification.objects.filter(state="DUE").order_by("due_at")
    return [(message.kind, message.due_at.strftime("%d %H:%M")) for message in live]


def counted(session):
    session.refresh_from_db()
    return session.booked, session.offered


def test_a_booking_takes_one_place_and_promises_both_reminders_in_one_transaction(
    book, session, young_people
):
    booking = book(young_people[0])

    assert counted(session) == (1, 0)
    assert promised() == [("drop_in_tomorrow", "02 10:00"), ("drop_in_soon", "03 12:00")]
    assert AuditEvent.objects.get().subject == f"booking:{booking.ref}"


def test_a_booking_that_fails_leaves_no_reminder_behind(book, session, young_people):
    book(young_people[0])

    assert refused(book, person=young_people[1]) == "full"
    assert len(promised()) == 2
    assert counted(session) == (1, 0)


def test_nobody_has_two_places_on_one_day(book, make_session, young_people):
    roomy = make_session(places=3)
    book(young_people[0], on=roomy)

    assert refused(book, person=young_people[0], on=roomy) == "already_booked"
    assert counted(roomy) == (1, 0)


def test_the_database_itself_refuses_more_than_the_places(session, young_people, now):
    with pytest.raises(IntegrityError), transaction.atomic():
        Session.objects.filter(pk=session.pk).update(booked=2)

    Booking.objects.create(session=session, young_person=young_people[0], made_at=now)
    with pytest.raises(IntegrityError), transaction.atomic():
        Booking.objects.create(session=session, young_person=young_people[0], made_at=now)


def test_what_has_begun_or_was_called_off_cannot_be_booked(book, session, young_people, adviser):
    assert refused(book, person=young_people[0], now=session.starts_at) == "begun"

    services.call_off(session=session, by=adviser, now=session.starts_at - timedelta(days=1))
    assert refused(book, person=young_people[0]) == "called_off"


def test_bookings_are_held_in_custody(book, session, young_people):
    young_people[0].in_custody_since = date(2026, 11, 1)

    assert refused(book, person=young_people[0]) == "held"
    assert counted(session) == (0, 0)


def test_cancelling_frees_the_place_once_and_takes_the_reminders_back(book, session, young_people, now):
    booking = book(young_people[0])

    services.cancel(booking=booking, by=None, now=now)
    services.cancel(booking=booking, by=None, now=now)

    assert counted(session) == (0, 0)
    assert promised() == []
    assert book(young_people[0]).pk != booking.pk


def test_moving_takes_the_new_place_before_it_frees_the_old_one(
    book, session, make_session, young_people, now
):
    booking = book(young_people[0])
    later = make_session(starts_at=datetime(2026, 12, 10, 14, tzinfo=UTC))
    full = make_session(starts_at=datetime(2026, 12, 17, 14, tzinfo=UTC))
    book(young_people[1], on=full)

    assert refused(services.move, booking=booking, to=full, by=None, now=now) == "full"
    services.move(booking=booking, to=later, by=None, now=now)

    assert (counted(session), counted(later), counted(full)) == ((0, 0), (1, 0), (1, 0))
    mine = Notification.objects.filter(to=young_people[0].user, state="DUE").order_by("due_at")
    assert [message.due_at.day for message in mine] == [9, 10]


def test_a_booking_moved_there_and_back_has_its_reminders_again(
    book, session, make_session, young_people, now
):
    booking = book(young_people[0])
    later = make_session(starts_at=datetime(2026, 12, 10, 14, tzinfo=UTC))

    services.move(booking=booking, to=later, by=None, now=now)
    services.move(booking=booking, to=session, by=None, now=now)

    assert promised() == [("drop_in_tomorrow", "02 10:00"), ("drop_in_soon", "03 12:00")]


def test_a_freed_place_goes_to_the_next_in_line_who_is_told(book, join, session, young_people, now):
    booking = book(young_people[0])
    first, second = join(young_people[1]), join(young_people[2], now + timedelta(minutes=1))

    services.cancel(booking=booking, by=young_people[0].user, now=now)

    offer = PlaceOffer.objects.get()
    assert (offer.waiting, counted(session)) == (first, (0, 1))
    message = Notification.objects.get(kind="place_offered")
    assert (message.to, message.not_after) == (young_people[1].user, offer.expires_at)
    assert refused(book, person=young_people[3]) == "full"
    second.refresh_from_db()
    assert second.state == WaitingPlace.State.WAITING


def test_a_kept_place_is_taken_by_saying_yes_or_simply_by_booking(book, join, session, young_people, now):
    booking = book(young_people[0])
    join(young_people[1])
    services.cancel(booking=booking, by=None, now=now)
    offer = PlaceOffer.objects.get()

    services.accept_offer(offer=offer, by=young_people[1].user, now=now)

    assert counted(session) == (1, 0)
    offer.refresh_from_db()
    assert (offer.state, offer.waiting.state) == ("ACCEPTED", "TAKEN")
    assert refused(services.accept_offer, offer=offer, by=young_people[1].user, now=now) == "offer_over"


def test_saying_no_passes_the_place_on(book, join, session, young_people, now):
    booking = book(young_people[0])
    join(young_people[1])
    join(young_people[2], now + timedelta(minutes=1))
    services.cancel(booking=booking, by=None, now=now)

    services.decline_offer(offer=PlaceOffer.objects.get(), by=young_people[1].user, now=now)
    services.decline_offer(offer=PlaceOffer.objects.first(), by=young_people[1].user, now=now)

    standing = PlaceOffer.objects.get(state="STANDS")
    assert standing.waiting.young_person == young_people[2]
    assert counted(session) == (0, 1)


def test_an_offer_whose_time_ran_out_cannot_be_taken_and_goes_on_to_the_next(
    book, join, session, young_people, now
):
    booking = book(young_people[0])
    join(young_people[1])
    join(young_people[2], now + timedelta(minutes=1))
    services.cancel(booking=booking, by=None, now=now)
    offer = PlaceOffer.objects.get()
    late = offer.expires_at

    assert refused(services.accept_offer, offer=offer, by=young_people[1].user, now=late) == "offer_over"
    assert services.expire_offers(now=late) == 1
    assert services.expire_offers(now=late) == 0

    assert PlaceOffer.objects.get(state="STANDS").waiting.young_person == young_people[2]
    assert counted(session) == (0, 1)


def test_nobody_waits_while_a_place_is_free(join, session, young_people):
    assert refused(join, person=young_people[0]) == "place_free"


def test_a_walk_in_is_always_welcome_and_touches_no_place(book, session, young_people, adviser, now):
    book(young_people[0])

    services.walk_in(session=session, by=adviser, now=now)
    services.walk_in(session=session, by=adviser, now=now, name="  Jay ")

    assert counted(session) == (1, 0)
    assert [came.name for came in session.walk_ins.order_by("pk")] == ["", "Jay"]


def test_somebody_who_did_not_come_is_asked_whether_they_are_well_and_coming_late_closes_that(
    book, young_people, adviser, now
):
    booking = book(young_people[0])

    services.check_in(booking=booking, outcome="DID_NOT_COME", by=adviser, now=ON_THE_DAY)
    booking.refresh_from_db()
    assert booking.welfare_check_opened_at == ON_THE_DAY
    services.check_in(booking=booking, outcome="CAME_LATE", by=adviser, now=ON_THE_DAY)
    booking.refresh_from_db()

    assert (booking.state, booking.welfare_check_opened_at) == ("CAME_LATE", None)


def test_a_closed_day_tells_everybody_booked_and_lets_the_line_go(
    book, join, session, young_people, adviser, now
):
    book(young_people[0])
    join(young_people[1])

    assert services.close_day(on=date(2026, 12, 3), why="Boiler", by=adviser, now=now) == 1

    assert promised() == [("booking_moved_by_us", "23 10:00")]
    assert WaitingPlace.objects.get().state == "LAPSED"
    assert Booking.objects.get().state == "WE_COULD_NOT"


def test_sessions_are_made_for_weeks_ahead_once_without_closed_days_and_bank_holidays(series):
    ClosedDay.objects.create(on=date(2026, 12, 10))
    series.weekday = 4
    series.save()

    made = services.make_sessions(today=date(2026, 11, 23), weeks=7)
    again = services.make_sessions(today=date(2026, 11, 23), weeks=7)

    days = [session.day.date() for session in Session.objects.all()]
    assert (made, again) == (5, 0)
    assert date(2026, 12, 25) not in days
    assert date(2027, 1, 1) not in days


def test_the_word_opens_the_link_and_five_wrong_ones_close_it(book, young_people):
    booking = book(young_people[0], word="Red Kite")

    assert services.confirm_word(token=booking.token, word=" red  kite").pk == booking.pk
    for _ in range(5):
        assert refused(services.confirm_word, token=booking.token, word="blue") == "wrong_word"

    assert refused(services.confirm_word, token=booking.token, word="red kite") == "no_tries_left"


def test_the_reminder_carries_the_link_only_when_a_word_was_chosen(book, make_session, young_people):
    booking = book(young_people[0], on=make_session(places=2), word="kite")
    book(young_people[1], on=booking.session)

    assert set(Notification.objects.filter(to=young_people[0].user).values_list("link_token", flat=True)) == {
        booking.token
    }
    assert set(Notification.objects.filter(to=young_people[1].user).values_list("link_token", flat=True)) == {
        ""
    }


def test_the_wrong_weeks_register_takes_nobody_off_next_weeks_list(book, young_people, adviser, now):
    booking = book(young_people[0])

    for outcome in ("CAME", "DID_NOT_COME", "WE_COULD_NOT"):
        assert refused(services.check_in, booking=booking, outcome=outcome, by=adviser, now=now) == "not_yet"

    booking.refresh_from_db()
    assert (booking.state, booking.welfare_check_opened_at) == ("BOOKED", None)
    assert [kind for kind, _when in promised()] == ["drop_in_tomorrow", "drop_in_soon"]
    services.check_in(booking=booking, outcome="TOLD_US", by=adviser, now=now)


def test_what_is_over_is_not_called_off(book, session, young_people, adviser):
    booking = book(young_people[0])

    over = datetime(2026, 12, 4, 9, tzinfo=UTC)
    assert refused(services.call_off, session=session, by=adviser, now=over) == "over"

    booking.refresh_from_db()
    assert booking.state == "BOOKED"


def test_somebody_without_an_adviser_who_did_not_come_is_duty_s_to_ask_after(book, session):
    dami = StaffFactory(role=Role.DUTY_ADVISER)
    booking = book(YoungPersonFactory())

    services.check_in(booking=booking, outcome="DID_NOT_COME", by=dami, now=ON_THE_DAY)

    assert [told.to for told in Notification.objects.filter(kind="welfare_check")] == [dami]


WEEKLY = {"name": "Cooking", "closes": time(18), "places": 4, "by": None}


def test_something_weekly_sent_twice_is_one(db, now):
    words = {**WEEKLY, "weekday": 2, "opens": time(16), "now": now, "today": now.date()}

    assert services.start_series(**words) == services.start_series(**words)

    assert (Series.objects.count(), Session.objects.count()) == (1, 8)


def test_a_series_ends_after_its_last_day_and_everybody_booked_later_is_told(db, now, young_people, adviser):
    words = {**WEEKLY, "weekday": 2, "opens": time(16), "now": now, "today": now.date()}
    series = services.start_series(**words)
    days = list(series.sessions.order_by("starts_at"))
    for person, session in zip(young_people, days, strict=False):
        services.book(session=session, young_person=person, by=person.user, now=now)
    last_on = days[1].starts_at.date()

    assert services.end_series(series=series, last_on=last_on, by=adviser, now=now) == 2
    assert services.end_series(series=series, last_on=last_on, by=adviser, now=now) == 0  # pressed twice
    services.make_sessions(today=now.date())

    states = series.sessions.order_by("starts_at").values_list("state", flat=True)
    assert list(states) == ["OPEN", "OPEN"] + ["CALLED_OFF"] * (len(days) - 2)
    ended = {"series": series, "by": adviser, "now": now}
    assert refused(services.end_series, last_on=last_on + timedelta(days=7), **ended) == "ended"
    assert refused(services.end_series, last_on=now.date() - timedelta(days=1), **ended) == "past"


def test_a_walk_in_pressed_twice_is_one_person(session, adviser, now):
    words = {"session": session, "by": adviser, "now": now, "name": "Jay"}

    assert services.walk_in(**words, token="form") == services.walk_in(**words, token="form")
    services.walk_in(**words, token="another form")

    assert session.walk_ins.count() == 2


def test_an_hour_that_the_clocks_skip_or_repeat_is_refused_whatever_the_season(db):
    june = datetime(2027, 6, 1, 9, tzinfo=UTC)
    words = {**WEEKLY, "weekday": 6, "opens": time(1, 30), "now": june, "today": june.date()}

    assert refused(services.start_series, **words) == "clock_hour"
    assert not Series.objects.exists()
