from datetime import date, timedelta

import pytest
from django.contrib.auth.models import AnonymousUser

from portal.accounts.models import Role, RoleHeld
from portal.people import services
from portal.people.models import Absence, Allocation, BreakGlass, Team, TeamMembership, YoungPerson
from tests.factories import LONG_AGO, StaffFactory, YoungPersonFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def today(now):
    return now.date()


@pytest.fixture
def sam():
    return StaffFactory(
        role=Role.PERSONAL_ADVISER, team=Team.objects.create(code="leaving", name="Leaving care team")
    )


@pytest.fixture
def maya(sam):
    return YoungPersonFactory(adviser=sam)


def _sees(user, person, on, at=None):
    return YoungPerson.objects.visible_to(user, on=on, at=at).filter(pk=person.pk).exists()


def test_nobody_is_seen_by_somebody_who_is_not_signed_in(maya, today):
    assert not YoungPerson.objects.visible_to(AnonymousUser(), on=today).exists()


def test_a_young_person_sees_themselves_and_nobody_else(maya, today):
    other = YoungPersonFactory()

    assert list(YoungPerson.objects.visible_to(maya.user, on=today)) == [maya]
    assert not _sees(maya.user, other, today)


def test_an_adviser_sees_whom_they_look_after_from_the_first_day_to_the_last(sam, today):
    person = YoungPersonFactory()
    Allocation.objects.create(
        young_person=person, worker=sam, starts_on=today, ends_on=today + timedelta(days=1)
    )

    seen = [_sees(sam, person, today + timedelta(days=day)) for day in (-1, 0, 1, 2)]

    assert seen == [False, True, True, False]


def test_an_adviser_whose_role_has_ended_sees_nobody(sam, maya, today):
    RoleHeld.objects.filter(user=sam).update(ends_on=today)

    assert _sees(sam, maya, today)
    sam.__dict__.pop("_roles_on")
    assert not _sees(sam, maya, today + timedelta(days=1))


@pytest.mark.parametrize("closed", [{"is_active": False}, {"frozen": True}])
def test_a_closed_or_frozen_account_sees_nobody(sam, maya, now, closed):
    sam.is_active, sam.frozen_at = closed.get("is_active", True), now if closed.get("frozen") else None
    sam.save()

    assert not _sees(sam, maya, now.date())


def test_a_colleague_sees_them_while_covering_and_not_a_day_longer(sam, maya, today):
    cover = StaffFactory(role=Role.PERSONAL_ADVISER)
    Absence.objects.create(user=sam, cover=cover, starts_on=today, ends_on=today + timedelta(days=1))

    assert [_sees(cover, maya, today + timedelta(days=day)) for day in (-1, 0, 1, 2)] == [
        False,
        True,
        True,
        False,
    ]


def test_a_cover_who_is_not_an_adviser_sees_nobody(sam, maya, today):
    editor = StaffFactory(role=Role.EDITOR)
    Absence.objects.create(user=sam, cover=editor, starts_on=today)

    assert not _sees(editor, maya, today)


@pytest.mark.parametrize(
    ("born_on", "estimated", "seen"),
    [
        (date(2008, 11, 24), False, True),  # 18 tomorrow
        (date(2008, 11, 23), False, False),  # 18 today
        (date(2008, 1, 1), True, True),  # some day in 2008: perhaps not yet 18
        (date(2007, 1, 1), True, False),
        (None, False, True),
        (date(1900, 1, 1), False, True),
    ],
)
def test_a_social_worker_sees_their_children_until_they_turn_18(today, born_on, estimated, seen):
    ruth = StaffFactory(role=Role.SOCIAL_WORKER)
    child = YoungPersonFactory(born_on=born_on, born_estimated=estimated)
    Allocation.objects.create(young_person=child, worker=ruth, acts_as=Role.SOCIAL_WORKER, starts_on=LONG_AGO)

    assert _sees(ruth, child, today) is seen
    assert child.is_child_on(today) is seen
    assert child.social_worker_on(today) == (ruth if seen else None)


def test_an_advisers_row_opens_nothing_to_somebody_who_is_a_social_worker_now(maya, today):
    ruth = StaffFactory(role=Role.SOCIAL_WORKER)
    Allocation.objects.filter(young_person=maya).update(worker=ruth)

    assert not _sees(ruth, maya, today)


def test_duty_sees_whoever_has_nobody_now(sam, maya, today):
    dami = StaffFactory(role=Role.DUTY_ADVISER)
    tia = YoungPersonFactory()
    assert _sees(dami, tia, today)
    assert not _sees(dami, maya, today)

    Allocation.objects.filter(young_person=maya).update(ends_on=today - timedelta(days=1))
    assert _sees(dami, maya, today)


def test_duty_sees_whoever_is_left_with_an_adviser_whose_account_is_closed(sam, maya, today):
    sam.is_active = False
    sam.save()

    assert _sees(StaffFactory(role=Role.DUTY_ADVISER), maya, today)
    assert maya.adviser_on(today) is None


def test_duty_sees_whoever_is_18_and_left_with_a_social_worker_alone(today):
    ruth = StaffFactory(role=Role.SOCIAL_WORKER)
    person = YoungPersonFactory(born_on=date(2008, 11, 23))
    Allocation.objects.create(
        young_person=person, worker=ruth, acts_as=Role.SOCIAL_WORKER, starts_on=LONG_AGO
    )

    assert _sees(StaffFactory(role=Role.DUTY_ADVISER), person, today)


def test_duty_sees_whoever_asked_for_help_for_that_day(maya, now):
    dami = StaffFactory(role=Role.DUTY_ADVISER)
    services.ask_duty(young_person=maya, now=now)
    services.ask_duty(young_person=maya, now=now)

    assert _sees(dami, maya, now.date())
    assert _sees(dami, maya, now.date() + timedelta(days=1)), "nobody has been in touch yet"
    services.been_in_touch(young_person=maya, by=dami, now=now)
    assert _sees(dami, maya, now.date())
    assert not _sees(dami, maya, now.date() + timedelta(days=1))


def test_a_team_manager_sees_their_own_team_and_no_other(sam, maya, today):
    team = Team.objects.get(code="leaving")
    own = StaffFactory(role=Role.TEAM_MANAGER, team=team)
    other = StaffFactory(role=Role.TEAM_MANAGER, team=Team.objects.create(code="other", name="Other"))

    assert _sees(own, maya, today)
    assert not _sees(other, maya, today)


def test_a_manager_who_covers_for_another_sees_their_team_and_not_a_day_longer(sam, maya, today):
    away, cover = StaffFactory(role=Role.TEAM_MANAGER), StaffFactory(role=Role.TEAM_MANAGER)
    team = Team.objects.get(code="leaving")
    TeamMembership.objects.create(team=team, user=away, manages=True, starts_on=LONG_AGO)
    Absence.objects.create(user=away, cover=cover, starts_on=today, ends_on=today)

    assert [_sees(cover, maya, today + timedelta(days=day)) for day in (-1, 0, 1)] == [False, True, False]


def test_a_member_of_a_team_who_does_not_manage_it_sees_nothing_by_it(maya, today):
    colleague = StaffFactory(role=Role.TEAM_MANAGER)
    TeamMembership.objects.create(user=colleague, team=Team.objects.get(code="leaving"), starts_on=LONG_AGO)

    assert not _sees(colleague, maya, today)


def test_a_service_manager_sees_all(maya, today):
    assert _sees(StaffFactory(role=Role.SERVICE_MANAGER), maya, today)


@pytest.mark.parametrize(
    "role",
    [Role.FINANCE_OFFICER, Role.EDITOR, Role.PUBLISHER, Role.BUDGET_HOLDER, Role.DATA_OFFICER, Role.AUDITOR,
     Role.ADMINISTRATOR, Role.OUT_OF_HOURS, Role.ADVOCATE],
)  # fmt: skip
def test_every_other_role_sees_nobody(maya, today, role):
    YoungPersonFactory()  # with nobody, so that a duty rule too wide would show

    assert not YoungPerson.objects.visible_to(StaffFactory(role=role), on=today).exists()


def test_break_glass_opens_one_record_for_an_hour_and_only_to_read(maya, now):
    grace = StaffFactory(role=Role.PERSONAL_ADVISER)
    other = YoungPersonFactory(adviser=StaffFactory())
    BreakGlass.objects.create(
        young_person=maya, user=grace, reason="She is at the desk and needs help", opened_at=now,
        ends_at=now + timedelta(hours=1),
    )  # fmt: skip
    today = now.date()

    assert _sees(grace, maya, today, at=now)
    assert _sees(grace, maya, today, at=now + timedelta(minutes=59))
    assert not _sees(grace, maya, today, at=now + timedelta(minutes=60))
    assert not _sees(grace, maya, today)  # what changes or exports never says `at`
    assert not _sees(grace, other, today, at=now)


def test_break_glass_of_somebody_who_left_casework_opens_nothing(maya, now):
    grace = StaffFactory(role=Role.EDITOR)
    BreakGlass.objects.create(
        young_person=maya, user=grace, reason="She is at the desk and needs help", opened_at=now,
        ends_at=now + timedelta(hours=1),
    )  # fmt: skip

    assert not _sees(grace, maya, now.date(), at=now)


def test_it_is_one_query_whatever_the_roles(maya, today, django_assert_num_queries):
    everything = StaffFactory(role=Role.PERSONAL_ADVISER)
    for role in (Role.DUTY_ADVISER, Role.TEAM_MANAGER, Role.SOCIAL_WORKER):
        RoleHeld.objects.create(user=everything, role=role, starts_on=LONG_AGO)
    everything.roles_on(today)

    with django_assert_num_queries(1):
        list(YoungPerson.objects.visible_to(everything, on=today))
