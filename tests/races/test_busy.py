"""A row that somebody else holds for too long: every button says so kindly and loses nothing (rule 66)."""

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext
from psycopg import sql

from portal.accounts.models import Role
from portal.drop_ins import services as drop_ins
from portal.drop_ins.models import PlaceOffer, Session, WaitingPlace
from portal.finance.batches import make_batch
from portal.finance.models import Payee, PayTo
from portal.finance.payees import choose_payee
from portal.payments.models import Instalment
from portal.people.models import YoungPerson
from portal.refs import new_token
from portal.spot_help.models import SpotAuthority, SpotHelp
from tests.conftest import NOW
from tests.factories import LONG_AGO, StaffFactory, TeamFactory, YoungPersonFactory
from tests.finance.conftest import owe
from tests.races.crowd import session_of

pytestmark = [pytest.mark.alone, pytest.mark.django_db(transaction=True)]


@contextmanager
def held(row: YoungPerson | Session | Instalment) -> Iterator[None]:
    """The row in somebody else's hands, over a connection of their own; we wait a moment for it, not three seconds."""
    there = connection.settings_dict
    with connection.cursor() as ours, psycopg.connect(
        host=there["HOST"], port=there["PORT"], user=there["USER"], dbname=there["NAME"]
    ) as theirs:  # fmt: skip
        ours.execute("SET lock_timeout = '50ms'")
        table = sql.Identifier(row._meta.db_table)
        theirs.execute(sql.SQL("SELECT 1 FROM {} WHERE id = %s FOR NO KEY UPDATE").format(table), [row.pk])
        yield
    with connection.cursor() as ours:
        ours.execute("RESET lock_timeout")


def test_help_on_the_spot_that_is_held_up_says_so_and_keeps_what_was_typed(client):
    team = TeamFactory()
    worker = StaffFactory(role=Role.TEAM_MANAGER, team=team)
    person = YoungPersonFactory(team=team)
    SpotAuthority.objects.create(
        user=worker, limit_pence=4_000, given_by=StaffFactory(role=Role.SERVICE_MANAGER), given_at=NOW,
        starts_on=LONG_AGO, decision_reference="SMT 12",
    )  # fmt: skip
    client.force_login(worker)
    said = {"need": "COOKING", "how": "VOUCHER", "pence": "20", "proof": "V 100-X", "token": new_token()}

    with held(person):
        busy = client.post(f"/desk/spot-help/new/{person.ref}/", said)

    assert busy.status_code == 200
    assert "This is busy. Please try again." in busy.text
    assert "V 100-X" in busy.text
    assert said["token"] in busy.text
    assert not SpotHelp.objects.exists()
    assert client.post(f"/desk/spot-help/new/{person.ref}/", said).status_code == 302


def test_a_session_that_is_held_up_is_left_declined_and_called_off_at_the_next_press(client):
    session, full = session_of(1), session_of(1)
    one, two, three = (YoungPersonFactory() for _person in range(3))
    for there in (session, full):
        drop_ins.book(session=there, young_person=one, by=one.user, now=NOW)
    for person in (two, three):
        drop_ins.join_waiting_list(session=session, young_person=person, by=person.user, now=NOW)
    drop_ins.cancel(booking=one.bookings.get(session=session), by=one.user, now=NOW)
    offer, waiting = PlaceOffer.objects.get(), WaitingPlace.objects.get(young_person=three)
    presses = [
        (two.user, f"/me/bookings/offers/{offer.ref}/no/"),
        (three.user, f"/me/bookings/waiting/{waiting.ref}/leave/"),
        (three.user, f"/me/bookings/wait/{full.ref}/"),
        (StaffFactory(), f"/desk/drop-ins/{session.ref}/called-off/"),
    ]

    for user, path in presses:
        client.force_login(user)
        with held(full if full.ref in path else session):
            busy = client.post(path)
        assert (busy.status_code, "Please try again" in busy.text) == (409, True), path
        assert client.post(path).status_code == 302, path


def test_whom_a_payment_goes_to_cannot_change_while_finance_takes_it():
    adviser = StaffFactory()
    bed = owe(18_000, to=YoungPersonFactory(adviser=adviser))
    supplier = Payee.objects.create(
        kind="SUPPLIER", name="Beds Ltd", vendor_number="V 1", added_by=StaffFactory(), added_at=NOW
    )
    choice = {"ref": bed.award.asked.ref, "payee": supplier.ref, "by": adviser, "now": NOW}

    with held(bed), pytest.raises(ValidationError) as refusal:  # as `make_batch` holds it
        choose_payee(**choice)

    assert refusal.value.code == "busy"
    assert not PayTo.objects.exists()
    assert choose_payee(**choice).payee == supplier


def test_a_batch_reads_whom_it_pays_only_once_it_holds_the_payment():
    owe(18_000)

    with CaptureQueriesContext(connection) as asked:
        make_batch(by=StaffFactory(role=Role.FINANCE_OFFICER), now=NOW)

    said = [query["sql"] for query in asked]
    first_held = next(number for number, sql in enumerate(said) if "SKIP LOCKED" in sql)
    reads = [number for number, sql in enumerate(said) if "finance_payto" in sql and sql.startswith("SELECT")]
    assert reads
    assert min(reads) > first_held
