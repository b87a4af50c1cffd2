"""Lets the test runner empty append-only tables between tests. Nothing outside the tests imports this."""

from collections.abc import Iterable
from typing import Any

from django.db import connections, transaction
from django.db.backends.base.operations import BaseDatabaseOperations


def let_tests_empty_tables() -> None:
    """Django empties tables after a test with real transactions; the triggers stand aside for that, and only that."""
    emptying = BaseDatabaseOperations.execute_sql_flush

    def with_triggers_aside(self: BaseDatabaseOperations, sql_list: Iterable[str]) -> Any:
        alias = self.connection.alias
        if self.connection.vendor == "postgresql":
            return emptying(self, ["SET LOCAL portal.allow_truncate = 'on'", *sql_list])
        with transaction.atomic(using=alias), connections[alias].cursor() as cursor:
            cursor.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")
            triggers = [row for row in cursor.fetchall() if row[0].endswith(("_no_update", "_no_delete"))]
            for name, _sql in triggers:
                cursor.execute(f"DROP TRIGGER {name}")
            answer = emptying(self, sql_list)
            for _name, sql in triggers:
                cursor.execute(sql)
        return answer

    BaseDatabaseOperations.execute_sql_flush = with_triggers_aside  # type: ignore[method-assign]
