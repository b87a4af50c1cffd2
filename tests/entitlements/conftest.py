"""The whole handbook, loaded once for this folder; each test sees it fresh."""

from collections.abc import Iterator

import pytest

from cms import content_version
from entitlements.models import Entitlement
from entitlements.pages import EntitlementPage, HandbookPage
from tests.library import HANDBOOK, loaded


@pytest.fixture(scope="package")
def _loaded_once(django_db_setup, django_db_blocker) -> Iterator[None]:
    with loaded(HANDBOOK, django_db_blocker):
        yield


@pytest.fixture
def handbook(_loaded_once, db) -> HandbookPage:
    """The handbook's front page, with all 59 entitlements under it."""
    content_version.forget()
    return HandbookPage.objects.get(locale__language_code="en")


@pytest.fixture(autouse=True)
def _nothing_held() -> Iterator[None]:
    """What a process holds in memory belongs to a database that the next test no longer has."""
    content_version.forget()
    yield
    content_version.forget()


def page_of(code: str) -> EntitlementPage:
    """The English page of an entitlement."""
    return EntitlementPage.objects.get(entitlement__code=code, locale__language_code="en")


def publish(page: EntitlementPage, **changes: object) -> Entitlement:
    """As an editor would: change the draft, publish it."""
    draft = page.get_latest_revision_as_object()
    for name, value in changes.items():
        setattr(draft, name, value)
    draft.save_revision().publish()
    content_version.forget()
    return Entitlement.objects.select_related("current").get(pk=page.entitlement_id)
