"""Bank details, where the council keeps them here: never readable, never used too soon, never kept too long."""

import csv
import io
from datetime import date, timedelta

import pytest
from cryptography.fernet import Fernet
from django.core.exceptions import ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext

from portal.accounts.models import Role
from portal.audit.models import AuditEvent
from portal.finance import services
from portal.finance.batches import path_of
from portal.finance.models import BankDetails, Batch
from portal.finance.payment_file import columns_from
from portal.finance.reconciliation import differences
from portal.finance.rules import LeftOut, first_day_of_use, may_be_paid_to
from portal.notifications.contact import contact_of, turn_on
from portal.notifications.models import Notification
from portal.notifications.words import KINDS, denied, text
from portal.ops.checks import modulus_tables_can_be_read, payment_file_has_its_columns
from portal.people.models import Allocation
from tests.conftest import NOW
from tests.factories import StaffFactory, YoungPersonFactory
from tests.finance.conftest import owe

pytestmark = [pytest.mark.django_db, pytest.mark.sqlite]
SORT_CODE, NUMBER, NAME = "204060", "98765431", "Robin Wren"
TODAY = NOW.date()


@pytest.fixture
def kept_here(settings) -> None:
    settings.BANK_DETAILS_ENABLED = True


@pytest.fixture
def person(kept_here):
    person = YoungPersonFactory()
    person.user.phone = "+447700900321"
    person.user.save()
    return person


def given(person, *, number=NUMBER, now=NOW) -> BankDetails:
    for name, answer in (("sort_code", SORT_CODE), ("number", number), ("name", NAME)):
        services.keep_answer(person=person, name=name, answer=answer, now=now)
    return services.give(person=person, now=now)


def rung(details, *, theirs=True, now=NOW) -> BankDetails:
    """A colleague of whoever pays writes it down."""
    colleague = StaffFactory(role=Role.FINANCE_OFFICER)
    return services.confirm(ref=details.ref, theirs=theirs, adviser_rang=False, rang_on=now.date(),
                            number="CASE_RECORD", by=colleague, now=now)  # fmt: skip


def everything_in(*models) -> str:
    """Every cell of these tables, as a dump of the database would have it."""
    with connection.cursor() as cursor:
        text = []
        for model in models:
            cursor.execute(f"SELECT * FROM {model._meta.db_table}")  # noqa: S608
            text += [str(row) for row in cursor.fetchall()]
    return "\n".join(text)


@pytest.mark.parametrize(
    ("given_on", "first"),
    [
        ("2026-11-23", "2026-11-26"),  # Monday: Tuesday and Wednesday lie between
        ("2026-11-26", "2026-12-01"),  # Thursday: over a weekend
        ("2026-11-28", "2026-12-02"),  # Saturday counts from Monday
        ("2026-12-23", "2026-12-30"),  # over Christmas and its bank holiday on the 28th
        ("2027-03-25", "2027-04-01"),  # over Good Friday and Easter Monday
    ],
)
def test_two_whole_working_days_lie_between_giving_and_using(given_on, first):
    first_day = date.fromisoformat(first)

    assert first_day_of_use(date.fromisoformat(given_on)) == first_day
    assert not may_be_paid_to(use_from=first_day, confirmed=True, on=first_day - timedelta(days=1))
    assert may_be_paid_to(use_from=first_day, confirmed=True, on=first_day)
    assert not may_be_paid_to(use_from=first_day, confirmed=False, on=first_day + timedelta(days=99))


def test_off_nothing_is_kept_shown_or_filled(settings, officer, client):
    settings.BANK_DETAILS_ENABLED = True
    person = YoungPersonFactory()
    rung(given(person))
    settings.BANK_DETAILS_ENABLED = False
    owe(to=person, due_on=TODAY)
    client.force_login(person.user)

    with pytest.raises(ValidationError) as refusal:
        services.keep_answer(person=person, name="number", answer=NUMBER, now=NOW)
    batch = services.write_file(batch=services.make_batch(by=officer, now=NOW).batch, now=NOW)

    assert refusal.value.code == "off"
    assert client.get("/me/settings/details/").status_code == 404
    assert "/me/settings/details/" not in client.get("/me/settings/").content.decode()
    assert "SortCode" not in path_of(batch).read_text()
    assert [heading for heading, _ in columns_from([])] == [heading for heading, _ in batch.columns]


def test_nobody_can_read_an_account_in_a_dump_of_the_database_or_in_the_trail(person, officer):
    owe(to=person, due_on=TODAY + timedelta(days=9))
    rung(given(person))
    later = NOW + timedelta(days=9)
    services.make_batch(by=officer, now=later)

    dump = everything_in(BankDetails, Batch, AuditEvent, Notification, Batch.payments.rel.related_model)

    assert officer.username in everything_in(type(officer))  # the dump does hold what is there
    for secret in (SORT_CODE, NUMBER, NAME, NUMBER[:6]):
        assert secret not in dump


def test_keys_can_be_changed_and_the_old_ones_still_open(person, officer, settings):
    old = settings.FIELD_KEYS
    details = given(person)

    settings.FIELD_KEYS = [Fernet.generate_key().decode(), *old]
    rung(details)
    later = NOW + timedelta(days=9)
    owe(to=person, due_on=later.date())
    batch = services.write_file(batch=services.make_batch(by=officer, now=later).batch, now=later)

    assert NUMBER in path_of(batch).read_text()


def test_only_the_payment_file_says_the_account_and_only_after_the_wait_and_the_call(person, officer):
    owe(18_000, to=person)
    details = given(person)
    last_day = details.use_from - timedelta(days=1)

    def why(on):
        return [one.left_out for one in services.waiting(by=officer, on=on)]

    assert why(details.use_from) == [LeftOut.NEW_DETAILS]  # nobody has rung
    rung(details)
    assert why(last_day) == [LeftOut.NEW_DETAILS]
    assert why(details.use_from) == [None]

    first = NOW + (details.use_from - TODAY)
    batch = services.write_file(batch=services.make_batch(by=officer, now=first).batch, now=first)
    row = next(csv.DictReader(io.StringIO(path_of(batch).read_text())))

    assert (row["SortCode"], row["AccountNumber"], row["AccountName"]) == (SORT_CODE, NUMBER, NAME)
    assert services.content_of(batch=batch, by=officer, now=first) == path_of(batch).read_bytes()


def test_a_payment_keeps_the_account_it_was_batched_with_and_newer_details_wait_again(person, officer):
    owe(to=person)
    first = rung(given(person))
    day = NOW + timedelta(days=9)
    batch = services.write_file(batch=services.make_batch(by=officer, now=day).batch, now=day)
    owe(to=person)

    second = given(person, number="11112222", now=day)
    first.refresh_from_db()

    assert (first.state, first.sealed, first.ends) == ("ENDED", "", "31")
    assert services.content_of(batch=batch, by=officer, now=day).count(NUMBER.encode()) == 1
    assert [one.left_out for one in services.waiting(by=officer, on=day.date())] == [LeftOut.NEW_DETAILS]
    assert second.ends == "22"


def test_somebody_elses_money_is_not_held_by_bank_details(person, officer):
    owe(to=YoungPersonFactory())
    owe(to=person, how="VOUCHER")
    given(person)

    assert {one.left_out for one in services.waiting(by=officer, on=TODAY)} == {None, LeftOut.NOT_BY_BATCH}


def test_a_call_that_says_not_mine_ends_them_and_the_adviser_hears(person, client, make_adviser):
    adviser = make_adviser(person)

    ended = rung(given(person), theirs=False)

    assert (ended.state, ended.ended_why, ended.sealed) == ("ENDED", "NOT_THEIRS", "")
    told = Notification.objects.get(to=adviser, kind="not_theirs")
    assert KINDS[told.kind].matters
    assert denied(text(told.kind)) == []
    client.force_login(adviser)
    assert "may not be theirs" in client.get("/desk/").content.decode()
    assert "is their phone with them" in client.get(f"/desk/young-people/{person.ref}/").content.decode()


@pytest.fixture
def make_adviser():
    def make(person):
        adviser = StaffFactory(role=Role.PERSONAL_ADVISER)
        Allocation.objects.create(
            young_person=person, worker=adviser, acts_as="PERSONAL_ADVISER", starts_on=TODAY
        )
        return adviser

    return make


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"rang_on": TODAY - timedelta(days=1)}, "wrong_day"),
        ({"rang_on": TODAY + timedelta(days=1)}, "wrong_day"),
        ({"adviser_rang": True}, "no_adviser"),
        ({"by": "the young person"}, "not_finance"),
        ({"by": "a manager"}, "not_finance"),
    ],
)
def test_a_call_is_written_down_by_finance_for_a_day_on_which_it_can_have_been(
    person, officer, changed, code
):
    people = {"the young person": person.user, "a manager": StaffFactory(role=Role.TEAM_MANAGER)}
    details = given(person)
    said = {
        "theirs": True,
        "adviser_rang": False,
        "rang_on": TODAY,
        "number": "CASE_RECORD",
        "by": officer,
    } | changed
    said["by"] = people.get(said["by"], said["by"])

    with pytest.raises(ValidationError) as refusal:
        services.confirm(ref=details.ref, now=NOW, **said)

    assert refusal.value.code == code


def test_one_neutral_sentence_goes_to_the_contact_we_know(person):
    details = given(person)

    told = Notification.objects.get(key=f"bank:{details.ref}:GIVEN")

    assert (told.kind, told.to) == ("settings_changed", person.user)
    person.user.email = "robin@example.org"
    person.user.save()
    turn_on(user=person.user, channel="SMS", now=NOW)
    assert contact_of(person.user, kind=KINDS[told.kind]).sms_to == person.user.phone
    turn_on(user=person.user, channel="EMAIL", now=NOW)
    assert contact_of(person.user, kind=KINDS[told.kind]).sms_to == ""  # the codes went to the phone


def test_what_is_not_needed_goes_away_by_itself(person, officer, settings):
    services.keep_answer(person=YoungPersonFactory(), name="number", answer=NUMBER, now=NOW)
    assert services.purge(now=NOW + timedelta(minutes=59)) == 0
    assert services.purge(now=NOW + timedelta(hours=1)) == 1  # a draft

    owe(to=person)
    details = rung(given(person))
    day = NOW + timedelta(days=9)
    batch = services.write_file(batch=services.make_batch(by=officer, now=day).batch, now=day)
    services.close_batch(ref=batch.ref, typed_pence=batch.total_pence, by=officer, now=day)
    kept = timedelta(days=settings.BANK_DETAILS_KEPT_DAYS)

    assert services.purge(now=day + kept - timedelta(seconds=1)) == 0
    assert services.purge(now=day + kept) == 2
    assert services.purge(now=day + kept) == 0

    details.refresh_from_db()
    assert (details.state, details.sealed, details.ends) == ("WITH_FINANCE", "", "31")
    assert not path_of(batch).exists()
    with pytest.raises(ValidationError) as refusal:
        services.content_of(batch=batch, by=officer, now=day + kept)
    assert refusal.value.code == "emptied"
    assert [one for one in differences(now=day + kept) if one.check == "files"] == []
    owe(to=person, due_on=day.date())
    assert [one.left_out for one in services.waiting(by=officer, on=day.date())] == [None]  # finance holds it


@pytest.mark.parametrize("how", ["closed", "died", "unused"])
def test_details_of_a_closed_account_go_at_once_and_unused_ones_in_time(person, officer, how):
    details = given(person)
    now = NOW + timedelta(minutes=1)
    if how == "closed":
        type(person.user).objects.filter(pk=person.user.pk).update(is_active=False)
    elif how == "died":
        type(person).objects.filter(pk=person.pk).update(died_on=TODAY)
    else:
        rung(details, now=NOW + timedelta(days=1))
        assert services.purge(now=NOW + timedelta(days=61, seconds=-1)) == 0
        now = NOW + timedelta(days=61)

    assert services.purge(now=now) == 1
    assert Notification.objects.filter(key=f"bank:{details.ref}:TOO_OLD").exists() == (how == "unused")

    details.refresh_from_db()
    assert (details.state, details.sealed) == ("ENDED", "")
    assert details.ended_why == ("TOO_OLD" if how == "unused" else "CLOSED")


def test_with_the_councils_tables_a_number_that_does_not_fit_is_refused(person, settings, tmp_path):
    table = tmp_path / "weights.txt"
    table.write_text("204060 204060 MOD10 0 0 0 0 0 0 0 0 0 0 0 0 0 1\r\n")
    settings.MODULUS_WEIGHTS_FILE = str(table)
    services.keep_answer(person=person, name="sort_code", answer=SORT_CODE, now=NOW)

    with pytest.raises(ValidationError) as refusal:
        services.keep_answer(person=person, name="number", answer="98765431", now=NOW)
    fits = given(person, number="98765430")

    assert refusal.value.code == "does_not_fit"
    assert fits.checked == "FITS"
    assert modulus_tables_can_be_read(None) == []


@pytest.mark.parametrize("content", ["", "204060 MOD10", None])
def test_without_tables_only_the_format_is_checked_and_a_broken_one_is_an_error_of_check(
    person, settings, tmp_path, content
):
    table = tmp_path / "weights.txt"
    if content is not None:
        table.write_text(content)
    settings.MODULUS_WEIGHTS_FILE = str(table) if content != "" else ""

    assert given(person).checked == "NO_TABLE"
    assert [one.id for one in modulus_tables_can_be_read(None)] == ([] if content == "" else ["portal.E004"])


def test_what_nobody_has_rung_about_holds_the_money_for_ever_and_is_shouted_about(person, officer, settings):
    owe(to=person)
    given(person)

    def alarms(now):
        return [one for one in differences(now=now) if one.check == "calls"]

    assert alarms(NOW + timedelta(days=2)) == []
    assert len(alarms(NOW + timedelta(days=3))) == 1
    much_later = NOW + timedelta(days=400)
    assert services.purge(now=much_later) == 0
    assert [one.left_out for one in services.waiting(by=officer, on=much_later.date())] == [
        LeftOut.NEW_DETAILS
    ]
    settings.BANK_DETAILS_ENABLED = False  # then they hold nothing, and go by the clock
    assert services.purge(now=NOW + timedelta(days=60, seconds=-1)) == 0
    assert services.purge(now=NOW + timedelta(days=60)) == 1


def test_a_call_that_waits_too_long_stands_on_finances_page(person, officer, client):
    details = given(person)
    client.force_login(officer)

    assert "Somebody waits too long for a call" not in client.get("/desk/finance/").content.decode()
    BankDetails.objects.filter(pk=details.pk).update(use_from=TODAY)
    assert "Somebody waits too long for a call" in client.get("/desk/finance/").content.decode()


def test_details_in_a_batch_are_not_too_old_however_late_it_is_closed(person, officer):
    owe(to=person)
    details = rung(given(person))
    services.make_batch(by=officer, now=NOW + timedelta(days=9))

    assert services.purge(now=NOW + timedelta(days=90)) == 0
    details.refresh_from_db()
    assert details.state == "CONFIRMED"


def test_without_its_key_a_batch_gives_no_file_at_all(person, officer, settings, caplog):
    owe(to=person)
    rung(given(person))
    day = NOW + timedelta(days=9)
    batch = services.make_batch(by=officer, now=day).batch
    settings.FIELD_KEYS = [Fernet.generate_key().decode()]

    with pytest.raises(ValidationError) as refusal:
        services.write_file(batch=batch, now=day)

    assert refusal.value.code == "no_key"
    assert "FIELD_KEYS" in caplog.text
    assert not path_of(batch).exists()


def test_the_release_before_can_still_write_a_payment(closed):
    """It names no column `account`: the database itself must fill it."""
    column = Batch.payments.rel.related_model._meta.get_field("account")

    assert column.db_default == ""


def why_left_out(officer, day) -> list[LeftOut | None]:
    return [one.left_out for one in services.waiting(by=officer, on=day.date())]


def test_without_an_adviser_not_mine_reaches_duty(person):
    duty = StaffFactory(role=Role.DUTY_ADVISER)

    rung(given(person), theirs=False)

    assert Notification.objects.get(kind="not_theirs").to == duty


def test_whoever_wrote_down_the_call_does_not_pay_there(person, officer):
    owe(to=person)
    details = rung(given(person))

    assert why_left_out(details.confirmed_by, NOW + timedelta(days=9)) == [LeftOut.OWN]
    assert why_left_out(officer, NOW + timedelta(days=9)) == [None]


@pytest.mark.parametrize("state", ["CONFIRMED", "WITH_FINANCE"])
def test_details_in_use_can_be_stopped_and_people_hear(person, officer, client, make_adviser, state):
    adviser = make_adviser(person)
    owe(to=person)
    details = rung(given(person))
    batch = services.make_batch(by=officer, now=NOW + timedelta(days=9)).batch
    if state == "WITH_FINANCE":
        BankDetails.objects.filter(pk=details.pk).update(state=state, sealed="")
    client.force_login(officer)
    address = f"/desk/finance/bank/{details.ref}/"
    assert "Stop using these" in client.get(address).content.decode()

    after = client.post(address, {"stop": "yes"}, follow=True).content.decode()
    client.post(address, {"stop": "yes"})

    details.refresh_from_db()
    assert (details.state, details.ended_why, details.sealed) == ("ENDED", "STOPPED", "")
    assert f"Batch {batch.ref} still pays this account" in after
    assert Notification.objects.filter(to=adviser, kind="not_theirs").count() == 1
    assert Notification.objects.filter(to=person.user, key=f"bank:{details.ref}:ENDED").count() == 1


def test_details_that_the_young_person_took_back_stay_theirs_on_an_old_screen(person, officer, client):
    details = rung(given(person))
    services.take_back(person=person, now=NOW + timedelta(days=4))
    client.force_login(officer)

    said = client.post(f"/desk/finance/bank/{details.ref}/", {"stop": "yes"}, follow=True).content.decode()

    details.refresh_from_db()
    assert "These details are not in use any more." in said
    assert details.ended_why == "TAKEN_BACK"
    assert not Notification.objects.filter(kind="not_theirs").exists()


def test_somebody_whose_account_here_is_frozen_is_not_paid_where_it_says(person, officer):
    owe(to=person)
    rung(given(person))
    type(person.user).objects.filter(pk=person.user.pk).update(frozen_at=NOW)

    assert why_left_out(officer, NOW + timedelta(days=9)) == [LeftOut.FROZEN]


def test_an_account_that_the_bank_calls_closed_is_not_paid_again(person, officer, settings):
    owe(to=person)
    details = rung(given(person))
    day = NOW + timedelta(days=9)
    batch = services.write_file(batch=services.make_batch(by=officer, now=day).batch, now=day)
    services.close_batch(ref=batch.ref, typed_pence=batch.total_pence, by=officer, now=day)
    services.bank_return(payment=batch.payments.get(), reason="ACCOUNT_CLOSED", by=officer, now=day)

    assert why_left_out(officer, day) == [LeftOut.BOUNCED]
    services.purge(now=day + timedelta(days=settings.BANK_DETAILS_KEPT_DAYS))
    details.refresh_from_db()
    assert (details.state, details.sealed) == (
        "CONFIRMED",
        "",
    )  # of no use to anybody, and it still holds the money
    assert why_left_out(officer, day + timedelta(days=99)) == [LeftOut.BOUNCED]
    given(person, number="11112222", now=day)
    assert why_left_out(officer, day) == [LeftOut.NEW_DETAILS]


@pytest.mark.parametrize(("on", "faults"), [(True, ["portal.E005"]), (False, [])])
def test_own_columns_without_the_account_are_an_error_of_check_where_it_is_kept_here(settings, on, faults):
    settings.BANK_DETAILS_ENABLED = on
    settings.PAYMENT_FILE_COLUMNS = ["Ref=payment", "Pounds=amount"]

    assert [one.id for one in payment_file_has_its_columns(None)] == faults
    settings.PAYMENT_FILE_COLUMNS += ["Sort=sort_code", "No=account_number", "Name=account_name"]
    assert payment_file_has_its_columns(None) == []


def test_a_draft_that_is_sent_at_the_last_moment_is_not_purged(person):
    """State and age are asked by the statement that deletes, not by one before it."""
    services.keep_answer(person=person, name="number", answer=NUMBER, now=NOW)

    with CaptureQueriesContext(connection) as asked:
        assert services.purge(now=NOW + timedelta(hours=1)) == 1

    deleting = [one["sql"] for one in asked if one["sql"].startswith('DELETE FROM "finance_bankdetails"')]
    assert len(deleting) == 1
    assert all(word in deleting[0] for word in ('"state" =', '"started_at" <='))
