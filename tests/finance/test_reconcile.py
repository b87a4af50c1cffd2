"""Each planted difference is found, named, and left as it was."""

import io
from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command

from portal.finance import services
from portal.finance.models import Batch, Payment
from portal.finance.payment_file import pounds
from portal.finance.reconciliation import differences
from portal.ledger.models import Allowance, Entry
from portal.payments.models import Award, Instalment
from tests.conftest import NOW
from tests.finance.conftest import owe, remittance

pytestmark = [pytest.mark.django_db, pytest.mark.sqlite]


@pytest.fixture
def books(closed, officer, exports):
    """Three payments of a closed batch: one paid, one failed, one on its way; and a sum still to be paid."""
    paid, failed, _silent = closed.payments.all()
    content = remittance((paid.ref, pounds(paid.pence), "PAID"), (failed.ref, pounds(failed.pence), "FAILED"))
    services.read_remittance(content=content, by=officer, now=NOW)
    owe(7_700)
    return closed


def found(now=NOW) -> set[str]:
    return {difference.check for difference in differences(now=now)}


def test_books_that_agree_say_so(books):
    said = io.StringIO()

    call_command("reconcile", stdout=said)

    assert said.getvalue() == "The books agree.\n"


def instalment_of(books: Batch, state: str) -> Instalment:
    return books.payments.filter(state=state).first().instalment


def more_set_aside(books, exports, officer):
    Allowance.objects.filter(pk=instalment_of(books, "FAILED").award.allowance_id).update(reserved_pence=1)


def spent_without_an_entry(books, exports, officer):
    allowance = instalment_of(books, "PAID").award.allowance
    Allowance.objects.filter(pk=allowance.pk).update(spent_pence=allowance.spent_pence + 1)


def an_entry_nobody_counted(books, exports, officer):
    allowance = instalment_of(books, "PAID").award.allowance
    Entry.objects.create(allowance=allowance, kind="SPEND", pence=1, key="planted", at=NOW)


def an_award_worth_more_than_its_instalments(books, exports, officer):
    Award.objects.filter(pk=instalment_of(books, "PAID").award_id).update(pence=1)


def a_payment_of_another_amount(books, exports, officer):
    Payment.objects.filter(state="PAID").update(pence=1)


def a_payment_to_another_person(books, exports, officer):
    Payment.objects.filter(state="PAID").update(person_id="SOMEBODY")


def paid_by_no_payment(books, exports, officer):
    Instalment.objects.filter(pk=instalment_of(books, "IN_BATCH").pk).update(state="PAID", paid_at=NOW)


def owed_again_while_it_is_being_paid(books, exports, officer):
    Instalment.objects.filter(pk=instalment_of(books, "IN_BATCH").pk).update(state="OWED")


def a_batch_of_another_total(books, exports, officer):
    Batch.objects.filter(pk=books.pk).update(total_pence=1)


def a_file_that_was_edited(books, exports, officer):
    path = exports / books.file_name
    path.write_bytes(path.read_bytes().replace(b"BACS", b"CASH"))


def a_file_that_is_gone(books, exports, officer):
    (exports / books.file_name).unlink()


def a_file_of_no_batch(books, exports, officer):
    (exports / "payments-20260101-UNKNOWN.csv").write_text("x")


def an_answer_that_contradicts(books, exports, officer):
    paid = books.payments.filter(state="PAID").get()
    content = remittance((paid.ref, pounds(paid.pence), "FAILED"))
    services.read_remittance(content=content, by=officer, now=NOW)


PLANTED = {
    more_set_aside: "counters",
    spent_without_an_entry: "counters",
    an_entry_nobody_counted: "spoken for",
    an_award_worth_more_than_its_instalments: "awards",
    a_payment_of_another_amount: "attempts",
    a_payment_to_another_person: "attempts",
    paid_by_no_payment: "settled",
    owed_again_while_it_is_being_paid: "settled",
    a_batch_of_another_total: "batches",
    a_file_that_was_edited: "files",
    a_file_that_is_gone: "files",
    a_file_of_no_batch: "stray files",
    an_answer_that_contradicts: "answers",
}


@pytest.mark.parametrize(("plant", "check"), PLANTED.items(), ids=[plant.__name__ for plant in PLANTED])
def test_a_planted_difference_is_found_said_and_not_mended(books, exports, officer, plant, check):
    plant(books, exports, officer)
    said = io.StringIO()

    for _twice in range(2):
        with pytest.raises(CommandError, match="Nothing was changed"):
            call_command("reconcile", stderr=said)

    assert f"{check}: " in said.getvalue()
    assert check in found()


def test_a_batch_left_open_is_said(officer, now):
    owe()
    services.make_batch(by=officer, now=now)

    assert found(now + timedelta(days=1)) == set()
    assert found(now + timedelta(days=2)) == {"batches"}


def test_an_example_that_became_money_is_said(books, settings):
    version = instalment_of(books, "PAID").award.version
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(type(version), "is_confirmed", property(lambda _self: False))
        assert found() == set()
        settings.DEMO = False
        assert found() == {"attempts"}


def test_the_export_command_pays_once_however_often_it_runs(officer, exports):
    owe(1_000)
    said = io.StringIO()

    for _twice in range(2):
        call_command("export_payments", by=officer.email, stdout=said)

    assert "1 payments, 1000 pence" in said.getvalue()
    assert "Nothing is waiting to be paid." in said.getvalue()
    assert len(list(exports.iterdir())) == 1
    with pytest.raises(CommandError, match="Nobody"):
        call_command("export_payments", by="nobody@example.invalid")
