"""Money that is owed, without the story of how it was agreed."""

from datetime import date, datetime
from itertools import count
from pathlib import Path

import pytest
from django.core.files.storage import storages

from portal.accounts.models import Role, User
from portal.finance import services
from portal.finance.models import Batch
from portal.ledger.services import allowance_for, reserve
from portal.payments.models import Award, Decision, Instalment, PaymentRequest
from portal.people.models import YoungPerson
from tests.conftest import NOW
from tests.factories import StaffFactory, VersionFactory, YoungPersonFactory

numbers = count(1)
TODAY = NOW.date()


def owe(
    pence: int = 18_000,
    *,
    to: YoungPerson | None = None,
    version=None,
    something_else: bool = False,
    approver: User | None = None,
    how: str = "BANK",
    urgent: bool = False,
    due_on: date = TODAY,
    now: datetime = NOW,
) -> Instalment:
    """One instalment of an approved request, its money set aside."""
    to = to or YoungPersonFactory()
    approver = approver or StaffFactory(role=Role.TEAM_MANAGER)
    if version is None and not something_else:
        version = VersionFactory(cost_code="C1234", cap_pence=None)
    asked = PaymentRequest.objects.create(
        young_person=to,
        entitlement=version.entitlement if version else None,
        version=version,
        title="A bed",
        story="My story is nobody's business in Finance",
        asked_pence=pence,
        agreed_pence=pence,
        urgent=urgent,
        how_helped=how,
        status="APPROVED",
        raised_by=to.user,
        started_at=now,
        submitted_at=now,
        decided_at=now,
        decide_by=due_on,
        money_by=due_on,
    )
    Decision.objects.create(
        asked=asked, round=1, outcome="APPROVED", pence=pence, by=approver, at=now, version=version,
        level=2, limit_pence=50_000, already_pence=0,
    )  # fmt: skip
    allowance = allowance_for(young_person=to, version=version, on=due_on, item=asked.ref)
    reserve(allowance=allowance, pence=pence, key=f"request:{asked.ref}:reserve:1", by=approver, now=now)
    award = Award.objects.create(
        asked=asked, young_person=to, version=version, allowance=allowance, pence=pence, how_helped=how,
        made_by=approver, made_at=now,
    )  # fmt: skip
    return Instalment.objects.create(award=award, number=1, due_on=due_on, pence=pence)


@pytest.fixture
def officer(db) -> User:
    return StaffFactory(role=Role.FINANCE_OFFICER)


@pytest.fixture(autouse=True)
def exports(no_stray_files: None) -> Path:
    """Where payment files go; empty when a test begins."""
    folder = Path(storages["exports"].location)
    folder.mkdir(parents=True, exist_ok=True)
    return folder


@pytest.fixture
def closed(officer) -> Batch:
    """A batch of three payments, its file loaded and its total typed."""
    for pence in (18_000, 25_050, 999):
        owe(pence)
    batch = services.write_file(batch=services.make_batch(by=officer, now=NOW).batch, now=NOW)
    return services.close_batch(ref=batch.ref, typed_pence=batch.total_pence, by=officer, now=NOW)


def remittance(*lines: tuple[str, str, str], reason: str = "") -> bytes:
    """A file of reference, amount and outcome."""
    rows = [f"{reference},{amount},{outcome},2026-11-26,{reason}" for reference, amount, outcome in lines]
    return "\r\n".join(["Reference,Amount,Outcome,Date,Reason", *rows, ""]).encode()
