"""Anybody's pages: complain in any words, look it up, and what a young person said on their own pages."""

from typing import Any

from django import forms as django_forms
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from cms.models import HelpPage
from cms.same_origin import same_origin_posts
from cms.serving import around_a_box
from portal.accounts import limits
from portal.complaints import forms, rules, services
from portal.complaints.models import Complaint
from portal.complaints.rules import Action, Stage, State
from portal.payments.pages import PortalRequest
from portal.people.access import young_person_only
from portal.people.models import YoungPerson

POSTS = require_http_methods(["GET", "HEAD", "POST"])
HOUR = rules.timedelta(hours=1)
MOST_AN_HOUR = 40  # one network address: a whole college may share it
MOST_AN_HOUR_SIGNED_IN = 20
LOOKS_AN_HOUR = 20
PIT = "website"  # a box no person sees


@login_not_required
@POSTS
@same_origin_posts
def complain(request: HttpRequest) -> HttpResponse:
    """The box first, then what an editor wrote about complaining. No token: the page is the same for everybody who is
    not signed in. The answer to a post is the reference, the word and the day, never kept by the browser."""
    known = _young_person(request)
    form = forms.ComplainForm(request.POST if request.method == "POST" else None, signed_in=known is not None)
    if not form.is_valid():
        return _ask(request, form)
    if request.POST.get(PIT):
        form.add_error(None, _("One more time, please: press Send again. It keeps machines out."))
        return _ask(request, form)
    if not _may_send(request, known):
        form.add_error(
            None,
            _("A lot came from your network just now. Your words are still in the box. Please press Send again in a "
              "few minutes, or tell any worker."),
        )  # fmt: skip
        return _ask(request, form, status=429)
    named = known if not form.cleaned_data.get("without_my_name") else None
    made = services.make(
        said=form.said(),
        young_person=named,
        by=named.user if named else None,
        browser=f"{limits.caller(request)} {request.headers.get('User-Agent', '')}",
        now=request.now,  # type: ignore[attr-defined]
    )
    context = {"complaint": made.complaint, "word": services.in_two(made.word), "named": named}
    return _never_kept(render(request, "complaints/sent.html", context))


@login_not_required
@POSTS
@same_origin_posts
def look(request: HttpRequest) -> HttpResponse:
    """Look it up by number and word. Both stay out of the address, and nothing is kept in the browser."""
    form = forms.LookForm(request.POST if request.method == "POST" else None)
    if not form.is_valid():
        return _never_kept(render(request, "complaints/look.html", {"form": form}))
    caller = limits.caller(request)
    if not limits.take("complaint_look", caller, at_most=LOOKS_AN_HOUR, within=HOUR, now=request.now):  # type: ignore[attr-defined]
        form.add_error(None, _("That was many tries. Wait an hour, or ask any worker to look for you."))
        return _never_kept(render(request, "complaints/look.html", {"form": form}, status=429))
    try:
        complaint = services.find(**form.cleaned_data)
    except ValidationError as refusal:
        form.add_error(None, refusal)
        return _never_kept(render(request, "complaints/look.html", {"form": form}))
    limits.give_back("complaint_look", caller)
    done, asking = _do(request, complaint)
    context = {**_story(complaint, on=request.today), **asking, "done": done, "key": form.cleaned_data}  # type: ignore[attr-defined]
    return _never_kept(render(request, "complaints/found.html", context))


@require_GET
@young_person_only
def mine(request: PortalRequest) -> HttpResponse:
    """What they told us went wrong, newest first."""
    found = Complaint.objects.filter(young_person=request.young_person).select_related("holder")
    context = {"section": "requests", "complaints": found.order_by("-made_at")}
    return render(request, "complaints/mine.html", context)


@POSTS
@young_person_only
def one(request: PortalRequest, ref: str) -> HttpResponse:
    """One of them with its story."""
    theirs = Complaint.objects.filter(young_person=request.young_person).select_related(
        "holder", "young_person"
    )
    complaint = get_object_or_404(theirs, ref=ref)
    done, asking = _do(request, complaint)
    if done:
        return redirect("complaints:one", ref)
    context = {"section": "requests", **_story(complaint, on=request.today), **asking}
    return render(request, "complaints/one.html", context)


def _do(request: HttpRequest, complaint: Complaint) -> tuple[bool, dict[str, django_forms.Form]]:
    """What they pressed on the page of their complaint, and the forms it shows next."""
    pressed = request.POST.get("do", "") if request.method == "POST" else ""
    known = complaint.young_person
    # Somebody who left their name out, signed in or not, stays without a name here too.
    by = known.user if known is not None and known.user_id == request.user.pk else None
    more = forms.MoreForm(request.POST if pressed == "more" else None)
    following = forms.NextForm(request.POST if pressed == "next" else None, auto_id="next_%s")
    form = {"more": more, "next": following}.get(pressed, django_forms.Form({}))
    asked: dict[str, Any] = {"complaint": complaint, "by": by, "now": request.now}  # type: ignore[attr-defined]
    done = False
    if pressed in {"more", "next", "stop"} and form.is_valid():
        try:
            if pressed == "more":
                services.say_more(words=form.cleaned_data["words"], **asked)
            elif pressed == "next":
                services.ask_next_step(words=form.cleaned_data["words"], **asked)
            else:
                services.stop(**asked)
            done, more, following = True, forms.MoreForm(), forms.NextForm(auto_id="next_%s")
        except ValidationError as refusal:
            form.add_error(None, refusal)
        complaint.refresh_from_db()
    return done, {"more": more, "following": following, "form": form}


def _story(complaint: Complaint, *, on: Any) -> dict[str, Any]:
    try:
        following: Stage | None = rules.next_stage(
            complaint.stage, complaint.state, due_on=complaint.due_on, on=on, by_staff=False
        )
    except ValidationError:
        following = None
    answered = complaint.answered_at
    return {
        "complaint": complaint,
        "lines": complaint.steps.select_related("by").exclude(action=Action.GIVEN),
        "next_stage": following,
        "late": complaint.is_open and complaint.due_on is not None and complaint.due_on < on,
        "panel_by": rules.ask_panel_by(services.local_date(answered))
        if answered and following == Stage.PANEL
        else None,
        "over": complaint.stage == Stage.PANEL and complaint.state == State.ANSWERED,
    }


def _ask(request: HttpRequest, form: django_forms.Form, *, status: int = 200) -> HttpResponse:
    """The editor's page with the box in it; the box alone should the page not be published."""
    around = around_a_box(request, "/help/complain/", without=HelpPage(title=_("Complain"), slug="complain"))
    context = {**around, "form": form, "pit": PIT}
    response = render(request, "complaints/complain.html", context, status=status)
    return _never_kept(response) if form.is_bound or request.user.is_authenticated else response


def _may_send(request: HttpRequest, known: YoungPerson | None) -> bool:
    now = request.now  # type: ignore[attr-defined]
    if known is not None:
        most, key = MOST_AN_HOUR_SIGNED_IN, f"young_person:{known.pk}"
    else:
        most, key = MOST_AN_HOUR, limits.caller(request)
    return limits.take("complain", key, at_most=most, within=HOUR, now=now)


def _young_person(request: HttpRequest) -> YoungPerson | None:
    if not request.user.is_authenticated:
        return None
    return YoungPerson.objects.filter(user=request.user).select_related("user").first()


def _never_kept(response: HttpResponse) -> HttpResponse:
    response["Cache-Control"] = "no-store"
    return response
