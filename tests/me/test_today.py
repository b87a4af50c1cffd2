"""The first page: who holds what she waits for and until when, and nothing of anybody else."""

from datetime import date, timedelta

import pytest
from django.test import Client
from django.utils.formats import date_format
from django.utils.timezone import localdate

from cms import content_version
from entitlements.definition import Age, Group, GroupKind, Rule
from entitlements.models import EntitlementVersion
from entitlements.plain_data import to_data
from portal.accounts.sessions import OWN
from portal.me.views import SHOWN_FIRST
from portal.payments.models import Instalment, PaymentRequest
from portal.people.models import YoungPerson
from portal.people.services import note_circumstance
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
    story = str(client.get(f"/me/requests/{asked.ref}/").content.decode())
    for told in (shown, story):
        assert f"We said we would decide by {decide_by(asked)}. We are late." in told
        assert "We will decide by" not in told


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


def test_what_an_adviser_must_be_asked_for_stands_after_what_needs_nobody(client: Client, db: None) -> None:
    not_money = {"amount_type": "IN_KIND", "amount_pence": None, "cap_pence": None}
    VersionFactory(title="An adviser", how_to_get="ASK_PA", **not_money)
    VersionFactory(title="Bus pass", how_to_get="APPLY_ELSEWHERE", **not_money)
    VersionFactory(title="Money for a bed")
    client.force_login(YoungPersonFactory(adviser=StaffFactory()).user)

    shown = page(client)

    assert shown.index("Money for a bed") < shown.index("Bus pass") < shown.index("An adviser")


def test_what_she_can_get_takes_six_queries_with_sixty_rules_and_with_six_hundred(
    house: House, client: Client, django_assert_num_queries
) -> None:
    house.approved()  # money set aside is among what the page tells
    for key in ("parent", "living_independently", "looking_for_work"):
        note_circumstance(
            young_person=house.maya, key=key, value=True, source="TOLD", by=house.sam, on=house.now.date()
        )
    client.force_login(house.maya.user)
    for already, rules in ((EntitlementVersion.objects.current().count(), 60), (60, 600)):
        VersionFactory.create_batch(rules - already)
        content_version.forget()
        page(client, "/me/entitlements/")  # the handbook is read into memory once

        with django_assert_num_queries(6):
            shown = page(client, "/me/entitlements/")

        assert f"Show the other {rules - SHOWN_FIRST}" in shown


def test_what_stops_on_a_birthday_is_told_with_the_last_day_to_ask(client: Client, db: None) -> None:
    young = Rule("lodgings", Group(GroupKind.ALL, (Age(18, 21),)))
    VersionFactory(entitlement__code="lodgings", title="Lodgings", rule=to_data(young))
    person = YoungPersonFactory(adviser=StaffFactory(), born_on=date(2007, 7, 1))
    client.force_login(person.user)

    shown = page(client, "/me/entitlements/")

    assert "When you turn 21: 1 July 2028" in shown
    assert "The last day to ask is Friday 30 June 2028." in shown

    YoungPerson.objects.filter(pk=person.pk).update(born_estimated=True)
    guessed = page(client, "/me/entitlements/")
    assert "Ask before your birthday." in guessed
    assert "2028" not in guessed


def test_what_she_can_get_is_sent_packed_because_no_token_stands_in_it(house: House, client: Client) -> None:
    client.force_login(house.maya.user)

    packed = client.get("/me/entitlements/", headers={"Accept-Encoding": "gzip"})
    plain = client.get("/me/entitlements/")

    assert packed["Content-Encoding"] == "gzip"
    assert packed["Cache-Control"] == "no-store"
    assert b"csrfmiddlewaretoken" not in plain.content


def test_a_worker_writes_the_number_young_people_ring_and_takes_it_away(house: House, client: Client) -> None:
    client.force_login(house.sam)
    refused = client.post("/account/work-phone/", {"number": "0800 12"})
    assert "Enter a UK phone number" in refused.content.decode()
    for lost, words in (
        ("020 8314 6000 ext 4321", "cannot ring an extension"),
        ("0909 879 0000", "costs extra"),
        ("0871 200 0000", "costs extra"),
    ):
        said = client.post("/account/work-phone/", {"number": lost}).content.decode()
        assert words in said
        assert f'value="{lost}"' in said, "what was typed stays"
    client.post("/account/work-phone/", {"number": "(020) 7946-0101"})
    assert "020 7946 0101" in page(client, "/account/work-phone/")

    client.force_login(house.maya.user)
    shown = page(client, "/me/adviser/")
    assert 'href="tel:+442079460101"><bdi>020 7946 0101</bdi></a>' in shown
    assert "data-keep" not in shown  # nobody said this phone is her own
    session = client.session
    session[OWN] = True
    session.save()
    assert "data-keep" in page(client, "/me/adviser/")

    client.force_login(house.sam)
    client.post("/account/work-phone/", {"number": ""})
    client.force_login(house.maya.user)
    assert "Ring them" not in page(client, "/me/adviser/")


def test_what_was_agreed_says_when_it_comes_and_is_no_thing_of_the_past(
    house: House, client: Client, clock: Clock
) -> None:
    asked = PaymentRequest.objects.get(pk=house.approved().pk)
    client.force_login(house.maya.user)
    for address in ("/me/", "/me/requests/"):
        shown = page(client, address)
        assert f"You get it by {date_format(asked.money_by, 'l j F')}." in shown
        assert "Happening now" in shown
        assert "<h2>Earlier</h2>" not in shown

    clock.set(house.now + timedelta(days=20))
    client.force_login(house.maya.user)
    for address in ("/me/", "/me/requests/"):
        shown = page(client, address)
        assert f"We said you would get it by {date_format(asked.money_by, 'l j F')}. We are late." in shown


def test_what_was_paid_says_when_and_leaves_the_first_page_to_what_goes_on(
    house: House, client: Client, clock: Clock
) -> None:
    paid = house.approved()
    Instalment.objects.filter(award__asked=paid).update(state="PAID", paid_at=house.now)
    client.force_login(house.maya.user)
    sent_on = f"Sent on {date_format(localdate(house.now), 'l j F')}."
    assert sent_on in page(client)
    assert sent_on in page(client, "/me/requests/").split("<h2>Earlier</h2>")[1]

    clock.set(house.now + timedelta(days=40))
    client.force_login(house.maya.user)
    assert sent_on in page(client)
    house.now += timedelta(days=40)
    house.sent(story="And a table.")
    shown = page(client)
    assert "With Sam" in shown
    assert sent_on not in shown
