"""Who looked: days, roles and teams, in words a young person reads; and only for somebody who is sure to be them."""

import re
from datetime import timedelta
from pathlib import Path

import pytest
from django.test import Client

from portal.accounts.models import Role
from portal.audit.services import record
from portal.me import looks
from portal.people.models import BREAK_GLASS
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
