"""What staff see: only those they look after, never without a trace, at a cost that does not grow."""

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.utils.formats import date_format

from cms import content_version
from portal.accounts.models import Role, User
from portal.audit.models import AuditEvent
from portal.payments.models import Instalment, PaymentRequest
from portal.people.models import YoungPerson
from tests.conftest import Clock
from tests.desk.conftest import House
from tests.factories import StaffFactory, TeamFactory, VersionFactory, YoungPersonFactory

pytestmark = [pytest.mark.django_db, pytest.mark.sqlite]


def seen_by(client: Client, user: User, address: str = "/desk/young-people/") -> str:
    client.force_login(user)
    answer = client.get(address)
    assert answer.status_code == 200
    return str(answer.content.decode())


def searched(client: Client, user: User, words: str) -> str:
    """The list after looking for a name."""
    client.force_login(user)
    answer = client.post("/desk/young-people/", {"q": words}, follow=True)
    return str(answer.content.decode())


@pytest.fixture
def others(house: House) -> YoungPerson:
    """Somebody of another team."""
    team = TeamFactory()
    return YoungPersonFactory(given_name="Noel", team=team, adviser=StaffFactory(team=team))


def test_an_adviser_sees_theirs_and_a_manager_the_team(
    house: House, others: YoungPerson, client: Client
) -> None:
    colleague = YoungPersonFactory(
        given_name="Imogen", team=house.team, adviser=StaffFactory(team=house.team)
    )
    for user, sees, not_sees in (
        (house.sam, ["Maya"], ["Noel", "Imogen"]),
        (house.priya, ["Maya", "Imogen"], ["Noel"]),
        (house.omar, ["Maya", "Imogen", "Noel"], []),
    ):
        shown = seen_by(client, user)
        assert all(name in shown for name in sees), user
        assert not any(name in shown for name in not_sees), user
    client.force_login(house.sam)
    for hidden in (colleague, others):
        assert client.get(f"/desk/young-people/{hidden.ref}/").status_code == 404


@pytest.mark.parametrize("role", [Role.FINANCE_OFFICER, Role.EDITOR, Role.ADMINISTRATOR])
def test_who_does_no_casework_has_no_desk(house: House, client: Client, role: str) -> None:
    client.force_login(StaffFactory(role=role))
    for address in ("/desk/", "/desk/young-people/", f"/desk/young-people/{house.maya.ref}/"):
        assert client.get(address).status_code == 404


def test_a_young_person_has_no_desk(house: House, client: Client) -> None:
    client.force_login(house.maya.user)
    assert client.get("/desk/young-people/").status_code == 404


@pytest.mark.parametrize(("address", "part"), [("/desk/", "queue"), ("/desk/young-people/", "caseload")])
def test_a_list_of_people_writes_down_whom_it_showed(
    house: House, client: Client, address: str, part: str
) -> None:
    house.sent()
    seen_by(client, house.sam, address)
    row = AuditEvent.objects.get(action="list_opened", part=part)
    assert row.actor_id == house.sam.pk
    assert row.young_person_id == house.maya.pk


def test_opening_somebody_writes_down_who_looked(house: House, client: Client) -> None:
    seen_by(client, house.sam, f"/desk/young-people/{house.maya.ref}/")
    row = AuditEvent.objects.get(action="record_opened", young_person_id=house.maya.pk)
    assert (row.actor_id, row.part) == (house.sam.pk, "overview")


def test_the_person_page_says_it_in_words_and_names_nobody_in_its_title(house: House, client: Client) -> None:
    shown = seen_by(client, house.sam, f"/desk/young-people/{house.maya.ref}/")
    assert "Former relevant" in shown
    assert "FORMER_RELEVANT" not in shown
    assert "Maya" not in shown[shown.index("<title>") : shown.index("</title>")]


def test_finding_by_name_looks_only_among_those_one_may_see(
    house: House, others: YoungPerson, client: Client
) -> None:
    assert "Maya" in searched(client, house.sam, "may")
    shown = searched(client, house.sam, "Noel")
    assert "Nobody found" in shown
    assert others.ref not in shown


def test_no_name_that_is_looked_for_stands_in_an_address(house: House, client: Client) -> None:
    YoungPersonFactory.create_batch(55, given_name="Robin", team=house.team, adviser=house.sam)

    shown = searched(client, house.sam, "Robin")

    assert "Maya" not in shown
    assert 'method="post" class="search"' in shown
    assert not [link for link in re.findall(r'(?:href|action)="([^"]*)"', shown) if "obin" in link]
    assert "Page 2 of 2" in client.get("/desk/young-people/?page=2").content.decode(), "the words stay"
    assert "Maya" in seen_by(client, house.sam, "/desk/young-people/?everyone=1"), "and go"
    assert "Maya" in seen_by(client, house.sam, "/desk/young-people/?q=Robin"), "an address is not read"
    assert "/desk/young-people/break-glass/" in shown


def test_an_empty_queue_says_what_colleagues_promised(house: House, client: Client) -> None:
    asked = house.recommended()
    promised = date_format(asked.decide_by, "l j F")
    shown = seen_by(client, house.sam, "/desk/")
    assert "Nothing is waiting here" in shown
    assert f"An answer is promised by {promised}." in shown
    assert "An answer is promised by" not in seen_by(client, house.priya, "/desk/")


def test_the_person_page_says_what_was_agreed_and_whether_it_is_late(
    house: House, client: Client, clock: Clock
) -> None:
    asked = PaymentRequest.objects.get(pk=house.approved().pk)
    page, promised = f"/desk/young-people/{house.maya.ref}/", date_format(asked.money_by, "j F")
    assert f"money by {promised}" in seen_by(client, house.sam, page)
    clock.set(house.now + timedelta(days=20))
    assert f"Late: promised by {promised}" in seen_by(client, house.sam, page)
    Instalment.objects.update(state="PAID", paid_at=house.now)
    assert "all sent" in seen_by(client, house.sam, page)


def test_the_queue_asks_the_database_as_often_for_many_as_for_one(
    house: House, client: Client, django_assert_max_num_queries
) -> None:
    house.sent()
    seen_by(client, house.sam, "/desk/")
    for _ in range(2):
        with django_assert_max_num_queries(12):
            seen = client.get("/desk/")
        assert seen.status_code == 200
        for number in range(12):
            later = house.now + timedelta(minutes=number)
            house.send(house.draft(story=f"Thing {number}", something_else=True), now=later)


def test_the_person_page_asks_the_database_as_often_for_sixty_rules_as_for_five(
    house: House, client: Client, django_assert_max_num_queries
) -> None:
    house.approved()
    address = f"/desk/young-people/{house.maya.ref}/"
    counts = []
    for rules in (5, 60):
        VersionFactory.create_batch(rules)
        content_version.forget()
        seen_by(client, house.sam, address)
        with django_assert_max_num_queries(25) as asked:
            client.get(address)
        counts.append(len(asked))
    assert counts[0] == counts[1]
    content_version.forget()


def test_what_turns_on_immigration_custody_or_crisis_stands_under_no_name_in_a_list(
    house: House, client: Client
) -> None:
    house.version = VersionFactory(approver_level="", quiet=True, title="Legal help with papers")
    asked = house.approved()
    waiting = house.sent()

    lists = ("/desk/", "/desk/requests/", "/desk/requests/?show=waiting", "/desk/requests/?show=done",
             f"/desk/young-people/{house.maya.ref}/")  # fmt: skip
    for address in lists:
        shown = seen_by(client, house.sam, address)
        assert "Legal help with papers" not in shown, address
        assert waiting.ref in shown or asked.ref in shown, address
    assert "Legal help with papers" in seen_by(client, house.sam, f"/desk/requests/{waiting.ref}/")
