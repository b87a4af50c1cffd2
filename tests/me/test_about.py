"""About me: what she tells settles what she can get, and what she does not know is not asked again."""

import re
from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.test import Client

from entitlements.circumstances import catalogue
from entitlements.definition import Circumstance as Needs
from entitlements.definition import Group, GroupKind, Rule
from entitlements.plain_data import to_data
from portal.audit.models import AuditEvent
from portal.people.models import Circumstance
from portal.people.services import confirm, note_circumstance, say_of_oneself
from tests.conftest import Clock
from tests.factories import StaffFactory, VersionFactory
from tests.me.conftest import House

pytestmark = [pytest.mark.django_db, pytest.mark.sqlite]
ABOUT, GET = "/me/entitlements/about/", "/me/entitlements/"
PARENT = "Do you have a child who lives with you?"


def needing(*keys: str, title: str, quiet: bool = False) -> None:
    when = Group(GroupKind.ALL, tuple(Needs(key) for key in keys))
    VersionFactory(title=title, rule=to_data(Rule(code="x", when=when)), quiet=quiet)


@pytest.fixture
def shop(house: House, client: Client) -> House:
    needing("parent", title="Money for a pram")
    needing("parent", "living_independently", title="A cot")
    client.force_login(house.maya.user)
    return house


def heading(client: Client) -> str:
    found = re.search(r"<h1>(.*?)</h1>", client.get(ABOUT).content.decode())
    assert found
    return found[1]


def page(client: Client, address: str) -> str:
    return " ".join(client.get(address).content.decode().split())


def answer(client: Client, key: str, value: str) -> str:
    return " ".join(client.post(ABOUT, {"key": key, "answer": value}, follow=True).content.decode().split())


def test_her_answer_is_kept_as_told_and_says_at_once_what_it_brought(shop: House, client: Client) -> None:
    assert ABOUT in page(client, GET)
    assert heading(client) == PARENT, "it decides two things, each other question one"

    shown = answer(client, "parent", "yes")

    assert "You can get this too: Money for a pram." in shown
    said = Circumstance.objects.get(young_person=shop.maya, key="parent")
    assert (said.value, said.source, said.said_by, said.as_of) == (
        True, "TOLD", shop.maya.user, shop.now.date(),
    )  # fmt: skip
    assert AuditEvent.objects.filter(action="circumstances_told", actor_id=shop.maya.user.pk).count() == 1
    assert heading(client) != PARENT
    assert "You can get this too: A cot." in answer(client, "living_independently", "yes")


def test_what_she_does_not_know_is_not_asked_again_and_nothing_is_kept(shop: House, client: Client) -> None:
    answer(client, "parent", "unknown")

    assert heading(client) != PARENT
    assert not Circumstance.objects.filter(young_person=shop.maya).exists()


def test_an_answer_can_be_changed_and_an_old_screen_changes_nothing(shop: House, client: Client) -> None:
    answer(client, "parent", "yes")
    answer(client, "parent", "no")  # the same screen once more
    assert Circumstance.objects.get(young_person=shop.maya, key="parent").value

    client.post(ABOUT, {"again": "parent"})
    assert heading(client) == PARENT
    answer(client, "parent", "no")

    assert not Circumstance.objects.get(young_person=shop.maya, key="parent").value
    assert "You said so on 23 November 2026." in page(client, ABOUT)


def test_private_matters_are_asked_of_nobody_here(house: House, client: Client) -> None:
    needing("in_custody", title="Post in custody", quiet=True)
    needing("in_custody", title="A visit")
    client.force_login(house.maya.user)

    assert "custody" not in page(client, ABOUT).lower()
    answer(client, "in_custody", "yes")

    assert not Circumstance.objects.filter(young_person=house.maya).exists()


def test_her_adviser_confirms_what_she_said_and_asks_what_is_open(shop: House, client: Client) -> None:
    answer(client, "parent", "yes")
    client.force_login(shop.sam)
    address = f"/desk/young-people/{shop.maya.ref}/facts/"
    assert address in page(client, f"/desk/young-people/{shop.maya.ref}/")
    shown = page(client, address)
    assert "Known: Yes, told by the young person, 23 November 2026." in shown
    assert "Do you live in your own flat, house or room?" in shown

    client.post(address, {"parent": "yes", "living_independently": "no"})

    kept = {one.key: (one.value, one.source, one.said_by) for one in shop.maya.circumstances.all()}
    assert kept == {
        "parent": (True, "CONFIRMED", shop.sam),
        "living_independently": (False, "CONFIRMED", shop.sam),
    }
    assert PARENT not in page(client, address), "confirmed today: not asked again"


def test_two_answers_that_cannot_both_be_so_are_refused_and_stay_on_the_screen(
    shop: House, client: Client
) -> None:
    needing("moving_to_first_tenancy", title="A first home")
    needing("moving_home", title="A van")
    client.force_login(shop.sam)
    address = f"/desk/young-people/{shop.maya.ref}/facts/"

    answered = client.post(address, {"moving_to_first_tenancy": "yes", "moving_home": "no"})

    shown = " ".join(answered.content.decode().split())
    assert "These two answers do not fit together" in shown
    assert shown.count("checked") == 2
    assert not shop.maya.circumstances.exists()


def test_an_older_answer_that_cannot_be_so_beside_the_new_one_is_turned_round(shop: House) -> None:
    def note(source: str) -> None:
        note_circumstance(
            young_person=shop.maya, key="moving_home", value=False, source=source, by=None, on=shop.now.date()
        )

    def held() -> tuple[bool, str]:
        row = shop.maya.circumstances.get(key="moving_home")
        return row.value, row.source

    note("TOLD")
    say_of_oneself(young_person=shop.maya, answers={"moving_to_first_tenancy": True}, now=shop.now)
    assert held() == (True, "TOLD")

    note("IMPORTED")
    say_of_oneself(young_person=shop.maya, answers={"moving_to_first_tenancy": True}, now=shop.now)
    assert held() == (False, "IMPORTED"), "what somebody tells overturns no case record"
    confirm(young_person=shop.maya, answers={"moving_to_first_tenancy": True}, by=shop.sam, now=shop.now)
    assert held() == (True, "CONFIRMED")


def test_a_form_left_empty_writes_nothing_down(shop: House, client: Client) -> None:
    client.force_login(shop.sam)
    address = f"/desk/young-people/{shop.maya.ref}/facts/"

    shown = client.post(address, {"csrfmiddlewaretoken": "x"}, follow=True).content.decode()

    assert "Written down" not in shown
    assert not AuditEvent.objects.filter(action="circumstances_confirmed").exists()


def test_no_answer_that_is_given_in_the_open_settles_a_private_matter() -> None:
    known = catalogue()
    open_ones = [key for key in known.entries if not known.is_quiet(key)]

    settled = {
        other for key in open_ones for value in (True, False) for other in known.settled_by(key, value)
    }

    assert [key for key in settled if known.is_quiet(key)] == []


def test_nobody_else_writes_down_what_is_so_of_her(shop: House) -> None:
    with pytest.raises(ValidationError) as refused:
        confirm(young_person=shop.maya, answers={"parent": True}, by=StaffFactory(), now=shop.now)

    assert refused.value.code == "not_yours"


def test_what_is_too_old_to_count_is_asked_again(shop: House, client: Client, clock: Clock) -> None:
    answer(client, "parent", "yes")
    clock.set(shop.now + timedelta(days=400))
    client.force_login(shop.maya.user)

    assert heading(client) == PARENT
