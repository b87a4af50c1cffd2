"""The past before launch is brought in from a file, looked at first, never invented and never twice."""

import pytest
from django.core.exceptions import ValidationError
from django.core.management import CommandError, call_command

from entitlements.models import Confidence, Duty, Per
from portal.accounts.models import Role
from portal.ledger import services
from portal.ledger.models import Allowance, Entry
from portal.ledger.opening import import_opening, look_at_opening
from portal.ledger.rules import cap_when_given_back
from tests.conftest import NOW
from tests.factories import StaffFactory, VersionFactory, YoungPersonFactory
from tests.ledger.conftest import publish

pytestmark = [pytest.mark.django_db, pytest.mark.sqlite]
ON = NOW.date()


@pytest.fixture
def noor():
    return StaffFactory(role=Role.DATA_OFFICER, username="noor")


@pytest.fixture
def maya():
    YoungPersonFactory(person_id="P2")
    return YoungPersonFactory(person_id="P1")


@pytest.fixture
def bed():
    return VersionFactory(entitlement__code="bed", cap_pence=10_000, cap_period=Per.YEAR)


def file(*lines: str) -> bytes:
    return "\r\n".join(["person_id,entitlement,paid_on,amount", *lines, ""]).encode()


def test_a_file_is_looked_at_without_a_trace_then_written_once(maya, bed, noor):
    content = file("P1,bed,2026-05-31,60", "P1,bed,2025-05-31,24.50", "P2,bed,2026-05-31,130")
    looked = look_at_opening(content, on=ON)
    assert (len(looked.lines), looked.pence, looked.faults) == (3, 21_450, [])
    assert not Entry.objects.exists()

    for known in (0, 3):
        assert import_opening(content, by=noor, now=NOW).known == known

    assert dict(Allowance.objects.filter(young_person=maya).values_list("period", "spent_pence")) == {
        "2026": 6_000, "2025": 2_450,
    }  # fmt: skip
    over = Allowance.objects.get(young_person__person_id="P2")
    assert (over.spent_pence, over.extra_pence, over.left_pence) == (13_000, 3_000, 0)


def test_every_fault_is_named_with_its_line_and_nothing_at_all_is_written(maya, bed, noor, settings):
    settings.DEMO = False
    VersionFactory(entitlement__code="example", confidence=Confidence.EXAMPLE)
    content = file(
        "P1,bed,2026-05-31,60", "P9,bed,2026-05-31,60", "P1,sofa,2026-05-31,60", "P1,bed,2027-01-01,60",
        "P1,bed,2026-05-30,-5", "P1,bed,2026-05-29,1e3", "P1,example,2026-05-31,60", "P1,bed", "P2,bed,2026-01-01,1",
        "P2,bed,2026-01-01,2",
    )  # fmt: skip

    found = [(fault.line, fault.column) for fault in look_at_opening(content, on=ON).faults]

    assert found == [
        (3, "person_id"), (4, "entitlement"), (5, "paid_on"), (6, "amount"), (7, "amount"), (8, "entitlement"),
        (9, ""), (10, "paid_on"), (11, "paid_on"),
    ]  # fmt: skip
    with pytest.raises(ValidationError):
        import_opening(content, by=noor, now=NOW)
    assert not Entry.objects.exists()
    for rubbish in (b"", b"\xff\xfe\x00", b"a,b\n1,2\n", b'person_id,entitlement,paid_on,amount\n"x'):
        assert look_at_opening(rubbish, on=ON).faults


def test_the_same_day_with_another_amount_is_a_fault_and_a_stranger_brings_nothing_in(maya, bed, noor):
    import_opening(file("P1,bed,2026-05-31,60"), by=noor, now=NOW)

    assert look_at_opening(file("P1,bed,2026-05-31,61"), on=ON).faults[0].column == "amount"
    with pytest.raises(ValidationError) as refusal:
        import_opening(file("P1,bed,2026-05-30,1"), by=StaffFactory(role=Role.FINANCE_OFFICER), now=NOW)
    assert refusal.value.code == "not_yours"


def test_the_command_writes_only_when_it_is_told_to(maya, bed, noor, tmp_path, capsys):
    path = tmp_path / "opening.csv"
    path.write_bytes(file("P1,bed,2026-05-31,60"))
    call_command("import_opening_balances", str(path), by="noor")
    assert "Nothing was written" in capsys.readouterr().out
    assert not Entry.objects.exists()
    call_command("import_opening_balances", str(path), "--apply", by="noor")
    assert Entry.objects.filter(kind="OPENING").count() == 1
    path.write_bytes(file("P9,bed,2026-05-31,60"))
    with pytest.raises(CommandError, match="Nothing was written"):
        call_command("import_opening_balances", str(path), "--apply", by="noor")


def test_money_given_back_under_a_lower_cap_is_not_awarded_again(young_person, entitlement, manager):
    old = publish(entitlement, cap_pence=100_000, duty=Duty.MAY)
    allowance = services.allowance_for(young_person=young_person, version=old, on=ON)
    services.reserve(allowance=allowance, pence=80_000, key="a", by=manager, now=NOW)
    new = publish(entitlement, cap_pence=50_000, duty=Duty.MAY)
    allowance = services.allowance_for(young_person=young_person, version=new, on=ON)
    assert (allowance.cap_pence, allowance.left_pence) == (80_000, 0)

    for _twice in range(2):
        services.release(allowance=allowance, pence=20_000, key="b", by=manager, now=NOW)

    allowance.refresh_from_db()
    assert (allowance.cap_pence, allowance.left_pence) == (60_000, 0)
    services.release(allowance=allowance, pence=20_000, key="c", by=manager, now=NOW)
    allowance.refresh_from_db()
    assert (allowance.cap_pence, allowance.left_pence) == (50_000, 10_000)


@pytest.mark.parametrize(
    ("cap", "published", "pence", "after"),
    [
        (100, 100, 30, 100),
        (80, 50, 20, 60),
        (80, 50, 90, 50),
        (None, 50, 1, None),
        (80, None, 1, 80),
        (40, 50, 9, 40),
    ],
)
def test_a_cap_comes_down_with_what_is_given_back_and_no_further(cap, published, pence, after):
    assert cap_when_given_back(cap, published=published, pence=pence) == after
