"""The outbox held against the provider: what we call sent, it knows; what a worker took, somebody finished."""

from datetime import timedelta

import pytest

from portal.integrations.messages import NoAnswer, message_provider
from portal.notifications.models import Notification, RecordedMessage
from portal.ops.reconciliation import messages
from tests.factories import YoungPersonFactory

pytestmark = [pytest.mark.django_db, pytest.mark.sqlite]


@pytest.fixture
def sent(now):
    """One message that went an hour ago, as both sides know it."""
    hour = now - timedelta(hours=1)
    one = Notification.objects.create(
        to=YoungPersonFactory().user, kind="paid", key="k", due_at=hour, not_after=now, made_at=hour, sent_at=hour,
        state="SENT", channel="SMS",
    )  # fmt: skip
    message_provider().send(one.ref, "SMS", "+447700900001", "You have an update.")
    return one


def test_what_both_sides_know_is_no_difference(sent, now):
    assert messages(now=now) == []


def test_what_the_provider_never_saw_is_found_and_not_mended(sent, now):
    RecordedMessage.objects.all().delete()

    (found,) = messages(now=now)

    assert (found.subject, found.words) == (
        f"message {sent.ref}",
        "is called sent, the provider does not know it",
    )
    sent.refresh_from_db()
    assert sent.state == "SENT"


@pytest.mark.parametrize(("minutes", "how_many"), [(59, 0), (60, 0), (61, 1)])
def test_what_a_worker_took_and_nobody_finished_within_the_hour_is_found(sent, now, minutes, how_many):
    Notification.objects.update(state="CLAIMED", sent_at=None, lease_until=now - timedelta(minutes=minutes))

    assert len(messages(now=now)) == how_many


def test_a_provider_that_does_not_answer_is_no_difference(sent, now, settings):
    settings.MESSAGE_PROVIDER = f"{__name__}.Silent"

    assert messages(now=now) == []


class Silent:
    """A provider whose line is dead."""

    def find(self, reference: str) -> str | None:
        raise NoAnswer("no line")
