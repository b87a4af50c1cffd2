"""Runs the whole suite as `./run test` does: on PostgreSQL, then what matters again on SQLite.

With words after it (`./run test tests/payments -k queue`) only those go to pytest, on PostgreSQL.
"""

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests.servers import PostgreSQL

ROOT = Path(__file__).parent.parent


def main(words: list[str]) -> int:
    """0 when every run was green."""
    server = PostgreSQL().start()
    try:
        on_postgresql = {"DATABASE_URL": server.url, "TEMPLATE_DATABASE": _template(server.url)}
        if words:
            return _pytest(words, **on_postgresql)
        parallel = ["-n", "2", "--dist", "worksteal"]
        results = [
            _pytest([*parallel, "-m", "not alone and not empties", "tests"], **on_postgresql),
            _pytest(["-m", "empties and not alone", "tests"], **on_postgresql),
            _pytest(["-m", "alone", "tests"], **on_postgresql),  # whole portals and races want the machine
        ]
    finally:
        server.remove()
    with tempfile.TemporaryDirectory(prefix="portal-sqlite-") as folder:
        on_sqlite = {"DATABASE_URL": f"sqlite:///{folder}/portal.sqlite3"}
        results.append(
            _pytest([*parallel, "-m", "sqlite and not empties and not alone", "tests"], **on_sqlite)
        )
        results.append(_pytest(["-m", "sqlite and (empties or alone)", "tests"], **on_sqlite))
    return max(results)


def _template(url: str) -> str:
    """Migrates one database; every worker starts from a copy of it, which takes a tenth of a second."""
    began = time.monotonic()
    name = "portal_template"
    psql = [
        sys.executable,
        "-c",
        "import sys, psycopg; psycopg.connect(sys.argv[1], autocommit=True).execute(sys.argv[2])",
    ]
    subprocess.run([*psql, url, f"CREATE DATABASE {name}"], check=True)
    subprocess.run(
        [sys.executable, "manage.py", "migrate", "--verbosity", "0"],
        check=True,
        cwd=ROOT,
        env={
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "tests.settings",
            "DATABASE_URL": url.rsplit("/", 1)[0] + "/" + name,
        },
    )
    print(f"Migrated a database in {time.monotonic() - began:.0f} s.", flush=True)
    return name


def _pytest(words: list[str], **environment: str) -> int:
    # Databases are not dropped after a run: the whole cluster goes, and a server thread may still hold one open.
    kept = ["--reuse-db", "--create-db"] if "postgres" in environment["DATABASE_URL"] else []
    code = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", *kept, *words], cwd=ROOT, env={**os.environ, **environment}
    ).returncode
    return 0 if code == 5 and "-m" in words else code  # 5: no test carries that mark


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
