"""The handbook and the local offer, loaded once for this folder."""

from collections.abc import Iterator

import pytest
from django.core.cache import cache
from django.db import transaction

from cms import content_version
from cms.loading import Loader, ensure_home
from entitlements.loader import ensure_handbook, load, records
from local_offer.loading import load_everything


@pytest.fixture(scope="package")
def _loaded_once(django_db_setup, django_db_blocker) -> Iterator[None]:
    with django_db_blocker.unblock(), transaction.atomic():
        load(ensure_handbook(ensure_home()), records(), tell=lambda code: None)
        load_everything(Loader())
        yield
        transaction.set_rollback(True)


@pytest.fixture
def library(_loaded_once, db) -> None:
    """Everything an editor starts with."""
    content_version.forget()


@pytest.fixture(autouse=True)
def _nothing_held() -> Iterator[None]:
    cache.clear()
    yield
    content_version.forget()
