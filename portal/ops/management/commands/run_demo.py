"""The whole demo in one process tree: database, invented people, web, Celery worker and its clock."""

import hashlib
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from types import FrameType

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
        self._prepare()
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
        python = [sys.executable, "-m"]
        celery = [
            "celery",
            "--quiet",
            "-A",
            "portal",
            "worker",
            "--beat",
            "--pool",
            "threads",
            "--concurrency",
            "2",
        ]
        alone = ["--without-gossip", "--without-mingle", "--without-heartbeat", "--loglevel", "ERROR"]
        web = ["gunicorn", "portal.wsgi", "--bind", f"127.0.0.1:{port}", "--workers", "1", "--threads", "8"]
        children = [
            subprocess.Popen([*python, *web, "--log-level", "warning", "--graceful-timeout", "2"]),
            subprocess.Popen([*python, *celery, *alone], env={**os.environ, "PYTHONWARNINGS": "ignore"}),
        ]

        def stop(number: int, frame: FrameType | None) -> None:
            raise KeyboardInterrupt

        signal.signal(signal.SIGINT, stop)
        signal.signal(signal.SIGTERM, stop)
        self.stdout.write(
            f"\nThe demo is at http://127.0.0.1:{port}/demo/ : choose who to be.  Ctrl-C stops it."
        )
        self.stdout.flush()
        try:
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
