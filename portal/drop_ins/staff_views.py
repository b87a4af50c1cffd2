"""The desk's side of the door: what is on, who is expected, who came."""

from datetime import timedelta

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST

from portal.audit.services import record
from portal.drop_ins import services
from portal.drop_ins.forms import CheckInForm, SeriesForm, WalkInForm
from portal.drop_ins.models import Booking, Series, Session
from portal.drop_ins.rules import OUTCOMES, BookingState
from portal.drop_ins.views import asked
from portal.people.access import staff_only
from portal.people.models import YoungPerson

SHOWN_BEFORE = timedelta(days=7)
SHOWN_AFTER = timedelta(weeks=4)
# In the order they are pressed at the door.
OUTCOME_ORDER = ["CAME", "CAME_LATE", "TOLD_US", "WE_COULD_NOT", "DID_NOT_COME"]


@staff_only()
def timetable(request: HttpRequest) -> HttpResponse:
    """What is on, from last week to next month, with who is coming in numbers."""
    now = request.now  # type: ignore[attr-defined]
    sessions = Session.objects.filter(starts_at__gte=now - SHOWN_BEFORE, starts_at__lte=now + SHOWN_AFTER)
    context = {
        "section": "drop-ins",
        "coming": [session for session in sessions if session.ends_at > now],
        "before": [session for session in sessions if session.ends_at <= now][::-1],
        "series": Series.objects.exclude(ends_on__lt=request.today),  # type: ignore[attr-defined]
    }
    return render(request, "drop_ins/desk_timetable.html", context)


@staff_only()
def new_series(request: HttpRequest) -> HttpResponse:
    """Something new that happens every week; its days are made at once."""
    form = SeriesForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        services.start_series(
            by=request.user,  # type: ignore[arg-type]
            now=request.now,  # type: ignore[attr-defined]
            today=request.today,  # type: ignore[attr-defined]
            **form.cleaned_data,
        )
        return redirect("drop_ins:desk_timetable")
    return render(request, "drop_ins/new_series.html", {"section": "drop-ins", "form": form})


@staff_only()
def register(request: HttpRequest, ref: str) -> HttpResponse:
    """Who is expected and who came: first names, and what they need to be able to come."""
    session = get_object_or_404(Session, ref=ref)
    form = WalkInForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        added = asked(
            services.walk_in,
            form,
            session=session,
            by=request.user,
            now=request.now,
            **form.cleaned_data,  # type: ignore[attr-defined]
        )
        if added:
            return redirect("drop_ins:register", ref)
    return _register(request, session, form)


@staff_only()
@require_POST
def check_in(request: HttpRequest, ref: str, booking_ref: str) -> HttpResponse:
    """How one booking turned out."""
    session = get_object_or_404(Session, ref=ref)
    booking = get_object_or_404(session.bookings.select_related("session", "young_person"), ref=booking_ref)
    form = CheckInForm(request.POST)
    if form.is_valid():
        asked(
            services.check_in,
            form,
            booking=booking,
            outcome=form.cleaned_data["outcome"],
            by=request.user,
            now=request.now,  # type: ignore[attr-defined]
        )
        if not form.errors:
            return redirect("drop_ins:register", ref)
    return _register(request, session, WalkInForm(), refused=form)


@staff_only()
def call_off(request: HttpRequest, ref: str) -> HttpResponse:
    """The session does not happen; everybody booked is told."""
    session = get_object_or_404(Session, ref=ref)
    if request.method == "POST":
        # type: ignore[arg-type, attr-defined]
        services.call_off(session=session, by=request.user, now=request.now)
        return redirect("drop_ins:register", ref)
    return render(request, "drop_ins/call_off.html", {"section": "drop-ins", "session": session})


def _register(
    request: HttpRequest, session: Session, form: WalkInForm, refused: CheckInForm | None = None
) -> HttpResponse:
    bookings = list(
        session.bookings.live()
        .select_related("young_person", "session")
        .order_by("young_person__given_name", "pk")
    )
    for booking in bookings:  # rule 5: written before anything is shown
        record(
            "register_opened",
            by=request.user,  # type: ignore[arg-type]
            now=request.now,  # type: ignore[attr-defined]
            young_person_id=booking.young_person_id,
            subject=f"session:{session.ref}",
            part="drop_in",
        )
    # type: ignore[arg-type, attr-defined]
    shown = YoungPerson.objects.visible_to(request.user, on=request.today)
    context = {
        "section": "drop-ins",
        "session": session,
        "form": refused if refused is not None and refused.errors else form,
        "walk_in_form": form,
        "bookings": bookings,
        "openable": set(
            shown.filter(pk__in=[b.young_person_id for b in bookings]).values_list("pk", flat=True)
        ),
        "walk_ins": session.walk_ins.order_by("-at"),
        "waiting": session.waiting.filter(state__in=["WAITING", "OFFERED"]).count(),
        "outcomes": [
            (outcome, Booking.OUTCOME_WORDS[outcome]) for outcome in OUTCOME_ORDER if outcome in OUTCOMES
        ],
        "booked_state": BookingState.BOOKED,
    }
    return render(request, "drop_ins/register.html", context)
