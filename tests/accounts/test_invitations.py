from datetime import timedelta

import pytest
from django.test import Client

from portal.accounts import services
from portal.accounts.models import Invitation, User
from portal.notifications.models import RecordedMessage

pytestmark = pytest.mark.django_db


@pytest.fixture
def invited(staff, now):
    """An account that nobody has come into yet, its invitation and the code to say."""
    user = User(username="tia", first_name="Tia")
    user.set_unusable_password()
    user.save()
    return user, *services.make_invitation(user=user, by=staff, now=now)


def _accept(browser, worker, code, where="07700 900333"):
    answer = browser.post("/account/invite/", {"invitation": code, "where": where})
    worker.work()
    return answer


def test_a_spoken_code_and_a_number_open_the_account(invited, worker):
    user, invitation, code = invited
    browser = Client()

    assert _accept(browser, worker, code.lower()).headers["Location"] == "/account/code/?begins=1"
    sent = RecordedMessage.objects.get()
    assert sent.destination == "+447700900333"
    browser.post("/account/code/", {"code": sent.body.split()[0]})

    user.refresh_from_db()
    invitation.refresh_from_db()
    assert user.phone == "+447700900333"
    assert invitation.used_at is not None
    assert browser.get("/account/home/").headers["Location"] == "/me/"


def test_opening_the_page_uses_nothing_up(invited):
    _user, invitation, _code = invited
    Client().get("/account/invite/")

    invitation.refresh_from_db()
    assert invitation.used_at is None


def test_it_works_once(invited, worker):
    _user, _invitation, code = invited
    browser = Client()
    _accept(browser, worker, code)
    browser.post("/account/code/", {"code": RecordedMessage.objects.get().body.split()[0]})

    assert b"does not work" in _accept(Client(), worker, code, "07700 900444").content


def test_two_browsers_with_one_code_open_it_once(invited, worker):
    user, _invitation, code = invited
    first, second = Client(), Client()
    _accept(first, worker, code, "07700 900444")
    _accept(second, worker, code, "07700 900555")
    codes = [message.body.split()[0] for message in RecordedMessage.objects.order_by("pk")]
    first.post("/account/code/", {"code": codes[0]})
    second.post("/account/code/", {"code": codes[1]})

    user.refresh_from_db()
    assert user.phone == "+447700900444"
    assert second.get("/account/home/").headers["Location"].startswith("/account/login/")


def test_it_works_for_seven_days(invited, worker, clock, now):
    _user, _invitation, code = invited
    clock.set(now + timedelta(days=7, minutes=1))

    assert b"does not work" in _accept(Client(), worker, code).content


def test_a_new_one_and_a_cancelled_one_end_the_old(invited, staff, worker, now):
    user, _invitation, old = invited
    newer, code = services.make_invitation(user=user, by=staff, now=now)
    assert b"does not work" in _accept(Client(), worker, old).content

    services.cancel_invitation(invitation=newer, by=staff, now=now)

    assert b"does not work" in _accept(Client(), worker, code).content
    assert Invitation.objects.filter(cancelled_at=None).count() == 0


def test_guessing_is_stopped_after_ten_tries_an_hour(invited, worker):
    _user, _invitation, code = invited
    for _ in range(10):
        _accept(Client(), worker, "AAAAAAAAAA")

    assert b"Too many tries" in _accept(Client(), worker, code).content


def test_the_code_has_more_than_forty_bits_and_is_kept_as_a_hash(invited):
    from math import log2

    from portal.refs import ALPHABET

    _user, invitation, code = invited
    assert len(code) * log2(len(ALPHABET)) > 40
    assert code not in invitation.code_hash


def test_a_number_that_is_somebody_elses_cannot_be_taken(invited, young, worker):
    user, _invitation, code = invited
    browser = Client()
    _accept(browser, worker, code, "07700 900001")
    answer = browser.post("/account/code/", {"code": RecordedMessage.objects.get().body.split()[0]})

    assert answer.status_code == 200
    user.refresh_from_db()
    assert user.phone is None
