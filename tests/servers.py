"""Real servers for the tests, on 127.0.0.1: a throw-away PostgreSQL cluster and a Redis."""

import atexit
import glob
import os
import pwd
import shutil
import socket
import subprocess
import tempfile
import time
from pathlib import Path


class ServerMissing(RuntimeError):
    """A server's program is not on this machine; the message says what to install."""


def free_port() -> int:
    """A port nobody listens on at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class PostgreSQL:
    """A cluster in a folder of its own. `restart_hard()` is a crash: no goodbye, then recovery."""

    def __init__(self) -> None:
        self.bin = _postgresql_bin()
        self.port = free_port()
        self.folder = Path(tempfile.mkdtemp(prefix="portal-pg-"))
        self.data = self.folder / "data"
        self._as: list[str] = []
        if os.geteuid() == 0:  # initdb refuses root
            owner = "postgres" if _user_exists("postgres") else "nobody"
            self._as = ["setpriv", f"--reuid={owner}", f"--regid={_group_of(owner)}", "--clear-groups"]
            shutil.chown(self.folder, owner)
        self._run(
            "initdb",
            "-D",
            self.data,
            "-A",
            "trust",
            "-E",
            "UTF8",
            "--locale=C.UTF-8",
            "--no-sync",
            "-U",
            "app",
        )

    @property
    def url(self) -> str:
        return f"postgres://app@127.0.0.1:{self.port}/postgres"

    def start(self) -> "PostgreSQL":
        options = (
            f"-c listen_addresses=127.0.0.1 -c port={self.port} -c unix_socket_directories={self.folder}"
        )
        fast = "-c fsync=off -c synchronous_commit=off -c full_page_writes=off -c max_connections=300"
        self._run(
            "pg_ctl",
            "-D",
            self.data,
            "-w",
            "-t",
            "60",
            "-l",
            self.folder / "log",
            "start",
            "-o",
            f"{options} {fast}",
        )
        return self

    def stop(self, mode: str = "fast") -> None:
        self._run("pg_ctl", "-D", self.data, "-w", "-t", "60", "-m", mode, "stop", check=False)

    def restart_hard(self) -> None:
        self.stop(mode="immediate")
        self.start()

    def remove(self) -> None:
        self.stop(mode="immediate")
        shutil.rmtree(self.folder, ignore_errors=True)

    def _run(self, program: str, *words: object, check: bool = True) -> None:
        subprocess.run(
            [*self._as, f"{self.bin}/{program}", *map(str, words)],
            check=check, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL if not check else None, cwd="/",
        )  # fmt: skip


class Redis:
    """A Redis without a disk: what it forgets when it stops is the point."""

    def __init__(self) -> None:
        program = shutil.which("redis-server")
        if not program:
            raise ServerMissing(
                "Redis is not on this machine. Install it (Debian: apt-get install redis-server)."
            )
        self.program = program
        self.port = free_port()
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}/0"

    def start(self) -> "Redis":
        self.process = subprocess.Popen(
            [
                self.program,
                "--port",
                str(self.port),
                "--bind",
                "127.0.0.1",
                "--save",
                "",
                "--appendonly",
                "no",
            ],
            stdout=subprocess.DEVNULL,
        )
        for _ in range(200):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", self.port)) == 0:
                    return self
            self.process.poll()
            time.sleep(0.05)
        raise RuntimeError("Redis did not answer within 10 seconds.")

    def stop(self) -> None:
        if self.process:
            self.process.kill()
            self.process.wait()
            self.process = None


def database_url() -> str:
    """DATABASE_URL if the caller gave one, else a cluster of our own until this process ends."""
    if not os.environ.get("DATABASE_URL"):
        server = PostgreSQL().start()
        atexit.register(_remove_in, os.getpid(), server)
        os.environ["DATABASE_URL"] = server.url
    return os.environ["DATABASE_URL"]


def _remove_in(pid: int, server: PostgreSQL) -> None:
    if os.getpid() == pid:  # a forked child must not take the cluster with it
        server.remove()


def _postgresql_bin() -> str:
    found = sorted(glob.glob("/usr/lib/postgresql/*/bin/initdb"), key=lambda path: int(path.split("/")[4]))
    initdb = found[-1] if found else shutil.which("initdb")
    if not initdb:
        raise ServerMissing(
            "PostgreSQL is not on this machine. Install it (Debian: apt-get install postgresql)."
        )
    return str(Path(initdb).parent)


def _user_exists(name: str) -> bool:
    try:
        pwd.getpwnam(name)
    except KeyError:
        return False
    return True


def _group_of(name: str) -> int:
    return pwd.getpwnam(name).pw_gid
