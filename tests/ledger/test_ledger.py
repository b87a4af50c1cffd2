"""Reserved, spent and left: each verb, twice, too much, and back again."""

from datetime import date

import pytest
from django.core.exceptions import ValidationError
from django.db import DatabaseError, transaction

from entitlements.models import Duty, Per
from portal.ledger import services
from portal.ledger.models import Allowance, Entry
from portal.ledger.rules import Movement, faults, sums_of
from tests.ledger.conftest import publish

pytestmark = [pytest.mark.django_db, pytest.mark.sqlite]
ON = date(2026, 11, 23)


@pytest.fixture
def allowance(young_person, entitlement) -> Allowance:
    """£3,000 once."""
    return services.allowance_for(young_person=young_person, version=publish(entitlement), on=ON)


def agrees(allowance: Allowance) -> bool:
    """Whether the counters and the entries say the same."""
    allowance.refresh_from_db()
    history = sums_of(Movement(kind, pence) for kind, pence in allowance.entries.values_list("kind", "pence"))
    return faults(allowance.counters, history) == []


def refusal_of(verb, **words) -> str:
    with pytest.raises(ValidationError) as refusal:
        verb(**words)
    return refusal.value.code


def test_the_first_to_ask_makes_the_allowance_and_the_next_gets_the_same(young_person, entitlement):
    version = publish(entitlement, period=Per.ACADEMIC_YEAR)

    first = services.allowance_for(young_person=young_person, version=version, on=ON)
    again = services.allowance_for(young_person=young_person, version=version, on=date(2027, 8, 31))
    next_year = services.allowance_for(young_person=young_person, version=version, on=date(2027, 9, 1))

    assert (first.period, first.cap_pence, first.expires_on) == ("2026-27", 300_000, date(2027, 8, 31))
    assert again == first
    assert next_year.period == "2027-28"
    assert agrees(first)


def test_something_else_has_no_cap_and_is_counted_all_the_same(young_person, now):
    allowance = services.allowance_for(young_person=young_person, version=None, on=ON)

    services.reserve(allowance=allowance, pence=5_000_000, key="a", by=None, now=now)

    assert services.allowance_for(young_person=young_person, version=None, on=ON) == allowance
    assert agrees(allowance)
    assert (allowance.reserved_pence, allowance.left_pence) == (5_000_000, None)


def test_a_cap_for_each_thing_counts_for_that_thing_alone(young_person, entitlement, now):
    version = publish(entitlement, cap_pence=50_000, period=Per.ITEM)
    one = services.allowance_for(young_person=young_person, version=version, on=ON, item="K7QX2M9TRB")
    other = services.allowance_for(young_person=young_person, version=version, on=ON, item="K7QX2M9TRC")

    for allowance in (one, other):
        services.reserve(allowance=allowance, pence=50_000, key=f"r{allowance.pk}", by=None, now=now)

    assert refusal_of(services.reserve, allowance=one, pence=1, key="more", by=None, now=now) == "over_cap"


def test_money_goes_from_left_to_reserved_to_spent_and_can_come_back(allowance, now):
    steps = [
        (services.reserve, 180_00, (180_00, 0)),
        (services.spend, 100_00, (80_00, 100_00)),
        (services.unspend, 100_00, (180_00, 0)),
        (services.spend, 100_00, (80_00, 100_00)),
        (services.release, 80_00, (0, 100_00)),
    ]
    for number, (verb, pence, after) in enumerate(steps):
        verb(allowance=allowance, pence=pence, key=f"step:{number}", by=None, now=now)

        assert agrees(allowance)
        assert (allowance.reserved_pence, allowance.spent_pence) == after

    assert allowance.left_pence == 2_900_00


def test_not_a_penny_over_the_cap(allowance, now):
    services.reserve(allowance=allowance, pence=300_000, key="all", by=None, now=now)

    assert (
        refusal_of(services.reserve, allowance=allowance, pence=1, key="more", by=None, now=now) == "over_cap"
    )

    assert agrees(allowance)
    assert not Entry.objects.filter(key="more").exists()


def test_nothing_is_taken_back_that_was_never_given(allowance, now):
    words = {"allowance": allowance, "pence": 1, "key": "k", "by": None, "now": now}

    assert refusal_of(services.release, **words) == "not_reserved"
    assert refusal_of(services.spend, **words) == "not_reserved"
    assert refusal_of(services.unspend, **words) == "not_spent"
    assert agrees(allowance)


def test_the_same_movement_twice_is_once_and_says_so(allowance, now):
    words = {"allowance": allowance, "pence": 300_000, "key": "once", "by": None, "now": now}

    first = services.reserve(**words)
    second = services.reserve(**words)

    assert (first.repeated, second.repeated) == (False, True)
    assert first == second
    assert agrees(allowance)


def test_one_key_cannot_stand_for_two_different_movements(allowance, now):
    services.reserve(allowance=allowance, pence=100, key="once", by=None, now=now)

    assert (
        refusal_of(services.reserve, allowance=allowance, pence=200, key="once", by=None, now=now)
        == "key_in_use"
    )
    assert (
        refusal_of(services.spend, allowance=allowance, pence=100, key="once", by=None, now=now)
        == "key_in_use"
    )


@pytest.mark.parametrize("pence", [0, -1, 1.0, True, "100", 100_000_001, None])
def test_only_whole_pence_move(allowance, now, pence):
    refused = refusal_of(services.reserve, allowance=allowance, pence=pence, key="k", by=None, now=now)

    assert refused == "not_an_amount"


def test_a_raised_cap_gives_more_and_the_old_one_stays_in_the_history(
    young_person, entitlement, allowance, now
):
    services.reserve(allowance=allowance, pence=300_000, key="all", by=None, now=now)
    raised = publish(entitlement, cap_pence=350_000)

    allowance = services.allowance_for(young_person=young_person, version=raised, on=ON)

    assert (allowance.cap_pence, allowance.left_pence) == (350_000, 50_000)
    assert [entry.pence for entry in allowance.entries.filter(kind="CAP")] == [300_000, 350_000]
    assert agrees(allowance)


def test_an_older_request_does_not_bring_an_older_cap_back(young_person, entitlement, allowance):
    first = allowance.version
    services.allowance_for(young_person=young_person, version=publish(entitlement, cap_pence=350_000), on=ON)

    allowance = services.allowance_for(young_person=young_person, version=first, on=ON)

    assert allowance.cap_pence == 350_000


def test_a_lowered_cap_never_takes_back_what_was_promised(young_person, entitlement, allowance, now):
    services.reserve(allowance=allowance, pence=250_000, key="promised", by=None, now=now)

    allowance = services.allowance_for(
        young_person=young_person, version=publish(entitlement, cap_pence=200_000), on=ON
    )

    assert (allowance.cap_pence, allowance.left_pence) == (250_000, 0)
    assert agrees(allowance)


def test_a_cap_that_is_taken_away_is_no_cap(young_person, entitlement, allowance, now):
    allowance = services.allowance_for(
        young_person=young_person, version=publish(entitlement, cap_pence=None), on=ON
    )

    services.reserve(allowance=allowance, pence=900_000, key="k", by=None, now=now)

    assert agrees(allowance)
    assert allowance.left_pence is None


def test_a_named_person_may_pass_the_cap_for_one_young_person_and_says_why(allowance, manager, now):
    services.reserve(allowance=allowance, pence=300_000, key="all", by=None, now=now)
    exception = {"allowance": allowance, "pence": 5_000, "by": manager, "now": now}

    assert refusal_of(services.allow_exception, key="x", reason=" ", **exception) == "needs_reason"
    services.allow_exception(key="x", reason="A second flood", **exception)
    services.reserve(allowance=allowance, pence=5_000, key="more", by=manager, now=now)

    assert agrees(allowance)
    assert (
        refusal_of(services.reserve, allowance=allowance, pence=1, key="yet", by=None, now=now) == "over_cap"
    )


def test_a_minimum_by_law_is_refused_as_a_floor_and_not_as_a_ceiling(young_person, entitlement, now):
    version = publish(entitlement, cap_pence=300_000, duty=Duty.MUST)
    allowance = services.allowance_for(young_person=young_person, version=version, on=ON)

    with pytest.raises(ValidationError, match="the least we must give"):
        services.reserve(allowance=allowance, pence=300_001, key="k", by=None, now=now)


def test_what_was_paid_before_us_counts_and_above_the_cap_somebody_says_why(allowance, manager, now):
    words = {"allowance": allowance, "by": manager, "now": now}

    services.record_opening(pence=290_000, key="opening", **words)
    assert refusal_of(services.record_elsewhere, pence=20_000, key="voucher", **words) == "over_cap"
    services.record_elsewhere(pence=20_000, key="voucher", reason="No heating on a Friday night", **words)
    again = services.record_elsewhere(
        pence=20_000, key="voucher", reason="No heating on a Friday night", **words
    )

    assert again.repeated
    assert agrees(allowance)
    assert (allowance.spent_pence, allowance.extra_pence, allowance.left_pence) == (310_000, 10_000, 0)


def test_money_left_can_be_read_without_writing(young_person, entitlement, now):
    version = publish(entitlement)

    assert services.money_left(young_person=young_person, version=version, on=ON) == 300_000
    assert services.money_left(young_person=young_person, version=None, on=ON) is None
    assert not Allowance.objects.exists()

    allowance = services.allowance_for(young_person=young_person, version=version, on=ON)
    services.reserve(allowance=allowance, pence=100_000, key="k", by=None, now=now)

    assert services.money_left(young_person=young_person, version=version, on=ON) == 200_000
    raised = publish(entitlement, cap_pence=350_000)
    assert services.money_left(young_person=young_person, version=raised, on=ON) == 250_000


def test_the_database_itself_refuses_a_changed_or_deleted_entry(allowance, now):
    entry = services.reserve(allowance=allowance, pence=100, key="k", by=None, now=now)

    with pytest.raises(DatabaseError, match="never changed"), transaction.atomic():
        Entry.objects.filter(pk=entry.pk).update(pence=1)
    with pytest.raises(DatabaseError, match="never changed"), transaction.atomic():
        Entry.objects.filter(pk=entry.pk).delete()


def test_the_database_itself_refuses_counters_over_the_cap(allowance):
    with pytest.raises(DatabaseError), transaction.atomic():
        Allowance.objects.filter(pk=allowance.pk).update(spent_pence=300_001)
