"""Delegated authority as tables: at the penny, on the day, over the window, split, covered, away, and under 18."""

from datetime import date, timedelta

import pytest
from django.core.exceptions import ValidationError

from portal.accounts.models import Role, RoleHeld
from portal.payments import services
from portal.payments.authority import authority_of, find_holder
from portal.payments.models import AuthorityGiven, DelegatedAuthority
from portal.payments.rules import Level
from portal.people.models import Absence, Allocation
from portal.people.services import arrange_cover
from tests.factories import LONG_AGO, StaffFactory, VersionFactory
from tests.payments.conftest import House, staff
from tests.payments.test_asking import code_of

pytestmark = pytest.mark.django_db

TODAY = date(2026, 11, 23)
DAY = timedelta(days=1)


def decided(house: House, by: str, pence: int) -> str:
    """What becomes of an approval: empty, or the code of its refusal."""
    house.version = VersionFactory(cap_pence=None, approver_level="")
    asked = house.sent(pence=pence)
    try:
        services.approve(ref=asked.ref, by=getattr(house, by), now=house.now)
    except ValidationError as refusal:
        return str(refusal.code)
    return ""


@pytest.mark.parametrize(
    ("by", "pence", "code"),
    [
        ("sam", 10_000, ""),
        ("sam", 10_001, "above_authority"),
        ("priya", 10_001, ""),
        ("priya", 50_000, ""),
        ("priya", 50_001, "above_authority"),
        ("omar", 50_001, ""),
        ("omar", 250_000, ""),
        ("omar", 250_001, "above_authority"),
    ],
)
def test_each_role_at_the_penny(house, by, pence, code) -> None:
    assert decided(house, by, pence) == code


@pytest.mark.parametrize(
    ("own", "limit"), [(None, 10_000), (0, 0), (1, 1), (9_999, 9_999), (10_000, 10_000), (10_001, 10_000)]
)
def test_what_somebody_was_given_is_never_more_than_their_roles_band(house, own, limit) -> None:
    AuthorityGiven.objects.filter(user=house.sam).update(limit_pence=own)

    assert authority_of(house.sam, young_person=house.maya, on=TODAY).limit_pence == limit


@pytest.mark.parametrize(
    ("row", "starts", "ends", "has"),
    [
        ("role", TODAY, None, True),
        ("role", TODAY + DAY, None, False),
        ("role", LONG_AGO, TODAY, True),
        ("role", LONG_AGO, TODAY - DAY, False),
        ("given", TODAY, None, True),
        ("given", TODAY + DAY, None, False),
        ("given", LONG_AGO, TODAY, True),
        ("given", LONG_AGO, TODAY - DAY, False),
        ("band", TODAY, None, True),
        ("band", TODAY + DAY, None, False),
        ("band", LONG_AGO, TODAY, True),
        ("band", LONG_AGO, TODAY - DAY, False),
    ],
)
def test_role_authority_and_band_count_from_their_first_day_to_their_last(
    house, row, starts, ends, has
) -> None:
    rows = {
        "role": RoleHeld.objects.filter(user=house.sam),
        "given": AuthorityGiven.objects.filter(user=house.sam),
        "band": DelegatedAuthority.objects.filter(role=Role.PERSONAL_ADVISER),
    }
    rows[row].update(starts_on=starts, ends_on=ends)

    assert (authority_of(house.sam, young_person=house.maya, on=TODAY) is not None) is has


@pytest.mark.parametrize("after", [20_000, 5_000])
@pytest.mark.parametrize(("day", "changed"), [(TODAY - DAY, False), (TODAY, True), (TODAY + DAY, True)])
def test_a_limit_that_changes_today_counts_from_today_up_or_down(house, after, day, changed) -> None:
    band = DelegatedAuthority.objects.filter(role=Role.PERSONAL_ADVISER)
    band.update(ends_on=TODAY - DAY)
    DelegatedAuthority.objects.create(
        role=Role.PERSONAL_ADVISER, ages="FROM_18", limit_pence=after, starts_on=TODAY
    )

    assert authority_of(house.sam, young_person=house.maya, on=day).limit_pence == (
        after if changed else 10_000
    )


@pytest.mark.parametrize(
    ("first", "days", "second", "code"),
    [
        (9_999, 0, 1, ""),
        (9_999, 0, 2, "above_authority"),
        (10_000, 29, 1, "above_authority"),
        (10_000, 30, 1, "above_authority"),
        (10_000, 31, 10_000, ""),
        (4_000, 30, 6_000, ""),
        (4_000, 30, 6_001, "above_authority"),
    ],
)
@pytest.mark.parametrize("other_kind", [False, True])
def test_split_requests_count_together_over_thirty_days_whatever_they_are_for(
    house, first, days, second, code, other_kind
) -> None:
    services.approve(ref=house.sent(pence=first).ref, by=house.sam, now=house.now)
    later = house.now + timedelta(days=days)
    asked = house.send(house.draft(pence=second, something_else=other_kind), now=later)
    approving = {"ref": asked.ref, "by": house.sam, "now": later}

    if code:
        assert code_of(services.approve, **approving) == code
    else:
        assert services.approve(**approving).agreed_pence == second


def test_what_was_refused_or_taken_back_or_is_somebody_elses_counts_for_nothing(house) -> None:
    no = {"code": "OTHER", "words": "Not now."}
    services.decline(ref=house.sent(pence=10_000).ref, **no, by=house.sam, now=house.now)
    back = services.approve(ref=house.sent(pence=10_000).ref, by=house.sam, now=house.now)
    services.withdraw(ref=back.ref, by=house.maya.user, now=house.now)

    assert decided(house, "sam", 10_000) == ""


@pytest.mark.parametrize(
    ("limit_of_cover", "code"), [(None, ""), (99, "above_authority"), ("none", "no_authority")]
)
def test_whoever_covers_decides_with_their_own_authority_and_not_with_the_absent_ones(
    house, limit_of_cover, code
) -> None:
    grace = StaffFactory(first_name="Grace")
    if limit_of_cover != "none":
        services.give_authority(
            user=grace, role=Role.PERSONAL_ADVISER, by=None, on=LONG_AGO, limit_pence=limit_of_cover
        )
    arrange_cover(
        worker=house.sam, cover=grace, starts_on=TODAY, ends_on=TODAY, by=house.priya, now=house.now
    )
    house.grace = grace

    assert decided(house, "grace", 100) == code


@pytest.mark.parametrize(
    ("worker", "cover", "may"),
    [
        (Role.PERSONAL_ADVISER, Role.PERSONAL_ADVISER, True),
        (Role.PERSONAL_ADVISER, Role.TEAM_MANAGER, False),
        (Role.DUTY_ADVISER, Role.PERSONAL_ADVISER, True),
        (Role.TEAM_MANAGER, Role.TEAM_MANAGER, True),
        (Role.TEAM_MANAGER, Role.SERVICE_MANAGER, True),
        (Role.TEAM_MANAGER, Role.PERSONAL_ADVISER, False),
        (Role.SERVICE_MANAGER, Role.TEAM_MANAGER, False),
        (Role.SERVICE_MANAGER, Role.SERVICE_MANAGER, True),
        (Role.TEAM_MANAGER, Role.FINANCE_OFFICER, False),
    ],
)
def test_a_manager_is_covered_by_a_manager(house, worker, cover, may) -> None:
    away, instead = StaffFactory(role=worker), StaffFactory(role=cover)
    days = {"starts_on": TODAY, "ends_on": None, "by": house.omar, "now": house.now}

    if may:
        assert arrange_cover(worker=away, cover=instead, **days).cover == instead
    else:
        assert code_of(arrange_cover, worker=away, cover=instead, **days) == "not_their_work"


@pytest.mark.parametrize(
    ("ends", "covered", "holder"),
    [(TODAY, True, "tomas"), (TODAY - DAY, True, "priya"), (None, True, "tomas"), (TODAY, False, "priya")],
)
def test_while_a_manager_is_away_their_cover_holds_and_an_absence_nobody_covers_changes_nothing(
    house, ends, covered, holder
) -> None:
    tomas = staff(Role.TEAM_MANAGER, "Tomas")
    Absence.objects.create(
        user=house.priya, cover=tomas if covered else None, starts_on=LONG_AGO, ends_on=ends
    )

    found = find_holder(house.maya, Level.TEAM_MANAGER, on=TODAY, but=set())

    assert found == ("TEAM_MANAGER", tomas if holder == "tomas" else house.priya)


@pytest.mark.parametrize(
    ("born", "estimated", "adviser_may", "social_worker_may"),
    [
        (date(2008, 11, 23), False, True, False),  # 18 today
        (date(2008, 11, 24), False, False, True),  # 18 tomorrow
        (date(2008, 1, 1), True, False, True),  # may turn 18 as late as the end of the year
        (date(2007, 12, 31), True, True, False),
        (None, False, False, True),
        (date(1900, 1, 1), False, False, True),  # how the case record writes that it does not know
    ],
)
def test_on_the_eighteenth_birthday_the_authority_passes_to_the_adviser(
    house, born, estimated, adviser_may, social_worker_may
) -> None:
    ruth = staff(Role.SOCIAL_WORKER, "Ruth")
    Allocation.objects.create(
        young_person=house.maya, worker=ruth, acts_as=Allocation.As.SOCIAL_WORKER, starts_on=LONG_AGO
    )
    house.maya.born_on, house.maya.born_estimated = born, estimated
    house.maya.save()

    assert (authority_of(house.sam, young_person=house.maya, on=TODAY) is not None) is adviser_may
    assert (authority_of(ruth, young_person=house.maya, on=TODAY) is not None) is social_worker_may
    assert find_holder(house.maya, Level.ADVISER, on=TODAY, but=set())[1] == (
        ruth if social_worker_may else house.sam
    )
