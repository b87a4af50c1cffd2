"""The outbox: promised in a transaction, delivered once, and held back when it must not go."""

from datetime import UTC, datetime, time, timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db import transaction

from portal.accounts.models import User
from portal.integrations.recording import Recording
from portal.notifications import contact, outbox, rules
from portal.notifications.models import ContactChoice, Notification, RecordedMessage

pytestmark = [pytest.mark.django_db, pytest.mark.sqlite]
State = Notification.State


def state_of(notification):
    notification.refresh_from_db()
    return notification.state, notification.why


def test_a_promise_is_delivered_once(promise, deliver, provider, now):
    notification = promise()

    deliver(now)
    deliver(now + timedelta(hours=1))

    assert provider.references == [notification.ref]
    assert state_of(notification) == (State.SENT, "")


def test_the_same_key_twice_is_one_message(promise, deliver, provider, now):
    first = promise(key="payment:K7:decision")
    second = promise(key="payment:K7:decision")

    deliver(now)

    assert first.pk == second.pk
    assert len(provider.references) == 1


def test_nothing_goes_before_its_time_and_what_is_withdrawn_never_goes(promise, deliver, provider, now):
    promise(key="later", due_at=now + timedelta(hours=2), not_after=now + timedelta(hours=4))
    promise(key="gone")

    assert outbox.withdraw(key="gone") == 1
    assert outbox.withdraw(key="gone") == 0
    deliver(now)

    assert provider.references == []


def test_a_message_promised_in_a_transaction_that_fails_was_never_promised(promise, deliver, provider, now):
    with transaction.atomic():
        promise()
        transaction.set_rollback(True)

    deliver(now)

    assert provider.references == []


def test_a_line_that_goes_dead_after_the_message_was_taken_is_asked_about_and_not_sent_again(
    promise, deliver, provider, now
):
    notification = promise()
    provider.hangs_up_after_taking = 1

    deliver(now)
    assert state_of(notification) == (State.CLAIMED, "")
    deliver(now + rules.LEASE)
    assert provider.asked_for == [], "it may still be taking the message: asking too soon would find nothing"
    deliver(notification.lease_until)

    assert provider.asked_for == [notification.ref]
    assert provider.references == [notification.ref]
    assert state_of(notification) == (State.SENT, "")


def test_a_worker_that_died_before_sending_costs_nothing_but_time(promise, deliver, provider, now):
    notification = promise()
    Notification.objects.update(state=State.CLAIMED, attempts=1, lease_until=now + rules.LEASE)

    deliver(now + timedelta(seconds=30))
    assert provider.references == []
    deliver(now + rules.LEASE)

    assert provider.references == [notification.ref]


def test_a_provider_that_is_down_is_tried_again_later_and_less_often(promise, deliver, provider, now):
    notification = promise()
    provider.is_down = 3

    waits = []
    for _ in range(3):
        deliver(now)
        notification.refresh_from_db()
        waits.append(int((notification.lease_until - now - rules.LEASE).total_seconds()))
        now = notification.lease_until
    deliver(now)

    assert waits == [20, 40, 80]
    assert provider.references == [notification.ref]


def test_a_number_that_cannot_be_reached_becomes_a_task_for_a_person(promise, deliver, provider, now):
    notification = promise()
    provider.refuses = True

    deliver(now)

    assert state_of(notification) == (State.FAILED, "refused")
    assert list(Notification.objects.for_a_person()) == [notification]


def test_what_could_not_go_in_time_is_given_to_a_person(promise, deliver, provider, now):
    notification = promise()

    deliver(now + timedelta(days=4))

    assert provider.references == []
    assert state_of(notification) == (State.MISSED, "late")
    assert list(Notification.objects.for_a_person()) == [notification]


def test_no_channel_is_on_until_the_person_turned_it_on(promise, deliver, provider, now):
    ContactChoice.objects.all().delete()
    notification = promise()

    deliver(now)

    assert provider.references == []
    assert state_of(notification) == (State.SILENT, "no_channel")
    assert not Notification.objects.for_a_person().exists()


def test_after_a_change_of_number_nothing_goes_to_either_until_they_turn_the_new_one_on(
    promise, deliver, somebody, now
):
    unsaid = promise()
    User.objects.filter(pk=somebody.pk).update(phone="+447700900099")

    deliver(now)
    somebody.refresh_from_db()
    standing = contact.standing_of(somebody, now=now)

    assert not RecordedMessage.objects.exists()
    assert state_of(unsaid) == (State.SILENT, "no_channel")
    assert (standing.is_on, standing.has_moved, standing.text.shown) == (False, True, "99")

    contact.turn_on(user=somebody, channel="SMS", now=now)
    promise(key="news")
    deliver(now)
    assert RecordedMessage.objects.get().destination == "+447700900099"


def test_a_day_that_was_called_off_is_told_by_a_person_to_somebody_with_nothing_on(
    promise, deliver, somebody, now
):
    ContactChoice.objects.all().delete()
    promise("decision_made", key="news")
    called_off = promise("booking_moved_by_us", about_at=now + timedelta(days=1))

    deliver(now)

    assert list(Notification.objects.for_a_person()) == [called_off]


def test_nothing_can_be_turned_on_for_an_account_without_a_number(db, now):
    nobody = User.objects.create(email="somebody@example.org")

    with pytest.raises(ValidationError) as refusal:
        contact.turn_on(user=nobody, channel="SMS", now=now)

    assert refusal.value.code == "no_contact"
    assert not contact.standing_of(nobody, now=now).is_on


def test_a_reminder_that_found_nothing_on_goes_when_something_is_turned_on_before_its_event(
    promise, deliver, somebody, now
):
    ContactChoice.objects.all().delete()
    later = {"due_at": now, "not_after": now + timedelta(hours=5), "about_at": now + timedelta(hours=9)}
    reminder, over = promise("drop_in_tomorrow", **later), promise("drop_in_soon", not_after=now)
    cancelled, news = promise("drop_in_tomorrow", key="cancelled", **later), promise("decision_made")
    deliver(now)
    assert {state_of(one)[0] for one in (reminder, over, cancelled, news)} == {State.SILENT}
    outbox.withdraw(key="cancelled")

    contact.turn_on(user=somebody, channel="SMS", now=now + timedelta(hours=1))
    deliver(now + timedelta(hours=1))

    assert state_of(reminder)[0] == State.SENT
    assert {state_of(one)[0] for one in (over, news)} == {State.SILENT}
    assert state_of(cancelled)[0] == State.WITHDRAWN
    assert "you have a booking" in RecordedMessage.objects.get().body


def test_turning_on_at_night_wakes_no_reminder_that_could_only_come_too_late(
    promise, deliver, provider, somebody, now
):
    ContactChoice.objects.all().delete()
    night = now + timedelta(hours=12)  # ten in the evening
    reminder = promise("drop_in_tomorrow", not_after=night + timedelta(hours=3))
    deliver(now)

    contact.turn_on(user=somebody, channel="SMS", now=night)
    deliver(night)

    assert (provider.references, state_of(reminder)[0]) == ([], State.SILENT)
    assert not Notification.objects.for_a_person().exists()


def test_after_ninety_days_they_are_asked_whether_it_is_still_theirs(somebody, now):
    in_ninety_days = now + timedelta(days=90)

    assert not contact.standing_of(somebody, now=in_ninety_days - timedelta(seconds=1)).asks_again
    assert contact.standing_of(somebody, now=in_ninety_days).asks_again
    contact.still_theirs(user=somebody, now=in_ninety_days)
    assert not contact.standing_of(somebody, now=in_ninety_days).asks_again
    contact.turn_off(user=somebody, channel="SMS")
    assert not contact.standing_of(somebody, now=now + timedelta(days=900)).asks_again


@pytest.mark.parametrize(
    ("silence", "state", "task"),
    [("DIED", State.WITHDRAWN, False), ("OPTED_OUT", State.WITHDRAWN, False), ("CUSTODY", State.HELD, True)],
)
def test_somebody_who_is_not_to_be_reached_gets_nothing_at_once(
    promise, deliver, provider, somebody, now, silence, state, task
):
    notification = promise()
    contact.silence(user=somebody, why=rules.Silence(silence), now=now)

    deliver(now)

    assert provider.references == []
    assert state_of(notification) == (state, silence.lower())
    assert Notification.objects.for_a_person().exists() is task


@pytest.mark.parametrize("shut", [{"frozen_at": datetime(2026, 11, 23, 9, tzinfo=UTC)}, {"is_active": False}])
def test_nothing_goes_to_the_phone_of_an_account_that_was_shut_and_a_person_is_told(
    promise, deliver, provider, somebody, now, shut
):
    notification = promise()
    User.objects.filter(pk=somebody.pk).update(**shut)

    deliver(now)

    assert provider.references == []
    assert state_of(notification) == (State.HELD, "not_safe")
    notification.refresh_from_db()
    assert notification.task_opened_at == now


def test_not_safe_now_silences_everything_and_a_person_is_told(promise, deliver, provider, somebody, now):
    notification = promise()
    contact.not_safe_now(user=somebody, now=now)

    deliver(now)

    assert provider.references == []
    assert state_of(notification) == (State.HELD, "not_safe")
    assert Notification.objects.for_a_person().exists()


def test_somebody_silenced_while_a_worker_was_dead_gets_nothing_either(
    promise, deliver, provider, somebody, now
):
    notification = promise()
    Notification.objects.update(state=State.CLAIMED, attempts=1, lease_until=now)
    contact.silence(user=somebody, why=rules.Silence.DIED, now=now)

    deliver(now)

    assert provider.references == []
    assert state_of(notification) == (State.WITHDRAWN, "died")


def test_a_message_taken_back_while_a_worker_was_dead_does_not_go(promise, deliver, provider, now):
    notification = promise(key="tomorrow")
    Notification.objects.update(state=State.CLAIMED, attempts=1, lease_until=now)

    assert outbox.withdraw(key="tomorrow") == 1
    deliver(now)

    assert provider.references == []
    assert state_of(notification)[0] == State.WITHDRAWN


def test_steps_of_one_thing_join_into_its_latest_and_none_is_dropped(promise, deliver, provider, now):
    first = promise("decision_made", subject="payment:K7")
    second = promise("paid", subject="payment:K7")

    deliver(now)

    assert provider.references == [second.ref]
    assert state_of(first)[0] == State.JOINED
    assert first.joined_into == second


def test_a_second_step_within_six_hours_waits_for_its_turn(promise, deliver, provider, now):
    promise("decision_made", subject="payment:K7")
    deliver(now)
    later = promise("paid", subject="payment:K7", now=now + timedelta(hours=1))

    deliver(now + timedelta(hours=1))
    assert len(provider.references) == 1
    deliver(now + timedelta(hours=6))

    assert provider.references[1:] == [later.ref]


def test_three_a_day_and_the_fourth_the_next_morning(promise, deliver, provider, now):
    for _ in range(4):
        promise()

    deliver(now)
    assert len(provider.references) == 3
    deliver(now + timedelta(hours=22))  # eight the next morning

    assert len(provider.references) == 4


def test_an_answer_to_an_urgent_ask_goes_at_night_and_is_not_counted(promise, deliver, provider, now):
    night = now + timedelta(hours=14)
    for _ in range(4):
        promise(now=night, exempt_from_quiet=True)

    deliver(night)

    assert len(provider.references) == 4


def test_a_message_due_at_night_goes_at_eight(promise, deliver, provider, now):
    promise(due_at=now + timedelta(hours=12), not_after=now + timedelta(days=2))  # ten in the evening

    deliver(now + timedelta(hours=12))
    deliver(now + timedelta(hours=21, minutes=59))
    assert provider.references == []
    deliver(now + timedelta(hours=22))

    assert len(provider.references) == 1


def test_wider_quiet_hours_move_what_is_waiting(promise, somebody, now):
    notification = promise(
        due_at=now + timedelta(hours=10), not_after=now + timedelta(days=2)
    )  # eight in the evening
    contact.widen_quiet(user=somebody, quiet_from=time(19), quiet_until=time(10), now=now)
    notification.refresh_from_db()

    assert notification.due_at == now + timedelta(days=1)


def test_the_days_ceiling_of_texts_holds_the_rest_back(promise, deliver, provider, settings, now):
    settings.DAILY_TEXT_LIMIT = 1
    promise()
    promise()

    deliver(now)

    assert len(provider.references) == 1


def test_staff_are_told_by_the_email_they_work_with(promise, deliver, now):
    adviser = User.objects.create(email="sam@example.org")
    promise("decision_due", to=adviser)

    deliver(now)

    assert RecordedMessage.objects.get().destination == "sam@example.org"


@pytest.mark.django_db(transaction=True)
def test_a_broker_that_is_down_fails_nobody_and_is_counted(promise, monkeypatch, settings):
    bell = outbox.Bell()
    monkeypatch.setattr(outbox, "bell", bell)
    monkeypatch.setattr(outbox.current_app, "send_task", _no_broker)

    with transaction.atomic():
        promise()

    assert bell.unheard == 1
    assert Notification.objects.get().state == State.DUE


def _no_broker(*args, **options):
    raise ConnectionError("no broker")


def test_the_twin_counts_a_repeat_as_a_second_message():
    twin = Recording()

    twin.send("REF", "SMS", "+447700900001", "x")
    twin.send("REF", "SMS", "+447700900001", "x")

    assert RecordedMessage.objects.filter(reference="REF").count() == 2
