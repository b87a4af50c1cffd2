"""Maya, Sam and Priya, from the tests of requests; nothing held in memory from a test before."""

from collections.abc import Iterator

import pytest

from cms import content_version
from tests.payments.conftest import House, house

__all__ = ["House", "house"]


@pytest.fixture(autouse=True)
def _nothing_held() -> Iterator[None]:
    """What a process holds in memory belongs to a database that the next test no longer has."""
    content_version.forget()
    yield
    content_version.forget()
