"""Friday evening, no cooker, £3 left: help first, written down after, looked at by somebody else, never taken back."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.core.exceptions import ValidationError

from portal.accounts.models import Role
from portal.finance.reconciliation import differences
from portal.ledger.models import Allowance, Entry
from portal.ledger.services import allowance_for, reserve
from portal.notifications.models import Notification
from portal.refs import new_token
from portal.spot_help import services
from portal.spot_help.models import SpotAuthority, SpotHelp, SpotLookup
from tests.factories import StaffFactory, TeamFactory, VersionFactory, YoungPersonFactory

pytestmark = [pytest.mark.django_db, pytest.mark.sqlite]

FRIDAY = datetime(2026, 11, 20, 19, 30, tzinfo=UTC)
MONDAY = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)
TUESDAY = datetime(2026, 11, 24, 9, 30, tzinfo=UTC)


def may_give(user, pence=4_000, reference="SMT 12"):
    return SpotAuthority.objects.create(
        user=user, limit_pence=pence, given_by=StaffFactory(role=Role.SERVICE_MANAGER), given_at=FRIDAY,
        starts_on=date(2026, 1, 1), decision_reference=reference,
    )  # fmt: skip


@pytest.fixture
def kit():
    kit = StaffFactory(role=Role.OUT_OF_HOURS, first_name="Kit")
    may_give(kit)
    return kit


@pytest.fixture
def manager():
    return StaffFactory(role=Role.TEAM_MANAGER, team=TeamFactory())


@pytest.fixture
def maya(manager):
    team = manager.team_memberships.get().team
    return YoungPersonFactory(given_name="Maya", family_name="Adeyemi", team=team)


def find(maya, by, now=FRIDAY):
    return services.look_for(family_name=" adeyemi ", born_on=maya.born_on, by=by, now=now)


def give(maya, by, now=FRIDAY, **more):
    words = {
        "need": "COOKING",
        "how": "VOUCHER",
        "pence": 2_000,
        "proof": "v 100",
        "token": new_token(),
        **more,
    }
    return services.give(young_person=maya, by=by, now=now, **words)


def code_of(verb, *args, **words) -> str:
    with pytest.raises(ValidationError) as refusal:
        verb(*args, **words)
    return refusal.value.code


def test_help_is_given_though_the_cap_is_spent_and_uses_up_no_entitlement(maya, kit, now):
    version = VersionFactory(cap_pence=10_000)
    home = allowance_for(young_person=maya, version=version, on=FRIDAY.date())
    reserve(allowance=home, pence=10_000, key="all-of-it", by=None, now=FRIDAY)
    find(maya, kit)

    given = give(maya, kit)

    home.refresh_from_db()
    assert (home.reserved_pence, home.spent_pence) == (10_000, 0)
    other = Allowance.objects.get(young_person=maya, entitlement=None)
    assert (other.cap_pence, other.spent_pence) == (None, 2_000)
    assert Entry.objects.get(key=f"spot:{given.ref}").by == kit
    assert [one for one in differences(now=now) if one.check == "spot help"] == []


def test_the_same_form_twice_is_one_help_and_one_movement(maya, kit):
    find(maya, kit)
    token = new_token()
    first, again = (give(maya, kit, token=token) for _twice in range(2))

    assert first == again
    assert Entry.objects.filter(key__startswith="spot:").count() == 1
    assert code_of(give, maya, kit, token=token, pence=1_000) == "other_form"


def test_a_worker_gives_up_to_their_sum_to_one_person_in_a_day_and_not_a_penny_more(maya, kit):
    find(maya, kit)
    give(maya, kit, pence=2_500, proof="1")

    assert code_of(give, maya, kit, pence=1_501, proof="2") == "above_spot"
    give(maya, kit, pence=1_500, proof="3")
    tomorrow = FRIDAY + timedelta(days=1)
    find(maya, kit, now=tomorrow)
    give(maya, kit, now=tomorrow, pence=4_000, proof="4")


def test_nobody_without_spot_authority_gives_and_an_example_counts_in_the_demo_alone(maya, settings):
    adviser = StaffFactory(role=Role.OUT_OF_HOURS)
    find(maya, adviser)
    assert code_of(give, maya, adviser) == "no_authority"
    may_give(adviser, reference="")

    settings.DEMO = False
    assert code_of(give, maya, adviser) == "no_authority"
    settings.DEMO = True
    assert give(maya, adviser).pence == 2_000


def test_an_invented_person_gets_no_real_money(maya, kit, settings):
    settings.DEMO = False
    maya.in_the_demo = True
    maya.save()
    find(maya, kit)

    assert code_of(give, maya, kit) == "demo_person"


def test_an_out_of_hours_officer_helps_only_whom_they_found_in_the_last_half_hour(maya, kit):
    assert code_of(give, maya, kit) == "not_yours"
    assert services.look_for(family_name="Adeyemi", born_on=date(1999, 1, 1), by=kit, now=FRIDAY) is None
    find(maya, kit)

    assert code_of(give, maya, kit, now=FRIDAY + timedelta(minutes=31)) == "not_yours"
    assert give(maya, kit, now=FRIDAY + timedelta(minutes=29)).young_person == maya
    assert SpotLookup.objects.filter(young_person=None).count() == 1


def test_guessing_names_ends_after_ten_tries(maya, kit):
    for _try in range(10):
        services.look_for(family_name="No", born_on=maya.born_on, by=kit, now=FRIDAY)

    assert code_of(find, maya, kit) == "too_many"
    assert find(maya, kit, now=FRIDAY + timedelta(hours=2)) == maya


def test_a_number_is_used_once_and_may_come_after(maya, kit):
    find(maya, kit)
    give(maya, kit, proof=" v 100 ")
    later = give(maya, kit, proof="", pence=1_000)

    assert code_of(services.add_number, ref=later.ref, proof="V 100", by=kit, now=FRIDAY) == "proof_used"
    assert services.add_number(ref=later.ref, proof="v 101", by=kit, now=FRIDAY).proof == "V 101"
    assert code_of(services.add_number, ref=later.ref, proof="v 102", by=kit, now=FRIDAY) == "has_number"


def test_another_officer_checks_it_on_monday_and_whatever_they_find_it_stays_given(maya, kit, manager):
    find(maya, kit)
    given = give(maya, kit)
    assert given.check_by == MONDAY.date()
    stranger = StaffFactory(role=Role.TEAM_MANAGER, team=TeamFactory())
    for somebody in (kit, stranger, maya.user):
        assert code_of(services.check, ref=given.ref, finding="RIGHT", by=somebody, now=MONDAY) == "not_yours"
    assert code_of(services.check, ref=given.ref, finding="ODD", by=manager, now=MONDAY) == "no_words"

    services.check(ref=given.ref, finding="ODD", words="The book has no such number", by=manager, now=MONDAY)

    given.refresh_from_db()
    assert (given.checked_by, given.finding) == (manager, "ODD")
    assert Allowance.objects.get(young_person=maya).spent_pence == 2_000


def test_what_a_second_checker_found_is_not_lost_when_a_colleague_was_faster(
    client, clock, maya, kit, manager
):
    find(maya, kit)
    given = give(maya, kit)
    other = StaffFactory(role=Role.TEAM_MANAGER, team=maya.team)
    clock.set(MONDAY)
    services.check(ref=given.ref, finding="RIGHT", by=other, now=MONDAY)
    client.force_login(manager)

    page = client.post(
        f"/desk/spot-help/{given.ref}/", {"finding": "ODD", "words": "The book has no such number"}
    )

    assert page.status_code == 409
    assert "A colleague looked at it a moment ago" in text(page)
    assert "The book has no such number" in page.content.decode()
    services.check(ref=given.ref, finding="RIGHT", by=other, now=MONDAY)
    assert (
        code_of(services.check, ref=given.ref, finding="ODD", words="x", by=manager, now=MONDAY)
        == "checked_before"
    )


def test_those_who_may_check_are_reminded_once_on_the_day_and_the_service_manager_the_day_after(
    maya, kit, manager
):
    boss = StaffFactory(role=Role.SERVICE_MANAGER)
    find(maya, kit)
    give(maya, kit)

    def told():
        return set(Notification.objects.filter(kind="spot_check").values_list("to_id", flat=True))

    services.remind_checks(FRIDAY)
    assert told() == set()
    for _twice in range(2):
        services.remind_checks(MONDAY)
    assert told() == {manager.pk}
    services.remind_checks(TUESDAY)
    assert boss.pk in told()
    assert Notification.objects.filter(kind="spot_check", to=manager).count() == 1


def test_only_a_service_manager_gives_spot_authority_never_to_themselves_and_with_a_reference(settings):
    settings.DEMO = False
    boss, sam = StaffFactory(role=Role.SERVICE_MANAGER), StaffFactory(role=Role.PERSONAL_ADVISER)
    finance = StaffFactory(role=Role.FINANCE_OFFICER)

    def refused(**more):
        words = {"user": sam, "limit_pence": 4_000, "decision_reference": "SMT 12", "by": boss, "now": FRIDAY}
        return code_of(services.give_spot_authority, **{**words, **more})

    assert refused(by=sam) == "not_yours"
    assert refused(user=boss) == "not_yours"
    assert refused(user=finance) == "cannot_give"
    assert refused(decision_reference=" ") == "no_reference"
    assert refused(limit_pence=10_001) == "above_most"
    for pence in (4_000, 5_000):
        services.give_spot_authority(
            user=sam, limit_pence=pence, decision_reference="SMT 12", by=boss, now=FRIDAY
        )
    assert services.limit_for(sam, on=FRIDAY.date()) == 5_000
    services.end_spot_authority(user=sam, by=boss, now=MONDAY)
    assert services.limit_for(sam, on=MONDAY.date()) is None
    assert services.limit_for(sam, on=date(2026, 11, 22)) == 5_000


def test_reconcile_finds_a_help_the_ledger_does_not_know_and_a_movement_nobody_wrote_down(maya, kit, now):
    find(maya, kit)
    given = give(maya, kit)
    SpotHelp.objects.filter(pk=given.pk).update(pence=1_999)
    allowance = Allowance.objects.get(young_person=maya)
    Entry.objects.create(allowance=allowance, kind="ELSEWHERE", pence=5, key="spot:NOBODY", at=now)

    found = [one.subject for one in differences(now=now) if one.check == "spot help"]

    assert found == [f"spot:{given.ref}", "spot:NOBODY"]


def text(answer) -> str:
    return " ".join(answer.content.decode().split())


@pytest.mark.parametrize(
    ("moment", "first", "closed"),
    [
        (FRIDAY, "Open now: Nights and weekends", "Opens Monday at 09:00"),
        (MONDAY, "Open now: Duty worker", "Later: Nights and weekends"),
        (datetime(2026, 11, 21, 8, 0, tzinfo=UTC), "Open now: Nights and weekends", "Opens Monday at 09:00"),
        (
            datetime(2026, 12, 25, 11, 0, tzinfo=UTC),
            "Open now: Nights and weekends",
            "Opens Tuesday at 09:00",
        ),
        (datetime(2026, 11, 23, 8, 59, tzinfo=UTC), "Open now: Nights and weekends", "Opens Monday at 09:00"),
    ],
)
def test_whoever_is_open_now_stands_first(client, clock, moment, first, closed):
    clock.set(moment)

    answer = client.get("/help/now/")

    assert first in text(answer)
    assert closed in text(answer)
    assert "no-store" in answer["Cache-Control"]


def test_from_finding_to_given_and_what_the_young_person_sees(client, clock, maya, kit, manager):
    clock.set(FRIDAY)
    client.force_login(kit)
    assert client.get("/account/home/").url == "/desk/spot-help/"
    nobody = client.post("/desk/spot-help/", {"family_name": "Nobody", "born_on_0": "1", "born_on_1": "7",
                                              "born_on_2": "2007"})  # fmt: skip
    assert "Help them all the same" in text(nobody)
    found = client.post("/desk/spot-help/", {"family_name": "Adeyemi", "born_on_0": "1", "born_on_1": "7",
                                             "born_on_2": "2007"})  # fmt: skip
    assert "Up to £40 today" in text(client.get(found.url))
    too_much = client.post(found.url, {"token": new_token(), "need": "FOOD", "how": "CASH", "pence": "41"})
    assert "You may give up to £40" in text(too_much)
    assert 'value="41"' in text(too_much)
    given = client.post(found.url, {"token": new_token(), "need": "FOOD", "how": "CASH", "pence": "20"})
    assert "not written down yet" in text(client.get(given.url))
    client.post(given.url, {"proof": "slip 7"})
    assert "SLIP 7" in text(client.get(given.url))

    client.force_login(maya.user)
    assert "You never pay it back" in text(client.get("/me/requests/"))
    mine = f"/me/requests/help/{SpotHelp.objects.get().ref}/"
    assert "A second person looks at our papers for it by Monday 23 November" in text(client.get(mine))

    clock.set(MONDAY)
    client.force_login(manager)
    assert "1 help on the spot waits for a second look" in text(client.get("/desk/"))
    client.post(given.url, {"finding": "RIGHT"})
    assert SpotHelp.objects.get().checked_by == manager
    client.force_login(kit)
    assert "Maya" not in text(client.get(given.url)), "after half an hour they see no name"


def test_a_service_manager_says_who_may_give(client):
    boss, sam = StaffFactory(role=Role.SERVICE_MANAGER), StaffFactory(role=Role.PERSONAL_ADVISER)
    client.force_login(boss)
    address = "/desk/spot-help/authority/"
    assert "Nobody yet" in text(client.get(address))

    client.post(address, {"user": sam.username, "limit_pence": "40", "decision_reference": "SMT 12"})

    row = SpotAuthority.objects.get()
    assert (row.user, row.limit_pence, row.given_by) == (sam, 4_000, boss)
    client.post(f"{address}{row.pk}/end/")
    assert services.limit_for(sam, on=row.starts_on) is None
