"""Anybody's page: ask to come back. The same page and the same answer, whoever reads it (rule 11)."""

from datetime import timedelta

from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from cms.languages import spoken
from cms.models import HelpPage
from cms.same_origin import same_origin_posts
from cms.serving import around_a_box
from portal.accounts import limits
from portal.coming_back import forms, services

HOUR = timedelta(hours=1)
MOST_AN_HOUR = 40  # one network address: a whole college may share it
PIT = "website"  # a box no person sees


@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
@same_origin_posts
def back(request: HttpRequest) -> HttpResponse:
    """What an editor wrote about coming back, with the boxes in it. The answer to a post says by when we ring."""
    form = forms.ComingBackForm(request.POST if request.method == "POST" else None)
    if not form.is_valid():
        return _ask(request, form)
    if request.POST.get(PIT):
        form.add_error(None, _("One more time, please: press Send again. It keeps machines out."))
        return _ask(request, form)
    now, caller = request.now, limits.caller(request)  # type: ignore[attr-defined]
    if not limits.take("coming_back", caller, at_most=MOST_AN_HOUR, within=HOUR, now=now):
        form.add_error(
            None,
            _("A lot came from your network just now. Your words are still in the box. Please press Send again in a "
              "few minutes, or call us."),
        )  # fmt: skip
        return _ask(request, form, status=429)
    browser = f"{caller} {request.headers.get('User-Agent', '')}"
    try:
        asked = services.ask(said=form.said(), browser=browser, language=spoken(request), now=now)
    except ValidationError as refusal:
        form.add_error(None, refusal)
        return _ask(request, form)
    return _never_kept(render(request, "coming_back/sent.html", {"asked": asked}))


def _ask(request: HttpRequest, form: forms.ComingBackForm, *, status: int = 200) -> HttpResponse:
    around = around_a_box(
        request, "/help/back/", without=HelpPage(title=_("I was in your care"), slug="back")
    )
    response = render(request, "coming_back/back.html", {**around, "form": form, "pit": PIT}, status=status)
    return _never_kept(response) if form.is_bound or request.user.is_authenticated else response


def _never_kept(response: HttpResponse) -> HttpResponse:
    response["Cache-Control"] = "no-store"
    return response
