"""What the handbook adds to the page editor."""

from django.http import HttpRequest
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _
from wagtail import hooks

from entitlements import editor_views
from entitlements.pages import HandbookPage


@hooks.register("register_admin_urls")
def editor_urls() -> list[URLPattern]:
    """Two addresses under `/cms/`: the rule in words, and what a change would do."""
    return [
        path("entitlements/read-back/", editor_views.read_back, name="read_back"),
        path("entitlements/impact/<int:page_id>/", editor_views.impact, name="impact"),
    ]


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
