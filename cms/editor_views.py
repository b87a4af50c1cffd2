"""Pages and answers for editors, under `/cms/`."""

import re
from collections.abc import Mapping
from itertools import groupby
from typing import Any, NamedTuple

from django import forms
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST
from django.views.generic import TemplateView
from wagtail.admin import messages
from wagtail.admin.views.generic.base import WagtailAdminTemplateMixin
from wagtail.admin.widgets import AdminDateInput
from wagtail.models import Page
from wagtail.permission_policies.pages import PagePermissionPolicy

from cms import reviews, stamps, tokens
from cms.faults import Fault, all_faults
from cms.kept_once import kept_once
from cms.models import ContentPage
from cms.reading import GOOD_UPTO, measure
from cms.text import to_plain

NOBODY = 0  # stands in a form for pages without a keeper
MAX_WORDS = 60_000  # characters of a page that are measured


@require_POST
def reading(request: HttpRequest) -> JsonResponse:
    """The reading age of what is being typed, its longest sentences, and words to say more plainly."""
    text = request.POST.get("words", "")[:MAX_WORDS]
    found = measure(text)
    unknown = [
        f"{{{kind}:{code}}}"
        for kind, code in dict.fromkeys(tokens.tokens_in(text))
        if code not in tokens.facts(kind, request=request)
    ]
    words = _("Reading age %(age)s. Aim for 9 to 11.") % {"age": round(found.age)} if found.words else ""
    return JsonResponse(
        {
            "age": found.age,
            "easy": round(found.age) <= GOOD_UPTO,
            "words": words,
            "long": found.long_sentences[:5],
            "unknown": [
                _("%(quoted)s is not known: readers see no fact.") % {"quoted": one} for one in unknown
            ],
            "jargon": [
                _("“%(word)s”: say “%(plain)s”") % {"word": word, "plain": plain}
                for word, plain in found.jargon
            ],
        }
    )


class Quotable(NamedTuple):
    """A fact that pages quote: what it is about, what readers see of it today, what an editor types for it."""

    about: str
    says: str
    typed: str


class WhatToQuote(WagtailAdminTemplateMixin, TemplateView):
    """Every amount, number and handbook page that a text can quote, each with the mark to copy into the text."""

    template_name = "cms/what_to_quote.html"
    page_title = gettext_lazy("Amounts and numbers to quote")
    header_icon = "openquote"
    _show_breadcrumbs = True

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        return [*self.breadcrumbs_items, {"url": "", "label": self.page_title}]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        titles = {code: to_plain(link) for code, link in tokens.facts("link", request=self.request).items()}
        names = {phone.key: phone.name for phone in kept_once().phones.values()}
        groups = [
            (_("Amounts"), self.quotable("amount", titles)),
            (_("Phone numbers"), self.quotable("phone", names)),
            (_("Links to the handbook"), self.quotable("link", titles)),
        ]
        return {**super().get_context_data(**kwargs), "groups": [group for group in groups if group[1]]}

    def quotable(self, kind: str, names: Mapping[str, str]) -> list[Quotable]:
        """The facts of one kind, by what they are about."""
        found = [
            Quotable(names.get(code, code), to_plain(says), f"{{{kind}:{code}}}")
            for code, says in tokens.facts(kind, request=self.request).items()
            if kind != "amount" or re.search(r"\d", says)  # what is not money has no figure to quote
        ]
        return sorted(found, key=lambda one: one.about.lower())


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
                {"subject": fault.subject, "words": fault.words, "address": _to_mend(fault)}
                for fault in faults
            ]
            groups.append({"label": label, "faults": found})
        return {**super().get_context_data(**kwargs), "groups": groups}


def _to_mend(fault: Fault) -> str:
    """Where an editor mends it; empty when it belongs to no page and no number."""
    if fault.page_id:
        return reverse("wagtailadmin_pages:edit", args=[fault.page_id])
    return reverse("wagtailsnippets_cms_phone:edit", args=[fault.phone_id]) if fault.phone_id else ""


class HandOverForm(forms.Form):
    """Whose pages go to whom."""

    keeper = forms.IntegerField(widget=forms.HiddenInput)
    to = forms.ModelChoiceField(queryset=None, label=gettext_lazy("Give them to"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["to"].queryset = reviews.editors()


class HandOver(WagtailAdminTemplateMixin, TemplateView):
    """Who keeps which pages, and a way to give them to somebody else at once. For publishers."""

    template_name = "cms/hand_over.html"
    page_title = gettext_lazy("Who keeps which pages")
    header_icon = "user"
    _show_breadcrumbs = True

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        if not PagePermissionPolicy().user_has_permission(request.user, "publish"):
            raise PermissionDenied
        return super().dispatch(request, *args, **kwargs)

    def post(self, request: HttpRequest) -> HttpResponse:
        form = HandOverForm(request.POST)
        if not form.is_valid():
            messages.error(request, _("Choose who keeps them from now on."))
            return redirect("hand_over")
        kept = {person.pk if person else NOBODY: pages for person, pages in reviews.kept_by()}
        count = reviews.hand_over(pages=kept.get(form.cleaned_data["keeper"], []), to=form.cleaned_data["to"])
        messages.success(request, _("%(count)s pages have a new keeper.") % {"count": count})
        return redirect("hand_over")

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        return [*self.breadcrumbs_items, {"url": "", "label": self.page_title}]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        here = set(reviews.editors().values_list("pk", flat=True))
        keepers = []
        for person, pages in reviews.kept_by():
            key = person.pk if person else NOBODY
            keepers.append(
                {
                    "name": str(person) if person else _("Nobody yet"),
                    "has_left": person is not None and person.pk not in here,
                    "pages": pages,
                    "form": HandOverForm(initial={"keeper": key}, auto_id=f"keeper-{key}-%s"),
                }
            )
        return {**super().get_context_data(**kwargs), "keepers": keepers}


class StampForm(forms.Form):
    """The day they read it."""

    on = forms.DateField(
        label=gettext_lazy("The day they read it"),
        widget=AdminDateInput,
        error_messages={"required": gettext_lazy("Give the day Elevation read the page.")},
    )


class ElevationStamp(WagtailAdminTemplateMixin, TemplateView):
    """Put the stamp of the care leavers' council on a page, or take it off. Never by who wrote the page."""

    template_name = "cms/elevation_stamp.html"
    page_title = gettext_lazy("Checked by Elevation")
    header_icon = "check"
    _show_breadcrumbs = True

    def dispatch(self, request: HttpRequest, page_id: int, *args: Any, **kwargs: Any) -> Any:
        self.page = get_object_or_404(Page, pk=page_id).specific
        if (
            not isinstance(self.page, ContentPage)
            or not self.page.permissions_for_user(request.user).can_edit()
        ):
            raise PermissionDenied
        self.form = StampForm(
            request.POST if "stamp" in request.POST else None,
            initial={"on": request.today},  # type: ignore[attr-defined]
        )
        return super().dispatch(request, *args, **kwargs)

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        taken_off = "take_off" in request.POST
        if taken_off or self.form.is_valid():
            try:
                stamps.stamp(
                    page=self.page,
                    on=None if taken_off else self.form.cleaned_data["on"],
                    by=request.user,
                    today=request.today,  # type: ignore[attr-defined]
                )
            except ValidationError as refusal:
                self.form.add_error(None, refusal) if self.form.is_bound else messages.error(
                    request, *refusal.messages
                )
            else:
                messages.success(
                    request, _("The stamp is off.") if taken_off else _("The page carries the stamp.")
                )
                return redirect("wagtailadmin_pages:edit", self.page.pk)
        return self.render_to_response(self.get_context_data())

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        page = {"url": reverse("wagtailadmin_pages:edit", args=[self.page.pk]), "label": self.page.title}
        return [*self.breadcrumbs_items, page, {"url": "", "label": self.page_title}]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        why_not = ""
        try:
            stamps.check_may_stamp(self.page, by=self.request.user)
        except ValidationError as refusal:
            why_not = " ".join(refusal.messages)
        return {
            **super().get_context_data(**kwargs),
            "page": self.page,
            "form": self.form,
            "why_not": why_not,
        }
