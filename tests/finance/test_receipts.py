"""Vouchers, purchases, cash and things collected: closed on proof, once, outside any batch."""

import pytest
from django.core.exceptions import ValidationError

from portal.accounts.models import Role
from portal.finance import services
from portal.finance.models import Receipt
from portal.finance.reconciliation import differences
from tests.factories import StaffFactory, YoungPersonFactory
from tests.finance.conftest import owe

pytestmark = [pytest.mark.django_db, pytest.mark.sqlite]


@pytest.fixture
def adviser():
    return StaffFactory(role=Role.PERSONAL_ADVISER)


@pytest.fixture
def voucher(adviser):
    return owe(4_000, to=YoungPersonFactory(adviser=adviser), how="VOUCHER")


def words_for(one, by, now, **more):
    words = {"ref": one.award.asked.ref, "instalment": one.ref, "how": "VOUCHER", "proof": "v-100"}
    return {**words, "by": by, "now": now, **more}


def refusal_of(**words) -> str:
    with pytest.raises(ValidationError) as refusal:
        services.hand_over(**words)
    return refusal.value.code


def test_a_voucher_that_was_given_is_paid_once_and_the_books_agree(voucher, adviser, now):
    for _twice in range(2):
        services.hand_over(**words_for(voucher, adviser, now))

    voucher.refresh_from_db()
    allowance = voucher.award.allowance
    allowance.refresh_from_db()
    assert (voucher.state, allowance.reserved_pence, allowance.spent_pence) == ("PAID", 0, 4_000)
    assert Receipt.objects.get().proof == "V-100"
    assert differences(now=now) == []


def test_a_number_closes_one_thing_and_a_thing_closes_once(voucher, adviser, now):
    services.hand_over(**words_for(voucher, adviser, now))
    other = owe(to=voucher.award.young_person, how="COLLECT")

    assert refusal_of(**words_for(other, adviser, now, proof=" V-100 ")) == "proof_used"
    assert refusal_of(**words_for(voucher, adviser, now, proof="V-101")) == "not_owed"
    assert refusal_of(**words_for(other, adviser, now, proof="  ")) == "no_proof"


def test_what_is_paid_by_bank_is_not_handed_over(adviser, now):
    bank = owe(to=YoungPersonFactory(adviser=adviser))

    assert refusal_of(**words_for(bank, adviser, now)) == "not_owed"


def test_nobody_hands_over_to_themselves_and_a_finance_officer_hands_over_nothing(voucher, officer, now):
    assert refusal_of(**words_for(voucher, voucher.award.young_person.user, now)) == "not_yours"


def test_a_part_marked_paid_with_nothing_to_show_for_it_is_said(voucher, adviser, now):
    services.hand_over(**words_for(voucher, adviser, now))
    Receipt.objects.all().delete()

    assert {found.check for found in differences(now=now)} == {"settled"}


def test_an_adviser_writes_it_down_on_a_page_and_nobody_else_finds_it(client, voucher, adviser):
    address = f"/desk/finance/hand-over/{voucher.award.asked.ref}/"
    client.force_login(StaffFactory(role=Role.PERSONAL_ADVISER))
    assert client.get(address).status_code == 404

    client.force_login(adviser)
    assert "£40.00" in client.get(address).content.decode()
    assert (
        "Write an answer here"
        in client.post(address, {"instalment": voucher.ref, "how": "CASH"}).content.decode()
    )
    done = client.post(address, {"instalment": voucher.ref, "how": "CASH", "proof": "Slip 9"}, follow=True)

    assert "Nothing to hand over here" in done.content.decode()
    assert Receipt.objects.get().how == "CASH"
