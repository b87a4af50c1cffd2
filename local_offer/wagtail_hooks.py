"""What the local offer adds to the page editor."""

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _
from wagtail import hooks

from local_offer.models import OfferIndexPage, ServiceIndexPage


@hooks.register("editor_tasks", order=10)
def offer_tasks(request: HttpRequest) -> list[tuple[str, str, str]]:
    """On the editor's first page: a page of the offer, and a service."""
    kinds = [
        (OfferIndexPage, _("Write or change a page of the local offer"), _("Open the part it stands under.")),
        (ServiceIndexPage, _("Add or change a service"), _("Who they are, for whom, how, when.")),
    ]
    found = []
    for kind, words, help_text in kinds:
        page = kind.objects.filter(locale__language_code=settings.LANGUAGE_CODE).first()
        if page is not None and page.permissions_for_user(request.user).can_add_subpage():
            found.append((words, reverse("wagtailadmin_explore", args=(page.pk,)), help_text))
    return found
