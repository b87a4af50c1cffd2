from datetime import date, timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db import DatabaseError, IntegrityError, transaction

from entitlements.facts import CareLeaverStatus, Known, Source
from portal.accounts.models import Role
from portal.audit.models import AuditEvent
from portal.notifications.models import Notification
from portal.people import joining, services
from portal.people.everybody import everybody
from portal.people.models import (
    Absence,
    Allocation,
    BreakGlass,
    Circumstance,
    StatusPeriod,
    Team,
    YoungPerson,
)
from tests.conftest import NOW
from tests.factories import LONG_AGO, StaffFactory, YoungPersonFactory

pytestmark = pytest.mark.django_db
TODAY = date(2026, 11, 23)


@pytest.fixture
def maya(sam):
    return YoungPersonFactory(adviser=sam)


def test_facts_say_what_is_known_with_its_source_and_what_is_too_old_to_believe(maya, sam):
    for key, value, source, until in (
        ("moving_to_first_tenancy", True, "CONFIRMED", None),
        ("parent", False, "TOLD", TODAY),
        ("looking_for_work", True, "IMPORTED", TODAY - timedelta(days=1)),
    ):
        services.note_circumstance(
            young_person=maya,
            key=key,
            value=value,
            source=source,
            by=sam,
            on=TODAY - timedelta(days=89),
            until=until,
        )

    facts = maya.facts(TODAY)

    assert facts.born_on == maya.born_on
    assert facts.status_on(TODAY).status == CareLeaverStatus.FORMER_RELEVANT
    as_of = TODAY - timedelta(days=89)
    assert facts.circumstances["moving_to_first_tenancy"] == Known(True, Source.ADVISER, as_of, stale=False)
    assert facts.circumstances["parent"] == Known(False, Source.TOLD, as_of, stale=False)
    assert facts.circumstances["looking_for_work"].stale
    later = maya.facts(TODAY + timedelta(days=2))
    assert later.circumstances[
        "moving_to_first_tenancy"
    ].stale  # good for 90 days by the list of circumstances
    assert later.circumstances["parent"].stale


def test_a_missing_birthday_is_unknown_and_never_1900():
    assert YoungPersonFactory(born_on=date(1900, 1, 1)).facts(TODAY).born_on is None
    assert YoungPersonFactory(born_on=None, status="").facts(TODAY).statuses is None


def test_custody_comes_from_the_record():
    person = YoungPersonFactory(in_custody_since=TODAY)

    assert person.facts(TODAY).circumstances["in_custody"].value
    assert "in_custody" not in person.facts(TODAY - timedelta(days=1)).circumstances


def test_facts_take_one_query_for_one_person_and_two_for_five_thousand(maya, sam, django_assert_num_queries):
    for number in range(20):
        somebody = YoungPersonFactory(born_on=TODAY - timedelta(days=365 * number), born_estimated=number % 2)
        services.note_circumstance(
            young_person=somebody, key="parent", value=True, source="TOLD", by=sam, on=TODAY
        )
    YoungPersonFactory(status="", in_custody_since=TODAY)
    YoungPersonFactory(died_on=TODAY)
    with django_assert_num_queries(1):
        maya.facts(TODAY)

    with django_assert_num_queries(2):
        together = [somebody.facts for somebody in everybody(TODAY)]

    alone = [one.facts(TODAY) for one in YoungPerson.objects.filter(died_on=None).order_by("pk")]
    assert together == alone


@pytest.mark.parametrize("at_a_time", [1, 2, 3, 7, 100])
def test_everybody_comes_once_however_many_are_read_at_a_time(maya, at_a_time):
    YoungPersonFactory.create_batch(5)

    assert len(list(everybody(TODAY, at_a_time=at_a_time))) == YoungPerson.objects.count() == 6


def test_whoever_covers_is_the_adviser_for_those_days(maya, sam):
    cover, second = StaffFactory(), StaffFactory()
    Absence.objects.create(user=sam, cover=cover, starts_on=TODAY, ends_on=TODAY)
    assert maya.adviser_on(TODAY) == cover
    assert maya.adviser_on(TODAY + timedelta(days=1)) == sam

    Absence.objects.create(user=cover, cover=second, starts_on=TODAY)
    assert maya.adviser_on(TODAY) == second
    Absence.objects.create(user=second, cover=sam, starts_on=TODAY)
    assert maya.adviser_on(TODAY) in {sam, cover, second}  # a ring of absences ends


def test_an_absence_without_a_cover_changes_nobody(maya, sam):
    Absence.objects.create(user=sam, cover=None, starts_on=TODAY)

    assert maya.adviser_on(TODAY) == sam


def test_the_holder_is_the_adviser_else_the_social_worker_else_duty():
    ruth = StaffFactory(role=Role.SOCIAL_WORKER, first_name="Ruth")
    child = YoungPersonFactory(born_on=date(2009, 6, 1))
    assert child.holder_on(TODAY) is None
    assert child.holder_name_on(TODAY) == "the duty team"

    Allocation.objects.create(young_person=child, worker=ruth, acts_as=Role.SOCIAL_WORKER, starts_on=LONG_AGO)
    child = YoungPerson.objects.get(pk=child.pk)
    assert child.holder_name_on(TODAY) == "Ruth"


def test_advisers_of_a_whole_list_take_no_query_each(maya, django_assert_num_queries):
    for _ in range(5):
        YoungPersonFactory(adviser=StaffFactory())
    people = list(YoungPerson.objects.with_advisers())

    with django_assert_num_queries(0):
        for person in people:
            person.holder_on(TODAY)


def test_a_new_adviser_starts_the_day_after_the_one_before_ends(maya, sam, priya, now):
    grace = StaffFactory(first_name="Grace")

    services.allocate(young_person=maya, worker=grace, starts_on=TODAY, by=priya, now=now)

    assert maya.allocations.get(worker=sam).ends_on == TODAY - timedelta(days=1)
    maya = YoungPerson.objects.get(pk=maya.pk)
    assert (maya.adviser_on(TODAY - timedelta(days=1)), maya.adviser_on(TODAY)) == (sam, grace)
    assert AuditEvent.objects.get(action="allocated").detail["worker"] == grace.pk


def test_only_somebody_who_does_the_work_is_allocated_or_covers(maya, sam, priya, now):
    with pytest.raises(ValidationError) as refusal:
        services.allocate(young_person=maya, worker=priya, starts_on=TODAY, by=priya, now=now)
    assert refusal.value.code == "not_their_work"
    with pytest.raises(ValidationError) as refusal:
        services.arrange_cover(worker=sam, cover=priya, starts_on=TODAY, ends_on=None, by=priya, now=now)
    assert refusal.value.code == "not_their_work"
    with pytest.raises(ValidationError) as refusal:
        services.arrange_cover(worker=sam, cover=sam, starts_on=TODAY, ends_on=None, by=priya, now=now)
    assert refusal.value.code == "own_cover"


def test_duty_looks_after_them_once_an_allocation_has_ended(maya, sam, priya, now):
    services.end_allocation(allocation=maya.allocations.get(), ends_on=TODAY, by=priya, now=now)

    assert YoungPerson.objects.get(pk=maya.pk).adviser_on(TODAY + timedelta(days=1)) is None


@pytest.mark.parametrize(
    "broken",
    [
        lambda p, w: Allocation.objects.create(young_person=p, worker=w, starts_on=TODAY, ends_on=LONG_AGO),
        lambda p, w: Allocation.objects.create(young_person=p, worker=w, starts_on=TODAY),
        lambda p, w: StatusPeriod.objects.create(young_person=p, status="ELIGIBLE", starts_on=TODAY),
        lambda p, w: Absence.objects.create(user=w, cover=w, starts_on=TODAY),
        lambda p, w: BreakGlass.objects.create(
            young_person=p,
            user=w,
            reason="too short",
            opened_at="2026-11-23T10:00Z",
            ends_at="2026-11-23T11:00Z",
        ),
        lambda p, w: Circumstance.objects.bulk_create(
            [
                Circumstance(young_person=p, key="parent", value=v, source="TOLD", as_of=TODAY)
                for v in (True, False)
            ]
        ),
    ],
)
def test_the_database_refuses_what_cannot_be(maya, sam, broken):
    with pytest.raises(IntegrityError), transaction.atomic():
        broken(maya, sam)


# Opening a record


def _open(client, person, path="/desk/young-people/{}/"):
    return client.get(path.format(person.ref))


def test_every_time_staff_open_a_record_a_line_says_who_in_which_role_and_team(client, maya, sam):
    client.force_login(sam)
    for _ in range(2):
        assert _open(client, maya).status_code == 200

    lines = AuditEvent.objects.filter(action="record_opened", young_person_id=maya.pk)
    assert lines.count() == 2
    line = lines.first()
    assert (line.actor_id, line.actor_role, line.actor_team) == (
        sam.pk,
        Role.PERSONAL_ADVISER,
        "Leaving care team",
    )
    looks = services.who_looked(maya, on=NOW.date())  # one line a day, however often
    assert [(look.role, look.team, look.part) for look in looks] == [
        ("Personal adviser", "Leaving care team", "overview")
    ]


def test_a_page_that_lists_people_leaves_a_line_for_each_in_one_statement(
    maya, sam, rf, now, django_assert_num_queries
):
    from portal.people.access import look_at_all

    request = rf.get("/")
    request.user, request.now, request.today = sam, now, now.date()
    people = [maya, *(YoungPersonFactory(adviser=sam) for _ in range(4))]
    sam.roles_on(now.date())

    with django_assert_num_queries(4):  # the team, and the lines between two marks of a transaction
        look_at_all(people, request=request, part="caseload")

    assert AuditEvent.objects.filter(action="list_opened").count() == 5
    assert services.who_looked(maya, on=NOW.date())[0].part == "caseload"


def test_a_record_that_is_not_theirs_is_a_404_and_leaves_no_line(client, maya):
    client.force_login(StaffFactory())

    assert _open(client, maya).status_code == 404
    assert not AuditEvent.objects.filter(action="record_opened").exists()


def test_when_the_line_cannot_be_written_nothing_is_shown(client, maya, sam, monkeypatch):
    def full(*args, **kwargs):
        raise DatabaseError("disk full")

    monkeypatch.setattr(AuditEvent.objects, "create", full)
    client.force_login(sam)
    client.raise_request_exception = False

    answer = _open(client, maya)

    assert answer.status_code == 500
    assert maya.given_name.encode() not in answer.content


def test_inside_a_transaction_that_could_still_be_undone_a_record_does_not_open(maya, sam, rf, now):
    from portal.people.access import open_record

    request = rf.get("/")
    request.user, request.now, request.today = sam, now, now.date()

    with transaction.atomic(), pytest.raises(RuntimeError, match="durable"):
        open_record(request, maya.ref, part="overview")


@pytest.mark.django_db(transaction=True)
def test_the_line_is_committed_before_the_answer_leaves(client, maya, sam, monkeypatch):
    """A view that fails right after the record was opened leaves the line all the same."""
    from portal.desk import check_up

    def broken(*args, **kwargs):
        raise RuntimeError("after the line")

    monkeypatch.setattr(check_up, "for_adviser", broken)
    client.force_login(sam)
    client.raise_request_exception = False

    assert _open(client, maya).status_code == 500
    assert AuditEvent.objects.filter(action="record_opened", young_person_id=maya.pk).count() == 1


def test_break_glass_asks_why_tells_the_manager_and_shows_the_record_for_an_hour(
    client, maya, team, clock, now
):
    boss = StaffFactory(role=Role.TEAM_MANAGER, team=Team.objects.create(code="other", name="Other team"))
    grace = StaffFactory(role=Role.PERSONAL_ADVISER, team=Team.objects.get(code="other"))
    client.force_login(grace)
    page = "/desk/young-people/break-glass/"
    assert _open(client, maya).status_code == 404
    assert b"20 characters" in client.post(page, {"person": maya.ref, "reason": "help her"}).content

    answer = client.post(page, {"person": maya.person_id, "reason": "She is at the desk and needs help now"})

    assert answer.headers["Location"] == f"/desk/young-people/{maya.ref}/"
    assert _open(client, maya).status_code == 200
    line = AuditEvent.objects.filter(action="record_opened").latest("pk")
    assert (line.actor_role, line.reason) == ("BREAK_GLASS", "She is at the desk and needs help now")
    assert list(Notification.objects.filter(kind="break_glass").values_list("to", flat=True)) == [boss.pk]
    assert services.who_looked(maya, on=NOW.date())[0].reason == "She is at the desk and needs help now"
    clock.set(now + timedelta(minutes=61))
    assert _open(client, maya).status_code == 404


def test_a_manager_who_breaks_glass_is_told_on_to_the_service_manager(maya, priya, now):
    omar = StaffFactory(role=Role.SERVICE_MANAGER)
    services.break_glass(young_person=maya, reason="I need to see this to help her", by=priya, now=now)

    assert list(Notification.objects.filter(kind="break_glass").values_list("to", flat=True)) == [omar.pk]


def test_nobody_without_casework_breaks_glass(client, maya, now):
    editor = StaffFactory(role=Role.EDITOR)
    client.force_login(editor)
    assert client.get("/desk/young-people/break-glass/").status_code == 404

    with pytest.raises(ValidationError) as refusal:
        services.break_glass(young_person=maya, reason="I am only curious about her", by=editor, now=now)

    assert refusal.value.code == "no_casework"


def test_an_invitation_makes_an_account_without_a_way_in(sam, now):
    person = YoungPersonFactory(user=None, adviser=sam)

    _invitation, code = joining.invite(young_person=person, by=sam, now=now)

    account = YoungPerson.objects.get(pk=person.pk).user
    assert len(code) == 10
    assert not account.has_usable_password()
    assert (account.email, account.phone) == (None, None)
    again, _code = joining.invite(young_person=person, by=sam, now=now)
    assert again.user == account
