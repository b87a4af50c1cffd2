"""The stamp "Checked by us": the care leavers' council read a page as it stands and said it is right."""

from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.timezone import localdate
from django.utils.translation import gettext as _
from wagtail.log_actions import log
from wagtail.models import Page, PageLogEntry

from cms.content_version import changed
from cms.models import ContentPage

ACTION = "cms.elevation_stamp"


def authors(page: Page) -> set[int]:
    """Who made the page, and who wrote the drafts that led to the words readers see now."""
    published = PageLogEntry.objects.filter(page=page.pk, action="wagtail.publish")
    before = published.exclude(revision=page.live_revision_id).order_by("-timestamp", "-pk").first()
    drafts = page.revisions.filter(
        pk__lte=page.live_revision_id or 0, pk__gt=before.revision_id or 0 if before else 0
    )
    return {*drafts.exclude(user=None).values_list("user_id", flat=True), page.owner_id} - {None}


def check_may_stamp(page: Page, *, by: Any) -> None:
    """Refuse what readers do not see (`not_live`), who may not edit it (`no_right`) and who wrote it (`own`)."""
    if not page.live:
        raise ValidationError(_("Readers do not see this page yet."), code="not_live")
    if not page.permissions_for_user(by).can_edit():
        raise ValidationError(_("You may not edit this page."), code="no_right")
    if by.pk in authors(page):
        raise ValidationError(
            _("You wrote this page, so somebody else must put the stamp on it. Ask a colleague."), code="own"
        )


@transaction.atomic
def stamp(*, page: ContentPage, on: date | None, by: Any, today: date) -> None:
    """Say that Elevation read the page on a day; `None` takes the stamp off. Publishes nothing else by it.

    Refuses what `check_may_stamp` refuses, a day to come (`day`), and one before these words were published (`older`).
    """
    check_may_stamp(page, by=by)
    if on is not None and on > today:
        raise ValidationError(_("This day is still to come."), code="day")
    if on is not None and on < published_on(page):
        raise ValidationError(
            _("The page has changed since that day. Ask Elevation to read it as it is now."), code="older"
        )
    type(page).objects.filter(pk=page.pk).update(checked_by_elevation_on=on)
    draft = page.latest_revision
    if draft is not None:
        draft.content = {**draft.content, "checked_by_elevation_on": on and on.isoformat()}
        draft.save(update_fields=["content"])
    log(instance=page, action=ACTION, user=by, data={"on": on and on.isoformat()})
    changed()


def published_on(page: Page) -> date:
    """The day its words last went to readers."""
    return localdate(page.last_published_at) if page.last_published_at else date.min
