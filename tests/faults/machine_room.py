"""A PostgreSQL, a Redis, workers and beat of one test: what can be killed, robbed and cut off."""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from pathlib import Path

import psycopg

from tests.races.portal_server import ROOT, database_url_of_this_test
from tests.servers import PostgreSQL, Redis, free_port


class MachineRoom:
    """Starts with a copy of the test's database as it is now."""

    def __init__(
        self,
        *,
        notify_url: str,
        workers: int = 2,
        provider: str = "portal.integrations.govuk_notify.GovukNotify",
    ):
        self.folder = Path(tempfile.mkdtemp(prefix="portal-faults-"))
        self.postgresql = PostgreSQL().start()
        self._copy_database()
        self.redis = Redis().start()
        self.environ = {
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "tests.faults.settings",
            "DATABASE_URL": self.postgresql.url,
            "REDIS_URL": self.redis.url,
            "MESSAGE_PROVIDER": provider,
            "NOTIFY_BASE_URL": notify_url,
            "NOTIFY_API_KEY": "test-11111111-1111-4111-8111-111111111111-22222222-2222-4222-8222-222222222222",
            "PYTHONWARNINGS": "ignore",
            "LOG_LEVEL": "CRITICAL",
        }
        self.workers = [self._worker() for _ in range(workers)]
        self.beat = self._beat()

    def kill_a_worker(self, number: int) -> None:
        """kill -9 of a worker with all its children, and a new one in its place, as a supervisor would."""
        self._kill(self.workers[number])
        self.workers[number] = self._worker()

    def flush_redis(self) -> None:
        """Everything the broker knew is gone."""
        subprocess.run(
            ["redis-cli", "-p", str(self.redis.port), "FLUSHALL"], stdout=subprocess.DEVNULL, check=False
        )

    def stop_redis(self) -> None:
        self.redis.stop()

    def start_redis(self) -> None:
        self.redis.start()

    def restart_postgresql_hard(self) -> None:
        """A crash of the database, and its recovery."""
        self.postgresql.restart_hard()

    def tend(self) -> None:
        """As a supervisor would: what ended by itself begins again."""
        if self.beat.poll() is not None:
            self.beat = self._beat()
        for number, worker in enumerate(self.workers):
            if worker.poll() is not None:
                self.workers[number] = self._worker()

    def ask(self, query: str) -> list[tuple]:
        """What the database says; nothing while it is away."""
        try:
            with psycopg.connect(self.postgresql.url, connect_timeout=2) as line:
                return line.execute(query).fetchall()
        except psycopg.OperationalError:
            return []

    def stop_workers(self) -> None:
        for process in [*self.workers, self.beat]:
            self._kill(process)

    def close(self) -> None:
        self.stop_workers()
        self.redis.stop()
        self.postgresql.remove()
        shutil.rmtree(self.folder, ignore_errors=True)

    def run_due(self) -> None:
        """The round by hand."""
        subprocess.run(
            [sys.executable, "manage.py", "run_due"],
            cwd=ROOT,
            env=self.environ,
            stdout=subprocess.DEVNULL,
            check=False,
        )

    def _worker(self) -> subprocess.Popen:
        words = [
            "--pool",
            "prefork",
            "--concurrency",
            "2",
            "--without-gossip",
            "--without-mingle",
            "--without-heartbeat",
        ]
        return self._celery("worker", *words, "--hostname", f"w{free_port()}@here")

    def _beat(self) -> subprocess.Popen:
        return self._celery(
            "beat", "--schedule", str(self.folder / f"beat-{time.monotonic_ns()}"), "--pidfile", ""
        )

    def _celery(self, *words: str) -> subprocess.Popen:
        return subprocess.Popen(
            [sys.executable, "-m", "celery", "-A", "portal", *words, "--loglevel", "CRITICAL"],
            cwd=ROOT, env=self.environ, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True,
        )  # fmt: skip

    @staticmethod
    def _kill(process: subprocess.Popen) -> None:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()

    def _copy_database(self) -> None:
        copy = self.folder / "copy.sql"
        subprocess.run(
            [f"{self.postgresql.bin}/pg_dump", "--no-owner", "--file", copy, database_url_of_this_test()],
            check=True,
        )
        subprocess.run(
            [f"{self.postgresql.bin}/psql", "-q", "-v", "ON_ERROR_STOP=1", "-f", copy, self.postgresql.url],
            stdout=subprocess.DEVNULL, check=True,
        )  # fmt: skip
