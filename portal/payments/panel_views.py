"""The panel at the desk: its days, its seats."""

from collections.abc import Callable
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import Count, Q
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from portal.accounts.models import CASEWORK_ROLES, Role, RoleHeld, User
from portal.payments import forms, panels, rules
from portal.payments.models import PanelMeeting, PanelMember
from portal.payments.pages import PortalRequest
from portal.people.access import staff_only

SHOWN = 12


@require_http_methods(["GET", "HEAD", "POST"])
@staff_only()
def panel(request: PortalRequest) -> HttpResponse:
    """When the panel meets and who sits on it. Whoever runs the service changes it, everybody else reads."""
    runs_it = request.user.holds(Role.SERVICE_MANAGER, on=request.today)
    if request.method != "POST":
        return _page(request, runs_it=runs_it)
    pressed = request.POST.get("action", "")
    if not runs_it or pressed not in PRESSED:
        raise Http404
    form = _forms(request, pressed)[pressed]
    if not form.is_valid():
        return _page(request, runs_it=True, pressed=pressed, form=form)
    try:
        PRESSED[pressed](by=request.user, now=request.now, **_said(pressed, form))
    except ValidationError as refusal:
        form.add_error(None, refusal)
        status = 409 if refusal.code == "busy" else 200
        return _page(request, runs_it=True, pressed=pressed, form=form, status=status)
    return redirect("payments:panel")


PRESSED: dict[str, Callable[..., Any]] = {
    "plan": panels.plan_meeting,
    "call_off": panels.call_off,
    "seat": panels.seat,
    "leave": panels.leave,
}


def _said(pressed: str, form: Any) -> dict[str, Any]:
    said = dict(form.cleaned_data)
    if pressed == "seat":
        said["user"] = User.objects.get(pk=said["user"])
    elif pressed == "call_off":
        said["ref"] = form.prefix
    return said


def _forms(request: PortalRequest, pressed: str) -> dict[str, Any]:
    """Each form, filled with what was sent where it was the one that was sent."""

    def data(name: str) -> Any:
        return request.POST if name == pressed else None

    return {
        "plan": forms.MeetingForm(data("plan"), initial={"quorum": rules.QUORUM}),
        "call_off": forms.CallOffForm(data("call_off"), prefix=request.POST.get("ref", "")),
        "seat": forms.SeatForm(data("seat"), people=_people(request)),
        "leave": forms.LeaveForm(data("leave")),
    }


def _people(request: PortalRequest) -> list[tuple[str, str]]:
    working = RoleHeld.objects.on(request.today).filter(role__in=CASEWORK_ROLES).values("user")
    people = User.objects.filter(pk__in=working, is_active=True).order_by("first_name", "last_name", "pk")
    return [(str(user.pk), str(user)) for user in people]


def _page(
    request: PortalRequest, *, runs_it: bool, pressed: str = "", form: Any = None, status: int = 200
) -> HttpResponse:
    waiting = Count("requests", filter=Q(requests__status__in=panels.BEFORE_A_PANEL))
    meetings = list(PanelMeeting.objects.ahead(on=request.today).annotate(waiting=waiting)[:SHOWN])
    filled = {pressed: form} if form is not None else {}
    plain = _forms(request, "") if runs_it else {}
    sent_ref = request.POST.get("ref", "")
    seats = panels.seats_on(request.today)
    context = {
        "section": "queue",
        "runs_it": runs_it,
        "meetings": [
            (
                meeting,
                form
                if pressed == "call_off" and sent_ref == meeting.ref
                else forms.CallOffForm(prefix=meeting.ref),
            )
            for meeting in meetings
        ],
        "seats": seats,
        "enough": sum(seat.part != PanelMember.Part.CLERK for seat in seats) >= rules.QUORUM,
        "has_chair": panels.chair_of(seats) is not None,
        "plan_form": filled.get("plan") or plain.get("plan"),
        "seat_form": filled.get("seat") or plain.get("seat"),
        "opened": pressed,
        "sent_ref": sent_ref,
        "today": request.today,
    }
    return render(request, "payments/panel.html", context, status=status)
