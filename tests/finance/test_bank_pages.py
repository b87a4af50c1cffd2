"""The pages about bank details: who may open them, what they show, and what a young person types."""

import pytest
from django.test import Client

from portal.accounts.models import Device, Role
from portal.accounts.services import ask_for_code, send_codes_asked
from portal.audit.models import AuditEvent
from portal.finance import services
from portal.finance.models import BankDetails
from portal.notifications.models import RecordedMessage
from tests.conftest import NOW
from tests.factories import StaffFactory, YoungPersonFactory
from tests.finance.conftest import owe

pytestmark = [pytest.mark.django_db, pytest.mark.sqlite]
MINE = "/me/settings/details/"
SURE, PIN = "/me/settings/sure/", "580371"
SECRETS = ("204060", "20-40-60", "98765431", "Robin Wren")


@pytest.fixture
def person(settings):
    settings.BANK_DETAILS_ENABLED = True
    person = YoungPersonFactory()
    person.user.phone = "+447700900321"
    person.user.save()
    return person


@pytest.fixture
def theirs(person) -> Client:
    client = Client()
    client.force_login(person.user)
    return client


def given(person) -> BankDetails:
    for name, answer in (("sort_code", "204060"), ("number", "98765431"), ("name", "Robin Wren")):
        services.keep_answer(person=person, name=name, answer=answer, now=NOW)
    return services.give(person=person, now=NOW)


def code_of(client: Client) -> str:
    """Ask for a code on the page, and read it on the phone."""
    client.post(f"{SURE}?next={MINE}sort-code/", {"send": "yes"})
    send_codes_asked(now=NOW)
    return RecordedMessage.objects.order_by("pk").last().body.split()[0]


def page(answer) -> str:
    return " ".join(answer.content.decode().split())


@pytest.mark.parametrize("address", ["sort-code/", "number/", "name/", "check/", "take-back/"])
def test_nothing_is_asked_or_changed_before_they_show_that_it_is_them(theirs, person, address):
    details = given(person)

    for answer in (theirs.get(MINE + address), theirs.post(MINE + address, {"answer": "1"})):
        assert answer.status_code == 302
        assert answer.url.startswith(SURE)
    details.refresh_from_db()
    assert details.state == "GIVEN"


def test_she_gives_her_details_one_question_a_page_and_sees_two_digits_ever_after(theirs, person, clock):
    assert theirs.get(f"{MINE}number/").url.startswith(SURE)
    code = code_of(theirs)
    key = theirs.session.session_key
    assert "That is not the code" in page(theirs.post(f"{SURE}?next={MINE}sort-code/", {"code": "1"}))
    assert theirs.post(f"{SURE}?next={MINE}number/", {"code": code}).url == f"{SURE}?next={MINE}number/"
    assert theirs.post(f"{SURE}?next={MINE}sort-code/", {"pin": PIN, "again": PIN}).url == f"{MINE}sort-code/"
    assert theirs.session.session_key != key

    wrong = page(theirs.post(f"{MINE}sort-code/", {"answer": "12-34-5"}))
    assert "A sort code has 6 numbers" in wrong
    assert "12-34-5" in wrong
    assert "A sort code has 6 numbers" in page(theirs.post(f"{MINE}sort-code/", {"answer": "20406²"}))
    assert theirs.post(f"{MINE}sort-code/", {"answer": "20-40-60"}).url == f"{MINE}number/"
    assert "put 0 in front" in page(theirs.post(f"{MINE}number/", {"answer": "1234567"}))
    assert theirs.post(f"{MINE}number/", {"answer": "9876 5431"}).url == f"{MINE}name/"
    assert "Use letters only" in page(theirs.post(f"{MINE}name/", {"answer": "=1+1"}))
    assert theirs.post(f"{MINE}name/", {"answer": "Robin Wren"}).url == f"{MINE}check/"
    assert all(secret in page(theirs.get(f"{MINE}check/")) for secret in SECRETS[1:])
    assert theirs.post(f"{MINE}check/").url == MINE
    assert theirs.post(f"{MINE}check/").url == MINE  # pressed twice
    assert BankDetails.objects.count() == 1

    after = page(theirs.get(MINE))
    assert "ends in <strong>31</strong>" in after
    assert "Thursday 26 November, once we have rung you" in after
    assert "waits until then" in after
    again = "".join(page(theirs.get(MINE + step)) for step in ("", "sort-code/", "number/", "name/"))
    assert not any(secret in again for secret in SECRETS)
    clock.forward(minutes=16)
    assert theirs.get(f"{MINE}number/").url.startswith(SURE)


def test_she_takes_them_back_once_it_is_sure_to_be_her(theirs, person):
    given(person)
    away = theirs.get(f"{MINE}take-back/").url
    theirs.post(away, {"send": "yes"})
    send_codes_asked(now=NOW)
    code = RecordedMessage.objects.order_by("pk").last().body.split()[0]

    assert theirs.post(away, {"code": code}).url == away
    assert theirs.post(away, {"pin": PIN, "again": PIN}).url == f"{MINE}take-back/"
    assert theirs.post(f"{MINE}take-back/").url == MINE
    assert "You do not have to" in page(theirs.get(MINE))
    assert not BankDetails.objects.exclude(sealed="").exists()


def test_a_code_for_somebody_else_proves_nothing(theirs, person):
    other = YoungPersonFactory()
    other.user.phone = "+447700900322"
    other.user.save()
    elsewhere = Client()
    elsewhere.force_login(other.user)
    code = code_of(elsewhere)
    session = theirs.session
    session["sure_asked"] = elsewhere.session["sure_asked"]
    session.save()

    assert "no longer works" in page(theirs.post(f"{SURE}?next={MINE}sort-code/", {"code": code}))
    assert theirs.get(f"{MINE}number/").url.startswith(SURE)


@pytest.mark.parametrize(
    "role",
    [Role.PERSONAL_ADVISER, Role.TEAM_MANAGER, Role.SERVICE_MANAGER, Role.AUDITOR, Role.ADMINISTRATOR, None],
)
def test_only_finance_sees_that_somebody_waits_for_a_call(person, role):
    details = given(person)
    client = Client()
    client.force_login(StaffFactory(role=role) if role else YoungPersonFactory().user)

    for address in ("/desk/finance/bank/", f"/desk/finance/bank/{details.ref}/"):
        assert client.get(address).status_code == 404
        assert client.post(address).status_code == 404
    if role:
        assert client.get(MINE).status_code == 404


def test_finance_writes_down_a_call_and_sees_two_digits(person, client, officer):
    details = given(person)
    client.force_login(officer)
    assert "calls to make" in page(client.get("/desk/finance/"))
    listed = page(client.get("/desk/finance/bank/"))
    assert "ends in 31" in listed
    assert "No modulus tables are loaded" in listed
    address = f"/desk/finance/bank/{details.ref}/"
    said = {
        "theirs": "yes",
        "rang": "ME",
        "number": "CASE_RECORD",
        "rang_on_0": "23",
        "rang_on_1": "11",
        "rang_on_2": "2026",
    }

    early = page(client.post(address, said | {"rang_on_0": "22"}))
    assert "The call was after they gave the details" in early
    assert client.post(address, said).url == "/desk/finance/bank/"

    listed += early + page(client.get("/desk/finance/bank/")) + page(client.get(address))
    details.refresh_from_db()
    assert (details.state, details.rang_by, details.confirmed_by) == ("CONFIRMED", officer, officer)
    assert not any(secret in listed for secret in (*SECRETS[:3],))
    assert AuditEvent.objects.filter(
        part="bank_details", young_person_id=person.pk, actor_id=officer.pk
    ).exists()


def test_while_new_details_hold_the_money_the_request_says_so(theirs, person):
    asked = owe(to=person).award.asked
    story = f"/me/requests/{asked.ref}/"
    assert "You get it by" in page(theirs.get(story))

    given(person)

    for told in (story, "/me/", "/me/requests/"):
        assert "Your money waits until we can use it" in page(theirs.get(told))
    assert "You get it by" not in page(theirs.get(story))
    BankDetails.objects.update(use_from=NOW.date())
    assert "We can use it once we have rung you" in page(theirs.get(MINE))


def test_after_the_bank_sent_it_back_the_page_asks_for_another_account(theirs, person, officer):
    owe(to=person)
    details = given(person)
    BankDetails.objects.filter(pk=details.pk).update(
        state="CONFIRMED", use_from=NOW.date(), rang_on=NOW.date(), confirmed_at=NOW,
        rang_by=StaffFactory(), confirmed_by=StaffFactory(),
    )  # fmt: skip
    payment = services.make_batch(by=officer, now=NOW).batch.payments.get()
    assert "Your money goes there" in page(theirs.get(MINE))

    type(payment).objects.update(state="FAILED", failed_why="WRONG_DETAILS", settled_at=NOW)
    type(payment.instalment).objects.update(state="FAILED", failed_why="The bank said no")

    assert "The bank sent your money back" in page(theirs.get(MINE))
    assert MINE in page(theirs.get(f"/me/requests/{payment.request_ref}/"))


def test_a_stranger_who_uses_up_the_codes_keeps_her_from_nothing(theirs, person):
    Device.objects.create(
        user=person.user, session_key=theirs.session.session_key, name="Mac",
        first_on=NOW.date(), last_on=NOW.date(),
    )  # fmt: skip
    for _ in range(4):
        ask_for_code(channel="SMS", destination=person.user.phone, caller="elsewhere", now=NOW)
        send_codes_asked(now=NOW)

    assert theirs.post(SURE, {"code": code_of(theirs)}).status_code == 302
    assert RecordedMessage.objects.count() == 4
