"""Missing out: four counts of different people, by entitlement and team, and nothing that could tell who."""

from datetime import date, timedelta

import pytest
from django.test import Client

from cms import content_version
from entitlements.definition import ALWAYS, Circumstance, Group, GroupKind, Rule
from entitlements.models import EntitlementVersion, HowToGet
from entitlements.plain_data import to_data
from portal.accounts.models import Role, User
from portal.ledger.services import allowance_for, reserve
from portal.people.models import Team, YoungPerson
from portal.people.services import note_circumstance
from portal.take_up.models import TakeUp
from portal.take_up.services import count_take_up
from tests.conftest import NOW
from tests.factories import StaffFactory, TeamFactory, VersionFactory, YoungPersonFactory

pytestmark = [pytest.mark.django_db, pytest.mark.sqlite]
TODAY = date(2026, 11, 23)


@pytest.fixture(autouse=True)
def _nothing_held():
    content_version.forget()
    yield
    content_version.forget()


def version(code: str, *, needs: str = "", **more: object) -> EntitlementVersion:
    when = Group(GroupKind.ALL, (Circumstance(needs),)) if needs else ALWAYS
    return VersionFactory(entitlement__code=code, title=code, rule=to_data(Rule(code, when)), **more)


def somebody(team: Team | None, *, seen: bool = True, parent: bool | None = None) -> YoungPerson:
    person = YoungPersonFactory(team=team)
    if seen:
        User.objects.filter(pk=person.user_id).update(last_login=NOW)
    if parent is not None:
        note_circumstance(
            young_person=person, key="parent", value=parent, source="TOLD", by=person.user, on=TODAY
        )
    return person


def counts(code: str, team: Team | None) -> tuple[int, int, int, int]:
    one = TakeUp.objects.get(entitlement__code=code, team=team)
    return one.unclaimed, one.not_reached, one.not_known, one.had


def test_each_person_is_counted_in_one_of_the_four_and_in_their_own_team():
    laptop = version("laptop")
    version("pram", needs="parent")
    north, south = TeamFactory(), TeamFactory()
    had_one = somebody(north, parent=True)
    somebody(north, parent=True)
    somebody(north, parent=False)
    somebody(north, seen=False)
    somebody(south, seen=False, parent=True)
    somebody(None)
    YoungPersonFactory(died_on=TODAY)
    reserve(
        allowance=allowance_for(young_person=had_one, version=laptop, on=TODAY),
        pence=100, key="some", by=None, now=NOW,
    )  # fmt: skip

    assert count_take_up(now=NOW) == 6

    assert counts("laptop", north) == (2, 1, 0, 1)
    assert counts("pram", north) == (2, 0, 1, 0)
    assert counts("laptop", south) == counts("pram", south) == (0, 1, 0, 0)
    assert counts("laptop", None) == (1, 0, 0, 0)
    assert counts("pram", None) == (0, 0, 1, 0)


def test_counting_again_takes_the_place_of_the_last_counts():
    version("laptop")
    somebody(None)
    count_take_up(now=NOW)
    somebody(None)

    count_take_up(now=NOW + timedelta(days=1))

    assert counts("laptop", None) == (2, 0, 0, 0)
    assert TakeUp.objects.get().counted_on == TODAY + timedelta(days=1)


def test_what_could_tell_who_is_never_counted():
    version("visa-help", quiet=True)
    somebody(None)

    count_take_up(now=NOW)

    assert not TakeUp.objects.exists()


@pytest.mark.parametrize("at_a_time", [1, 3, 100])
def test_how_many_are_read_at_a_time_changes_nothing(at_a_time):
    version("pram", needs="parent")
    for parent in (True, True, False, None, None):
        somebody(None, parent=parent)

    assert count_take_up(now=NOW, at_a_time=at_a_time) == 5

    assert counts("pram", None) == (2, 0, 2, 0)


def test_a_batch_of_people_takes_three_queries_and_the_counts_a_few_more(django_assert_num_queries):
    version("pram", needs="parent")
    for number in range(12):
        somebody(None, parent=bool(number % 2))
    count_take_up(now=NOW)  # the handbook is read into memory once

    with django_assert_num_queries(3 + 5):  # the content's number; deleting and writing in one transaction
        count_take_up(now=NOW)
    with django_assert_num_queries(3 * 3 + 5):
        count_take_up(now=NOW, at_a_time=5)


def test_managers_see_their_teams_and_a_service_manager_all(client: Client):
    version("laptop")
    version("mentor", how_to_get=HowToGet.APPLY_ELSEWHERE)
    north, south = TeamFactory(), TeamFactory()
    somebody(north)
    somebody(south)
    somebody(south)
    count_take_up(now=NOW)
    seen = {}
    for name, staff in {
        "north": StaffFactory(role=Role.TEAM_MANAGER, team=north),
        "south": StaffFactory(role=Role.TEAM_MANAGER, team=south),
        "no team": StaffFactory(role=Role.TEAM_MANAGER),
        "all": StaffFactory(role=Role.SERVICE_MANAGER),
    }.items():
        client.force_login(staff)
        answer = client.get("/desk/insight/")
        assert answer.status_code == 200
        seen[name] = [(line.summary.code, line.unclaimed) for line in answer.context["lines"]]

    assert seen == {"north": [("laptop", 1)], "south": [("laptop", 2)], "no team": [], "all": [("laptop", 3)]}


def test_an_adviser_is_not_shown_it(client: Client):
    client.force_login(StaffFactory(role=Role.PERSONAL_ADVISER))

    assert client.get("/desk/insight/").status_code == 404
