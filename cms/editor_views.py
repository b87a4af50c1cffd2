"""Pages and answers for editors, under `/cms/`."""

from itertools import groupby
from typing import Any

from django.http import HttpRequest, JsonResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST
from django.views.generic import TemplateView
from wagtail.admin.views.generic.base import WagtailAdminTemplateMixin

from cms.faults import all_faults
from cms.reading import measure

MAX_WORDS = 60_000  # characters of a page that are measured


@require_POST
def reading(request: HttpRequest) -> JsonResponse:
    """The reading age of what is being typed, its longest sentences, and words to say more plainly."""
    found = measure(request.POST.get("words", "")[:MAX_WORDS])
    words = _("Reading age %(age)s. Aim for 9 to 11.") % {"age": round(found.age)} if found.words else ""
    return JsonResponse(
        {
            "age": found.age,
            "easy": found.is_easy,
            "words": words,
            "long": found.long_sentences[:5],
            "jargon": [
                _("“%(word)s”: say “%(plain)s”") % {"word": word, "plain": plain}
                for word, plain in found.jargon
            ],
        }
    )


class WhatIsWrong(WagtailAdminTemplateMixin, TemplateView):
    """One report of everything an editor could mend, worst first."""

    template_name = "cms/what_is_wrong.html"
    page_title = gettext_lazy("What is wrong with my site")
    header_icon = "warning"
    _show_breadcrumbs = True

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        return [*self.breadcrumbs_items, {"url": "", "label": self.page_title}]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        groups = []
        for label, faults in groupby(all_faults(self.request.today), key=lambda fault: fault.label):  # type: ignore[attr-defined]
            found = [
                {
                    "subject": fault.subject,
                    "words": fault.words,
                    "address": reverse("wagtailadmin_pages:edit", args=[fault.page_id])
                    if fault.page_id
                    else "",
                }
                for fault in faults
            ]
            groups.append({"label": label, "faults": found})
        return {**super().get_context_data(**kwargs), "groups": groups}
