"""An amount that is an example from elsewhere becomes real money by no door at all. Each door is tried."""

import ast
from pathlib import Path

import pytest
from django.core.exceptions import ValidationError

from entitlements.models import Confidence, Duty, Per
from portal.accounts.models import Role
from portal.finance import services as finance
from portal.finance.reconciliation import differences
from portal.ledger.models import Allowance, Entry
from portal.ledger.opening import look_at_opening
from portal.payments import services
from portal.payments.authority import authority_of, load_example_bands
from portal.payments.exceptions import let_have_more, paid_elsewhere
from portal.payments.models import Award, Instalment, PaymentRequest
from tests.conftest import NOW
from tests.factories import StaffFactory, VersionFactory, YoungPersonFactory
from tests.finance.conftest import owe
from tests.payments.test_regular_awards import asked_by, deciding, weekly

pytestmark = [pytest.mark.django_db, pytest.mark.sqlite]
TODAY = NOW.date()
PORTAL = Path(__file__).parent.parent.parent / "portal"
MONEY = {"reserve", "allow_exception", "record_elsewhere", "record_opening"}
DOORS = {  # every module that moves money in the ledger, and what keeps an example out of it
    "payments/deciding.py": "check_can_be_money",
    "payments/regular/making.py": "called by deciding alone",
    "payments/regular/changing.py": "check_can_be_money",
    "payments/exceptions.py": "check_can_be_money",
    "ledger/opening.py": "is_confirmed",
    "spot_help/services.py": "with_examples",
}


@pytest.fixture(autouse=True)
def production(settings):
    settings.DEMO = False


@pytest.fixture
def omar():
    return deciding()


@pytest.fixture
def example():
    return VersionFactory(confidence=Confidence.EXAMPLE, entitlement__code="example", cap_pence=5_000,
                          cap_period=Per.ONCE, duty=Duty.MAY)  # fmt: skip


@pytest.fixture
def maya():
    return YoungPersonFactory()


def refused(verb, **words) -> str:
    with pytest.raises(ValidationError) as refusal:
        verb(by=words.pop("by"), now=NOW, **words)
    return refusal.value.code


def nothing_moved() -> bool:
    return not Award.objects.exists() and not Entry.objects.exclude(kind__in=["CAP", "NO_CAP"]).exists()


def test_no_decision_makes_it_money(maya, omar, example):
    one = asked_by(maya, example)
    part = {"code": "COSTS_LESS", "words": "Less."}

    assert refused(services.approve, ref=one.ref, by=omar) == "unconfirmed"
    assert refused(services.part_approve, ref=one.ref, pence=500, by=omar, **part) == "unconfirmed"
    assert refused(services.approve, ref=one.ref, schedule=weekly(), by=omar) == "unconfirmed"
    services.decline(ref=one.ref, code="OTHER", words="Not yet.", by=omar, now=NOW)
    services.ask_review(ref=one.ref, words="Please.", by=maya.user, now=NOW)
    again = {"changed": True, "pence": 500, "words": "Yes after all."}
    assert refused(services.decide_review, ref=one.ref, by=deciding(), **again) == "unconfirmed"
    assert nothing_moved()


def test_no_exception_record_or_import_makes_it_money(maya, omar, example):
    one = asked_by(maya, example)
    paid = {"young_person": maya, "version": example, "pence": 100, "paid_on": TODAY, "reference": "X1"}

    assert refused(let_have_more, ref=one.ref, pence=100, reason="A flood", by=omar) == "unconfirmed"
    assert refused(paid_elsewhere, by=omar, **paid) == "unconfirmed"
    line = f"person_id,entitlement,paid_on,amount\n{maya.person_id},example,2026-05-31,60\n"
    assert look_at_opening(line.encode(), on=TODAY).faults[0].column == "entitlement"
    assert nothing_moved()


def test_no_batch_and_no_receipt_pays_what_slipped_in_from_a_demo(maya, example, officer):
    owe(4_000, to=maya, version=example)

    assert refused(finance.make_batch, by=officer) == "nothing_to_pay"


def test_example_bands_decide_nothing(maya):
    load_example_bands(on=TODAY)
    boss = StaffFactory(role=Role.SERVICE_MANAGER)
    services.give_authority(user=boss, role=Role.SERVICE_MANAGER, by=None, on=TODAY)
    one = asked_by(maya, VersionFactory(cap_pence=None))

    assert refused(services.approve, ref=one.ref, by=boss) == "no_authority"


def test_a_voucher_agreed_in_a_demo_is_not_handed_over(maya, example):
    adviser = StaffFactory(role=Role.SERVICE_MANAGER)
    one = owe(4_000, to=maya, version=example, how="VOUCHER")
    words = {"ref": one.award.asked.ref, "instalment": one.ref, "how": "VOUCHER", "proof": "1"}

    assert refused(finance.hand_over, by=adviser, **words) == "unconfirmed"
    assert Instalment.objects.get().state == "OWED"


def test_a_named_authority_lets_one_person_have_more_than_a_cap_for_a_reason_once(maya, omar):
    version = VersionFactory(cap_pence=500, duty=Duty.MAY)
    one = asked_by(maya, version)
    assert refused(services.approve, ref=one.ref, by=omar) == "over_cap"
    assert refused(let_have_more, ref=one.ref, pence=500, reason=" ", by=omar) == "needs_reason"
    for _twice in range(2):
        let_have_more(ref=one.ref, pence=500, reason="A flood", by=omar, now=NOW)

    services.approve(ref=one.ref, by=omar, now=NOW)

    assert PaymentRequest.objects.get().agreed_pence == 1_000
    assert Entry.objects.filter(kind="EXCEPTION").count() == 1


def test_an_exception_nobody_used_comes_down_with_its_request(maya, omar):
    version = VersionFactory(cap_pence=500, duty=Duty.MAY)
    refused_one, taken_back, agreed = (asked_by(maya, version) for _one in range(3))
    let_have_more(ref=refused_one.ref, pence=500, reason="A flood", by=omar, now=NOW)
    no = {"code": "ANOTHER_WAY", "words": "The shop gives them."}
    services.decline(ref=refused_one.ref, by=omar, now=NOW, **no)
    let_have_more(ref=taken_back.ref, pence=500, reason="A flood", by=omar, now=NOW)
    services.withdraw(ref=taken_back.ref, by=maya.user, now=NOW)
    assert Allowance.objects.get().extra_pence == 0

    let_have_more(ref=agreed.ref, pence=900, reason="A flood", by=omar, now=NOW)
    services.approve(ref=agreed.ref, by=omar, now=NOW)

    assert (Allowance.objects.get().extra_pence, Allowance.objects.get().left_pence) == (500, 0)
    services.withdraw(ref=agreed.ref, by=maya.user, now=NOW)
    assert refused(services.approve, ref=asked_by(maya, version).ref, by=omar) == "over_cap"
    assert [one for one in differences(now=NOW) if one.check == "counters"] == []


def test_the_limit_of_an_authority_is_for_all_its_exceptions_together(maya, omar):
    version = VersionFactory(cap_pence=500, duty=Duty.MAY)
    one, other = asked_by(maya, version), asked_by(maya, version)
    limit = authority_of(omar, young_person=maya, on=NOW.date()).limit_pence
    let_have_more(ref=one.ref, pence=limit - 100, reason="A flood", by=omar, now=NOW)

    assert refused(let_have_more, ref=other.ref, pence=200, reason="A flood", by=omar) == "above_authority"
    assert let_have_more(ref=other.ref, pence=100, reason="A flood", by=omar, now=NOW).pence == 100


def doors() -> set[str]:
    """Modules that call a verb which puts money into the ledger."""
    found = set()
    for path in PORTAL.rglob("*.py"):
        if path.name == "services.py" and path.parent.name == "ledger":
            continue
        for node in ast.walk(ast.parse(path.read_text())):
            if (
                isinstance(node, ast.Call)
                and getattr(node.func, "id", getattr(node.func, "attr", "")) in MONEY
            ):
                found.add(str(path.relative_to(PORTAL)))
    return found


def test_there_is_no_other_door():
    assert doors() == set(DOORS), "a new way into the ledger: try it here, then name it"
