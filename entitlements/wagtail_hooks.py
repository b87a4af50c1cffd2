"""What the handbook adds to the page editor."""

from collections.abc import Iterable, Iterator

from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _
from wagtail import hooks
from wagtail.admin import messages
from wagtail.admin.views.bulk_action import BulkAction
from wagtail.models import Page

from entitlements import editor_views
from entitlements.agreement import check_may_publish
from entitlements.pages import EntitlementPage, HandbookPage


@hooks.register("register_admin_urls")
def editor_urls() -> list[URLPattern]:
    """Two addresses under `/cms/`: the rule in words, and what a change would do."""
    return [
        path("entitlements/read-back/", editor_views.read_back, name="read_back"),
        path("entitlements/impact/<int:page_id>/", editor_views.impact, name="impact"),
    ]


@hooks.register("before_bulk_action")
def refuse_many_at_once(
    request: HttpRequest, action_type: str, objects: Iterable[Page], action: BulkAction
) -> HttpResponse | None:
    """Publishing a whole list is refused when one draft of it lacks something or holds a sum that nobody agreed.

    All or nothing, and said in words: which page, and what to do about it.
    """
    if action_type != "publish":
        return None
    for page in _drafts_of(objects, below=action.get_execution_context()["include_descendants"]):
        try:
            check_may_publish(page)
        except ValidationError as refusal:
            said = _("Nothing was published, because of “%(title)s”. %(why)s") % {
                "title": page.title,
                "why": " ".join(refusal.messages),
            }
            messages.error(request, said)
            return redirect(action.next_url)
    return None


def _drafts_of(objects: Iterable[Page], *, below: bool) -> Iterator[EntitlementPage]:
    """The newest drafts of the handbook among what would be published."""
    for page in objects:
        for one in (page, *(page.get_descendants().not_live() if below else ())):
            draft = one.get_latest_revision_as_object()
            if isinstance(draft, EntitlementPage):
                yield draft


@hooks.register("editor_tasks")
def handbook_tasks(request: HttpRequest) -> list[tuple[str, str, str]]:
    """On the editor's first page: write an entitlement, or change one."""
    handbook = HandbookPage.objects.filter(locale__language_code="en").first()
    if handbook is None or not handbook.permissions_for_user(request.user).can_add_subpage():
        return []
    new = reverse("wagtailadmin_pages:add", args=("entitlements", "entitlementpage", handbook.pk))
    return [
        (_("Write a new entitlement"), new, _("One form: the page, the rule, the amount, who decides.")),
        (
            _("Change an amount, a rule or a page of the handbook"),
            reverse("wagtailadmin_explore", args=(handbook.pk,)),
            _("Choose it in the list."),
        ),
    ]
