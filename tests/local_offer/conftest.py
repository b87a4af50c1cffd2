"""The handbook and the local offer, loaded once for this folder."""

from collections.abc import Iterator

import pytest
from django.core.cache import cache

from cms import content_version
from tests.library import HANDBOOK_AND_OFFER, loaded


@pytest.fixture(scope="package")
def _loaded_once(django_db_setup, django_db_blocker) -> Iterator[None]:
    with loaded(HANDBOOK_AND_OFFER, django_db_blocker):
        yield


@pytest.fixture
def library(_loaded_once, db) -> None:
    """Everything an editor starts with."""
    content_version.forget()


@pytest.fixture(autouse=True)
def _nothing_held() -> Iterator[None]:
    cache.clear()
    yield
    content_version.forget()
