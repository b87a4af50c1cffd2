"""Production says what is missing, a sentence each, and keeps the demo out."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.db import connection

from tests.checks import PRODUCTION

ROOT = Path(__file__).parent.parent.parent
CLEAN = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}


def ask(code: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env={**CLEAN, **environment},
        capture_output=True,
        text=True,
        timeout=120,
    )


@pytest.mark.parametrize(
    "name", ["SECRET_KEY", "FIELD_KEYS", "ALLOWED_HOSTS", "BASE_URL", "DATABASE_URL", "REDIS_URL"]
)
def test_a_missing_setting_stops_the_start_and_says_which(name):
    environment = {key: value for key, value in PRODUCTION.items() if key != name}

    answer = ask("import portal.settings", **environment)

    assert answer.returncode != 0
    assert f"- {name} must" in answer.stderr


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("FIELD_KEYS", "A" * 43 + "=", "FIELD_KEYS holds a weak key"),
        ("FIELD_KEYS", "ZGVtby1vbmx5LWtleS1ub3QtYS1zZWNyZXQtMzJieXQ=", "FIELD_KEYS holds a weak key"),
        ("FIELD_KEYS", "not a key but a sentence that is long enough", "FIELD_KEYS holds a weak key"),
        ("SECRET_KEY", "short", "SECRET_KEY must be set of at least 50 characters"),
        ("DATABASE_URL", "sqlite:///x.sqlite3", "DATABASE_URL must name a PostgreSQL server"),
        ("ALLOWED_HOSTS", "*", "ALLOWED_HOSTS must name the hosts"),
        ("BASE_URL", "http://portal.example.gov.uk", "BASE_URL must start with https"),
        ("CLOCK_OFFSET_FILE", "/var/clock", "CLOCK_OFFSET_FILE moves the clock"),
        ("MESSAGE_PROVIDER", "portal.integrations.recording.Recording", "MESSAGE_PROVIDER only records"),
    ],
)
def test_a_weak_setting_stops_the_start_and_says_why(name, value, sentence):
    answer = ask("import portal.settings", **{**PRODUCTION, name: value})

    assert answer.returncode != 0
    assert sentence in answer.stderr


def test_a_comma_after_the_last_key_is_no_key():
    said = "import portal.settings as it; print(len(it.FIELD_KEYS))"

    assert ask(said, **{**PRODUCTION, "FIELD_KEYS": PRODUCTION["FIELD_KEYS"] + ","}).stdout.strip() == "1"


def test_every_missing_setting_is_told_at_once():
    answer = ask("import portal.settings")

    assert answer.stderr.count("\n  - ") >= 7


def test_the_demo_has_no_address_in_production():
    code = """
import os
os.environ["DJANGO_SETTINGS_MODULE"] = "portal.settings"
import django; django.setup()
from django.urls import NoReverseMatch, reverse
try:
    reverse("demo:people")
except NoReverseMatch:
    print("absent")
"""

    assert ask(code, **PRODUCTION).stdout.strip() == "absent"


def test_the_demo_is_refused_on_an_address_others_can_reach():
    words = [sys.executable, "manage.py", "check"]

    answer = subprocess.run(
        words,
        cwd=ROOT,
        env={
            **CLEAN,
            "DEMO": "1",
            "BASE_URL": "https://portal.example.gov.uk",
            "DJANGO_SETTINGS_MODULE": "portal.settings",
        },
        capture_output=True,
        text=True,
    )

    assert answer.returncode != 0
    assert "portal.E001" in answer.stderr


@pytest.mark.django_db
def test_postgresql_compiles_no_query():
    """It cost seconds a page right after a change, and gained nothing."""
    with connection.cursor() as cursor:
        cursor.execute("SHOW jit")

        assert cursor.fetchone() == ("off",)
