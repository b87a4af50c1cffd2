"""After a test with real transactions the database is again what it was before the first test.

Django would empty all its tables instead, Wagtail's first pages with them. That leaves a database no migration makes,
takes ten times as long, and asks append-only tables to let themselves be emptied.
"""

import shutil
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

import psycopg
from django.db import connection, connections
from django.test import TransactionTestCase
from psycopg import sql


def keep_a_copy() -> None:
    """Of the database as it is now: what every later test begins with."""
    connections.close_all()
    if connection.vendor == "postgresql":
        with _server() as server:
            copy_database(server, _name(), _clean())
    else:
        shutil.copyfile(_name(), _clean())


def put_the_copy_back(_test: Any = None) -> None:
    """Whoever is still connected is sent away."""
    connections.close_all()
    if connection.vendor == "postgresql":
        with _server() as server:
            copy_database(server, _clean(), _name())
        return
    for beside in ("-wal", "-shm"):
        Path(_name() + beside).unlink(missing_ok=True)
    shutil.copyfile(_clean(), _name())


def copies_instead_of_emptying() -> None:
    """From now on, for every test with real transactions."""
    TransactionTestCase._fixture_teardown = put_the_copy_back  # type: ignore[method-assign]


def copy_database(server: psycopg.Connection, start: str, name: str, *, tries: int = 100) -> None:
    """Make the database `name` what `start` is; whoever is connected to the old one is sent away.

    A database can be copied only while nobody reads it: waits for those who do.
    """
    server.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))
    for _ in range(tries):
        with suppress(psycopg.errors.ObjectInUse):
            server.execute(
                sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(*map(sql.Identifier, (name, start)))
            )
            return
        time.sleep(0.2)
    raise AssertionError(f"Somebody reads the database {start} all the time: it cannot be copied.")


def _server() -> psycopg.Connection:
    there = connection.settings_dict
    return psycopg.connect(
        host=there["HOST"], port=there["PORT"], user=there["USER"], password=there["PASSWORD"], dbname="postgres",
        autocommit=True,
    )  # fmt: skip


def _name() -> str:
    return str(connection.settings_dict["NAME"])


def _clean() -> str:
    return _name() + "_clean"
