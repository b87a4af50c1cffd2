"""Each payment in exactly one closed batch: with several exporters at once, and with one killed at any line."""

from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from django.core.files.storage import storages
from django.db import connection

from portal.accounts.models import Role
from portal.finance.models import Batch, Payment
from portal.finance.services import content_of
from tests.conftest import NOW
from tests.factories import StaffFactory, YoungPersonFactory
from tests.races import crash_scene
from tests.races.processes import FULL_SIZE, race

pytestmark = [pytest.mark.alone, pytest.mark.proof, pytest.mark.django_db(transaction=True)]

EXPORTERS = 8 if FULL_SIZE else 4
ROUNDS = 10 if FULL_SIZE else 3
LINES_A_STEP = 1 if FULL_SIZE else 23


@pytest.fixture
def job(tmp_path, monkeypatch) -> dict[str, Any]:
    """Who exports, whom for; and the parent reads files where its children write them."""
    monkeypatch.setattr(storages["exports"], "_location", str(tmp_path / "exports"))
    for cached in ("base_location", "location"):
        storages["exports"].__dict__.pop(cached, None)
    return {
        "by": StaffFactory(role=Role.FINANCE_OFFICER).pk,
        "approver": StaffFactory(role=Role.TEAM_MANAGER).pk,
        "person": YoungPersonFactory().pk,
        "now": NOW.isoformat(),
        "guard_off": "",
    }


@pytest.fixture
def no_constraint():
    """The database's own refusal of a second live payment, taken away for a twin: its copy has it again."""
    constraint = next(c for c in Payment._meta.constraints if c.name == "one_live_payment")
    with connection.schema_editor() as editor:
        editor.remove_constraint(Payment, constraint)


def export_at_once(job: dict[str, Any], *, folder: Path) -> Counter[str]:
    """Everybody at the same moment."""
    crash_scene.owe_some(job)
    said = race("tests.races.exporters", [{**job, "times": 3}] * EXPORTERS, folder=folder)
    return Counter(one["said"] for one in said)


def test_several_exporters_at_once_put_each_payment_in_one_closed_batch(job, tmp_path):
    for _round in range(ROUNDS):
        said = export_at_once(job, folder=tmp_path)

        assert crash_scene.what_is_wrong() == []
        assert set(said) <= {"made", "nothing"}
    print(
        f"{EXPORTERS} exporters, {ROUNDS} rounds: {Batch.objects.count()} batches, {Payment.objects.count()} payments"
    )

    assert Payment.objects.count() == ROUNDS * crash_scene.PAYMENTS
    assert crash_scene.books_agree(NOW)


def test_without_the_lock_and_the_constraint_the_same_race_pays_twice(job, tmp_path, no_constraint):
    export_at_once({**job, "guard_off": "lock"}, folder=tmp_path)

    assert any("closed batches" in fault for fault in crash_scene.what_is_wrong())


def test_an_exporter_killed_at_any_line_loses_nothing_and_pays_nobody_twice(job, tmp_path):
    (said,) = race("tests.races.exporters", [{**job, "step": LINES_A_STEP}], folder=tmp_path, seconds=1800)
    print(f"killed {said['killed']} times, every {LINES_A_STEP} lines; {Batch.objects.count()} batches")

    assert said["wrong"] == []
    assert said["killed"] > 20
    assert crash_scene.books_agree(NOW)
    for batch in Batch.objects.filter(state="CLOSED"):
        first = content_of(batch=batch, by=batch.made_by, now=NOW)
        assert content_of(batch=batch, by=batch.made_by, now=NOW) == first


def test_without_the_rename_the_same_kills_leave_half_a_file(job, tmp_path):
    (said,) = race(
        "tests.races.exporters", [{**job, "step": LINES_A_STEP, "guard_off": "crash"}],
        folder=tmp_path, seconds=1800,
    )  # fmt: skip

    assert any("half a file" in fault for fault in said["wrong"])
