"""The whole demo in one process tree: database, invented people, web, Celery worker and its clock."""

import hashlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser

STEPS = (
    # what it says, the command, and the files that make it worth doing again
    ("Building the database", "migrate", ("**/migrations/*.py", "requirements.txt")),
    ("Writing the handbook", "load_handbook", ("entitlements/**/*.py", "entitlements/data/**/*.toml")),
    ("Writing the local offer", "load_offer", ("local_offer/**/*", "cms/data/**/*.toml", "cms/*.py")),
    ("Inviting the demo's people", "load_demo", ("portal/**/*.py",)),
)


class Command(BaseCommand):
    """Sets the demo up, then serves it until Ctrl-C. A second start does only what has changed."""

    help = "Set up and serve the demo on 127.0.0.1 (used by ./run demo)."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--port", type=int, default=8000)
        parser.add_argument("--prepare-only", action="store_true", help="set everything up and stop")

    def handle(self, *, port: int, prepare_only: bool, **options: object) -> None:
        if not settings.DEMO:
            raise CommandError("The demo is off: set DEMO=1.")
        if not prepare_only and not _is_free(port):
            raise CommandError(
                f"Something already listens on port {port}. Choose another: PORT={port + 1} ./run demo"
            )
        for number in (signal.SIGINT, signal.SIGTERM):  # also where a script started it with Ctrl-C ignored
            signal.signal(number, signal.default_int_handler)
        try:
            self._prepare()
        except KeyboardInterrupt:
            raise CommandError("Stopped. The next start goes on from here.", returncode=130) from None
        if not prepare_only:
            sys.exit(self._serve(port))

    def _prepare(self) -> None:
        done_in = settings.DATA_DIR / "demo-steps"
        if not Path(settings.DATABASES["default"]["NAME"]).exists():
            shutil.rmtree(done_in, ignore_errors=True)  # an empty database needs every step again
        done_in.mkdir(exist_ok=True)
        for number, (words, command, patterns) in enumerate(STEPS, start=1):
            stamp, key = done_in / command, _fingerprint(patterns)
            if stamp.exists() and stamp.read_text() == key:
                continue
            self.stdout.write(f"[{number}/{len(STEPS)}] {words}... ", ending="")
            self.stdout.flush()
            began = time.monotonic()
            call_command(command, verbosity=0)
            stamp.write_text(key)
            self.stdout.write(f"{time.monotonic() - began:.0f} s")

    def _serve(self, port: int) -> int:
        """Everything in one process group, until Ctrl-C or until a part of it ends. The exit code."""
        children: list[subprocess.Popen[bytes]] = []
        try:
            for words in (_web(port), _worker()):
                quiet = {**os.environ, "PYTHONWARNINGS": "ignore"}
                children.append(subprocess.Popen([sys.executable, "-m", *words], env=quiet))
            address = f"http://127.0.0.1:{port}/demo/"
            self.stdout.write(f"\nThe demo is at {address} : choose who to be.  Ctrl-C stops it.")
            self.stdout.flush()
            while all(child.poll() is None for child in children):
                time.sleep(0.2)
        except KeyboardInterrupt:
            return 0
        finally:
            signal.signal(signal.SIGINT, signal.SIG_IGN)
            signal.signal(signal.SIGTERM, signal.SIG_IGN)
            _end(children)
        self.stderr.write("A part of the demo stopped by itself.")
        return 1


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def _web(port: int) -> list[str]:
    return [
        "gunicorn", "portal.wsgi", "--bind", f"127.0.0.1:{port}", "--workers", "1", "--threads", "8",
        "--log-level", "warning", "--graceful-timeout", "2",
    ]  # fmt: skip


def _worker() -> list[str]:
    """One worker that is also the clock."""
    return [
        "celery", "--quiet", "-A", "portal", "worker", "--beat", "--pool", "threads", "--concurrency", "2",
        "--without-gossip", "--without-mingle", "--without-heartbeat", "--loglevel", "ERROR",
    ]  # fmt: skip


def _fingerprint(patterns: tuple[str, ...]) -> str:
    """Changes when any file a step depends on changes."""
    digest = hashlib.sha256()
    for pattern in patterns:
        for folder in ("portal", "local_offer", "entitlements", "cms") if pattern.startswith("**") else ("",):
            for path in sorted(Path(settings.BASE_DIR, folder).glob(pattern)):
                if path.is_file() and "__pycache__" not in path.parts:
                    digest.update(path.read_bytes())
    return digest.hexdigest()


def _end(children: list[subprocess.Popen[bytes]]) -> None:
    for child in children:
        if child.poll() is None:
            child.terminate()
    deadline = time.monotonic() + 5
    for child in children:
        try:
            child.wait(timeout=max(0.1, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()
