"""A finance officer's day, page by page; and nobody else's."""

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from portal.accounts.models import Role
from portal.audit.models import AuditEvent
from portal.finance import services
from portal.finance.models import Batch, Payment, RemittanceLine
from portal.finance.payment_file import pounds
from tests.conftest import NOW
from tests.factories import StaffFactory, YoungPersonFactory
from tests.finance.conftest import owe, remittance

pytestmark = [pytest.mark.django_db, pytest.mark.sqlite]


@pytest.fixture
def finance(client, officer):
    client.force_login(officer)
    return client


def text(answer) -> str:
    return " ".join(answer.content.decode().split())


def test_a_day_in_finance_from_what_is_due_to_what_came_back(finance, officer):
    person = YoungPersonFactory(given_name="Maya", family_name="Stone")
    owe(18_000, to=person)
    owe(25_050)
    owe(how="VOUCHER")

    first = text(finance.get("/desk/finance/"))
    assert "Maya Stone" in first
    assert "£430.50" in first
    assert "A voucher, card or cash" in first
    assert "nobody&#x27;s business" not in first

    made = finance.post("/desk/finance/batches/make/")
    batch = Batch.objects.get()
    assert made.url == f"/desk/finance/batches/{batch.ref}/"
    assert "£430.50" in text(finance.get(made.url))

    download = finance.get(f"{made.url}file/")
    assert download["Content-Disposition"] == f'attachment; filename="{batch.file_name}"'
    assert download.content == finance.get(f"{made.url}file/").content
    assert download.content.count(b"\r\n") == 4

    wrong = finance.post(made.url, {"total": "430.51"})
    assert "That is not the total of this batch." in text(wrong)
    assert 'value="430.51"' in text(wrong)
    finance.post(made.url, {"total": "£430.50"})
    batch.refresh_from_db()
    assert (batch.state, batch.closed_by) == ("CLOSED", officer)

    paid, failed = Payment.objects.all()
    content = remittance(
        (paid.ref, pounds(paid.pence), "PAID"),
        (failed.ref, pounds(failed.pence), "FAILED"),
        ("K9", "1.00", "PAID"),
    )
    for again in (False, True):
        read = finance.post(
            "/desk/finance/remittances/", {"file": SimpleUploadedFile("answer.csv", content)}, follow=True
        )
        assert ("Nothing was done twice" in text(read)) is again
    assert "no payment has this reference" in text(read)

    line = RemittanceLine.objects.unmatched().get()
    address = reverse("finance:line", args=[line.remittance.ref, line.number])
    assert address in text(finance.get("/desk/finance/unmatched/"))
    assert "Write an answer here" in text(finance.post(address, {"note": ""}))
    finance.post(address, {"note": "Another council's payment"})
    assert "Every line was matched" in text(finance.get("/desk/finance/unmatched/"))
    assert "1 payment is due: £" in text(finance.get("/desk/finance/"))


def test_every_page_that_shows_a_young_person_leaves_a_line_in_the_trail(finance, officer, closed):
    closed.refresh_from_db()
    people = set(closed.payments.values_list("instalment__award__young_person_id", flat=True))
    AuditEvent.objects.all()
    for address in (f"/desk/finance/batches/{closed.ref}/", f"/desk/finance/batches/{closed.ref}/file/"):
        before = AuditEvent.objects.count()

        finance.get(address)

        seen = AuditEvent.objects.order_by("pk")[before:]
        assert {event.young_person_id for event in seen if event.action == "record_opened"} == people
        assert {event.actor_id for event in seen} == {officer.pk}


@pytest.mark.parametrize("role", [None, *(role for role in Role if role != Role.FINANCE_OFFICER)])
def test_everybody_else_finds_nothing_there(client, closed, role):
    client.force_login(StaffFactory(role=role) if role else YoungPersonFactory().user)

    for address in (
        "",
        "batches/",
        f"batches/{closed.ref}/",
        f"batches/{closed.ref}/file/",
        "remittances/",
        "unmatched/",
    ):
        assert client.get(f"/desk/finance/{address}").status_code == 404
    assert client.post("/desk/finance/batches/make/").status_code == 404
    assert client.post(f"/desk/finance/batches/{closed.ref}/", {"total": "1"}).status_code == 404


def test_nothing_to_pay_and_an_unreadable_file_are_said_kindly(finance):
    assert "Nothing is waiting to be paid" in text(finance.post("/desk/finance/batches/make/", follow=True))

    for content, words in [(b"", "the file is empty"), (b"\0", "not a CSV file"), (b"a,b", "no column says")]:
        answer = finance.post("/desk/finance/remittances/", {"file": SimpleUploadedFile("x.csv", content)})
        assert words in text(answer)
    assert "Choose a file" in text(finance.post("/desk/finance/remittances/"))


def test_a_batch_that_stays_open_is_shouted_about_and_many_rows_make_pages(finance, officer, clock, now):
    for _number in range(51):
        owe(100)
    assert "Page 1 of 2" in text(finance.get("/desk/finance/"))
    finance.post("/desk/finance/batches/make/")

    clock.set(now + timedelta(days=2))

    assert "A batch is open too long" in text(finance.get("/desk/finance/"))
    assert "Open too long" in text(finance.get("/desk/finance/batches/"))
    assert "Page 2 of 2" in text(finance.get(f"/desk/finance/batches/{Batch.objects.get().ref}/?page=2"))


def test_a_reference_nobody_knows_is_not_there(finance):
    for address in (
        "batches/NOTHERE/",
        "batches/NOTHERE/file/",
        "remittances/NOTHERE/",
        "remittances/NOTHERE/2/",
    ):
        assert finance.get(f"/desk/finance/{address}").status_code == 404


def test_the_trail_of_a_page_is_one_statement_however_many_people_it_shows(
    finance, officer, django_assert_max_num_queries
):
    for number in range(12):
        owe(100 + number)
    batch = services.make_batch(by=officer, now=NOW).batch
    finance.get("/desk/finance/batches/")

    with django_assert_max_num_queries(16):
        finance.get(f"/desk/finance/batches/{batch.ref}/")

    shown = AuditEvent.objects.filter(
        action="record_opened", part="payments", actor_role=Role.FINANCE_OFFICER
    )
    assert shown.values("young_person_id").distinct().count() == 12
