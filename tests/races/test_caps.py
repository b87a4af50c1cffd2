"""Many approvals at once, worth five caps, never pass the cap; without the guard they do."""

from collections import Counter
from pathlib import Path

import pytest
from django.db import connection

from portal.accounts.models import Role
from portal.ledger.models import Allowance, Entry
from portal.ledger.rules import Movement, faults, sums_of
from portal.ledger.services import allowance_for
from portal.payments.models import DelegatedAuthority, Instalment, PaymentRequest
from portal.payments.services import give_authority
from tests.conftest import NOW
from tests.factories import LONG_AGO, StaffFactory, VersionFactory, YoungPersonFactory
from tests.races.processes import FULL_SIZE, race

pytestmark = [pytest.mark.alone, pytest.mark.proof, pytest.mark.django_db(transaction=True)]

APPROVALS = 200 if FULL_SIZE else 40
PROCESSES = 8
CAP = 300_000
EACH = CAP * 5 // APPROVALS


def ask_many() -> tuple[Allowance, list[str], int]:
    """Requests of one young person worth five caps, each waiting for the same service manager."""
    manager = StaffFactory(role=Role.SERVICE_MANAGER)
    DelegatedAuthority.objects.create(
        role=Role.SERVICE_MANAGER, limit_pence=CAP * 10, starts_on=LONG_AGO, confirmed_on=LONG_AGO
    )
    give_authority(user=manager, role=Role.SERVICE_MANAGER, by=None, on=LONG_AGO)
    person = YoungPersonFactory()
    version = VersionFactory(cap_pence=CAP)
    asked = PaymentRequest.objects.bulk_create(
        PaymentRequest(
            young_person=person, entitlement=version.entitlement, version=version, title="A thing", asked_pence=EACH,
            status="RECOMMENDED", raised_by=person.user, started_at=NOW, submitted_at=NOW, decide_by=NOW.date(),
            held_by="SERVICE_MANAGER", how_helped="BANK",
        )
        for _number in range(APPROVALS)
    )  # fmt: skip
    allowance = allowance_for(young_person=person, version=version, on=NOW.date())
    return allowance, [one.ref for one in asked], manager.pk


def approve_at_once(folder: Path, *, guard_off: bool) -> tuple[Allowance, Counter[str]]:
    """All of them, from several processes with several threads each."""
    allowance, refs, manager = ask_many()
    jobs = [
        {"refs": refs[start::PROCESSES], "by": manager, "now": NOW.isoformat(), "guard_off": guard_off}
        for start in range(PROCESSES)
    ]
    said = race("tests.races.approvers", jobs, folder=folder)
    allowance.refresh_from_db()
    return allowance, Counter(result for one in said for result in one["results"])


def test_approvals_worth_five_caps_never_pass_the_cap(tmp_path):
    allowance, results = approve_at_once(tmp_path, guard_off=False)
    print(f"{APPROVALS} approvals from {PROCESSES} processes: {dict(results)}")

    assert results == {"approved": CAP // EACH, "over_cap": APPROVALS - CAP // EACH}
    assert (allowance.reserved_pence, allowance.left_pence) == (CAP, 0)
    history = sums_of(Movement(*entry) for entry in allowance.entries.values_list("kind", "pence"))
    assert faults(allowance.counters, history) == []
    assert sum(Instalment.objects.values_list("pence", flat=True)) == CAP


def test_without_its_guards_the_same_race_passes_the_cap(tmp_path):
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE ledger_allowance DROP CONSTRAINT allowance_never_over")
    _allowance, results = approve_at_once(tmp_path, guard_off=True)
    promised = sum(Entry.objects.filter(kind="RESERVE").values_list("pence", flat=True))
    print(f"guards off: {dict(results)}, {promised} pence promised of a cap of {CAP}")

    assert promised > CAP
