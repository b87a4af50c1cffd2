"""The one place that listens to Wagtail: what is published becomes a version, in the same transaction."""

from typing import Any

from django.db import transaction
from wagtail.models import Revision
from wagtail.signals import page_published, page_unpublished

from cms.content_version import changed
from entitlements.agreement import speaks_for_all
from entitlements.content import content_of, digest_of
from entitlements.models import Entitlement, EntitlementVersion
from entitlements.pages import EntitlementPage


def listen() -> None:
    """Called once, when the service starts."""
    page_published.connect(_published, sender=EntitlementPage, dispatch_uid="entitlement_published")
    page_unpublished.connect(_unpublished, sender=EntitlementPage, dispatch_uid="entitlement_unpublished")


def _published(instance: EntitlementPage, revision: Revision | None = None, **kwargs: Any) -> None:
    """A page that is only scheduled is not live yet, and writes nothing until its day."""
    if instance.live and speaks_for_all(instance):
        write_version(instance, revision)


def _unpublished(instance: EntitlementPage, **kwargs: Any) -> None:
    """What is withdrawn is withdrawn in every language: a translation shows the facts of the English page alone."""
    if speaks_for_all(instance) and instance.entitlement_id:
        Entitlement.objects.filter(pk=instance.entitlement_id).update(current=None)
        for translation in instance.get_translations().live():
            translation.unpublish()
        changed()


@transaction.atomic
def write_version(page: EntitlementPage, revision: Revision | None) -> EntitlementVersion:
    """Keep what was published for good, as the next version; content that is the same again is the same version."""
    entitlement = _entitlement_of(page)
    content = content_of(page)
    digest = digest_of(content)
    newest = entitlement.versions.order_by("-number").first()
    if newest is not None and newest.digest == digest:
        version = newest
    else:
        version = EntitlementVersion.objects.create(
            entitlement=entitlement,
            number=newest.number + 1 if newest else 1,
            published_at=page.last_published_at,
            published_by_id=revision.user_id if revision else None,
            revision_id=revision.pk if revision else None,
            digest=digest,
            **content,
        )
    if entitlement.current_id != version.pk:
        Entitlement.objects.filter(pk=entitlement.pk).update(current=version)
    changed()
    return version


def _entitlement_of(page: EntitlementPage) -> Entitlement:
    """The page's own entitlement, held so that two who publish at once take turns.

    A page that is new gets one by its address; so does a copy, which came with the one it was copied from.
    """
    if page.entitlement is None or page.entitlement.code != page.slug:
        entitlement, _made = Entitlement.objects.get_or_create(code=page.slug)
        page.entitlement = entitlement
        EntitlementPage.objects.filter(pk=page.pk).update(entitlement=entitlement)
    return Entitlement.objects.select_for_update().get(pk=page.entitlement_id)
