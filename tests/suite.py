"""Runs the whole suite as `./run test` does: on PostgreSQL, then what matters again on SQLite.

With words after it (`./run test tests/payments -k queue`) only those go to pytest, on PostgreSQL.
"""

import os
import subprocess
import sys
import tempfile
import time
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

from tests.servers import PostgreSQL

ROOT = Path(__file__).parent.parent
PARALLEL = ["-n", "2", "--dist", "worksteal"]
BY_FILE = ["-n", "3", "--dist", "loadfile"]


def main(words: list[str]) -> int:
    """0 when every run was green."""
    server = PostgreSQL().start()
    try:
        if words:
            return _pytest(words, DATABASE_URL=server.url, TEMPLATE_DATABASE=_on_postgresql(server.url))
        with tempfile.TemporaryDirectory(prefix="portal-sqlite-") as folder, ThreadPoolExecutor() as pool:
            file = pool.submit(_on_sqlite, Path(folder))
            on_postgresql = {"DATABASE_URL": server.url, "TEMPLATE_DATABASE": _on_postgresql(server.url)}
            on_sqlite = {"DATABASE_URL": f"sqlite:///{folder}/portal.sqlite3", "TEMPLATE_FILE": file.result()}
            on_postgresql["TEMPLATE_FILE"] = file.result()  # the demo's own tests start from it
            results = [_pytest([*PARALLEL, "-m", "not alone", "tests"], **on_postgresql)]
            # Whole portals, races and crashes wait for other processes half of their time: the rest runs beside them.
            alone = pool.submit(_quietly, [*BY_FILE, "-m", "alone", "tests"], **on_postgresql)
            sqlite = pool.submit(_quietly, ["-m", "sqlite", "tests"], **on_sqlite)
            _tell("SQLite", sqlite, results)
            _tell("PostgreSQL, whole portals, races and crashes", alone, results)
    finally:
        server.remove()
    return max(results)


def _tell(name: str, run: "Future[tuple[int, str]]", results: list[int]) -> None:
    """What a run said, when it has ended."""
    code, said = run.result()
    print(f"\n== {name}\n{said}", flush=True)
    results.append(code)


def _on_postgresql(url: str) -> str:
    """Migrates one database; every worker starts from a copy of it, which takes a tenth of a second."""
    name = "portal_template"
    create = "import sys, psycopg; psycopg.connect(sys.argv[1], autocommit=True).execute(sys.argv[2])"
    subprocess.run([sys.executable, "-c", create, url, f"CREATE DATABASE {name}"], check=True)
    _migrate(url.rsplit("/", 1)[0] + "/" + name)
    return name


def _on_sqlite(folder: Path) -> str:
    """The same as a file, whose copies are the databases of the SQLite run and of the demo's own tests."""
    file = folder / "template.sqlite3"
    _migrate(f"sqlite:///{file}")
    return str(file)


def _migrate(url: str) -> None:
    began = time.monotonic()
    subprocess.run(
        [sys.executable, "manage.py", "migrate", "--verbosity", "0"],
        check=True,
        cwd=ROOT,
        env={**os.environ, "DJANGO_SETTINGS_MODULE": "tests.settings", "DATABASE_URL": url},
    )
    print(f"Migrated a database in {time.monotonic() - began:.0f} s.", flush=True)


def _pytest(words: list[str], **environment: str) -> int:
    command, environment = _run(words, environment)
    return _judged(subprocess.run(command, cwd=ROOT, env=environment).returncode, words)


def _quietly(words: list[str], **environment: str) -> tuple[int, str]:
    """The same beside others: what it says is told when it has ended."""
    command, environment = _run(words, environment)
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True)
    return _judged(done.returncode, words), done.stdout + done.stderr


def _run(words: list[str], environment: dict[str, str]) -> tuple[list[str], dict[str, str]]:
    # Databases are not dropped after a run: the whole cluster goes, and a server thread may still hold one open.
    kept = ["--reuse-db", *(["--create-db"] if "postgres" in environment["DATABASE_URL"] else [])]
    return [sys.executable, "-m", "pytest", "-q", *kept, *words], {**os.environ, **environment}


def _judged(code: int, words: list[str]) -> int:
    return 0 if code == 5 and "-m" in words else code  # 5: no test carries that mark


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
