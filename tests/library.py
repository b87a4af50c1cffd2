"""The handbook and the local offer as they stand after loading, for whole folders of tests.

Loading takes a quarter of a minute of processor. On PostgreSQL it is done once in a run, into a database of its own;
its rows are then copied into a folder's transaction in less than a second. On SQLite each folder loads.
"""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psycopg
from django.conf import settings
from django.core.management import call_command
from django.db import connection, transaction
from psycopg import sql

from tests.conftest import NOW, Clock
from tests.fresh_database import copy_database

ROOT = Path(__file__).parent.parent
HANDBOOK = ("load_handbook",)
HANDBOOK_AND_OFFER = ("load_handbook", "load_offer")
Commands = tuple[str, ...]


@contextmanager
def loaded(commands: Commands, django_db_blocker) -> Iterator[None]:
    """What these commands load stands in a transaction that is taken back at the end."""
    with django_db_blocker.unblock(), transaction.atomic():
        if connection.vendor == "postgresql":
            _copy_rows(_address(database_loaded_by(commands)))
        else:
            Clock(Path(settings.CLOCK_OFFSET_FILE)).set(NOW)
            for command in commands:
                call_command(command, verbosity=0)
        yield
        transaction.set_rollback(True)


def database_loaded_by(commands: Commands) -> str:
    """The name of a PostgreSQL database in which these commands ran; made by whoever asks first."""
    # Loaded "today" or at the tests' own moment, whichever is earlier: nobody's clock finds pages of the future.
    behind = min(NOW - datetime.now(UTC), timedelta())
    offset = Path(settings.DATA_DIR) / "loading-clock-offset"
    offset.write_text(str(int(behind.total_seconds())))
    return made_once(
        "loaded_by_" + "_".join(commands),
        start=os.environ.get("TEMPLATE_DATABASE", "template1"),
        commands=("migrate", *commands),
        environ={"DJANGO_SETTINGS_MODULE": "tests.settings", "CLOCK_OFFSET_FILE": str(offset)},
    )


def made_once(name: str, *, start: str, commands: Commands, environ: dict[str, str]) -> str:
    """A PostgreSQL database by its name: a copy of `start` in which management commands ran. Whoever asks first
    makes it; the others wait."""
    unfinished = f"{name}_unfinished"
    with psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) as server:
        server.execute("SELECT pg_advisory_lock(hashtext(%s))", [name])
        if not server.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone():
            copy_database(server, start, unfinished)
            for command in commands:
                subprocess.run(
                    [sys.executable, "manage.py", command, "--verbosity", "0"],
                    check=True,
                    cwd=ROOT,
                    env={**os.environ, **environ, "DATABASE_URL": _address(unfinished)},
                )
            server.execute(
                sql.SQL("ALTER DATABASE {} RENAME TO {}").format(*map(sql.Identifier, (unfinished, name)))
            )
    return name


def _address(name: str) -> str:
    return os.environ["DATABASE_URL"].rsplit("/", 1)[0] + "/" + name


def _copy_rows(address: str) -> None:
    """Put the rows of another database of the same shape in the place of this one's, inside the open transaction."""
    connection.ensure_connection()
    here = connection.connection
    with psycopg.connect(address) as there, here.cursor() as into, there.cursor() as source:
        into.execute(
            "SET LOCAL session_replication_role = replica"
        )  # rows arrive table by table, in no order
        for table, columns in _tables(source):
            names = sql.SQL(", ").join(map(sql.Identifier, columns))
            into.execute(sql.SQL("DELETE FROM {}").format(sql.Identifier(table)))
            out = sql.SQL("COPY {} ({}) TO STDOUT (FORMAT BINARY)").format(sql.Identifier(table), names)
            back = sql.SQL("COPY {} ({}) FROM STDIN (FORMAT BINARY)").format(sql.Identifier(table), names)
            with source.copy(out) as rows, into.copy(back) as place:
                for row in rows:
                    place.write(row)
        into.execute("SET LOCAL session_replication_role = origin")
        source.execute("SELECT sequencename, last_value FROM pg_sequences WHERE last_value IS NOT NULL")
        for sequence, last in source.fetchall():
            into.execute(
                "SELECT setval(%s::regclass, greatest(%s, nextval(%s::regclass)))", [sequence, last, sequence]
            )


def _tables(source: psycopg.Cursor) -> list[tuple[str, list[str]]]:
    """Every table with the columns that hold something of their own."""
    source.execute(
        "SELECT table_name, array_agg(column_name::text ORDER BY ordinal_position)"
        " FROM information_schema.columns JOIN information_schema.tables USING (table_schema, table_name)"
        " WHERE table_schema = 'public' AND table_type = 'BASE TABLE' AND is_generated = 'NEVER'"
        " GROUP BY table_name"
    )
    return source.fetchall()
