"""Who looked: days, roles and teams, in words a young person reads; and only for somebody who is sure to be them."""

import re
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from django.core.exceptions import ValidationError
from django.test import Client

from portal.accounts.models import Role, User
from portal.audit.models import AuditEvent, WithheldLooks
from portal.audit.services import record
from portal.desk.at_once import at_once
from portal.me import looks
from portal.notifications.models import Notification
from portal.people.models import BREAK_GLASS, YoungPerson
from portal.people.services import remind_of_withheld_looks
from portal.people.withholding import looks_at, who_may_be_chosen, withhold
from tests.conftest import NOW
from tests.factories import StaffFactory
from tests.me.conftest import House

pytestmark = [pytest.mark.django_db, pytest.mark.sqlite]
ADDRESS = "/me/settings/who-looked/"
REASON = "She is at the desk and needs help now"


@pytest.fixture
def maya(house: House, client: Client) -> Client:
    """Maya, who has just shown that it is her."""
    client.force_login(house.maya.user)
    session = client.session
    session["sure_at"] = NOW.timestamp()
    session.save()
    return client


def seen(house: House, part: str, *, days_ago: int = 0, **more: object) -> None:
    record(
        "record_opened", by=more.pop("by", house.sam), now=NOW - timedelta(days=days_ago),  # type: ignore[arg-type]
        young_person_id=house.maya.pk, part=part, **{"role": Role.PERSONAL_ADVISER, "team": "North"} | more,
    )  # fmt: skip


def page(client: Client) -> str:
    answer = client.get(ADDRESS)
    assert answer.status_code == 200
    return " ".join(answer.content.decode().split())


def test_she_reads_the_day_the_role_and_team_the_part_and_the_reason_and_no_name(
    house: House, maya: Client
) -> None:
    seen(house, "overview", days_ago=1)
    seen(house, "overview", days_ago=1)
    seen(house, "evidence", by=StaffFactory(first_name="Zebedee"), role=BREAK_GLASS, reason=REASON)
    seen(house, "a part that nobody named")

    shown = page(maya)

    assert (
        shown.index("Monday 23 November 2026")
        < shown.index("Something about you")
        < shown.index("A photo or file you sent")
        < shown.index("Sunday 22 November 2026")
        < shown.index("The page about you")
    ), "the newest first"
    assert shown.count("The page about you") == 1, "a page opened twice is one line"
    assert "Personal adviser, North" in shown
    assert "Somebody who is not your own adviser, North" in shown
    assert f"“{REASON}”" in shown
    assert "Zebedee" not in shown
    assert 'href="/help/complain/"' in shown


def test_her_own_visits_and_looks_at_others_are_not_there(house: House, maya: Client) -> None:
    seen(house, "overview", by=house.maya.user)
    record("record_opened", by=house.sam, now=NOW, young_person_id=house.maya.pk + 1, part="overview")

    assert "Nothing to show yet" in page(maya)


def test_a_long_list_says_that_it_is_the_newest_part(
    house: House, maya: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(looks, "SHOWN", 2)
    for days_ago in (1, 2):
        seen(house, "overview", days_ago=days_ago)
    assert "the newest" not in page(maya).split("</h1>")[1].replace("The newest is first", "")

    seen(house, "overview", days_ago=3)

    assert "This list has the newest 2 lines." in page(maya)
    assert page(maya).count("The page about you") == 2


def test_a_look_that_is_withheld_is_not_there_until_its_day_and_the_page_says_nothing_of_it(
    house: House, maya: Client
) -> None:
    without = page(maya)
    seen(house, "overview")
    seen(house, "evidence", by=house.omar, role=Role.SERVICE_MANAGER)
    address, manager = f"/desk/young-people/{house.maya.ref}/looks/", Client()
    manager.force_login(house.priya)
    answers = (
        {"worker": str(house.sam.pk), "reason": REASON}
        | parts("since_on", NOW)
        | parts("review_on", NOW + timedelta(days=91))
    )
    assert "within 90 days" in manager.post(address, answers).content.decode()

    review = NOW + timedelta(days=90)
    assert manager.post(address, answers | parts("review_on", review)).status_code == 302

    shown = page(maya)
    assert "A photo or file you sent" in shown, "somebody else's look stays"
    assert "Personal adviser" not in shown
    assert without.split("</h2>")[-1] == shown.split("</h2>")[-1], (
        "the words at the foot are the same for everybody"
    )
    withheld = WithheldLooks.objects.get()
    assert (withheld.decided_by_id, withheld.reason) == (house.priya.pk, REASON)
    assert AuditEvent.objects.filter(action="looks_withheld", actor_id=house.priya.pk).count() == 1
    assert f"looks by {house.sam}" in manager.get(address).content.decode()
    assert len(looks_at(house.maya, on=review.date())) > len(looks_at(house.maya, on=NOW.date())), (
        "on its day it shows"
    )

    manager.post(address, {"show": withheld.pk})

    assert "Personal adviser" in page(maya)


def test_nobody_withholds_their_own_look_and_no_adviser_anybodys(house: House) -> None:
    def refused(worker: User, by: User) -> str:
        with pytest.raises(ValidationError) as why:
            withhold(
                young_person=house.maya, worker=worker, since_on=NOW.date(),
                review_on=NOW.date() + timedelta(days=1), reason=REASON, by=by, now=NOW,
            )  # fmt: skip
        return str(why.value.code)

    assert refused(house.priya, house.priya) == "own_looks"
    assert refused(house.omar, house.sam) == "not_a_manager"
    assert refused(house.sam, StaffFactory(role=Role.TEAM_MANAGER)) == "not_yours"


def keep_out(
    house: House, *, until: date, worker: User | None = None, by: User | None = None, now: datetime = NOW
) -> None:
    withhold(
        young_person=house.maya, worker=worker or house.sam, since_on=NOW.date(), review_on=until, reason=REASON,
        by=by or house.priya, now=now,
    )  # fmt: skip


def managers_told() -> list[str]:
    told = (
        Notification.objects.filter(kind="looks_shown_soon").select_related("to").order_by("to__first_name")
    )
    return [str(one.to) for one in told]


def test_managers_are_asked_a_week_before_it_shows_again_once_and_never_the_worker(house: House) -> None:
    review = NOW + timedelta(days=30)
    keep_out(house, until=review.date(), by=house.omar)

    assert remind_of_withheld_looks(review - timedelta(days=8)) == 0
    assert remind_of_withheld_looks(review - timedelta(days=7)) == 1
    remind_of_withheld_looks(review - timedelta(days=6))

    assert managers_told() == sorted([str(house.omar), str(house.priya)])
    monday = (review - timedelta(days=5)).date()
    for manager in (house.priya, house.omar):
        people = YoungPerson.objects.visible_to(manager, on=monday)
        assert [one.why for one in at_once(manager, people, on=monday, now=NOW).matters] == [
            "LOOKS_SHOWN_SOON"
        ]
    people = YoungPerson.objects.visible_to(house.sam, on=monday)
    assert at_once(house.sam, people, on=monday, now=NOW).matters == []


def test_no_manager_is_asked_about_their_own_looks(house: House) -> None:
    review = NOW + timedelta(days=3)
    keep_out(house, until=review.date(), worker=house.priya, by=house.omar)

    remind_of_withheld_looks(NOW)

    assert managers_told() == [str(house.omar)]
    people = YoungPerson.objects.visible_to(house.priya, on=NOW.date())
    assert at_once(house.priya, people, on=NOW.date(), now=NOW).matters == []


def test_a_service_manager_is_asked_where_the_only_other_one_left(house: House) -> None:
    keep_out(house, until=(NOW + timedelta(days=3)).date(), worker=house.priya, by=house.omar)
    service_manager = StaffFactory(role=Role.SERVICE_MANAGER)
    User.objects.filter(pk=house.omar.pk).update(is_active=False)

    remind_of_withheld_looks(NOW)

    assert str(service_manager) in managers_told()
    assert str(house.priya) not in managers_told()


def test_what_a_manager_decided_again_is_asked_of_nobody_and_can_be_decided_again_after_months(
    house: House,
) -> None:
    seen(house, "overview")
    review = NOW + timedelta(days=90)
    keep_out(house, until=review.date())
    later = review - timedelta(days=3)

    keep_out(house, until=(later + timedelta(days=90)).date(), now=later)

    assert remind_of_withheld_looks(later) == 0
    assert managers_told() == []
    months_on = later + timedelta(days=80)  # nobody looked for half a year
    assert who_may_be_chosen(house.maya, by=house.priya, now=months_on) == [house.sam]


def parts(name: str, day: datetime) -> dict[str, str]:
    return {f"{name}_0": str(day.day), f"{name}_1": str(day.month), f"{name}_2": str(day.year)}


def test_every_part_that_staff_pages_write_down_has_words() -> None:
    written = {
        part
        for path in (Path(__file__).parents[2] / "portal").rglob("*views.py")
        for part in re.findall(
            r'\b(?:open_record|look|look_at_all|look_at_people)\(.*part="(\w+)"', path.read_text()
        )
    }

    assert len(written) > 12
    assert written - set(looks.parts()) == set()


def test_whoever_holds_the_phone_alone_does_not_read_it(house: House, client: Client) -> None:
    client.force_login(house.maya.user)

    answer = client.get(ADDRESS)

    assert answer.status_code == 302
    assert answer.headers["Location"] == "/me/settings/sure/?next=/me/settings/who-looked/"
    session = client.session
    session["sure_at"] = NOW.timestamp()
    session.save()
    for wanted in ("https://evil.example/me/", "//evil.example/me/", "/account/logout/", ""):
        assert client.get("/me/settings/sure/", {"next": wanted}).headers["Location"] == "/me/settings/"
