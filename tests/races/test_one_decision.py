"""Twenty people decide the same request at once: one decision, and nineteen pages that name it (safety rule 48)."""

from collections import Counter
from pathlib import Path

import pytest
from django.db import connection

from portal.accounts.models import Role
from portal.payments import services
from portal.payments.models import Award, Decision, PaymentRequest, Step
from portal.refs import new_token
from tests.conftest import NOW
from tests.factories import LONG_AGO, TeamFactory, VersionFactory, YoungPersonFactory
from tests.payments.conftest import staff
from tests.races.processes import FULL_SIZE, race

pytestmark = [pytest.mark.alone, pytest.mark.proof, pytest.mark.django_db(transaction=True)]

DECIDERS = 20
PROCESSES = 10 if FULL_SIZE else 4


def decide_at_once(folder: Path, *, guard_off: bool = False) -> tuple[PaymentRequest, list[dict]]:
    """Half of them approve, half decline, all from the same screen."""
    services.load_example_bands(on=LONG_AGO)
    team = TeamFactory()
    managers = [staff(Role.TEAM_MANAGER, f"Manager{n}", team=team) for n in range(DECIDERS)]
    person = YoungPersonFactory(team=team)
    draft = services.start(
        young_person=person, entitlement=VersionFactory().entitlement, token=new_token(), by=person.user, now=NOW,
        answers={"story": "A bed.", "pence": 18_000, "how": "BANK"},
    )  # fmt: skip
    asked = services.submit(
        ref=draft.ref, shown=services.shown_print(draft), token=new_token(), by=person.user, now=NOW
    )
    posts = [
        {
            "user": manager.pk,
            "path": f"/desk/requests/{asked.ref}/",
            "data": form(asked, approve=number % 2 == 0),
        }
        for number, manager in enumerate(managers)
    ]
    jobs = [{"posts": posts[start::PROCESSES], "guard_off": guard_off} for start in range(PROCESSES)]
    said = race("tests.races.posters", jobs, folder=folder)
    asked.refresh_from_db()
    return asked, [one for child in said for one in child["results"]]


def form(asked: PaymentRequest, *, approve: bool) -> dict:
    """What a browser sends: the step, how old the screen is, the amount or the reason."""
    if approve:
        return {"action": "APPROVE", "approve-seen": asked.row_version, "approve-pence": "180"}
    return {
        "action": "DECLINE", "decline-seen": asked.row_version, "decline-code": "OTHER", "decline-words": "Not now.",
    }  # fmt: skip


def test_twenty_deciders_make_one_decision_and_nineteen_pages_that_name_it(tmp_path):
    asked, results = decide_at_once(tmp_path)
    print(Counter(one["status"] for one in results))

    decision = Decision.objects.get()
    refused = [one["page"] for one in results if one["status"] == 409]
    verb = "said yes to £180" if decision.outcome == "APPROVED" else "said no"
    assert Counter(one["status"] for one in results) == {302: 1, 409: DECIDERS - 1}
    assert all(f"{decision.by.first_name} {verb}" in page for page in refused)
    assert (asked.row_version, Step.objects.count()) == (2, 2)
    assert Award.objects.count() == (decision.outcome == "APPROVED")


HELD_BY_THE_DATABASE = [
    (Decision, "one_decision_a_round"),
    (Step, "step_number_once"),
    (Award, "one_open_award"),
]


def test_without_its_guards_the_same_race_makes_many_decisions(tmp_path):
    with connection.cursor() as cursor:
        for model, name in HELD_BY_THE_DATABASE:
            table = model._meta.db_table
            drop = "DROP INDEX" if model is Award else f"ALTER TABLE {table} DROP CONSTRAINT"
            cursor.execute(f"{drop} {name}")
    _asked, results = decide_at_once(tmp_path, guard_off=True)
    print("guards off:", Counter(one["status"] for one in results), Decision.objects.count(), "decisions")

    assert Decision.objects.count() > 1
