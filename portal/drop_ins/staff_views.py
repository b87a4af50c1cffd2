"""The desk's side of the door: what is on, who is expected, who came."""

from datetime import timedelta

from django import forms
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST

from portal.drop_ins import services
from portal.drop_ins.forms import CheckInForm, LastDayForm, SeriesForm, WalkInForm
from portal.drop_ins.models import Booking, Series, Session
from portal.drop_ins.rules import BookingState, SessionState
from portal.drop_ins.views import Asking, asked
from portal.people.access import look_at_all, staff_only
from portal.people.models import YoungPerson
from portal.refs import new_token

SHOWN_BEFORE = timedelta(days=7)
SHOWN_AFTER = timedelta(weeks=4)
# In the order they are pressed at the door.
OUTCOME_ORDER = [
    BookingState.CAME,
    BookingState.CAME_LATE,
    BookingState.TOLD_US,
    BookingState.WE_COULD_NOT,
    BookingState.DID_NOT_COME,
]


@staff_only()
def timetable(request: Asking) -> HttpResponse:
    """What is on, from last week to next month, with who is coming in numbers."""
    now = request.now
    sessions = Session.objects.filter(starts_at__gte=now - SHOWN_BEFORE, starts_at__lte=now + SHOWN_AFTER)
    context = {
        "section": "drop-ins",
        "coming": [session for session in sessions if session.ends_at > now],
        "before": [session for session in sessions if session.ends_at <= now][::-1],
        "series": Series.objects.exclude(ends_on__lt=request.today),
    }
    return render(request, "drop_ins/desk_timetable.html", context)


@staff_only()
def new_series(request: Asking) -> HttpResponse:
    """Something new that happens every week; its days are made at once."""
    form = SeriesForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        began = asked(
            services.start_series,
            form,
            by=request.user,
            now=request.now,
            today=request.today,
            **form.cleaned_data,
        )
        if began is not None:
            return redirect("drop_ins:desk_timetable")
    return render(request, "drop_ins/new_series.html", {"section": "drop-ins", "form": form})


@staff_only()
def end_series(request: Asking, pk: int) -> HttpResponse:
    """The last day of something weekly; who is booked after it is told."""
    series = get_object_or_404(Series.objects.exclude(ends_on__lt=request.today), pk=pk)
    form = LastDayForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        told = asked(
            services.end_series, form, series=series, by=request.user, now=request.now, **form.cleaned_data
        )
        if told is not None:
            return redirect("drop_ins:desk_timetable")
    after = Session.objects.filter(series=series, starts_at__gt=request.now, state=SessionState.OPEN)
    context = {"section": "drop-ins", "series": series, "form": form, "coming": after}
    return render(request, "drop_ins/end_series.html", context)


@staff_only()
def register(request: Asking, ref: str) -> HttpResponse:
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
            **form.cleaned_data,
        )
        if added:
            return redirect("drop_ins:register", ref)
    return _register(request, session, form)


@staff_only()
@require_POST
def check_in(request: Asking, ref: str, booking_ref: str) -> HttpResponse:
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
            now=request.now,
        )
        if not form.errors:
            return redirect("drop_ins:register", ref)
    return _register(request, session, WalkInForm(), refused=form)


@staff_only()
def call_off(request: Asking, ref: str) -> HttpResponse:
    """The session does not happen; everybody booked is told."""
    session = get_object_or_404(Session, ref=ref)
    form = forms.Form({} if request.method == "POST" else None)
    if form.is_valid():
        asked(services.call_off, form, session=session, by=request.user, now=request.now)
        if not form.errors:
            return redirect("drop_ins:register", ref)
    context = {"section": "drop-ins", "session": session, "form": form}
    return render(request, "drop_ins/call_off.html", context, status=409 if form.errors else 200)


def _register(
    request: Asking, session: Session, form: WalkInForm, refused: CheckInForm | None = None
) -> HttpResponse:
    bookings = list(
        session.bookings.live()
        .select_related("young_person", "session")
        .order_by("young_person__given_name", "pk")
    )
    look_at_all((booking.young_person for booking in bookings), request=request, part="drop_in")
    shown = YoungPerson.objects.visible_to(request.user, on=request.today)
    context = {
        "section": "drop-ins",
        "session": session,
        "form": refused if refused is not None and refused.errors else form,
        "walk_in_form": form,
        "walk_in_token": form.data.get("token") or new_token(),
        "bookings": bookings,
        "openable": set(
            shown.filter(pk__in=[b.young_person_id for b in bookings]).values_list("pk", flat=True)
        ),
        "walk_ins": session.walk_ins.order_by("-at"),
        "waiting": session.waiting.filter(state__in=["WAITING", "OFFERED"]).count(),
        "outcomes": [(outcome, Booking.OUTCOME_WORDS[outcome]) for outcome in OUTCOME_ORDER],
        "booked_state": BookingState.BOOKED,
    }
    return render(request, "drop_ins/register.html", context)
