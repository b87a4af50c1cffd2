"""The tests' settings for workers that are killed, robbed of their broker and cut off from their database.

The same code as in production, with its waiting times shortened so that a test need not last a quarter of an
hour.
"""

import os
from datetime import timedelta

from portal.integrations import govuk_notify
from portal.notifications import rules

rules.LEASE = timedelta(seconds=12)
rules.FIRST_WAIT = timedelta(seconds=1)
rules.LONGEST_WAIT = timedelta(seconds=3)
rules.MOST_ATTEMPTS = 1000
govuk_notify.TIME_LIMIT = 2

from tests.settings import *  # noqa: E402, F403
from tests.settings import DATA_DIR, DATABASES  # noqa: E402

# The throw-away cluster is told not to wait for its log: fast, but then a crash forgets what it had
# promised. Not here.
DATABASES["default"]["OPTIONS"]["options"] += " -c synchronous_commit=on"
MESSAGE_PROVIDER = os.environ.get("MESSAGE_PROVIDER", "portal.integrations.govuk_notify.GovukNotify")
NOTIFY_SMS_TEMPLATE = NOTIFY_EMAIL_TEMPLATE = "00000000-0000-0000-0000-000000000000"
CELERY_BEAT_SCHEDULE = {"run-due": {"task": "portal.ops.tasks.run_due", "schedule": 2.0}}
CELERY_BEAT_SCHEDULE_FILENAME = str(DATA_DIR / "beat")
DAILY_TEXT_LIMIT = 100_000
