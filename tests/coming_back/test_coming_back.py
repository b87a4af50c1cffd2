"""Somebody who was in care asks us to be in touch: the same answer for everyone, and a person who rings in time."""

from datetime import UTC, datetime, timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from portal.accounts.models import Role, User
from portal.audit.models import AuditEvent
from portal.coming_back import services
from portal.coming_back.models import ComingBack
from portal.notifications.models import Notification
from portal.ops.due import JOBS
from tests.factories import StaffFactory, YoungPersonFactory

pytestmark = [pytest.mark.django_db, pytest.mark.sqlite]
ADDRESS = "/help/back/"
FRIDAY_NIGHT = datetime(2026, 11, 27, 22, 0, tzinfo=UTC)
WORDS = {
    "reach": "CALL",
    "reach_at": "07700 900123",
    "reach_when": "after 4",
    "name": "Jo",
    "words": "I am cold",
}


@pytest.fixture
def dami(db) -> User:
    return StaffFactory(first_name="Dami", role=Role.DUTY_ADVISER)


def ask(now: datetime, **words: str) -> ComingBack:
    said = services.Said(**{**WORDS, **words})
    return services.ask(said=said, browser="one", language="en", now=now)


def refused(verb, **words) -> str:
    with pytest.raises(ValidationError) as refusal:
        verb(**words)
    return refusal.value.code


def page(client: Client, address: str) -> str:
    return " ".join(client.get(address).content.decode().split())


def run(name: str, now: datetime) -> object:
    return next(job for job in JOBS if job.name == name).do(now)


def told(kind: str) -> list[str]:
    return sorted(str(one.to) for one in Notification.objects.filter(kind=kind))


def test_anybody_asks_without_signing_in_and_hears_by_when_duty_rings(client: Client, dami: User) -> None:
    answer = client.post(ADDRESS, WORDS)

    asked = ComingBack.objects.get()
    assert f"Somebody gets in touch by {asked.call_by:%A} {asked.call_by.day}" in answer.content.decode()
    assert answer["Cache-Control"] == "no-store"
    assert told("coming_back") == ["Dami"]
    assert "Jo" not in answer.content.decode()


def test_known_or_not_the_answer_and_its_queries_are_the_same(dami: User, db) -> None:
    YoungPersonFactory(given_name="Jo", user__phone="+447700900123")
    seen = []
    for number in ("07700 900123", "07700 900999"):
        with CaptureQueriesContext(connection) as queries:
            answer = Client().post(ADDRESS, {**WORDS, "reach_at": number})
        seen.append((answer.status_code, answer.content, len(queries)))
    assert seen[0] == seen[1]


def test_without_a_way_to_reach_them_nothing_is_lost_and_the_page_says_what_is_missing(
    client: Client,
) -> None:
    answer = client.post(ADDRESS, {**WORDS, "reach_at": ""}).content.decode()

    assert "so that we can reach you" in answer
    assert "I am cold" in answer
    assert not ComingBack.objects.exists()


def test_another_site_cannot_ask_and_a_machine_that_fills_the_hidden_box_is_stopped(client: Client) -> None:
    assert client.post(ADDRESS, WORDS, headers={"Sec-Fetch-Site": "cross-site"}).status_code == 403
    assert "keeps machines out" in client.post(ADDRESS, {**WORDS, "website": "x"}).content.decode()
    assert not ComingBack.objects.exists()


def test_too_many_from_one_network_keep_their_words(client: Client) -> None:
    for number in range(40):
        client.post(ADDRESS, {**WORDS, "name": f"Jo {number}"})
    answer = client.post(ADDRESS, {**WORDS, "words": "still here"})

    assert answer.status_code == 429
    assert "still here" in answer.content.decode()
    assert ComingBack.objects.count() == 40


def test_a_page_sent_twice_is_one_ask_across_the_turn_of_ten_minutes_too(dami: User, now: datetime) -> None:
    turn = datetime(2026, 11, 24, 10, 9, 59, tzinfo=UTC)

    assert ask(turn) == ask(turn + timedelta(seconds=2))
    assert ask(turn, words="another") != ask(turn)
    assert Notification.objects.count() == 2


@pytest.mark.parametrize(
    ("sent", "by"),
    [
        (datetime(2026, 11, 24, 10, tzinfo=UTC), "2026-11-25"),  # a Tuesday in the day: Wednesday
        (FRIDAY_NIGHT, "2026-12-01"),  # read on Monday: Tuesday
        (
            datetime(2026, 12, 24, 18, tzinfo=UTC),
            "2026-12-30",
        ),  # read on the 29th, after Christmas and its Monday
    ],
)
def test_one_working_day_counts_from_when_somebody_can_read_it(dami: User, sent: datetime, by: str) -> None:
    assert ask(sent).call_by.isoformat() == by


def test_with_nobody_on_duty_the_managers_hear(db) -> None:
    StaffFactory(first_name="Priya", role=Role.TEAM_MANAGER)
    ask(FRIDAY_NIGHT)

    assert told("coming_back") == ["Priya"]


def test_duty_reads_it_rings_and_writes_down_what_came_of_it(client: Client, dami: User) -> None:
    asked = ask(FRIDAY_NIGHT)
    client.force_login(dami)
    assert "1 person asked to come back and waits for a call" in page(client, "/desk/")
    there = f"/desk/coming-back/{asked.ref}/"
    shown = page(client, there)
    assert "07700 900123" in shown
    assert "I am cold" in shown
    assert "could not reach them, after" not in shown  # before three tries

    client.post(there, {"do": "done", "outcome": "OURS"})

    asked.refresh_from_db()
    assert (asked.outcome, asked.done_by) == ("OURS", dami)
    assert "asked to come back" not in page(client, "/desk/")
    actions = AuditEvent.objects.filter(subject=f"coming_back:{asked.ref}").values_list("action", flat=True)
    assert {"coming_back_opened", "coming_back_done"} <= set(actions)


def test_giving_up_takes_tries_on_three_different_days(dami: User) -> None:
    asked = ask(FRIDAY_NIGHT)
    for days in (3, 3, 4):
        asked = services.tried(asked=asked, by=dami, now=FRIDAY_NIGHT + timedelta(days=days))
    assert asked.tries == 2
    give_up = {"asked": asked, "outcome": "NOT_REACHED", "by": dami}
    assert refused(services.done, **give_up, now=FRIDAY_NIGHT + timedelta(days=4)) == "keep_trying"

    services.tried(asked=asked, by=dami, now=FRIDAY_NIGHT + timedelta(days=5))
    services.done(**give_up, now=FRIDAY_NIGHT + timedelta(days=5))
    assert ComingBack.objects.get().outcome == "NOT_REACHED"


def test_a_colleague_who_was_faster_is_named_and_an_adviser_has_no_part_in_it(dami: User) -> None:
    asked, by_now = ask(FRIDAY_NIGHT), FRIDAY_NIGHT + timedelta(days=3)
    words = {"asked": asked, "outcome": "ADVICE", "now": by_now}
    services.done(**words, by=dami)

    assert services.done(**words, by=dami).outcome == "ADVICE"  # pressed twice
    assert refused(services.done, **words, by=StaffFactory(role=Role.TEAM_MANAGER)) == "already"
    assert refused(services.done, **words, by=StaffFactory()) == "not_yours"


def test_a_call_that_is_late_is_told_to_managers_once_each_working_day_until_it_was_made(dami: User) -> None:
    StaffFactory(first_name="Priya", role=Role.TEAM_MANAGER)
    ask(FRIDAY_NIGHT)  # promised by Tuesday
    for hours in range(0, 24 * 7, 6):  # until the next Friday night
        run("coming back", FRIDAY_NIGHT + timedelta(hours=hours))

    assert told("coming_back_late") == ["Priya", "Priya", "Priya"]  # Wednesday, Thursday, Friday


def test_what_they_wrote_is_taken_away_90_days_after_it_was_seen_to_and_not_before(dami: User) -> None:
    open_one, asked = ask(FRIDAY_NIGHT, name="Waits"), ask(FRIDAY_NIGHT)
    services.done(asked=asked, outcome="ADVICE", by=dami, now=FRIDAY_NIGHT)
    run("who came back", FRIDAY_NIGHT + timedelta(days=89))
    asked.refresh_from_db()
    assert asked.reach_at

    run("who came back", FRIDAY_NIGHT + timedelta(days=91))
    asked.refresh_from_db()
    open_one.refresh_from_db()
    assert (asked.name, asked.reach_at, asked.reach_when, asked.words) == ("", "", "", "")
    assert open_one.name == "Waits"
