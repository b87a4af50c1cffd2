"""A set fixed once, a file that follows from it, a total typed by hand."""

import csv
import io
from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from entitlements.models import Confidence
from portal.accounts.models import Role
from portal.finance import services
from portal.finance.models import Batch, Payee, Payment, PayTo
from portal.finance.rules import LeftOut
from portal.payments.models import Instalment, PaymentRequest
from tests.conftest import NOW
from tests.factories import StaffFactory, VersionFactory, YoungPersonFactory
from tests.finance.conftest import owe

pytestmark = [pytest.mark.django_db, pytest.mark.sqlite]


def refusal_of(verb, **words) -> str:
    with pytest.raises(ValidationError) as refusal:
        verb(**words)
    return refusal.value.code


def cells(content: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(content.decode(), newline="")))


def test_what_is_due_goes_into_one_batch_and_its_file(officer, now):
    owed = [owe(18_000), owe(25_050), owe(999)]
    owe(500, due_on=date(2026, 11, 24))

    batch = services.make_batch(by=officer, now=now).batch
    content = services.content_of(batch=batch, by=officer, now=now)

    assert (batch.count, batch.total_pence, batch.state) == (3, 44_049, "OPEN")
    assert {p.instalment_id for p in batch.payments.all()} == {one.pk for one in owed}
    assert set(Instalment.objects.filter(pk__in=[o.pk for o in owed]).values_list("state", flat=True)) == {
        "IN_BATCH"
    }
    *lines, totals = cells(content)
    assert sum(Decimal(line["Amount"]) for line in lines) == Decimal(totals["Amount"]) == Decimal("440.49")
    assert (totals["RecordType"], totals["PaymentReference"]) == ("T", "3")


@pytest.mark.parametrize("status", ["REVIEW_ASKED", "NOT_CHANGED"])
def test_what_was_agreed_in_part_is_paid_while_somebody_else_looks_and_after(status, officer, now):
    one = owe(10_000)
    PaymentRequest.objects.filter(awards__instalments=one).update(
        asked_pence=18_000,
        status=status,
        held_by="SERVICE_MANAGER",
        reason_code="COSTS_LESS",
        answer_words="No.",
    )

    batch = services.make_batch(by=officer, now=now).batch

    assert batch.payments.get().instalment_id == one.pk


def test_the_file_carries_what_finance_needs_and_no_story(officer, now):
    approver = StaffFactory(role=Role.TEAM_MANAGER, first_name="Dee", last_name="Marsh")
    person = YoungPersonFactory(given_name="Maya", family_name="Stone", person_id="P00077")
    one = owe(118_050, to=person, approver=approver)

    batch = services.make_batch(by=officer, now=now).batch
    content = services.content_of(batch=batch, by=officer, now=now)

    payment = batch.payments.get()
    assert cells(content)[0] == {
        "RecordType": "D",
        "BatchReference": batch.ref,
        "PaymentReference": payment.ref,
        "PersonID": "P00077",
        "PayeeType": "YOUNG_PERSON",
        "PayeeName": "Maya Stone",
        "VendorNumber": "",
        "OrderNumber": "",
        "PaymentMethod": "BACS",
        "Amount": "1180.50",
        "CostCode": "C1234",
        "DueDate": "2026-11-23",
        "ApprovedBy": "Dee Marsh",
        "ApprovedAt": "2026-11-23T10:00:00+00:00",
    }
    assert one.award.asked.story.encode() not in content


def test_a_second_batch_finds_nothing_left_to_pay(officer, now):
    owe()
    services.make_batch(by=officer, now=now)

    assert refusal_of(services.make_batch, by=officer, now=now) == "nothing_to_pay"


def test_the_database_itself_refuses_a_second_live_payment(closed):
    first = closed.payments.first()
    values = {
        field.attname: getattr(first, field.attname)
        for field in Payment._meta.fields
        if field.name not in {"id", "ref", "batch"}
    }

    other = Batch.objects.create(
        made_by=closed.made_by, made_at=NOW, columns=[], count=1, total_pence=1, file_name="other.csv"
    )
    with pytest.raises(IntegrityError), transaction.atomic():
        Payment.objects.create(**values, batch=other)


@pytest.mark.parametrize("role", [role for role in Role if role != Role.FINANCE_OFFICER])
def test_only_a_finance_officer_makes_closes_or_downloads(role, closed, now):
    other = StaffFactory(role=role)

    assert refusal_of(services.make_batch, by=other, now=now) == "not_finance"
    assert refusal_of(services.content_of, batch=closed, by=other, now=now) == "not_finance"
    assert refusal_of(services.close_batch, ref=closed.ref, typed_pence=1, by=other, now=now) == "not_finance"
    assert refusal_of(services.read_remittance, content=b"", by=other, now=now) == "not_finance"


def test_a_frozen_or_former_officer_pays_nobody(officer, now):
    owe()
    officer.roles_held.update(ends_on=now.date() - timedelta(days=1))
    assert refusal_of(services.make_batch, by=officer, now=now) == "not_finance"

    frozen = StaffFactory(role=Role.FINANCE_OFFICER, frozen_at=now)
    assert refusal_of(services.make_batch, by=frozen, now=now) == "not_finance"


def test_nobody_pays_what_they_are_owed_asked_for_decided_or_redirected(officer, now):
    person = YoungPersonFactory(user=officer)
    owe(to=person)
    owe(approver=officer)
    redirected = owe()
    landlord = Payee.objects.create(
        kind="LANDLORD",
        name="A. Hall",
        young_person=redirected.award.young_person,
        added_by=officer,
        added_at=now,
    )
    PayTo.objects.create(award=redirected.award, payee=landlord, chosen_by=officer, chosen_at=now)
    owe(999)

    made = services.make_batch(by=officer, now=now)

    assert made.batch.total_pence == 999
    assert [one.left_out for one in made.left_out] == [LeftOut.OWN] * 3
    colleague = StaffFactory(role=Role.FINANCE_OFFICER)
    assert services.make_batch(by=colleague, now=now).batch.count == 3


def test_an_unconfirmed_example_or_an_invented_person_is_never_money_in_production(officer, settings, now):
    settings.DEMO = False
    owe(version=VersionFactory(confidence=Confidence.EXAMPLE))
    owe(to=YoungPersonFactory(in_the_demo=True))

    assert refusal_of(services.make_batch, by=officer, now=now) == "nothing_to_pay"
    assert [one.left_out for one in services.waiting(by=officer, on=now.date())] == [
        LeftOut.UNCONFIRMED,
        LeftOut.DEMO_PERSON,
    ]

    owe(version=VersionFactory(confidence=Confidence.EXAMPLE, confirmed_on=date(2026, 1, 1)))
    assert services.make_batch(by=officer, now=now).batch.count == 1


def test_vouchers_and_cash_stay_outside_the_batch_and_a_purchase_waits_for_its_supplier(officer, now):
    owe(how="VOUCHER")
    owe(how="COLLECT")
    bed = owe(how="WE_BUY_IT")
    owe(to=YoungPersonFactory(died_on=now.date()))

    assert [one.left_out for one in services.waiting(by=officer, on=now.date())] == [
        LeftOut.NOT_BY_BATCH,
        LeftOut.NOT_BY_BATCH,
        LeftOut.NO_SUPPLIER,
        LeftOut.DIED,
    ]

    manager = StaffFactory(role=Role.TEAM_MANAGER)
    shop = Payee.objects.create(
        kind="SUPPLIER", name="Beds Ltd", vendor_number="V77", added_by=manager, added_at=now
    )
    PayTo.objects.create(award=bed.award, payee=shop, order_number="PO9", chosen_by=manager, chosen_at=now)
    payment = services.make_batch(by=officer, now=now).batch.payments.get()

    assert (payment.payee_name, payment.vendor_number, payment.order_number) == ("Beds Ltd", "V77", "PO9")


def test_something_else_and_urgent_ones_take_the_councils_own_settings(officer, settings, now):
    settings.PAYMENT_COST_CODE, settings.FASTER_PAYMENTS = "DEFAULT1", True
    owe(something_else=True, urgent=True)

    payment = services.make_batch(by=officer, now=now).batch.payments.get()

    assert (payment.cost_code, payment.method) == ("DEFAULT1", "FASTER")


def test_the_file_is_the_same_bytes_each_time_even_when_people_and_settings_change(
    officer, settings, exports, now
):
    person = YoungPersonFactory()
    owe(to=person)
    batch = services.make_batch(by=officer, now=now).batch
    first = services.content_of(batch=batch, by=officer, now=now)

    person.family_name = "Changed"
    person.save()
    settings.PAYMENT_FILE_COLUMNS = ["Ref=payment", "Sum=amount"]
    (exports / batch.file_name).unlink()

    assert services.content_of(batch=batch, by=officer, now=now + timedelta(days=30)) == first
    assert (exports / batch.file_name).read_bytes() == first


def test_a_council_chooses_its_own_columns(officer, settings, now):
    settings.PAYMENT_FILE_COLUMNS = ["Ref=payment", "Sum=amount"]
    owe(5_005)

    batch = services.make_batch(by=officer, now=now).batch

    assert services.content_of(batch=batch, by=officer, now=now).decode() == (
        f"Ref,Sum\r\n{batch.payments.get().ref},50.05\r\n"
    )


def test_a_batch_that_no_longer_gives_its_file_is_refused(closed, officer, now):
    closed.payments.filter(pence=999).update(pence=998)

    assert refusal_of(services.content_of, batch=closed, by=officer, now=now) == "batch_changed"


def test_a_disk_that_is_full_leaves_nothing_under_the_final_name(officer, exports, monkeypatch, now):
    owe()
    batch = services.make_batch(by=officer, now=now).batch

    def full(_descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as disk:
        disk.setattr("os.fsync", full)
        assert refusal_of(services.write_file, batch=batch, now=now) == "cannot_write"

    assert list(exports.iterdir()) == []
    assert [done.ref for done in services.finish_files(now=now)] == [batch.ref]
    assert [path.name for path in exports.iterdir()] == [batch.file_name]


def test_a_batch_closes_when_its_exact_total_is_typed_once_its_file_is_there(officer, now):
    owe(118_050)
    batch = services.make_batch(by=officer, now=now).batch
    words = {"ref": batch.ref, "by": officer, "now": now}

    assert refusal_of(services.close_batch, typed_pence=118_050, **words) == "no_file"
    services.write_file(batch=batch, now=now)
    assert refusal_of(services.close_batch, typed_pence=118_049, **words) == "total_differs"

    first = services.close_batch(typed_pence=118_050, **words)
    again = services.close_batch(typed_pence=118_050, ref=batch.ref, by=officer, now=now + timedelta(hours=1))

    assert (first.state, again.closed_at) == ("CLOSED", now)
