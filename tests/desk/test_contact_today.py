"""Somebody presses *Contact me today*: duty hears at once, sees who above the queue, and it stays until it is done."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.test import Client

from portal.accounts.models import Role, User
from portal.notifications.models import Notification
from portal.ops.due import JOBS
from portal.people import services
from portal.people.models import AskedDuty, YoungPerson
from tests.desk.conftest import House
from tests.factories import StaffFactory

pytestmark = [pytest.mark.django_db, pytest.mark.sqlite]

MONDAY = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)
FRIDAY_NIGHT = datetime(2026, 11, 20, 22, 30, tzinfo=UTC)


@pytest.fixture
def dami(house: House) -> User:
    return StaffFactory(role=Role.DUTY_ADVISER, first_name="Dami")


def press(house: House, client: Client) -> str:
    client.force_login(house.maya.user)
    client.post("/me/adviser/today/")
    return page(client, "/me/adviser/")


def page(client: Client, address: str) -> str:
    return " ".join(client.get(address).content.decode().split())


def told(kind: str = "asked_duty") -> dict[str, datetime]:
    """Who is told by a message of this kind, and from when."""
    return {str(one.to): one.due_at for one in Notification.objects.filter(kind=kind).select_related("to")}


def remind(now: datetime) -> None:
    next(job for job in JOBS if job.name == "contact today").do(now)


def test_duty_hears_at_once_and_sees_who_above_the_queue_until_somebody_has_been_in_touch(
    house: House, dami: User, client: Client
) -> None:
    assert "The duty team will contact you today" in press(house, client)
    assert set(told()) == {"Dami"}

    client.force_login(dami)
    assert "Maya asked for somebody to be in touch today" in page(client, "/desk/")
    there = f"/desk/young-people/{house.maya.ref}/"
    assert "I have been in touch" in page(client, there)
    client.post(there, {"do": "in_touch"})

    assert "asked for somebody" not in page(client, "/desk/")
    assert AskedDuty.objects.get().answered_by == dami
    client.force_login(house.maya.user)
    assert "We have your message" not in page(client, "/me/adviser/"), "she may press it again"


def test_pressed_again_after_an_answer_it_is_asked_again(house: House, dami: User, client: Client) -> None:
    press(house, client)
    press(house, client)
    assert Notification.objects.filter(kind="asked_duty").count() == 1
    services.been_in_touch(young_person=house.maya, by=dami, now=MONDAY)

    later = MONDAY + timedelta(minutes=40)
    services.ask_duty(young_person=house.maya, now=later)

    assert AskedDuty.objects.get().answered_at is None
    assert Notification.objects.filter(kind="asked_duty").count() == 2


def test_at_night_it_says_when_somebody_reads_it_and_waits_for_that_day(
    house: House, dami: User, client: Client, clock
) -> None:
    clock.set(FRIDAY_NIGHT)

    shown = press(house, client)

    assert "The duty team will contact you today." not in shown
    assert "Monday 23 November" in shown
    assert AskedDuty.objects.get().on == date(2026, 11, 23)
    assert told() == {"Dami": datetime(2026, 11, 23, 9, 0, tzinfo=UTC)}
    sees = YoungPerson.objects.visible_to(dami, on=date(2026, 11, 23))
    assert house.maya in sees


def test_a_manager_hears_after_an_hour_of_the_office_and_once(house: House, dami: User, clock) -> None:
    services.ask_duty(young_person=house.maya, now=FRIDAY_NIGHT)
    remind(datetime(2026, 11, 23, 9, 59, tzinfo=UTC))
    assert told("asked_duty_late") == {}

    remind(datetime(2026, 11, 23, 10, 0, tzinfo=UTC))
    remind(datetime(2026, 11, 23, 11, 0, tzinfo=UTC))

    assert set(told("asked_duty_late")) == {"Priya"}
    assert Notification.objects.filter(kind="asked_duty_late").count() == 1


def test_what_nobody_answered_is_seen_the_next_day_too(
    house: House, dami: User, client: Client, clock
) -> None:
    press(house, client)
    clock.set(MONDAY + timedelta(days=1))

    client.force_login(dami)

    assert "Maya asked for somebody to be in touch" in page(client, "/desk/")
    client.force_login(house.maya.user)
    assert "Contact me today" in page(client, "/me/adviser/"), "she is not told that it is being done"


def test_with_no_duty_adviser_a_manager_hears_at_once(house: House, client: Client) -> None:
    press(house, client)

    assert set(told()) == {"Priya"}
