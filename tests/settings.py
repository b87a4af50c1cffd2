"""The portal's settings with the few changes tests need; on PostgreSQL unless `DATABASE_URL` says SQLite."""

import atexit
import os
import shutil
import sys
import tempfile

os.environ["TESTING"] = "1"
# Each worker of a parallel run keeps its files, and its clock, to itself, and hands them to the processes it starts.
# Workers are started as `python -c` and read this before they are told which one they are.
if sys.argv[:1] == ["-c"] or "PORTAL_TEST_DATA" not in os.environ:
    os.environ["PORTAL_TEST_DATA"] = tempfile.mkdtemp(prefix="portal-test-")
    atexit.register(shutil.rmtree, os.environ["PORTAL_TEST_DATA"], ignore_errors=True)
os.environ["DATA_DIR"] = os.environ["PORTAL_TEST_DATA"]

from tests.servers import database_url

database_url()

from portal.settings import *  # noqa: E402, F403
from portal.settings import DATA_DIR, DATABASES  # noqa: E402

if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    file = DATA_DIR / "test.sqlite3"  # a file: WAL and threads need one
    if "TEMPLATE_FILE" in os.environ and not file.exists():
        shutil.copyfile(os.environ["TEMPLATE_FILE"], file)
    DATABASES["default"]["TEST"] = {"NAME": str(file)}
else:
    DATABASES["default"]["TEST"] = {
        "NAME": os.environ.get("TEST_DB_NAME"),
        "TEMPLATE": os.environ.get("TEMPLATE_DATABASE"),
    }
    # A test stands in one transaction while a browser or another process works.
    OPTIONS = DATABASES["default"]["OPTIONS"]
    OPTIONS["options"] = OPTIONS["options"].replace("session_timeout=10000", "session_timeout=120000")
DEMO = True  # the demo's addresses are tested too; their absence has a test of its own
WHITENOISE_AUTOREFRESH = (
    True  # looks for a file when it is asked for, not for a thousand each time a Client is made
)
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
CLOCK_OFFSET_FILE = os.environ.get("CLOCK_OFFSET_FILE") or str(DATA_DIR / "clock-offset")
