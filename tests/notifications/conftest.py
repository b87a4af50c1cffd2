"""People to write to, and a provider that only records."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from portal.accounts.models import User
from portal.integrations.messages import NoAnswer, Refused
from portal.integrations.recording import Recording
from portal.notifications import delivery, outbox
from portal.notifications.models import ContactChoice, Notification


@pytest.fixture
def somebody(db, now) -> User:
    """Somebody who asked for texts."""
    user = User.objects.create(phone="+447700900001", email="somebody@example.org")
    ContactChoice.objects.create(user=user, sms_on_at=now, sms_on_for=user.phone)
    return user


class Provider(Recording):
    """The recording twin, with the ways a real one can fail."""

    def __init__(self) -> None:
        self.hangs_up_after_taking = 0
        self.is_down = 0
        self.refuses = False
        self.asked_for: list[str] = []

    def send(self, reference, channel, destination, body):
        if self.refuses:
            raise Refused("no such number")
        if self.is_down:
            self.is_down -= 1
            raise NoAnswer("down")
        return super().send(reference, channel, destination, body)

    def hang_up_on(self, reference):
        self.hangs_up_after_taking -= 1
        return self.hangs_up_after_taking >= 0

    def find(self, reference):
        self.asked_for.append(reference)
        return super().find(reference)

    @property
    def bodies(self) -> list[str]:
        return [message.body for message in self._messages().order_by("pk")]

    @property
    def references(self) -> list[str]:
        return [message.reference for message in self._messages().order_by("pk")]


@pytest.fixture
def provider() -> Provider:
    return Provider()


@pytest.fixture
def promise(somebody, now) -> Callable[..., Notification]:
    """Promise a message that is due now, unless told otherwise."""
    made = iter(range(1000))

    def _promise(kind="decision_made", **facts):
        at = facts.pop("now", now)
        plain = {
            "to": somebody,
            "key": f"message:{next(made)}",
            "due_at": at,
            "not_after": at + timedelta(days=3),
        }
        return outbox.promise(kind, now=at, **{**plain, **facts})

    return _promise


@pytest.fixture
def deliver(provider) -> Callable[..., int]:
    """Deliver what is due at a moment."""
    return lambda at: delivery.send_due(clock=lambda: at, provider=provider)
