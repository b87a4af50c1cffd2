"""What the bank answers: line by line, twice is once, and a contradiction alarms and changes nothing."""

import logging
from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError

from portal.finance import services
from portal.finance.models import RemittanceLine
from portal.finance.payment_file import pounds
from portal.ledger.models import Entry
from portal.notifications.models import Notification
from tests.conftest import NOW
from tests.finance.conftest import owe, remittance

pytestmark = [pytest.mark.django_db, pytest.mark.sqlite]


def answer(officer, *lines, reason="", now=NOW):
    return services.read_remittance(content=remittance(*lines, reason=reason), by=officer, now=now)


def results(remittance) -> list[str]:
    return list(remittance.lines.values_list("result", flat=True))


def stands(payment) -> tuple[str, str, int, int]:
    """Where a payment, its instalment and its money stand."""
    payment.refresh_from_db()
    instalment = payment.instalment
    instalment.refresh_from_db()
    allowance = instalment.award.allowance
    allowance.refresh_from_db()
    return payment.state, instalment.state, allowance.reserved_pence, allowance.spent_pence


def test_each_line_marks_its_payment_and_moves_its_money(closed, officer):
    paid, failed, silent = closed.payments.all()

    read = answer(
        officer, (paid.ref, pounds(paid.pence), "PAID"), (failed.ref, pounds(failed.pence), "FAILED")
    )

    assert results(read) == ["APPLIED", "APPLIED"]
    assert stands(paid) == ("PAID", "PAID", 0, paid.pence)
    assert stands(failed) == ("FAILED", "FAILED", failed.pence, 0)
    assert stands(silent) == ("IN_BATCH", "IN_BATCH", silent.pence, 0)


def test_the_same_file_twice_is_once(closed, officer):
    payment = closed.payments.first()
    lines = [(payment.ref, pounds(payment.pence), "PAID")]
    first = answer(officer, *lines)
    entries, messages = Entry.objects.count(), Notification.objects.count()

    again = answer(officer, *lines, now=NOW + timedelta(days=1))

    assert (again.pk, first.repeated, again.repeated) == (first.pk, False, True)
    assert (Entry.objects.count(), Notification.objects.count()) == (entries, messages)


def test_the_same_words_in_another_file_change_nothing_either(closed, officer):
    payment = closed.payments.first()
    answer(officer, (payment.ref, pounds(payment.pence), "PAID"))

    again = answer(officer, (payment.ref, pounds(payment.pence), "PAID"), ("NOTOURS", "1.00", "PAID"))

    assert results(again) == ["REPEATED", "UNKNOWN"]
    assert stands(payment) == ("PAID", "PAID", 0, payment.pence)


@pytest.mark.parametrize(("first", "then"), [("PAID", "FAILED"), ("FAILED", "PAID")])
def test_a_later_contradiction_changes_nothing_and_alarms(closed, officer, caplog, first, then):
    payment = closed.payments.first()
    answer(officer, (payment.ref, pounds(payment.pence), first))
    before = stands(payment)

    with caplog.at_level(logging.ERROR):
        read = answer(officer, (payment.ref, pounds(payment.pence), then))

    assert results(read) == ["CONTRADICTS"]
    assert stands(payment) == before
    assert "CONTRADICTS" in caplog.text


def test_one_file_that_says_both_is_believed_in_neither(closed, officer):
    payment = closed.payments.first()

    read = answer(
        officer, (payment.ref, pounds(payment.pence), "PAID"), (payment.ref, pounds(payment.pence), "FAILED")
    )

    assert results(read) == ["CONTRADICTS", "CONTRADICTS"]
    assert stands(payment)[0] == "IN_BATCH"


def test_another_amount_or_an_unknown_reference_is_for_a_person(closed, officer, now):
    payment = closed.payments.first()

    read = answer(officer, (payment.ref, "0.01", "PAID"), ("K999", "10.00", "PAID"))

    assert results(read) == ["WRONG_AMOUNT", "UNKNOWN"]
    assert stands(payment)[0] == "IN_BATCH"
    first, second = RemittanceLine.objects.unmatched()
    with pytest.raises(ValidationError):
        services.look_at_line(line=first, note=" ", by=officer, now=now)
    services.look_at_line(line=first, note="Finance paid a penny to test", by=officer, now=now)
    assert list(RemittanceLine.objects.unmatched()) == [second]


def test_an_answer_before_the_batch_is_closed_waits_and_counts_when_read_again(officer, now):
    owe()
    batch = services.write_file(batch=services.make_batch(by=officer, now=now).batch, now=now)
    payment = batch.payments.get()
    line = (payment.ref, pounds(payment.pence), "PAID")
    assert results(answer(officer, line)) == ["NOT_SENT"]

    services.close_batch(ref=batch.ref, typed_pence=batch.total_pence, by=officer, now=now)

    assert results(answer(officer, line)) == ["APPLIED"]
    assert stands(payment)[0] == "PAID"


def test_a_failed_payment_goes_in_the_next_batch_and_is_paid_once(closed, officer, now):
    failed = closed.payments.first()
    answer(officer, (failed.ref, pounds(failed.pence), "FAILED"), reason="ACCOUNT_CLOSED")

    batch = services.write_file(batch=services.make_batch(by=officer, now=now).batch, now=now)
    services.close_batch(ref=batch.ref, typed_pence=batch.total_pence, by=officer, now=now)
    second = batch.payments.get()
    late = answer(
        officer, (failed.ref, pounds(failed.pence), "PAID"), (second.ref, pounds(second.pence), "PAID")
    )

    assert (second.instalment_id, second.pence) == (failed.instalment_id, failed.pence)
    assert results(late) == ["CONTRADICTS", "APPLIED"]
    assert stands(second) == ("PAID", "PAID", 0, second.pence)


def test_the_bank_may_send_a_payment_back_days_after_paid_by_file_or_by_hand(closed, officer, now):
    by_file, by_hand, _unsent = closed.payments.all()
    answer(officer, *((one.ref, pounds(one.pence), "PAID") for one in (by_file, by_hand)))

    read = answer(officer, (by_file.ref, pounds(by_file.pence), "RETURNED"), reason="wrong details")
    for _twice in range(2):
        services.bank_return(payment=by_hand, reason="ACCOUNT_CLOSED", by=officer, now=now)

    assert results(read) == ["APPLIED"]
    for one in (by_file, by_hand):
        assert stands(one) == ("FAILED", "FAILED", one.pence, 0)
        assert one.returned
    assert (by_file.failed_why, by_hand.failed_why) == ("WRONG_DETAILS", "ACCOUNT_CLOSED")


def test_a_payment_that_came_back_tells_the_young_person_in_neutral_words(closed, officer):
    payment = closed.payments.first()

    answer(officer, (payment.ref, pounds(payment.pence), "FAILED"), reason="WRONG_DETAILS")

    told = Notification.objects.get(kind="payment_failed")
    assert told.to == payment.instalment.award.young_person.user
    assert str(payment.pence) not in told.key


def test_a_file_that_cannot_be_read_whole_changes_nothing_and_names_each_line(closed, officer, now):
    payment = closed.payments.first()
    lines = [(payment.ref, pounds(payment.pence), "PAID"), ("K1", "ten", "PAID"), ("K2", "1.00", "MAYBE")]

    with pytest.raises(ValidationError) as refusal:
        answer(officer, *lines)

    assert refusal.value.messages == [
        "Line 3: the amount cannot be read",
        "Line 4: the outcome is not PAID, FAILED or RETURNED",
    ]
    assert stands(payment)[0] == "IN_BATCH"
    assert not RemittanceLine.objects.exists()
