"""An adviser lets a young person in for the first time: who may, what they see, and the other side of it."""

import re
from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.test import Client

from portal.accounts.models import Invitation, Role, User
from portal.accounts.services import freeze
from portal.audit.models import AuditEvent
from portal.notifications.models import RecordedMessage
from portal.people.joining import invite
from portal.people.models import YoungPerson
from tests.accounts.conftest import Worker
from tests.factories import StaffFactory, YoungPersonFactory

pytestmark = [pytest.mark.django_db, pytest.mark.sqlite]


@pytest.fixture
def sam():
    return StaffFactory(role=Role.PERSONAL_ADVISER, first_name="Sam")


@pytest.fixture
def tia(sam):
    """Nobody has ever signed in for her: the case record brought her, without an account."""
    return YoungPersonFactory(user=None, given_name="Tia", adviser=sam)


@pytest.fixture
def worker(monkeypatch, now):
    worker = Worker(now)
    monkeypatch.setattr("portal.accounts.views.send_code_soon", worker.waiting.append)
    return worker


def page(client: Client, address: str, **posted: str) -> str:
    answer = client.post(address, posted, follow=True) if posted else client.get(address)
    return " ".join(answer.content.decode().split())


def at(person: YoungPerson) -> str:
    return f"/desk/young-people/{person.ref}/invite/"


def code_on(shown: str) -> str:
    return re.search(r'class="code">(\w{5}) (\w{5})<', shown).expand(r"\1\2")


def test_from_her_page_to_signed_in_and_the_adviser_sees_that_the_code_was_used(sam, tia, client, worker):
    client.force_login(sam)
    assert at(tia) in page(client, f"/desk/young-people/{tia.ref}/")
    shown = page(client, at(tia), do="make")
    code = code_on(shown)
    assert "/account/invite" in shown
    assert code not in page(client, at(tia)), "shown once"
    assert "nobody has used it yet" in page(client, at(tia))

    phone = Client()
    answer = phone.post("/account/invite/", {"invitation": code, "where": "07700 900333"}, follow=True)
    assert "We sent 6 numbers" in answer.content.decode()
    worker.work()
    phone.post("/account/code/", {"code": RecordedMessage.objects.get().body.split()[0]})
    assert phone.get("/me/").status_code == 200

    assert "They can sign in" in page(client, at(tia))
    actions = AuditEvent.objects.order_by("pk").values_list("action", flat=True)
    assert {"invited", "invitation_used"} <= set(actions)


def test_a_new_code_ends_the_old_one_and_a_cancelled_one_opens_nothing(sam, tia, client):
    client.force_login(sam)
    old, new = (code_on(page(client, at(tia), do="make")) for _ in range(2))
    assert Invitation.objects.filter(cancelled_at=None).count() == 1
    said = Client().post("/account/invite/", {"invitation": old, "where": "a@example.com"})
    assert "does not work" in said.content.decode()

    assert "Cancelled." in page(client, at(tia), do="call_off")

    said = Client().post("/account/invite/", {"invitation": new, "where": "a@example.com"})
    assert "does not work" in said.content.decode()


def test_duty_invites_somebody_without_an_adviser_and_nobody_invites_a_strangers(sam, tia, now):
    duty, other = StaffFactory(role=Role.DUTY_ADVISER), StaffFactory()
    alone = YoungPersonFactory(user=None)
    invite(young_person=alone, by=duty, now=now)

    for person, by in ((tia, duty), (tia, other), (alone, other), (tia, StaffFactory(role=Role.EDITOR))):
        with pytest.raises(ValidationError) as refusal:
            invite(young_person=person, by=by, now=now)
        assert refusal.value.code == "not_yours"


def test_whoever_is_in_is_not_invited_again_because_a_new_phone_needs_two_people(sam, now, client):
    maya = YoungPersonFactory(adviser=sam)
    once = YoungPersonFactory(adviser=sam)
    User.objects.filter(pk=once.user.pk).update(email=None, last_login=now)
    shut = YoungPersonFactory(adviser=sam, user__email=None)
    freeze(user=shut.user, by=sam, now=now)

    for person, why in ((maya, "in_use"), (once, "in_use"), (shut, "shut")):
        with pytest.raises(ValidationError) as refusal:
            invite(young_person=person, by=sam, now=now)
        assert refusal.value.code == why
    client.force_login(sam)
    assert "/new-phone/" in page(client, at(maya))
    assert "They are in already" in page(client, at(maya), do="make")


def test_a_code_nobody_used_runs_out_after_seven_days_and_the_page_says_so(sam, tia, now, clock, client):
    invite(young_person=tia, by=sam, now=now)
    clock.set(now + timedelta(days=7, minutes=1))
    client.force_login(sam)
    assert "It ran out on" in page(client, at(tia))
