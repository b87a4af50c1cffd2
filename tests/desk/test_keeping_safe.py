"""*It is not safe to message me*, and an account somebody else is in: staff hear, see what to do, and can end it."""

import pytest
from django.test import Client

from portal.accounts.models import Role, User
from portal.audit.models import AuditEvent
from portal.integrations.recording import Recording
from portal.notifications.contact import not_safe_now, turn_on
from portal.notifications.delivery import send_next
from portal.notifications.models import ContactChoice, Notification
from tests.desk.conftest import House
from tests.factories import StaffFactory

pytestmark = [pytest.mark.django_db, pytest.mark.sqlite]


def page(client: Client, address: str) -> str:
    return " ".join(client.get(address).content.decode().split())


def person_page(house: House) -> str:
    return f"/desk/young-people/{house.maya.ref}/"


def test_her_adviser_hears_that_messages_are_not_safe_and_what_she_must_be_told_another_way(
    house: House, client: Client
) -> None:
    turn_on(user=house.maya.user, channel="EMAIL", now=house.now)
    client.force_login(house.maya.user)
    client.post("/me/settings/not-safe/")
    client.post("/me/settings/not-safe/")
    assert [str(one.to) for one in Notification.objects.filter(kind="not_safe")] == ["Sam"]
    Notification.objects.all().delete()
    asked = house.declined()
    Notification.objects.exclude(to=house.maya.user).delete()
    assert send_next(now=house.now, provider=Recording())

    client.force_login(house.sam)
    assert "Maya: not told yet, by any message" in page(client, "/desk/")
    shown = page(client, person_page(house))
    assert "Messages to Maya are stopped: not safe" in shown
    assert f'/desk/requests/{asked.ref}/"' in shown
    client.post(person_page(house), {"do": "told"})
    assert "not told yet" not in page(client, "/desk/")
    assert Notification.objects.get(to=house.maya.user).task_done_by == house.sam


def test_after_a_talk_her_adviser_lets_messages_go_again(house: House, client: Client) -> None:
    client.force_login(house.maya.user)
    client.post("/me/settings/not-safe/")
    client.force_login(house.sam)

    client.post(person_page(house), {"do": "safe"})

    assert ContactChoice.objects.get(user=house.maya.user).not_safe_since is None
    assert AuditEvent.objects.filter(action="messages_safe_again", actor_id=house.sam.pk).count() == 1
    assert "are stopped: not safe" not in page(client, person_page(house))


def test_an_account_somebody_else_is_in_is_shut_at_once_and_a_manager_opens_it_again(
    house: House, client: Client
) -> None:
    maya = Client()
    maya.force_login(house.maya.user)
    assert maya.get("/me/").status_code == 200
    client.force_login(house.sam)

    client.post(person_page(house), {"do": "freeze"})

    assert maya.get("/me/").status_code == 302, "signed out everywhere"
    assert "Her account" not in page(client, person_page(house))
    assert "This account is shut" in page(client, person_page(house))
    client.post(person_page(house), {"do": "unfreeze"})
    assert User.objects.get(pk=house.maya.user.pk).frozen_at is not None, "a manager does that"
    client.force_login(house.priya)
    client.post(person_page(house), {"do": "unfreeze"})
    assert User.objects.get(pk=house.maya.user.pk).frozen_at is None


def test_an_out_of_hours_officer_shuts_the_account_of_whom_they_found(house: House, client: Client) -> None:
    kit = StaffFactory(role=Role.OUT_OF_HOURS)
    client.force_login(kit)
    born = house.maya.born_on
    address = f"/desk/spot-help/new/{house.maya.ref}/"
    assert client.post(address, {"do": "freeze"}).status_code == 404
    client.post("/desk/spot-help/", {"family_name": house.maya.family_name, "born_on_0": born.day,
                                     "born_on_1": born.month, "born_on_2": born.year})  # fmt: skip

    client.post(address, {"do": "freeze"})

    assert User.objects.get(pk=house.maya.user.pk).frozen_at is not None
    assert "This account is shut" in page(client, address)


def test_nobody_shuts_their_own_or_a_strangers_account(house: House, client: Client) -> None:
    client.force_login(StaffFactory(role=Role.PERSONAL_ADVISER))
    assert client.post(person_page(house), {"do": "freeze"}).status_code == 404
    assert User.objects.get(pk=house.maya.user.pk).frozen_at is None


def test_one_line_says_how_she_can_be_reached_today_and_shows_no_number(house: House, client: Client) -> None:
    maya = house.maya.user
    maya.phone = "+447700900312"
    maya.save()
    client.force_login(house.sam)
    assert "No message reaches Maya: nothing is turned on." in page(client, person_page(house))

    turn_on(user=maya, channel="SMS", now=house.now)
    shown = page(client, person_page(house))
    assert "Texts on, since 23 November 2026" in shown
    assert "312" not in shown.split("in short")[1].split("Money")[0]

    maya.phone = "+447700900377"
    maya.save()
    assert "since their number or email changed" in page(client, person_page(house))
    not_safe_now(user=maya, now=house.now)
    assert "No message reaches Maya: not safe. Agree a safe way." in page(client, person_page(house))
