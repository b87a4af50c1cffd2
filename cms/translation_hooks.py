"""What translations add to the page editor: "a person checked it", and the outside service's switch and cap."""

from collections.abc import Iterator
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import TemplateView
from wagtail import hooks
from wagtail.admin import messages
from wagtail.admin.utils import get_valid_next_url_from_request
from wagtail.admin.views.generic.base import WagtailAdminTemplateMixin
from wagtail.admin.widgets import Button
from wagtail.log_actions import log
from wagtail.models import Locale, Page
from wagtail.snippets.models import register_snippet
from wagtail.snippets.views.snippets import SnippetViewSet
from wagtail_localize.views import convert, edit_translation

from cms import translations
from cms.languages import ENGLISH
from cms.models import OutsideTranslation, TranslatedPage
from cms.outside_translator import CapReached

ACTION = "cms.translation_checked"


class CheckTranslation(WagtailAdminTemplateMixin, TemplateView):
    """A person who reads both languages says that a translation is right. Readers are told so, with the day."""

    template_name = "cms/check_translation.html"
    page_title = gettext_lazy("Checked by a person")
    header_icon = "check"
    _show_breadcrumbs = True

    def dispatch(self, request: HttpRequest, page_id: int, *args: Any, **kwargs: Any) -> Any:
        self.page = get_object_or_404(Page, pk=page_id).specific
        known = TranslatedPage.objects.filter(page_id=page_id).exists()
        if not known or not self.page.permissions_for_user(request.user).can_edit():
            raise PermissionDenied
        return super().dispatch(request, *args, **kwargs)

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            with transaction.atomic():
                translations.check(page=self.page, by=request.user, now=request.now)  # type: ignore[attr-defined]
                log(instance=self.page, action=ACTION, user=request.user)
        except ValidationError as refusal:
            messages.error(request, *refusal.messages)
            return self.render_to_response(self.get_context_data())
        messages.success(request, _("Readers are told that a person checked this page."))
        return redirect("wagtailadmin_pages:edit", self.page.pk)

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        page = {"url": reverse("wagtailadmin_pages:edit", args=[self.page.pk]), "label": self.page.title}
        return [*self.breadcrumbs_items, page, {"url": "", "label": self.page_title}]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        english = Page.objects.filter(
            translation_key=self.page.translation_key, locale__language_code=ENGLISH
        ).first()
        return {
            **super().get_context_data(**kwargs),
            "page": self.page,
            "english": english,
            "state": translations.state(self.page.pk, self.request),
        }


def machine_translate(request: HttpRequest, translation_id: int) -> HttpResponse:
    """wagtail-localize's own, but a cap that is reached or a service that is away is said in words."""
    try:
        return edit_translation.machine_translate(request, translation_id)  # type: ignore[no-any-return]
    except CapReached:
        messages.error(request, _("The letters of this month are used up, or the service is switched off."))
    except (OSError, ValueError, KeyError):
        messages.error(request, _("The translation service did not answer. Nothing was changed."))
    return redirect(get_valid_next_url_from_request(request) or reverse("wagtailadmin_home"))


def convert_to_alias(request: HttpRequest, page_id: int) -> HttpResponse:
    """wagtail-localize's own, which shows the newest English words on a published page at once and forgets the
    translation. So it is for those who publish, and not while the English page has words that nobody agreed."""
    page = get_object_or_404(Page, pk=page_id)
    if not page.permissions_for_user(request.user).can_publish():
        messages.error(request, _("Only a publisher can put the English words in place of a translation."))
        return redirect("wagtailadmin_pages:edit", page_id)
    english = page.get_translation_or_none(Locale.get_default())
    if english is not None and english.has_unpublished_changes:
        messages.error(request, _("The English page has changes that are not published. Publish them first."))
        return redirect("wagtailadmin_pages:edit", page_id)
    return convert.convert_to_alias(request, page_id)  # type: ignore[no-any-return]


@hooks.register("register_admin_urls", order=-1)  # before wagtail-localize's own
def urls() -> list[URLPattern]:
    """Three addresses under `/cms/`."""
    return [
        path("translations/<int:page_id>/checked/", CheckTranslation.as_view(), name="check_translation"),
        path("localize/translate/<int:translation_id>/machine_translate/", machine_translate),
        path("localize/page/<int:page_id>/convert_to_alias/", convert_to_alias),
    ]


@hooks.register("register_page_header_buttons")
def checked_button(page: Page, user: Any, view_name: str, next_url: str | None = None) -> Iterator[Button]:
    """In the menu of a page in another language."""
    if page.live and page.locale.language_code != ENGLISH and page.permissions_for_user(user).can_edit():
        where = reverse("check_translation", args=(page.pk,))
        yield Button(_("Checked by a person"), where, icon_name="check", priority=91)


@hooks.register("register_page_listing_more_buttons")
def checked_button_in_lists(page: Page, user: Any, next_url: str | None = None) -> Iterator[Button]:
    """And beside it in lists: wagtail-localize's own editor has no menu of the page."""
    yield from checked_button(page, user, "", next_url)


@hooks.register("register_log_actions")
def in_history(actions: Any) -> None:
    actions.register_action(ACTION, _("Translation checked"), _("A person checked this translation"))


class OutsideTranslationViewSet(SnippetViewSet):
    """The switch and the cap. One row: nobody adds or deletes it."""

    model = OutsideTranslation
    menu_name = "outside-translation"
    add_to_settings_menu = True
    icon = "globe"
    menu_label = gettext_lazy("Translation by an outside service")
    list_display = ["__str__", "on", "monthly_cap", "used", "month"]


register_snippet(OutsideTranslationViewSet)
