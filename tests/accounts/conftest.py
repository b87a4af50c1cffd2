"""People who sign in."""

import pytest
from django.test import Client

from portal.accounts import services
from portal.accounts.models import Role, RoleHeld, User
from portal.notifications.models import RecordedMessage


@pytest.fixture
def young(db):
    """A young person's account: a number and an email, no password, no role."""
    user = User(username="maya", email="maya@example.com", phone="+447700900001", first_name="Maya")
    user.set_unusable_password()
    user.save()
    return user


@pytest.fixture
def staff(db, now):
    """A member of staff with a password."""
    user = User(username="sam", email="sam@example.com", first_name="Sam")
    user.set_password("a long enough password")
    user.save()
    RoleHeld.objects.create(user=user, role=Role.PERSONAL_ADVISER, starts_on=now.date())
    return user


class Door:
    """A browser at the sign-in door, and the worker behind it."""

    def __init__(self, worker):
        self.browser = Client()
        self.asked = worker

    def ask(self, where, **headers):
        """Type an email or number and send it; the worker then does its work."""
        answer = self.browser.post("/account/login/", {"where": where}, headers=headers or None)
        self.asked.work()
        return answer

    def type_code(self, code, **more):
        return self.browser.post("/account/code/", {"code": code} | more)

    @staticmethod
    def sent():
        """The codes that went out, oldest first."""
        return [message.body.split()[0] for message in RecordedMessage.objects.order_by("pk")]


class Worker:
    """Does what was rung for, after the page has answered."""

    def __init__(self, now):
        self.waiting = []
        self.now = now

    def work(self):
        while self.waiting:
            services.send_code(code_id=self.waiting.pop(0), now=self.now)


@pytest.fixture
def worker(monkeypatch, now):
    """Rings are kept, and answered when the test says so: after the page, as in life."""
    worker = Worker(now)
    monkeypatch.setattr("portal.accounts.views.send_code_soon", worker.waiting.append)
    return worker


@pytest.fixture
def door(db, worker):
    return Door(worker)


@pytest.fixture
def signed_in(door):
    """A function that signs an account in by code and answers with the browser."""

    def sign_in(user, *, own="no"):
        door.ask(user.email)
        door.type_code(door.sent()[-1])
        door.browser.post("/account/own-phone/", {"own": own})
        return door.browser

    return sign_in
