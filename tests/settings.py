"""The portal's settings with the few changes tests need. The database is a real PostgreSQL unless `DATABASE_URL` says SQLite."""

import os
import tempfile

os.environ["TESTING"] = "1"
os.environ.setdefault("DATA_DIR", tempfile.mkdtemp(prefix="portal-test-"))

from tests.servers import database_url  # noqa: E402

database_url()

from portal.settings import *  # noqa: E402, F403
from portal.settings import DATABASES, DATA_DIR  # noqa: E402

DATABASES["default"]["TEST"] = {"NAME": os.environ.get("TEST_DB_NAME")}
if os.environ.get("TEMPLATE_DATABASE"):
    DATABASES["default"]["TEST"]["TEMPLATE"] = os.environ["TEMPLATE_DATABASE"]
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    DATABASES["default"]["TEST"] = {"NAME": str(DATA_DIR / "test.sqlite3")}  # a file: WAL and threads need one
DEMO = True  # the demo's addresses are tested too; their absence has a test of its own
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
CLOCK_OFFSET_FILE = str(DATA_DIR / "clock-offset")

