"""What is published is kept for good, and requests point to it."""

from datetime import timedelta

import pytest
from django.db import DatabaseError, connection, transaction
from wagtail.models import Locale
from wagtail.signals import page_published

from entitlements.models import Entitlement, EntitlementVersion
from entitlements.pages import EntitlementPage
from tests.entitlements.conftest import page_of, publish

CODE = "setting-up-home-allowance"


def test_publishing_a_change_writes_the_next_version_and_leaves_the_old_one_alone(handbook):
    entitlement = publish(page_of(CODE), amount="3500.00")

    assert entitlement.current.number == 2
    assert (entitlement.current.amount_pence, entitlement.current.cap_pence) == (350_000, 350_000)
    first = entitlement.versions.get(number=1)
    assert (first.amount_pence, first.cap_pence) == (300_000, 300_000)


def test_publishing_the_same_content_again_is_the_same_version(handbook):
    assert publish(page_of(CODE)).current.number == 1


def test_a_draft_changes_nothing_until_it_is_published(handbook):
    draft = page_of(CODE).get_latest_revision_as_object()
    draft.amount = 9000
    draft.save_revision()

    assert Entitlement.objects.get(code=CODE).current.amount_pence == 300_000


def test_unpublishing_leaves_nothing_current_and_publishing_again_brings_it_back(handbook):
    page = page_of(CODE)
    page.unpublish()
    assert Entitlement.objects.get(code=CODE).current is None

    assert publish(page_of(CODE)).current.number == 1


def test_a_page_planned_for_later_writes_its_version_on_its_day(handbook, now):
    draft = page_of(CODE).get_latest_revision_as_object()
    draft.amount, draft.go_live_at = 3200, now + timedelta(days=20_000)
    draft.save_revision().publish()

    assert Entitlement.objects.get(code=CODE).current.amount_pence == 300_000


@pytest.mark.parametrize("change", ["UPDATE {table} SET title = 'x'", "DELETE FROM {table}"])
def test_the_database_itself_refuses_to_change_a_version(handbook, change):
    table = EntitlementVersion._meta.db_table
    with (
        pytest.raises(DatabaseError, match="never changed"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(change.format(table=table))


def test_a_translation_writes_no_version_and_shows_the_published_amount(handbook, client):
    arabic = Locale.objects.get(language_code="ar")
    copy = page_of(CODE).copy_for_translation(arabic, copy_parents=True)
    copy.title, copy.live = "مال لبيتك الأول", True
    copy.save_revision().publish()

    assert EntitlementVersion.objects.filter(entitlement__code=CODE).count() == 1
    assert copy.entitlement.code == CODE


def test_what_is_withdrawn_is_withdrawn_in_every_language(handbook):
    arabic = page_of(CODE).copy_for_translation(Locale.objects.get(language_code="ar"), copy_parents=True)
    arabic.save_revision().publish()
    assert EntitlementPage.objects.filter(slug=CODE).live().count() == 2

    page_of(CODE).unpublish()

    assert not EntitlementPage.objects.filter(slug=CODE).live()


def test_a_copied_page_is_another_entitlement_that_nobody_has_confirmed(handbook):
    page = page_of("laptop")
    copy = page.copy(update_attrs={"slug": "tablet", "title": "A tablet"}, keep_live=False)
    copy.save_revision().publish()

    tablet = EntitlementPage.objects.get(slug="tablet")
    assert tablet.entitlement.code == "tablet"
    assert tablet.entitlement.current.confirmed_on is None


def test_the_page_and_its_version_are_published_together_or_not_at_all(handbook):
    def power_cut(**kwargs: object) -> None:
        raise RuntimeError("after the version was written, before anything was kept")

    draft = page_of(CODE).get_latest_revision_as_object()
    draft.one_line = "Other words."
    revision = draft.save_revision()
    page_published.connect(power_cut, sender=EntitlementPage)
    try:
        with pytest.raises(RuntimeError):
            revision.publish()
    finally:
        page_published.disconnect(power_cut, sender=EntitlementPage)

    assert page_of(CODE).one_line != "Other words."
    assert EntitlementVersion.objects.filter(entitlement__code=CODE).count() == 1
