"""A lost phone or a new number: two people, a code of 15 minutes, the old ways ended, told once, undone (rule 17)."""

import re
from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.test import Client

from portal.accounts.models import Device, Role, User
from portal.accounts.services import freeze, remember_device
from portal.audit.models import AuditEvent
from portal.notifications import contact
from portal.notifications.models import ContactChoice, Notification, RecordedMessage
from portal.people import recovery
from portal.people.models import Recovery, YoungPerson
from tests.accounts.conftest import Worker
from tests.factories import StaffFactory, YoungPersonFactory

pytestmark = [pytest.mark.django_db, pytest.mark.sqlite]
WORDS = "We met at Bromley Road this morning."


@pytest.fixture
def maya(sam, team, now):
    person = YoungPersonFactory(
        given_name="Maya", team=team, adviser=sam, user__phone="+447700900001", user__email="maya@example.com"
    )
    for channel in ("SMS", "EMAIL"):
        contact.turn_on(user=person.user, channel=channel, now=now)
    return person


@pytest.fixture
def worker(monkeypatch, now):
    worker = Worker(now)
    monkeypatch.setattr("portal.accounts.views.send_code_soon", worker.waiting.append)
    return worker


def ask(maya: YoungPerson, by: User, now, **more) -> Recovery:
    return recovery.ask(young_person=maya, how="MET", said=WORDS, by=by, now=now, **more)


def confirmed(maya: YoungPerson, sam: User, priya: User, now) -> Recovery:
    one = ask(maya, sam, now)
    recovery.confirm(recovery=one, by=priya, now=now)
    return one


def come_in(code: str, where: str, worker: Worker) -> Client:
    phone = Client()
    phone.post("/account/invite/", {"invitation": code, "where": where})
    worker.work()
    six = RecordedMessage.objects.order_by("pk").last().body.split()[0]
    phone.post("/account/code/", {"code": six})
    return phone


def refused(verb, **said) -> str:
    with pytest.raises(ValidationError) as refusal:
        verb(**said)
    return refusal.value.code


def page(client: Client, address: str, **posted: str) -> str:
    answer = client.post(address, posted, follow=True) if posted else client.get(address)
    return " ".join(answer.content.decode().split())


def told_old() -> list[tuple[str, str]]:
    said = RecordedMessage.objects.filter(body__startswith="The way we reach you").order_by("pk")
    return list(said.values_list("channel", "destination"))


def test_from_the_advisers_words_to_a_new_phone_in_her_hand(maya, sam, priya, worker, client, now):
    at = f"/desk/young-people/{maya.ref}/new-phone/"
    lost = Client()
    lost.force_login(maya.user)
    remember_device(user=maya.user, session_key="lost", name="Android phone", own_phone=True, now=now)
    client.force_login(sam)
    said = {"do": "ask", "how": "MET", "said": WORDS, "new_way": "07700 900777"}
    assert "A colleague has to confirm" in page(client, at, **said)
    one = Recovery.objects.get()
    for kind in ("confirm", "code"):
        page(client, at, do=kind, recovery=one.ref)
    one.refresh_from_db()
    assert (one.confirmed_at, one.code_at) == (None, None), (
        "nobody confirms their own, and nothing goes before"
    )

    second = Client()
    second.force_login(priya)
    assert "Maya cannot sign in: a second person has to confirm" in page(second, "/desk/")
    assert "Waits for a second person" in page(second, "/desk/young-people/new-phones/")
    assert WORDS in page(second, at)
    assert "Confirmed." in page(second, at, do="confirm", recovery=one.ref)
    assert "cannot sign in" not in page(second, "/desk/")
    assert Notification.objects.filter(kind="new_phone_ready", to=sam).count() == 1
    assert "You can let Maya in again now" in page(client, "/desk/")

    shown = page(client, at, do="code", recovery=one.ref)
    code = re.search(r'class="code">(\w{5}) (\w{5})<', shown).expand(r"\1\2")
    assert "You can let Maya" not in page(client, "/desk/")
    assert lost.get("/me/").status_code == 200, "nothing has changed before she is in"
    phone = come_in(code, "07700 900777", worker)

    assert phone.get("/me/").status_code == 200
    assert lost.get("/me/").status_code == 302, "every other sign-in has ended"
    assert not Device.objects.filter(session_key="lost").exists()
    user = User.objects.get(pk=maya.user.pk)
    assert (user.phone, user.email) == ("+447700900777", None)
    choice = ContactChoice.objects.get(user=user)
    assert (choice.sms_on_at, choice.email_on_at) == (None, None), "off until she chooses again"
    assert "They are in" in page(client, at)
    assert "another number or email than you wrote down" not in page(client, at)
    assert "Somebody let you in again" in page(phone, "/me/settings/")
    actions = set(AuditEvent.objects.filter(young_person_id=maya.pk).values_list("action", flat=True))
    assert {"new_phone_asked", "new_phone_confirmed", "new_phone_code"} <= actions


def test_the_old_number_and_address_hear_it_once_by_day_and_never_when_it_is_not_safe(
    maya, sam, priya, worker, now, clock
):
    one = confirmed(maya, sam, priya, now)
    _made, code = recovery.give_code(recovery=one, by=sam, now=now)
    come_in(code, "07700 900777", worker)
    night = now.replace(hour=23)
    assert (recovery.look_after(night), told_old()) == (0, [])

    morning = now + timedelta(days=1)
    assert [recovery.look_after(morning) for _ in range(2)] == [2, 0]
    assert told_old() == [("SMS", "+447700900001"), ("EMAIL", "maya@example.com")]

    undo = ask(maya, sam, morning, undoes=Recovery.objects.get())
    recovery.confirm(recovery=undo, by=priya, now=morning)
    contact.not_safe_now(user=maya.user, now=morning)
    recovery.put_back(recovery=undo, by=sam, now=morning)
    assert recovery.look_after(morning) == 0


def test_a_code_lets_in_once_and_for_fifteen_minutes(maya, sam, priya, worker, now, clock):
    one = confirmed(maya, sam, priya, now)
    _made, old = recovery.give_code(recovery=one, by=sam, now=now)
    _made, code = recovery.give_code(recovery=one, by=priya, now=now)
    late = now + timedelta(minutes=16)
    assert come_in_refused(old), "a newer one ends it"
    clock.set(late)
    assert come_in_refused(code)
    _made, code = recovery.give_code(recovery=one, by=sam, now=late)
    worker.now = late
    come_in(code, "07700 900777", worker)

    assert come_in_refused(code)
    assert refused(recovery.give_code, recovery=one, by=sam, now=late) == "over"
    assert User.objects.get(pk=maya.user.pk).phone == "+447700900777"


def come_in_refused(code: str) -> bool:
    answer = Client().post("/account/invite/", {"invitation": code, "where": "07700 900888"})
    return "does not work" in answer.content.decode()


def test_it_needs_two_people_or_a_day_and_one_at_a_time(maya, sam, priya, now):
    one = ask(maya, sam, now)
    assert (
        refused(recovery.ask, young_person=maya, how="MET", said=WORDS, by=priya, now=now) == "open_already"
    )
    assert refused(recovery.confirm, recovery=one, by=sam, now=now) == "same_person"
    assert refused(recovery.confirm, recovery=one, by=StaffFactory(), now=now) == "not_yours"
    assert refused(recovery.give_code, recovery=one, by=sam, now=now) == "not_ready"
    recovery.confirm(recovery=one, by=priya, now=now)
    omar = StaffFactory(role=Role.SERVICE_MANAGER)
    assert refused(recovery.confirm, recovery=one, by=omar, now=now) == "already"
    recovery.stop(recovery=one, by=sam, now=now)
    assert refused(recovery.give_code, recovery=one, by=sam, now=now) == "over"

    alone = ask(maya, sam, now)
    recovery.give_code(recovery=alone, by=sam, now=now + timedelta(hours=24))
    assert not Recovery.objects.for_a_second(priya, now=now + timedelta(hours=24)).exists()


def test_the_table_itself_refuses_one_person_twice_two_at_a_time_and_a_code_before_its_time(maya, sam, now):
    one = ask(maya, sam, now)
    mine = Recovery.objects.filter(pk=one.pk)
    for wrong in (
        lambda: mine.update(confirmed_by=sam, confirmed_at=now),
        lambda: mine.update(code_at=now),
        lambda: mine.update(words="Too short"),
        lambda: Recovery.objects.create(
            young_person=maya, how="MET", words=WORDS, asked_by=sam, asked_at=now,
            ready_at=now + timedelta(days=1), ends_at=now + timedelta(days=7),
        ),
    ):  # fmt: skip
        with pytest.raises(IntegrityError), transaction.atomic():
            wrong()


def test_within_thirty_days_two_people_put_the_old_way_back(maya, sam, priya, worker, now):
    one = confirmed(maya, sam, priya, now)
    _made, code = recovery.give_code(recovery=one, by=sam, now=now)
    stranger = come_in(code, "07700 900777", worker)
    assert stranger.get("/me/").status_code == 200
    soon, late = now + timedelta(days=29), now + timedelta(days=31)
    recovery.look_after(now)

    undo = ask(maya, sam, soon, undoes=one)
    assert refused(recovery.put_back, recovery=undo, by=sam, now=soon) == "not_ready"
    recovery.confirm(recovery=undo, by=priya, now=soon)
    assert refused(recovery.put_back, recovery=undo, by=sam, now=late) == "too_late"
    took_it = YoungPersonFactory(user__phone="+447700900001").user
    assert refused(recovery.put_back, recovery=undo, by=sam, now=soon) == "taken"
    assert User.objects.get(pk=maya.user.pk).phone == "+447700900777", "and nothing has changed"
    User.objects.filter(pk=took_it.pk).update(phone=None)
    recovery.put_back(recovery=undo, by=sam, now=soon)

    user = User.objects.get(pk=maya.user.pk)
    assert (user.phone, user.email) == ("+447700900001", "maya@example.com")
    assert stranger.get("/me/").status_code == 302
    assert (
        refused(recovery.ask, young_person=maya, how="MET", said=WORDS, by=sam, now=soon, undoes=one)
        == "too_late"
    )
    recovery.look_after(late + timedelta(days=60))
    assert not Recovery.objects.exclude(old_phone="", old_email="", new_way="").exists(), (
        "forgotten after 30 days"
    )


def test_an_account_that_was_shut_opens_only_with_a_second_person_and_never_to_the_old_phone(
    maya, sam, priya, now
):
    freeze(user=maya.user, by=sam, now=now)
    one, day = ask(maya, sam, now), now + timedelta(hours=25)
    assert refused(recovery.give_code, recovery=one, by=sam, now=day) == "shut"
    recovery.confirm(recovery=one, by=priya, now=day)

    recovery.give_code(recovery=one, by=sam, now=day)

    user = User.objects.get(pk=maya.user.pk)
    assert (user.frozen_at, user.phone, user.email) == (None, None, None)
    one.refresh_from_db()
    assert (one.old_phone, one.old_email) == ("+447700900001", "maya@example.com")


def test_sign_in_codes_on_their_way_to_the_old_phone_open_nothing_any_more(maya, sam, priya, worker, now):
    thief = Client()
    thief.post("/account/login/", {"where": "07700 900001"})
    worker.work()
    stolen = RecordedMessage.objects.get().body.split()[0]
    one = confirmed(maya, sam, priya, now)
    _made, code = recovery.give_code(recovery=one, by=sam, now=now)
    come_in(code, "07700 900777", worker)

    thief.post("/account/code/", {"code": stolen})

    assert thief.get("/me/").status_code == 302


def test_whoever_only_forgot_their_pin_comes_in_with_the_same_number_and_keeps_their_messages(
    maya, sam, priya, worker, now
):
    User.objects.filter(pk=maya.user.pk).update(pin_hash="a hash")
    one = confirmed(maya, sam, priya, now)
    _made, code = recovery.give_code(recovery=one, by=sam, now=now)

    come_in(code, "07700 900001", worker)

    user = User.objects.get(pk=maya.user.pk)
    assert (user.phone, user.email, user.pin_hash) == ("+447700900001", None, "")
    choice = ContactChoice.objects.get(user=user)
    assert choice.sms_on_at is not None
    assert choice.email_on_at is None
    recovery.look_after(now + timedelta(hours=2))
    assert told_old() == [("EMAIL", "maya@example.com")], "nothing is said of a number that is still theirs"
