"""Runs everything `./run check` promises, and says at the end what was not clean."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent
HERE = Path(sys.executable).parent
CODE = ["portal", "local_offer", "entitlements", "cms", "tests", "bench", "manage.py"]

PRODUCTION = {
    "DJANGO_SETTINGS_MODULE": "portal.settings",
    "SECRET_KEY": "only-for-this-check-" + "".join(chr(97 + i * 7 % 26) for i in range(60)),
    "FIELD_KEYS": "b25seS1mb3ItdGhpcy1jaGVjay0zMi1ieXRlcy1sb24=",
    "ALLOWED_HOSTS": "portal.example.gov.uk",
    "BASE_URL": "https://portal.example.gov.uk",
    "DATABASE_URL": "postgres://portal@127.0.0.1/portal",
    "REDIS_URL": "redis://127.0.0.1/0",
    "NOTIFY_API_KEY": "check",
    "NOTIFY_CALLBACK_TOKEN": "check-callback-token-check-callback-token",
    "NOTIFY_SMS_TEMPLATE": "check",
    "NOTIFY_EMAIL_TEMPLATE": "check",
}
TESTS = {"DJANGO_SETTINGS_MODULE": "tests.settings", "DATABASE_URL": "sqlite:////tmp/portal-check.sqlite3"}

CHECKS: list[tuple[str, list[str], dict[str, str]]] = [
    ("format", ["ruff", "format", "--check", *CODE], {}),
    ("lint", ["ruff", "check", *CODE], {}),
    ("templates", ["djlint", "templates", "--lint", "--quiet"], {}),
    ("types", ["mypy"], TESTS),
    ("import contracts", ["lint-imports"], TESTS),
    ("migrations match models", ["python", "manage.py", "makemigrations", "--check", "--dry-run"], TESTS),
    (
        "production settings",
        ["python", "manage.py", "check", "--deploy", "--fail-level", "WARNING"],
        PRODUCTION,
    ),
    ("version floors", ["python", "-m", "tests.floors"], {}),
]


def main() -> int:
    """0 when everything is clean."""
    failed = []
    for name, words, settings in CHECKS:
        print(f"== {name}", flush=True)
        done = subprocess.run([HERE / words[0], *words[1:]], cwd=ROOT, env={**os.environ, **settings})
        if done.returncode:
            failed.append(name)
    print("\nNot clean: " + ", ".join(failed) if failed else "\nAll clean.")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
