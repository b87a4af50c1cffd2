"""What must not wait for its turn in the queue: every kind of it, whose it is, and what it costs to find."""

from datetime import timedelta

import pytest
from django.test import Client

from portal.accounts.models import Role, User
from portal.desk.at_once import SHOWS, AtOnce, at_once
from portal.drop_ins.models import Booking, Session
from portal.finance.models import BankDetails
from portal.notifications.models import Notification
from portal.people.models import AskedDuty, Recovery, YoungPerson
from portal.refs import new_token
from portal.spot_help.models import SpotHelp
from tests.desk.conftest import House
from tests.factories import StaffFactory, YoungPersonFactory

pytestmark = [pytest.mark.django_db, pytest.mark.sqlite]


def for_(user: User, house: House) -> AtOnce:
    on = house.now.date()
    people = YoungPerson.objects.visible_to(user, on=on).exclude(user=user)
    return at_once(user, people, on=on, now=house.now)


def untold(person: YoungPerson, house: House, *, hours: int) -> None:
    since = house.now - timedelta(hours=hours)
    Notification.objects.create(
        to=person.user, kind="news", key=new_token(), due_at=since, not_after=since, made_at=since,
        state="FAILED", task_opened_at=since,
    )  # fmt: skip


def every_kind(person: YoungPerson, house: House) -> None:
    """One of each kind about somebody (two messages untold); the least pressing are the oldest."""
    now = house.now
    untold(person, house, hours=60)
    untold(person, house, hours=50)
    start = now - timedelta(days=2)
    drop_in = Session.objects.create(
        name="Open door", where="Bromley Road", host="Duty", places=1, starts_at=start,
        ends_at=start + timedelta(hours=3),
    )  # fmt: skip
    Booking.objects.create(
        session=drop_in, young_person=person, made_at=start, state="DID_NOT_COME",
        welfare_check_opened_at=now - timedelta(hours=40),
    )  # fmt: skip
    BankDetails.objects.create(
        young_person=person, state="ENDED", started_at=start, ended_at=now - timedelta(hours=30),
        ended_why="NOT_THEIRS",
    )  # fmt: skip
    AskedDuty.objects.create(young_person=person, on=now.date(), asked_at=now - timedelta(hours=1))
    Recovery.objects.create(
        young_person=person, how="MET", words="We met at Bromley Road today.", asked_by=house.priya,
        asked_at=now - timedelta(hours=20), ready_at=now + timedelta(hours=4), ends_at=now + timedelta(days=6),
    )  # fmt: skip


def help_given(person: YoungPerson, by: User, house: House) -> None:
    SpotHelp.objects.create(
        token=new_token(), young_person=person, need="FOOD", how="VOUCHER", pence=2_000, limit_pence=4_000,
        given_by=by, given_at=house.now, given_on=house.now.date(), check_by=house.now.date(),
    )  # fmt: skip


def test_every_kind_is_there_once_for_each_person_most_pressing_first_in_one_query(
    house: House, settings, django_assert_num_queries
) -> None:
    settings.BANK_DETAILS_ENABLED = True
    every_kind(house.maya, house)
    every_kind(YoungPersonFactory(given_name="Not hers"), house)
    help_given(house.maya, house.priya, house)
    help_given(house.maya, house.sam, house)  # her own, which a colleague checks

    assert house.sam.holds(
        Role.PERSONAL_ADVISER, on=house.now.date()
    )  # read before, as on every page of staff
    with django_assert_num_queries(1):
        found = for_(house.sam, house)

    assert [(one.why, one.name, one.ref) for one in found.matters] == [
        ("ASKED_FOR_CONTACT", "Maya", house.maya.ref),
        ("BANK_DETAILS", "Maya", house.maya.ref),
        ("SECOND_PERSON", "Maya", house.maya.ref),
        ("DID_NOT_COME", "Maya", house.maya.ref),
        ("NOT_TOLD", "Maya", house.maya.ref),
    ]
    ages = [(house.now - one.since) // timedelta(hours=1) for one in found.matters]
    assert ages == [1, 30, 20, 40, 60]
    assert {(one.pk, one.user_id) for one in found.matters} == {(house.maya.pk, house.maya.user_id)}
    assert found.matters[3].drop_in == "Open door"
    assert found.matters[3].drop_in_when
    assert (found.to_check, found.more) == (1, False)


def test_bank_details_are_no_part_of_it_where_the_council_keeps_none(house: House, settings) -> None:
    settings.BANK_DETAILS_ENABLED = False
    every_kind(house.maya, house)

    assert "BANK_DETAILS" not in {one.why for one in for_(house.sam, house).matters}


def test_who_may_give_no_help_on_the_spot_is_told_of_none_to_check(house: House) -> None:
    help_given(house.maya, house.sam, house)

    assert for_(house.priya, house).to_check == 1
    assert for_(StaffFactory(role=Role.FINANCE_OFFICER), house) == AtOnce(
        matters=[], coming_back=0, to_check=0, more=False
    )


def test_a_day_with_more_than_fits_shows_the_most_pressing_and_says_that_there_is_more(
    house: House, client: Client
) -> None:
    for _one in range(SHOWS):
        untold(YoungPersonFactory(adviser=house.sam), house, hours=70)
    every_kind(house.maya, house)
    help_given(house.maya, house.priya, house)

    found = for_(house.sam, house)

    assert (found.more, found.to_check, len(found.matters)) == (True, 1, SHOWS)
    assert [one.why for one in found.matters[:3]] == ["ASKED_FOR_CONTACT", "SECOND_PERSON", "DID_NOT_COME"]
    client.force_login(house.sam)
    page = " ".join(client.get("/desk/").content.decode().split())
    assert "There is more like this" in page
    assert "1 help on the spot waits for a second look" in page
    assert page.index("asked for somebody to be in touch today") < page.index("Are they well?")
