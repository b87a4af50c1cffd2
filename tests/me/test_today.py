"""The first page: who holds what she waits for and until when, and nothing of anybody else."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils.formats import date_format

from cms import content_version
from portal.payments.models import PaymentRequest
from tests.conftest import Clock
from tests.factories import StaffFactory, VersionFactory, YoungPersonFactory
from tests.me.conftest import House

pytestmark = [pytest.mark.django_db, pytest.mark.sqlite]


def page(client: Client, address: str = "/me/") -> str:
    answer = client.get(address)
    assert answer.status_code == 200
    return str(answer.content.decode())


def decide_by(asked: PaymentRequest) -> str:
    return date_format(PaymentRequest.objects.get(pk=asked.pk).decide_by, "l j F")


def test_it_says_who_has_the_request_and_when_it_is_decided(house: House, client: Client) -> None:
    asked = house.sent()
    client.force_login(house.maya.user)
    shown = page(client)
    assert "Hello Maya" in shown
    assert "With Sam" in shown
    assert f"We will decide by {decide_by(asked)}." in shown
    house.recommended(story="And a table.")
    assert "With Priya" in page(client)


def test_a_promise_that_was_broken_is_not_shown_as_one_to_come(
    house: House, client: Client, clock: Clock
) -> None:
    asked = house.sent()
    clock.set(house.now + timedelta(days=20))
    client.force_login(house.maya.user)
    shown = page(client)
    assert f"We said we would decide by {decide_by(asked)}. We are late." in shown
    assert "We will decide by" not in shown


def test_nobody_sees_what_is_somebody_elses(house: House, client: Client) -> None:
    asked = house.sent()
    client.force_login(YoungPersonFactory(given_name="Noel", adviser=house.sam).user)
    for address in ("/me/", "/me/requests/", "/me/entitlements/", "/me/adviser/"):
        shown = page(client, address)
        assert "Maya" not in shown
        assert asked.ref not in shown
    assert client.get(f"/me/requests/{asked.ref}/").status_code == 404


def test_a_young_persons_pages_are_for_young_people(house: House, client: Client) -> None:
    for address in ("/me/", "/me/adviser/", "/me/entitlements/", "/me/settings/"):
        client.logout()
        assert client.get(address).status_code == 302
        client.force_login(house.sam)
        assert client.get(address).status_code == 404


def test_with_no_adviser_it_is_the_duty_team_and_she_can_be_called_today(client: Client, db: None) -> None:
    nobody = YoungPersonFactory()
    client.force_login(nobody.user)
    assert "The duty team" in page(client)
    assert "Contact me today" in page(client, "/me/adviser/")
    assert client.post("/me/adviser/today/").status_code == 302
    assert "We have your message" in page(client, "/me/adviser/")


def test_nothing_waiting_is_said_kindly(client: Client, db: None) -> None:
    client.force_login(YoungPersonFactory(adviser=StaffFactory()).user)
    assert "Nothing is waiting" in page(client)


def test_what_she_can_get_stays_short_and_costs_the_same_whatever_the_number_of_rules(
    client: Client, db: None, django_assert_max_num_queries
) -> None:
    client.force_login(YoungPersonFactory(adviser=StaffFactory()).user)
    queries = []
    for rules in (5, 60):
        VersionFactory.create_batch(rules)
        content_version.forget()
        page(client, "/me/entitlements/")  # the handbook is read into memory once
        with django_assert_max_num_queries(12) as asked:
            shown = page(client, "/me/entitlements/")
        queries.append(len(asked))
    assert queries[0] == queries[1]
    assert "Show the other 57" in shown
    content_version.forget()
