"""Tables that are added to and never changed: triggers on both databases refuse UPDATE, DELETE and TRUNCATE.

In the migration that makes such a table:

    operations = [migrations.CreateModel(...), AppendOnly("ledger_entry")]

SQLite makes a table anew when a column changes, and its triggers go with the old one: a later migration
that alters such
a table ends with `AppendOnly` again. `unguarded()` names any table that lost its triggers.

In production the application's own database role may only INSERT and SELECT here (docs/runbook.md).
"""

from collections.abc import Iterable
from typing import Any

from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.operations.base import Operation
from django.db.migrations.state import ProjectState

_FUNCTION = """
CREATE OR REPLACE FUNCTION portal_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is added to, never changed', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END $$
"""


class AppendOnly(Operation):
    """Guards one table for good. Going backwards takes the guard off; running it again puts it back."""

    reversible = True
    reduces_to_sql = True

    def __init__(self, table: str) -> None:
        self.table = table

    def state_forwards(self, app_label: str, state: ProjectState) -> None:
        """Nothing about the models changes."""

    def database_forwards(
        self, app_label: str, schema_editor: BaseDatabaseSchemaEditor, from_state: Any, to_state: Any
    ) -> None:
        _run(schema_editor, [*_off(schema_editor.connection.vendor, self.table),
                             *_on(schema_editor.connection.vendor, self.table)])  # fmt: skip

    def database_backwards(
        self, app_label: str, schema_editor: BaseDatabaseSchemaEditor, from_state: Any, to_state: Any
    ) -> None:
        _run(schema_editor, _off(schema_editor.connection.vendor, self.table))

    def describe(self) -> str:
        return f"Refuse any change to rows of {self.table}"

    @property
    def migration_name_fragment(self) -> str:
        return f"append_only_{self.table}"


def unguarded(tables: Iterable[str], *, using: str = "default") -> list[str]:
    """Which of these tables lack a guard on this database."""
    connection: BaseDatabaseWrapper = connections[using]
    on_sqlite = connection.vendor == "sqlite"
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT tbl_name, name FROM sqlite_master WHERE type = 'trigger'"
            if on_sqlite
            else "SELECT tgrelid::regclass::text, tgname FROM pg_trigger WHERE NOT tgisinternal AND tgenabled <> 'D'"
        )
        found = set(cursor.fetchall())
    moments = ("no_update", "no_delete") if on_sqlite else ("no_change", "no_truncate")
    return [table for table in tables if any((table, f"{table}_{moment}") not in found for moment in moments)]


def _run(schema_editor: BaseDatabaseSchemaEditor, statements: list[str]) -> None:
    for statement in statements:
        schema_editor.execute(statement, params=None)


def _on(vendor: str, table: str) -> list[str]:
    if vendor == "sqlite":
        return [
            f"CREATE TRIGGER {table}_no_{verb.lower()} BEFORE {verb} ON {table} "
            f"BEGIN SELECT RAISE(ABORT, '{table} is added to, never changed'); END"
            for verb in ("UPDATE", "DELETE")
        ]
    return [
        _FUNCTION,
        f"CREATE TRIGGER {table}_no_change BEFORE UPDATE OR DELETE ON {table} "
        "FOR EACH ROW EXECUTE FUNCTION portal_append_only()",
        f"CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table} "
        "FOR EACH STATEMENT EXECUTE FUNCTION portal_append_only()",
    ]


def _off(vendor: str, table: str) -> list[str]:
    if vendor == "sqlite":
        return [f"DROP TRIGGER IF EXISTS {table}_no_{verb}" for verb in ("update", "delete")]
    return [f"DROP TRIGGER IF EXISTS {table}_no_{verb} ON {table}" for verb in ("change", "truncate")]
