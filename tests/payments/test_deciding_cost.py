"""What asking, deciding and the queue ask of the database: a limit each, and the same for many as for few."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from portal.accounts.models import User
from portal.audit.models import AuditEvent
from portal.notifications.models import Notification
from portal.payments import services
from portal.payments.models import Decision, HeldBy, PaymentRequest, Step
from portal.payments.rules import Status
from portal.refs import new_token
from tests.factories import StaffFactory, YoungPersonFactory

pytestmark = [pytest.mark.django_db, pytest.mark.sqlite]

NOT_A_QUESTION = ("BEGIN", "SAVEPOINT", "RELEASE SAVEPOINT", "ROLLBACK")
SUBMIT, DECIDE, QUEUE = 8, 15, 6
REASON = {"code": "ANOTHER_WAY", "words": "The shop gives beds for free."}


def questions(work: Callable[[], object]) -> list[str]:
    """What the work inside asks the database, without the beginnings and ends of transactions."""
    with CaptureQueriesContext(
        connection,
    ) as asked:
        work()
    return [one["sql"] for one in asked if not one["sql"].startswith(NOT_A_QUESTION)]


def again(user: User) -> User:
    """The same account as a new request reads it, with nothing remembered."""
    return User.objects.get(pk=user.pk)


def test_sending_asks_eight_times_at_most(house) -> None:
    asked, by, token = house.draft(), again(house.maya.user), new_token()
    shown = services.shown_print(asked)

    made = questions(lambda: services.submit(ref=asked.ref, shown=shown, token=token, by=by, now=house.now))

    assert len(made) <= SUBMIT, made
    assert Step.objects.count() == AuditEvent.objects.filter(action="request_submit").count() == 1


@pytest.mark.parametrize(
    ("verb", "words"),
    [
        (services.approve, {}),
        (services.part_approve, {"pence": 15_000, **REASON}),
        (services.decline, REASON),
    ],
    ids=["approve", "part", "decline"],
)
def test_a_decision_asks_fifteen_times_at_most_the_first_time_and_after(
    house, verb: Callable[..., Any], words: dict[str, Any]
) -> None:
    for number in (1, 2):
        asked, by = house.sent(), again(house.priya)

        made = questions(
            lambda ref=asked.ref, by=by: verb(ref=ref, by=by, now=house.now, **words)  # type: ignore[misc]
        )

        assert len(made) <= DECIDE, made
        told = Notification.objects.filter(kind="decision_made", key__startswith=f"request:{asked.ref}:")
        assert Decision.objects.count() == number
        assert (
            told.count() == AuditEvent.objects.filter(subject=f"payment_request:{asked.ref}").count() - 1 == 1
        )


def waiting(house, size: int, **held: Any) -> None:
    """That many more requests that wait, an hour between each."""
    people = [house.maya, YoungPersonFactory(team=house.team, adviser=house.sam)]
    PaymentRequest.objects.bulk_create(
        PaymentRequest(
            young_person=people[number % 2],
            title=f"Thing {number}",
            asked_pence=100,
            status=Status.SUBMITTED,
            row_version=1,
            raised_by=house.maya.user,
            started_at=house.now,
            submitted_at=house.now,
            decide_by=(house.now - timedelta(hours=number)).date(),
            **held,
        )
        for number in range(size)
    )


def test_the_queue_asks_six_times_however_long_it_is(house, client: Client) -> None:
    client.force_login(house.priya)
    client.get("/desk/requests/")  # what a process remembers
    counts = []
    for size in (3, 60):
        waiting(house, size, held_by=HeldBy.TEAM_MANAGER, holder=house.priya)
        counts.append(len(questions(lambda: client.get("/desk/requests/"))))

    assert counts[0] == counts[1] <= QUEUE


def test_the_queue_reads_what_one_holds_from_an_index_in_its_order(house) -> None:
    waiting(house, 300, held_by=HeldBy.ADVISER, holder=house.sam)
    first = PaymentRequest.objects.filter(holder=house.sam).oldest_promise_first()[:25]

    with connection.cursor() as cursor:
        cursor.execute("ANALYZE payments_paymentrequest")
    plan = first.explain()

    assert "request_holder_queue" in plan
    assert "sort" not in plan.lower()


def test_the_queue_has_what_one_holds_and_what_a_team_holds_oldest_first(house, client: Client) -> None:
    waiting(house, 30, held_by=HeldBy.ADVISER, holder=house.sam)
    waiting(house, 30, held_by=HeldBy.DUTY)
    waiting(house, 5, held_by=HeldBy.TEAM_MANAGER, holder=house.priya)
    waiting(house, 1, held_by=HeldBy.ADVISER, holder=StaffFactory())
    client.force_login(house.sam)

    pages = [client.get(f"/desk/requests/?from={start}").context for start in (0, 25, 50)]

    rows = [asked for page in pages for asked in page["rows"]]
    assert len({asked.pk for asked in rows}) == len(rows) == 60
    assert [asked.decide_by for asked in rows] == sorted(asked.decide_by for asked in rows)
    assert [bool(page["older"]) for page in pages] == [True, True, False]
