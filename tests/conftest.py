"""What every test may ask for: a fixed moment, and a clock that only a test can move."""

import math
import os
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import hypothesis
import pytest
from django.conf import settings

from cms import content_version
from cms.catalogues import compile_all
from tests.fresh_database import copies_instead_of_emptying, keep_a_copy

copies_instead_of_emptying()
compile_all()
# The same examples every time, however slow the machine; `./run proof` looks for new ones.
hypothesis.settings.register_profile(
    "suite",
    deadline=None,
    database=None,
    derandomize=not os.environ.get("PROOF"),
    suppress_health_check=[hypothesis.HealthCheck.too_slow],
)
hypothesis.settings.load_profile("suite")
NOW = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)  # a Monday morning, winter time


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Marks what starts a whole portal: the suite runs it apart."""
    for item in items:
        if set(getattr(item, "fixturenames", ())) & {"portal", "standing_portal"}:
            item.add_marker("alone")


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: Any) -> None:
    """The database is made, and kept as it is for the tests that change it for good."""
    with django_db_blocker.unblock():
        keep_a_copy()


class Clock:
    """Moves what `portal.clock.now` answers, here and in any process that shares the offset file."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def set(self, moment: datetime) -> None:
        """It is this moment now, or part of a second later: never before it. Time goes on from there."""
        offset = moment - datetime.now(UTC)
        self.path.write_text(str(math.ceil(offset.total_seconds())))

    def forward(self, **by: float) -> None:
        """Move on, e.g. `forward(hours=2)`."""
        offset = timedelta(seconds=int(self.path.read_text())) + timedelta(**by)
        self.path.write_text(str(round(offset.total_seconds())))


@pytest.fixture(autouse=True)
def no_stray_files() -> None:
    """A row is taken back after a test, a file is not: each test begins without payment files."""
    shutil.rmtree(Path(settings.STORAGES["exports"]["OPTIONS"]["location"]), ignore_errors=True)


@pytest.fixture(autouse=True)
def nothing_held() -> None:
    """What an earlier test published is taken back with its rows; nothing of it stays in memory either."""
    content_version.forget()


@pytest.fixture
def now() -> datetime:
    """The moment all tests begin at: Monday 23 November 2026, 10:00 in London."""
    return NOW


@pytest.fixture(autouse=True)
def clock() -> Iterator[Clock]:
    """Every test begins at `now`, whatever the day outside."""
    clock = Clock(Path(settings.CLOCK_OFFSET_FILE))
    clock.set(NOW)
    yield clock
    clock.path.unlink(missing_ok=True)
