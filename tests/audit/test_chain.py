from datetime import timedelta

# ruff: noqa: S608 (ids of our own rows)
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from portal.audit import chain
from portal.audit.models import AuditEvent, AuditSeal
from portal.audit.services import record

pytestmark = pytest.mark.django_db


@pytest.fixture
def trail(now):
    """Three sealed lines."""
    for part in ("overview", "money", "plan"):
        record("record_opened", by=None, now=now, part=part, detail={"n": 1, "why": None})
    assert chain.seal_audit(now=now) == 3
    return list(AuditEvent.objects.order_by("pk"))


@pytest.fixture
def tamper():
    """What somebody with the database's own password could do: take the guards off and write."""

    def write(sql):
        with connection.cursor() as cursor:
            if connection.vendor == "postgresql":
                cursor.execute("SET LOCAL session_replication_role = replica")
                cursor.execute(sql)
                cursor.execute("SET LOCAL session_replication_role = DEFAULT")
                return
            cursor.execute(
                "SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name LIKE 'audit%'"
            )
            guards = cursor.fetchall()
            for name, _sql in guards:
                cursor.execute(f"DROP TRIGGER {name}")
            cursor.execute(sql)
            for _name, guard in guards:
                cursor.execute(guard)

    return write


def _found(now):
    return [(finding.where, finding.what) for finding in chain.verify(now=now)]


def test_a_whole_trail_is_found_whole(trail, now):
    assert _found(now + timedelta(hours=1)) == []


@pytest.mark.parametrize(
    "column",
    ["action = 'x'", "actor_id = 7", "part = 'x'", "young_person_id = 9", "reason = 'x'", "actor_role = 'x'"],
)
def test_a_changed_line_is_found(trail, tamper, now, column):
    tamper(f"UPDATE audit_auditevent SET {column} WHERE id = {trail[1].pk}")

    assert _found(now) == [(f"event {trail[1].pk}", "is not what was sealed")]


def test_a_removed_line_is_found(trail, tamper, now):
    tamper(f"DELETE FROM audit_auditseal WHERE event_id = {trail[1].pk}")
    tamper(f"DELETE FROM audit_auditevent WHERE id = {trail[1].pk}")

    assert ("seal 2", "missing from the chain") in _found(now)


def test_a_line_cut_out_with_the_chain_joined_up_again_is_found(trail, tamper, now):
    first = AuditSeal.objects.get(number=1)
    tamper(f"DELETE FROM audit_auditseal WHERE event_id = {trail[1].pk}")
    tamper(f"DELETE FROM audit_auditevent WHERE id = {trail[1].pk}")
    tamper(
        f"UPDATE audit_auditseal SET number = 2, previous_hash = '{first.hash}' WHERE event_id = {trail[2].pk}"
    )

    assert (f"event {trail[2].pk}", "is not what was sealed") in _found(now)


def test_a_line_put_in_with_an_old_date_is_found(trail, now):
    later = now + timedelta(days=3)
    record("record_opened", by=None, now=later, part="today")
    chain.seal_audit(now=later)
    forged = record("record_opened", by=None, now=now, part="money")
    chain.seal_audit(now=later)

    assert _found(later) == [(f"event {forged.pk}", "was never sealed")]


def test_the_newest_lines_cut_off_are_found_by_the_hash_in_the_log(trail, tamper, now):
    head = AuditSeal.objects.get(number=3).hash
    tamper(f"DELETE FROM audit_auditseal WHERE event_id = {trail[2].pk}")
    tamper(f"DELETE FROM audit_auditevent WHERE id = {trail[2].pk}")

    assert _found(now) == []
    assert [finding.what for finding in chain.verify(now=now, head=head)] == [
        "was noted elsewhere and is gone"
    ]


def test_sealing_twice_seals_nothing_more_and_two_at_once_make_one_chain(trail, now, monkeypatch):
    assert chain.seal_audit(now=now) == 0
    record("record_opened", by=None, now=now, part="today")
    stale = AuditSeal.objects.get(number=2)
    last = AuditSeal.objects.order_by("-number").first()

    seen = AuditSeal.objects.order_by("-number")
    monkeypatch.setattr(type(seen), "first", lambda self: stale)  # a round that looked before the other wrote
    assert chain._seal_batch(now=now) == 0
    monkeypatch.undo()

    assert AuditSeal.objects.order_by("-number").first() == last
    assert chain.seal_audit(now=now) == 1
    assert _found(now) == []


def test_a_line_that_commits_late_is_sealed_by_the_next_round(trail, now):
    late = record("record_opened", by=None, now=now - timedelta(seconds=30), part="late")

    assert chain.seal_audit(now=now) == 1
    assert AuditSeal.objects.get(event=late).number == 4


def test_a_thousand_lines_are_sealed_in_a_few_queries(now, django_assert_max_num_queries):
    AuditEvent.objects.bulk_create([AuditEvent(at=now, action="seen", detail={}) for _ in range(1500)])

    with django_assert_max_num_queries(30):
        assert chain.seal_audit(now=now) == 1500


def test_the_command_says_whole_or_ends_with_an_error(trail, tamper):
    said = StringIO()
    call_command("verify_audit", stdout=said)
    assert "whole: 3 sealed" in said.getvalue()

    tamper(f"UPDATE audit_auditevent SET part = 'x' WHERE id = {trail[0].pk}")
    with pytest.raises(CommandError, match="1 found"):
        call_command("verify_audit", stderr=StringIO())
