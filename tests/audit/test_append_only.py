import pytest

# ruff: noqa: S608 (ids of our own rows)
from django.db import DatabaseError, connection, models, transaction

from portal.audit.append_only import AppendOnly, unguarded
from portal.audit.chain import TABLES
from portal.audit.models import AuditEvent
from portal.audit.services import record

pytestmark = pytest.mark.django_db


@pytest.fixture
def event(now):
    return record("record_opened", by=None, now=now, part="overview")


def _raw(sql):
    with connection.cursor() as cursor:
        cursor.execute(sql)


@pytest.mark.parametrize(
    "change",
    [
        lambda event: AuditEvent.objects.filter(pk=event.pk).update(part="money"),
        lambda event: AuditEvent.objects.filter(pk=event.pk).delete(),
        lambda event: event.delete(),
        lambda event: event.save(),
        lambda event: _raw(f"UPDATE audit_auditevent SET part = 'x' WHERE id = {event.pk}"),
        lambda event: _raw(f"DELETE FROM audit_auditevent WHERE id = {event.pk}"),
    ],
)
def test_no_door_changes_or_removes_a_line_of_the_trail(event, change):
    with pytest.raises(DatabaseError, match="added to, never changed"), transaction.atomic():
        change(event)

    assert AuditEvent.objects.get().part == "overview"


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has no TRUNCATE")
def test_the_trail_is_not_emptied_either(event):
    with pytest.raises(DatabaseError, match="added to, never changed"), transaction.atomic():
        _raw("TRUNCATE audit_auditevent CASCADE")


def test_a_table_that_lost_its_guard_is_named():
    assert unguarded(TABLES) == []

    with transaction.atomic():
        on = " ON audit_auditseal" if connection.vendor == "postgresql" else ""
        name = "no_change" if connection.vendor == "postgresql" else "no_update"
        _raw(f"DROP TRIGGER audit_auditseal_{name}{on}")
        assert unguarded(TABLES) == ["audit_auditseal"]
        transaction.set_rollback(True)


def test_the_guard_comes_off_when_its_migration_goes_backwards(event):
    guard = AppendOnly("audit_auditevent")

    with transaction.atomic():
        editor = connection.schema_editor(atomic=False)
        guard.database_backwards("audit", editor, None, None)
        AuditEvent.objects.filter(pk=event.pk).update(part="money")
        guard.database_forwards("audit", editor, None, None)
        assert unguarded(TABLES) == []
        transaction.set_rollback(True)


def test_every_table_the_house_promises_never_to_change_has_its_guard():
    from django.apps import apps

    promised = [
        model._meta.db_table
        for model in apps.get_models()
        if model._meta.app_label in {"audit", "ledger", "entitlements"} and model.__name__ in {
            "AuditEvent", "AuditSeal", "Entry", "EntitlementVersion"
        }
    ]  # fmt: skip

    assert len(promised) == 4
    assert issubclass(AuditEvent, models.Model)
    assert unguarded(promised) == []
