"""Opening a record that is not yours, the reason first; and letting somebody in, the first time or again."""

from collections.abc import Callable
from functools import wraps
from typing import Any, cast

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from portal.accounts.models import User
from portal.people import joining, recovery, services
from portal.people.access import look, look_at_all, staff_only
from portal.people.codes import square_of
from portal.people.forms import BreakGlassForm, NewPhoneForm, UndoForm
from portal.people.models import Recovery, YoungPerson

POSTS = require_http_methods(["GET", "HEAD", "POST"])


@staff_only()
@POSTS
def break_glass(request: HttpRequest) -> HttpResponse:
    """Say whose record and why; then it can be read for an hour, and the manager knows."""
    form = BreakGlassForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        young_person = form.cleaned_data["young_person"]
        try:
            services.break_glass(
                young_person=young_person,
                reason=form.cleaned_data["reason"],
                by=request.user,  # type: ignore[arg-type]
                now=request.now,  # type: ignore[attr-defined]
            )
        except ValidationError as refusal:
            form.add_error(None, refusal)
        else:
            return redirect(f"/desk/young-people/{young_person.ref}/")
    return render(request, "people/break_glass.html", {"form": form, "section": "people"})


def somebodys(part: str) -> Callable[[Callable[..., HttpResponse]], Callable[..., HttpResponse]]:
    """For pages that change how somebody comes in: whoever may see them today, which break-glass does not open; else
    404. Sets `request.person`, and writes the look down first (rule 5)."""

    def decorate(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
        @staff_only()
        @POSTS
        @wraps(view)
        def guarded(request: HttpRequest, ref: str) -> HttpResponse:
            user = cast(User, request.user)
            theirs = YoungPerson.objects.seen_by(user, on=request.today)  # type: ignore[attr-defined]
            person = get_object_or_404(theirs.exclude(user=user).select_related("user"), ref=ref)
            look(person, request=request, part=part)
            request.person = person  # type: ignore[attr-defined]
            return view(request)

        return guarded

    return decorate


# ----------------------------------------------------------------------------------------------------------------------
# The first time


@somebodys("invite")
def invite(request: HttpRequest) -> HttpResponse:
    """Make the code that lets somebody in for the first time, shown once; take it back; see whether it was used."""
    person: YoungPerson = request.person  # type: ignore[attr-defined]
    by, now = cast(User, request.user), request.now  # type: ignore[attr-defined]
    shown: dict[str, Any] = {}
    if request.method == "POST":
        try:
            if request.POST.get("do") == "call_off":
                joining.call_off(young_person=person, by=by, now=now)
                messages.success(request, _("Cancelled. That code opens nothing any more."))
                return redirect("people:invite", person.ref)
            invitation, code = joining.invite(young_person=person, by=by, now=now)
            shown = _to_say(code) | {"until": invitation.expires_at, "once": True}
        except ValidationError as refusal:
            messages.error(request, refusal.messages[0])
            return redirect("people:invite", person.ref)
    last = joining.last_invitation(person)
    context = {
        "section": "people",
        "person": person,
        "in_use": person.user is not None and person.user.was_ever_used,
        "last": last,
        "open": last is not None and last.is_open(now),
    }
    return render(request, "people/invite.html", context | shown)


def _to_say(code: str) -> dict[str, Any]:
    """What the page shows once: the code in two halves, where it is typed, and both as a square for a camera. After
    the # of an address nothing goes to any server, so the code stands in no log."""
    address = f"{settings.BASE_URL}/account/invite/"
    return {
        "code": f"{code[:5]} {code[5:]}",
        "address": address.split("://", 1)[-1].rstrip("/"),
        "square": square_of(f"{address}#{code}"),
    }


# ----------------------------------------------------------------------------------------------------------------------
# Again: a lost phone, another number


@somebodys("new_phone")
def new_phone(request: HttpRequest) -> HttpResponse:
    """Somebody whose phone is gone: say how you know it is them, confirm what a colleague said, make the code, undo."""
    person: YoungPerson = request.person  # type: ignore[attr-defined]
    by, now = cast(User, request.user), request.now  # type: ignore[attr-defined]
    recovery.settle(person.recoveries.all(), now=now)
    going_on = recovery.latest(person)
    undoing = bool(going_on and going_on.can_be_undone(now))
    do = request.POST.get("do", "") if request.method == "POST" else ""
    form = (UndoForm if undoing and "undo" in (do, request.GET.get("do")) else NewPhoneForm)(
        request.POST if do in {"ask", "undo"} else None
    )
    shown: dict[str, Any] = {}
    if do in {"ask", "undo"} and form.is_valid():
        try:
            recovery.ask(
                young_person=person, undoes=going_on if do == "undo" else None, by=by, now=now, **form.cleaned_data
            )  # fmt: skip
        except ValidationError as refusal:
            form.add_error(None, refusal)
        else:
            return redirect("people:new_phone", person.ref)
    elif do in PRESSED or do == "code":
        try:
            shown = _press(request, do, _pressed_on(request, person))
        except ValidationError as refusal:
            messages.error(request, refusal.messages[0])
        if not shown:
            return redirect("people:new_phone", person.ref)
    going_on = recovery.latest(person)
    is_open = going_on is not None and going_on.is_open(now)
    context = {
        "section": "people",
        "person": person,
        "account": person.user,
        "never_in": person.user is None or not person.user.was_ever_used,
        "going_on": going_on,
        "is_open": is_open,
        "ready": is_open and going_on is not None and going_on.is_ready(now),
        "mine": going_on is not None and going_on.asked_by_id == by.pk,
        "came_in": going_on.came_in_at if going_on else None,
        "with_another": _with_another(going_on, person),
        "can_undo": going_on is not None and going_on.can_be_undone(now),
        "undoing": isinstance(form, UndoForm),
        "now": now,
        "form": form,
    }
    return render(request, "people/new_phone.html", context | shown)


PRESSED: dict[str, Callable[..., None]] = {
    "confirm": recovery.confirm,
    "stop": recovery.stop,
    "put_back": recovery.put_back,
}


def _pressed_on(request: HttpRequest, person: YoungPerson) -> Recovery:
    """The one the page showed, so that nobody confirms what they have not read."""
    theirs = person.recoveries.select_related("asked_by", "young_person", "invitation", "undoes")
    found = theirs.filter(ref=request.POST.get("recovery", "")).first()
    if found is None:
        raise Http404
    return found


def _press(request: HttpRequest, do: str, one: Recovery) -> dict[str, Any]:
    """One of the buttons; what it shows, once, when it made a code."""
    by, now = cast(User, request.user), request.now  # type: ignore[attr-defined]
    if do == "code":
        invitation, code = recovery.give_code(recovery=one, by=by, now=now)
        return _to_say(code) | {"until": invitation.expires_at}
    PRESSED[do](recovery=one, by=by, now=now)
    said = {
        "confirm": _("Confirmed. Now one of you makes the code."),
        "stop": _("Stopped. Nothing has changed for them."),
        "put_back": _("Undone. Only the old number or email opens the account again."),
    }
    messages.success(request, said[do])
    return {}


def _with_another(one: Recovery | None, person: YoungPerson) -> bool:
    """Whether they came in with another number or address than the worker had written down."""
    if one is None or one.came_in_at is None or not one.new_way or person.user is None:
        return False
    return one.new_way not in {person.user.phone, person.user.email}


@require_GET
@staff_only()
def new_phones(request: HttpRequest) -> HttpResponse:
    """Whom a colleague wants to let in again, and who waits for a second person: perhaps me."""
    user, now = cast(User, request.user), request.now  # type: ignore[attr-defined]
    theirs = YoungPerson.objects.visible_to(user, on=request.today).exclude(user=user)  # type: ignore[attr-defined]
    waiting = Recovery.objects.for_a_second(user, now=now).filter(young_person__in=theirs)
    rows = list(waiting.select_related("young_person", "asked_by").order_by("asked_at", "pk"))
    look_at_all([one.young_person for one in rows], request=request, part="new_phone")
    return render(request, "people/new_phones.html", {"section": "people", "rows": rows})
