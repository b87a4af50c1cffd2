"""Payees are data, a batch nobody loaded is called off, a bounce days later is owed again, the budget adds up."""

import pytest
from django.core.exceptions import ValidationError

from portal.accounts.models import Role
from portal.finance import services
from portal.finance.budget import by_cost_code
from portal.finance.models import Batch, Payee, Payment
from portal.finance.payment_file import pounds
from portal.finance.reconciliation import differences
from portal.notifications.models import Notification
from portal.payments import services as payments
from portal.payments.models import Instalment
from tests.factories import StaffFactory, VersionFactory, YoungPersonFactory
from tests.finance.conftest import owe, remittance
from tests.payments.conftest import house  # noqa: F401 - a fixture

pytestmark = [pytest.mark.django_db, pytest.mark.sqlite]


@pytest.fixture
def adviser():
    return StaffFactory(role=Role.PERSONAL_ADVISER)


@pytest.fixture
def finance(client, officer):
    client.force_login(officer)
    return client


def text(answer) -> str:
    return " ".join(answer.content.decode().split())


def code_of(verb, **words) -> str:
    with pytest.raises(ValidationError) as refusal:
        verb(**words)
    return refusal.value.code


def test_finance_adds_a_supplier_casework_chooses_it_and_the_file_names_it(client, officer, adviser, now):
    bed = owe(18_000, to=YoungPersonFactory(adviser=adviser), how="WE_BUY_IT")
    ref = bed.award.asked.ref
    client.force_login(officer)
    missing = text(client.post("/desk/finance/payees/", {"kind": "SUPPLIER", "name": "Beds Ltd"}))
    assert "A supplier has a vendor number" in missing
    assert "Beds Ltd" in missing
    client.post("/desk/finance/payees/", {"kind": "SUPPLIER", "name": "Beds Ltd", "vendor_number": "v 77"})
    supplier = Payee.objects.get()
    client.force_login(adviser)
    client.post(f"/desk/finance/pay-to/{ref}/", {"payee": supplier.ref, "order_number": "PO 9"})

    batch = services.make_batch(by=officer, now=now).batch

    assert batch.payments.values_list("payee_kind", "payee_name", "vendor_number", "order_number").get() == (
        "SUPPLIER", "Beds Ltd", "V 77", "PO 9",
    )  # fmt: skip
    assert code_of(services.choose_payee, ref=ref, payee="", by=adviser, now=now) == "with_finance"
    assert code_of(services.end_payee, ref=supplier.ref, by=officer, now=now) == "still_chosen"


def test_a_landlord_is_for_one_young_person_and_finance_never_chooses(officer, adviser, now):
    maya, other = YoungPersonFactory(adviser=adviser), YoungPersonFactory(adviser=adviser)
    rent = owe(to=other)
    landlord = services.add_payee(kind="LANDLORD", name="A. Landlord", young_person=maya, by=officer, now=now)
    words = {"ref": rent.award.asked.ref, "payee": landlord.ref, "now": now}

    assert code_of(services.choose_payee, **words, by=adviser) == "not_for_them"
    assert code_of(services.add_payee, kind="CARER", name="C", by=officer, now=now) == "no_person"
    services.add_payee(kind="SUPPLIER", name="B", vendor_number="1", by=officer, now=now)
    assert (
        code_of(services.add_payee, kind="SUPPLIER", name="C", vendor_number="1", by=officer, now=now)
        == "number_used"
    )
    assert (
        code_of(services.add_payee, kind="SUPPLIER", name="C", vendor_number="2", by=adviser, now=now)
        == "not_finance"
    )
    services.end_payee(ref=landlord.ref, by=officer, now=now)
    assert (
        code_of(services.choose_payee, **{**words, "ref": owe(to=maya).award.asked.ref}, by=adviser)
        == "not_for_them"
    )


def test_a_batch_nobody_loaded_is_called_off_and_paid_in_the_next(finance, officer, now):
    owe(18_000)
    finance.post("/desk/finance/batches/make/")
    batch = Batch.objects.get()
    address = f"/desk/finance/batches/{batch.ref}/"
    assert "Tick the box" in text(finance.post(f"{address}call-off/", {"why": "Wrong day"}))
    finance.post(f"{address}call-off/", {"why": "Wrong day", "not_loaded": "on"})

    assert "Called off" in text(finance.get(address))
    assert finance.get(f"{address}file/").status_code == 302
    assert differences(now=now) == []
    old = Payment.objects.get()
    again = services.make_batch(by=officer, now=now).batch
    assert (again.count, again.total_pence) == (1, 18_000)
    services.read_remittance(content=remittance((old.ref, "180.00", "PAID")), by=officer, now=now)
    assert {found.check for found in differences(now=now)} == {"answers"}, (
        "somebody loaded it after all: an alarm"
    )


def test_a_closed_batch_is_not_called_off(closed, officer, now):
    assert (
        code_of(services.call_off, ref=closed.ref, why="x", not_loaded=True, by=officer, now=now) == "closed"
    )


def test_two_bounces_days_after_paid_are_fixed_and_paid(finance, officer, closed, now):
    first = closed.payments.order_by("-pence").first()
    paid = remittance(*((one.ref, pounds(one.pence), "PAID") for one in closed.payments.all()))
    services.read_remittance(content=paid, by=officer, now=now)
    back = {"reference": first.ref.lower(), "pence": "250.50", "reason": "ACCOUNT_CLOSED"}
    assert "not the amount" in text(finance.post("/desk/finance/returns/", {**back, "pence": "250.51"}))
    assert "No payment of ours" in text(
        finance.post("/desk/finance/returns/", {**back, "reference": "NOBODY"})
    )
    for _bounce in range(2):
        finance.post("/desk/finance/returns/", back)
        young_person = first.instalment.award.young_person
        finance.force_login(young_person.user)
        told = text(finance.get(f"/me/requests/{first.instalment.award.asked.ref}/"))
        assert "The bank says this account is closed. Give us another account." in told
        assert "You can get help today, and you never pay it back." in told
        finance.force_login(officer)
        batch = services.write_file(batch=services.make_batch(by=officer, now=now).batch, now=now)
        services.close_batch(ref=batch.ref, typed_pence=batch.total_pence, by=officer, now=now)
        again = batch.payments.get()
        services.read_remittance(content=remittance((again.ref, "250.50", "PAID")), by=officer, now=now)
        back["reference"] = again.ref

    assert again.instalment.__class__.objects.get(pk=again.instalment_id).state == "PAID"
    assert differences(now=now) == []


def test_the_budget_adds_up_what_is_paid_with_finance_and_promised(finance, officer, now):
    code = VersionFactory(cost_code="C9", cap_pence=None)
    owe(1_000, version=code)
    services.make_batch(by=officer, now=now)
    owe(500, version=code)
    owe(250, something_else=True)

    lines, on_the_spot = by_cost_code(on=now.date())

    assert [(line.cost_code, line.paid, line.with_finance, line.promised) for line in lines] == [
        ("", 0, 0, 250),
        ("C9", 0, 1_000, 500),
    ]
    assert on_the_spot == 0
    assert "£17.50 in all" in text(finance.get("/desk/finance/budget/"))


def test_whoever_looks_after_them_hears_of_a_failed_payment_the_same_day(officer, adviser, now):
    one = owe(to=YoungPersonFactory(adviser=adviser))
    batch = services.write_file(batch=services.make_batch(by=officer, now=now).batch, now=now)
    services.close_batch(ref=batch.ref, typed_pence=batch.total_pence, by=officer, now=now)

    for _twice in range(2):
        services.bank_return(payment=batch.payments.get(), reason="REFUSED", by=officer, now=now)

    assert Notification.objects.filter(to=adviser, subject=f"request:{one.award.asked.ref}").count() == 1


def test_a_payment_of_a_batch_that_was_called_off_cannot_come_back_from_the_bank(officer, now):
    owe()
    batch = services.make_batch(by=officer, now=now).batch
    payment = batch.payments.get()
    services.call_off(ref=batch.ref, why="Made twice by mistake.", not_loaded=True, by=officer, now=now)

    with pytest.raises(ValidationError) as refused:
        services.bank_return(payment=payment, reason="REFUSED", by=officer, now=now)

    assert refused.value.code == "not_sent"


def test_what_a_second_look_adds_goes_to_whom_the_first_part_was_paid(house, client, officer, now):  # noqa: F811
    asked = house.recommended()
    payments.part_approve(
        ref=asked.ref,
        pence=10_000,
        code="COSTS_LESS",
        words="We found one for less.",
        by=house.priya,
        now=now,
    )
    landlord = services.add_payee(
        kind="LANDLORD", name="Ms Ray", young_person=house.maya, by=officer, now=now
    )
    services.choose_payee(ref=asked.ref, payee=landlord.ref, by=house.sam, now=now)
    services.make_batch(by=officer, now=now)
    payments.mark_paid(instalment=Instalment.objects.get(), now=now)

    payments.ask_review(ref=asked.ref, words="", by=house.maya.user, now=now)
    payments.decide_review(ref=asked.ref, changed=True, pence=18_000, words="Yes.", by=house.omar, now=now)

    second = services.make_batch(by=officer, now=now).batch
    assert second.payments.values_list("payee_name", "pence").get() == ("Ms Ray", 8_000)
    assert code_of(services.end_payee, ref=landlord.ref, by=officer, now=now) == "still_chosen"
    services.call_off(ref=second.ref, why="Wrong", not_loaded=True, by=officer, now=now)
    services.choose_payee(ref=asked.ref, payee="", by=house.sam, now=now)
    client.force_login(house.sam)
    assert f'value="{landlord.ref}" selected' not in text(client.get(f"/desk/finance/pay-to/{asked.ref}/"))
    assert services.make_batch(by=officer, now=now).batch.payments.get().payee is None
