"""What every test may ask for: a fixed moment, people, and Wagtail's tree."""

from datetime import UTC, datetime

import pytest

NOW = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)  # a Monday morning, winter time


@pytest.fixture
def now() -> datetime:
    """The moment all tests happen at: Monday 23 November 2026, 10:00 in London."""
    return NOW
