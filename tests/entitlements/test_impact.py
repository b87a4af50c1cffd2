"""Gain, lose and stay, counted without pointing at anybody."""

from datetime import date, timedelta

import pytest
from django.contrib.auth.models import Group as DjangoGroup
from django.db import connection
from django.test.utils import CaptureQueriesContext

from cms.groups import PUBLISHERS
from entitlements.impact import Impact, compare, say_counts
from entitlements.rules import Age, CareLeaverStatus, Facts, Group, GroupKind, Rule, StatusPeriod
from portal.people.services import note_circumstance
from tests.entitlements.conftest import page_of
from tests.factories import UserFactory, YoungPersonFactory

ON = date(2026, 11, 23)
FEW = "nobody, or fewer than 5"


def aged(age: int) -> Facts:
    return Facts(born_on=date(2026 - age, 1, 1), statuses=(StatusPeriod(CareLeaverStatus.FORMER_RELEVANT),))


def rule(first: int, until: int) -> Rule:
    return Rule("laptop", Group(GroupKind.ALL, (Age(first, until),)))


def test_everybody_is_counted_once():
    people = [aged(age) for age in (16, 17, 18, 19, 20, 21, 22)] + [Facts()]

    assert compare(rule(16, 19), rule(18, 21), people, ON) == Impact(gain=2, lose=2, unchanged=4)


def test_something_new_takes_nothing_from_anybody():
    assert compare(None, rule(18, 21), [aged(17), aged(18), Facts()], ON) == Impact(
        gain=2, lose=0, unchanged=1
    )


@pytest.mark.parametrize(
    ("impact", "said"),
    [
        (Impact(0, 0, 620), (FEW, FEW, "about 620")),
        (Impact(1, 0, 619), (FEW, FEW, "about 620")),  # the same as nobody
        (Impact(4, 0, 616), (FEW, FEW, "about 615")),
        (Impact(12, 1, 607), ("about 10", FEW, "about 605")),
        (Impact(600, 17, 3), ("about 600", "about 15", FEW)),
    ],
)
def test_a_count_never_tells_whether_one_person_is_in_it(impact, said):
    assert tuple(say_counts(impact).values()) == said


def test_a_rule_that_stays_as_it_is_changes_nothing_for_anybody_and_says_so():
    assert tuple(say_counts(Impact(0, 0, 620), same_rule=True).values()) == ("0", "0", "620")


@pytest.fixture
def publisher(handbook, client):
    user = UserFactory()
    user.groups.add(DjangoGroup.objects.get(name=PUBLISHERS))
    client.force_login(user)
    return client


def drafted(code: str, **changes):
    draft = page_of(code).get_latest_revision_as_object()
    for name, value in changes.items():
        setattr(draft, name, value)
    draft.save_revision()
    return draft


def counts(client, draft) -> str:
    answer = client.get(f"/cms/entitlements/impact/{draft.pk}/")
    assert answer.status_code == 200
    return answer.content.decode()


def test_the_preview_hides_how_many_when_few_would_lose(publisher, now):
    young = {"status": CareLeaverStatus.RELEVANT, "born_on": now.date() - timedelta(days=17 * 365 + 30)}
    YoungPersonFactory.create_batch(3, **young)
    YoungPersonFactory.create_batch(9)
    draft = drafted("emergency-clothing", rule=[("age", {"from_age": 18, "until_age": 21})])

    shown = counts(publisher, draft)

    assert FEW in shown
    assert "<td>3</td>" not in shown


def test_the_preview_cannot_be_used_to_ask_about_one_person(publisher, now):
    """Found in review: a rule for one birthday and one circumstance said "0", or "fewer than 5"."""
    for person in YoungPersonFactory.create_batch(
        2, born_on=date(2006, 5, 3), status=CareLeaverStatus.FORMER_RELEVANT
    ):
        condition = ("turned", {"age": 18, "from_on": date(2024, 5, 3), "until_on": date(2024, 5, 4)})
        only_them = drafted(
            "laptop", rule=[condition, ("circumstances", {"kind": "ALL", "keys": ["in_custody"]})]
        )
        address = f"/cms/entitlements/impact/{only_them.pk}/"
        shown = publisher.get(address).context["counts"]
        note_circumstance(
            young_person=person, key="in_custody", value=True, source="IMPORTED", by=None, on=now.date()
        )
        assert publisher.get(address).context["counts"] == shown


def test_a_new_amount_alone_says_that_nobody_loses(publisher):
    YoungPersonFactory.create_batch(3)

    assert "<td>0</td><td>0</td><td>3</td>" in counts(publisher, drafted("laptop", amount=310))


def test_the_preview_takes_the_same_queries_for_ten_people_and_for_a_hundred(
    publisher, django_assert_max_num_queries
):
    draft = drafted("laptop")
    YoungPersonFactory.create_batch(10)
    counts(publisher, draft)
    with CaptureQueriesContext(connection) as few:
        counts(publisher, draft)
    YoungPersonFactory.create_batch(90)

    with django_assert_max_num_queries(len(few)):
        counts(publisher, draft)
