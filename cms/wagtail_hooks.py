"""What this package adds to the page editor: lists, reading age while typing, and "What is wrong with my site"."""

from collections.abc import Iterator
from typing import Any

from django.conf import settings
from django.db import models
from django.http import HttpRequest
from django.templatetags.static import static
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from wagtail import hooks
from wagtail.admin.menu import DismissibleMenuItem, MenuItem
from wagtail.admin.ui.components import Component
from wagtail.admin.ui.tables import BooleanColumn, Column, DateColumn
from wagtail.admin.widgets import Button
from wagtail.models import Page
from wagtail.permission_policies.pages import PagePermissionPolicy
from wagtail.snippets.models import register_snippet
from wagtail.snippets.views.snippets import SnippetViewSet, SnippetViewSetGroup

from cms import editor_views
from cms.content_version import changed
from cms.models import (
    ContentPage,
    GlossaryTerm,
    HelpIndexPage,
    HelpPage,
    NewsIndexPage,
    NewsPage,
    PageFeedback,
    Phone,
    SynonymGroup,
)
from cms.reviews import to_read_again
from cms.stamps import ACTION


class NamedList(SnippetViewSet):
    """A list that is called on its own page what the menu calls it."""

    def get_index_view_kwargs(self, **kwargs: Any) -> dict[str, Any]:
        named: dict[str, Any] = super().get_index_view_kwargs(page_title=self.menu_label, **kwargs)
        return named


class PhoneViewSet(NamedList):
    model = Phone
    icon = "mobile-alt"
    menu_label = _("Phone numbers")
    list_display = [
        "name",
        "number",
        BooleanColumn("confirmed", label=_("Rung and right"), sort_key="confirmed"),
        "checked_on",
    ]
    list_filter = ["confirmed"]
    search_fields = ["name", "key", "number"]


class GlossaryViewSet(NamedList):
    model = GlossaryTerm
    icon = "openquote"
    menu_label = _("Words explained")
    list_display = [
        Column("term", label=_("The word"), sort_key="term"),
        Column("plain", label=_("What it means")),
    ]
    search_fields = ["term", "also", "plain"]


class SynonymViewSet(NamedList):
    model = SynonymGroup
    icon = "search"
    menu_label = _("Words that mean the same")
    search_fields = ["words"]


class FeedbackViewSet(NamedList):
    model = PageFeedback
    icon = "comment"
    menu_label = _("What readers say")
    list_display = [
        "page",
        BooleanColumn("useful", label=_("Useful"), sort_key="useful"),
        Column("words", label=_("What they say"), sort_key="words"),
        DateColumn("given_at", label=_("When"), sort_key="given_at"),
        Column("outcome", label=_("What we did"), sort_key="outcome"),
    ]
    list_filter = ["useful", "page"]
    inspect_view_enabled = True

    def get_queryset(self, request: HttpRequest) -> Any:
        """Words to answer. Bare votes are counted in "What is wrong with my site"."""
        return PageFeedback.objects.exclude(words="")


class ListsGroup(SnippetViewSetGroup):
    menu_label = _("Lists")
    menu_icon = "list-ul"
    menu_order = 250
    items = (PhoneViewSet, GlossaryViewSet, SynonymViewSet, FeedbackViewSet)


register_snippet(ListsGroup)


@hooks.register("after_create_snippet")
@hooks.register("after_edit_snippet")
def tell_readers(request: HttpRequest, instance: models.Model) -> None:
    """A corrected number, word, synonym or answer reaches every page with its next reader."""
    if isinstance(instance, PageFeedback) and instance.outcome and instance.outcome_on is None:
        # An answer without its day would not show: it is given today.
        today = request.today  # type: ignore[attr-defined]
        PageFeedback.objects.filter(pk=instance.pk).update(outcome_on=today)
    changed()


@hooks.register("after_delete_snippet")
def tell_readers_it_went(request: HttpRequest, instances: Any) -> None:
    changed()


@hooks.register("register_admin_urls")
def editor_urls() -> list[URLPattern]:
    """Five addresses under `/cms/`."""
    return [
        path("elevation/<int:page_id>/", editor_views.ElevationStamp.as_view(), name="elevation_stamp"),
        path("quotes/", editor_views.WhatToQuote.as_view(), name="what_to_quote"),
        path("reading/", editor_views.reading, name="reading_age"),
        path("reports/keepers/", editor_views.HandOver.as_view(), name="hand_over"),
        path("reports/wrong/", editor_views.WhatIsWrong.as_view(), name="what_is_wrong"),
    ]


@hooks.register("register_page_header_buttons")
def stamp_button(page: Page, user: Any, view_name: str, next_url: str | None = None) -> Iterator[Button]:
    """In the menu of a page that readers see."""
    if (
        page.live
        and issubclass(page.specific_class or Page, ContentPage)
        and page.permissions_for_user(user).can_edit()
    ):
        yield Button(
            _("Checked by Elevation"),
            reverse("elevation_stamp", args=(page.pk,)),
            icon_name="check",
            priority=90,
        )


@hooks.register("register_log_actions")
def stamp_in_history(actions: Any) -> None:
    actions.register_action(
        ACTION, _("Stamp of Elevation"), _("The stamp of Elevation was put on or taken off")
    )


class PublishersMenuItem(MenuItem):
    """Shown to those who may publish."""

    def is_shown(self, request: HttpRequest) -> bool:
        return PagePermissionPolicy().user_has_permission(request.user, "publish")


@hooks.register("register_reports_menu_item")
def report_in_menu() -> MenuItem:
    return MenuItem(_("What is wrong with my site"), reverse("what_is_wrong"), icon_name="warning", order=10)


@hooks.register("register_reports_menu_item")
def keepers_in_menu() -> MenuItem:
    return PublishersMenuItem(_("Who keeps which pages"), reverse("hand_over"), icon_name="user", order=11)


@hooks.register("register_reports_menu_item")
def quotes_in_menu() -> MenuItem:
    return MenuItem(
        _("Amounts and numbers to quote"), reverse("what_to_quote"), icon_name="openquote", order=12
    )


@hooks.register("construct_help_menu")
def no_news_of_wagtail(request: HttpRequest, menu_items: list[Any]) -> None:
    """They are for whoever runs the service; the guide is on the first page. So no mark asks to be pressed."""
    menu_items[:] = [item for item in menu_items if not isinstance(item, DismissibleMenuItem)]


@hooks.register("insert_editor_js")
def reading_while_typing() -> SafeString:
    return format_html(
        '<script src="{}" data-reading="{}" defer></script>',
        static("editor-reading.js"),
        reverse("reading_age"),
    )


def _new_pages(request: HttpRequest) -> Iterator[tuple[str, str, str]]:
    """News and help, in English: the other languages follow it."""
    kinds = [
        (NewsIndexPage, NewsPage, _("Write news or an event"), _("Of Elevation, or of this service.")),
        (HelpIndexPage, HelpPage, _("Write a help page"), _("What to do when something goes wrong.")),
    ]
    for above, kind, words, help_text in kinds:
        parent = above.objects.filter(locale__language_code=settings.LANGUAGE_CODE).first()
        if parent is not None and parent.permissions_for_user(request.user).can_add_subpage():
            new = reverse("wagtailadmin_pages:add", args=("cms", kind._meta.model_name, parent.pk))
            yield words, new, help_text


class ThingsToDo(Component):
    """What editors come for, each one press away. Rooms above add theirs with the hook `editor_tasks`."""

    order = 50
    template_name = "cms/things_to_do.html"

    def __init__(self, request: HttpRequest) -> None:
        self.request = request

    def get_context_data(self, parent_context: Any) -> dict[str, Any]:
        lists = [
            (Phone, _("Correct a phone number"), _("Once, for every page.")),
            (PageFeedback, _("What readers want changed"), _("Answer on the page what came of it.")),
        ]
        own = [
            (words, reverse(f"wagtailsnippets_cms_{model._meta.model_name}:list"), help_text)
            for model, words, help_text in lists
            if self.request.user.has_perm(f"cms.change_{model._meta.model_name}")
        ]
        quotes = (
            _("Amounts and numbers to quote"),
            reverse("what_to_quote"),
            _("What to type in a text, so that a fact is never typed twice."),
        )
        wrong = (
            _("What is wrong with my site"),
            reverse("what_is_wrong"),
            _("Out of date, hard to read, broken, not found."),
        )
        above = [task for tasks in hooks.get_hooks("editor_tasks") for task in tasks(self.request)]
        return {
            "tasks": [*above, *_new_pages(self.request), *own, quotes, wrong],
            "to_read": to_read_again(self.request.user, self.request.today),  # type: ignore[attr-defined]
        }


@hooks.register("construct_homepage_panels")
def our_panels(request: HttpRequest, panels: list[Any]) -> None:
    """What to do first; nothing that would call out to the outside or sell an upgrade."""
    panels[:] = [
        ThingsToDo(request),
        *(
            panel
            for panel in panels
            if type(panel).__name__ not in {"UpgradeNotificationPanel", "WhatsNewInWagtailVersionPanel"}
        ),
    ]
