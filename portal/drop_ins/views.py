"""The timetable for everybody, and a young person's own bookings."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from itertools import groupby
from typing import Any, TypeVar

from django import forms
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db import OperationalError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_POST

from portal.accounts.models import User
from portal.drop_ins import calendar, services
from portal.drop_ins.forms import BookingForm, ByLinkForm, MoveForm
from portal.drop_ins.models import Booking, PlaceOffer, Session, WaitingPlace
from portal.drop_ins.rules import WORD_TRIES, BookingState
from portal.notifications.contact import standing_of
from portal.people.access import young_person_only
from portal.people.models import YoungPerson

SHOWN_FOR = timedelta(weeks=5)
OTHER_DAYS = 6
Answer = TypeVar("Answer")
LOCK_NOT_AVAILABLE = "55P03"


def asked(verb: Callable[..., Answer], form: forms.Form, **facts: Any) -> Answer | None:
    """Ask a service. A refusal becomes a line on the form, and what was typed stays.

    A row that somebody else holds for three seconds is asked for once more, then the person is told to try
    again (rule 66).
    """
    for try_again in (True, False):
        try:
            return verb(**facts)
        except ValidationError as refusal:
            form.add_error(None, refusal)
            return None
        except OperationalError as failure:
            if getattr(failure.__cause__, "sqlstate", "") != LOCK_NOT_AVAILABLE:
                raise
            if not try_again:
                words = _("Many people are doing this right now. Please try again.")
                form.add_error(None, ValidationError(words, code="busy"))
    return None


class Asking(HttpRequest):
    """A request as the guards and the clock hand it on."""

    user: User  # type: ignore[assignment]
    now: datetime
    today: date
    young_person: YoungPerson


@login_not_required
@cache_control(public=True, no_cache=True)
def timetable(request: Asking) -> HttpResponse:
    """What happens when, and whether there is a place: the same page for everybody."""
    now = request.now
    sessions = Session.objects.coming(now=now).filter(starts_at__lte=now + SHOWN_FOR)
    days = [(day, list(those)) for day, those in groupby(sessions, key=lambda session: session.day.date())]
    places = {session.where for _day, those in days for session in those}
    context = {"section": "drop-ins", "days": days, "place": places.pop() if len(places) == 1 else ""}
    return render(request, "drop_ins/timetable.html", context)


@login_not_required
def session_page(request: Asking, ref: str) -> HttpResponse:
    """One session. Booking is one tap further, behind the sign-in, so that this page carries nothing of
    anybody."""
    session = get_object_or_404(Session.objects.coming(now=request.now), ref=ref)
    return render(request, "drop_ins/session.html", {"section": "drop-ins", "session": session})


@young_person_only
def bookings(request: Asking) -> HttpResponse:
    """What I have booked, where I wait, and places kept for me."""
    return _bookings(request)


def _bookings(request: Asking, refused: forms.Form | None = None) -> HttpResponse:
    """The page of bookings, with what became of the button pressed on it when it could not be done now."""
    person, now = request.young_person, request.now
    offers = PlaceOffer.objects.filter(
        waiting__young_person=person, state=PlaceOffer.State.STANDS, expires_at__gt=now
    )
    context = {
        "section": "bookings",
        "bookings": person.bookings.coming(now=now).select_related("session"),
        "offers": offers.select_related("waiting__session"),
        "waiting": person.waiting_places.filter(
            state=WaitingPlace.State.WAITING, session__starts_at__gt=now
        ).select_related("session"),
        "before": person.bookings.filter(session__ends_at__lte=now)
        .exclude(state=BookingState.CANCELLED)
        .select_related("session")
        .order_by("-session__starts_at")[:5],
        "form": refused,
        "reach": standing_of(person.user, now=now),  # type: ignore[arg-type]
    }
    return render(request, "drop_ins/bookings.html", context, status=409 if refused else 200)


@young_person_only
def new(request: Asking, ref: str) -> HttpResponse:
    """Book a place, or join the line when there is none."""
    person, now = request.young_person, request.now
    session = get_object_or_404(Session.objects.coming(now=now), ref=ref)
    mine = person.bookings.live().filter(session=session).first()
    if mine is not None:
        return redirect("drop_ins:booking", mine.ref)
    form = BookingForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        booking = asked(
            services.book,
            form,
            session=session,
            young_person=person,
            by=request.user,
            now=now,
            needs=form.asked_needs(),
            word=form.cleaned_data["word"],
        )
        if booking is not None:
            return redirect("drop_ins:booking", booking.ref)
        session.refresh_from_db()
    kept = _offers(request).filter(waiting__session=session).exists()
    context = {"section": "bookings", "form": form, "session": session, "full": not session.left and not kept}
    return render(request, "drop_ins/new.html", context)


@young_person_only
def booking(request: Asking, ref: str) -> HttpResponse:
    """One booking of mine: when, where, what I asked for, and the ways to change it."""
    reach = standing_of(request.young_person.user, now=request.now)  # type: ignore[arg-type]
    context = {"section": "bookings", "booking": _mine(request, ref), "now": request.now, "reach": reach}
    return render(request, "drop_ins/booking.html", context)


@young_person_only
def move(request: Asking, ref: str) -> HttpResponse:
    """The same booking on another day."""
    mine = _mine(request, ref)
    others = _other_days(mine, request)
    form = MoveForm(request.POST if request.method == "POST" else None, others=others)
    if form.is_valid():
        to = next(other for other in others if other.ref == form.cleaned_data["to"])
        if asked(services.move, form, booking=mine, to=to, by=request.user, now=request.now):
            return redirect("drop_ins:booking", ref)
    context = {"section": "bookings", "booking": mine, "form": form, "others": others}
    return render(request, "drop_ins/move.html", context)


@young_person_only
def cancel(request: Asking, ref: str) -> HttpResponse:
    """Give the place up: asked once, then done."""
    mine = _mine(request, ref)
    form = forms.Form(request.POST if request.method == "POST" else None)
    if form.is_valid():
        asked(services.cancel, form, booking=mine, by=request.user, now=request.now)
        if not form.errors:
            return redirect("drop_ins:booking", ref)
    return render(request, "drop_ins/cancel.html", {"section": "bookings", "booking": mine, "form": form})


@young_person_only
def calendar_entry(request: Asking, ref: str) -> HttpResponse:
    """The booking for the phone's own calendar: a neutral title, no place."""
    session = _mine(request, ref).session
    file = calendar.entry(
        ref=ref,
        starts_at=session.starts_at,
        ends_at=session.ends_at,
        now=request.now,
    )
    return HttpResponse(
        file,
        content_type="text/calendar; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{calendar.FILE_NAME}"'},
    )


@young_person_only
@require_POST
def wait(request: Asking, ref: str) -> HttpResponse:
    """Join the line for a full session."""
    now = request.now
    session = get_object_or_404(Session.objects.coming(now=now), ref=ref)
    form = forms.Form({})
    asked(
        services.join_waiting_list,
        form,
        session=session,
        young_person=request.young_person,
        by=request.user,
        now=now,
    )
    if form.has_error(NON_FIELD_ERRORS, "busy"):
        return _bookings(request, form)
    if form.has_error(NON_FIELD_ERRORS, "place_free") or form.has_error(NON_FIELD_ERRORS, "already_booked"):
        return redirect("drop_ins:new", ref)
    return redirect("drop_ins:session", ref) if form.errors else redirect("drop_ins:bookings")


@young_person_only
@require_POST
def leave(request: Asking, ref: str) -> HttpResponse:
    """Leave the line."""
    places = request.young_person.waiting_places
    waiting = get_object_or_404(places, ref=ref)
    form = forms.Form({})
    asked(services.leave_waiting_list, form, waiting=waiting, by=request.user, now=request.now)
    return _bookings(request, form) if form.errors else redirect("drop_ins:bookings")


@young_person_only
@require_POST
def decline(request: Asking, ref: str) -> HttpResponse:
    """Say no to a place that was kept for me: it goes to the next."""
    offer = get_object_or_404(_offers(request), ref=ref)
    form = forms.Form({})
    asked(services.decline_offer, form, offer=offer, by=request.user, now=request.now)
    return _bookings(request, form) if form.errors else redirect("drop_ins:bookings")


@login_not_required
def by_link(request: Asking, token: str) -> HttpResponse:
    """One booking for whoever holds its link: day and time, no name and no place; changed with its word
    (rule 21)."""
    mine = get_object_or_404(Booking.objects.select_related("session", "young_person"), token=token)
    others = _other_days(mine, request)
    form = ByLinkForm(request.POST if request.method == "POST" else None, others=others)
    known = None
    if form.is_valid():
        known = asked(services.confirm_word, form, token=token, word=form.cleaned_data["word"])
    if known is not None:
        to = next((other for other in others if other.ref == form.cleaned_data["what"]), None)
        facts = {"booking": mine, "by": None, "now": request.now}
        if to is not None:
            asked(services.move, form, to=to, **facts)
        else:
            asked(services.cancel, form, **facts)
        if not form.errors:
            return redirect("drop_ins:by_link", token)
    mine.refresh_from_db()
    can_change = (
        mine.state == BookingState.BOOKED
        and mine.session.starts_at > request.now
        and bool(mine.word_hash)
        and mine.word_tries < WORD_TRIES
    )
    context = {
        "booking": mine,
        "form": form,
        "can_change": can_change,
        "over": mine.session.ends_at <= request.now,
        "council_name": _("the people you booked with"),  # the usual foot would name the council
    }
    return render(request, "drop_ins/by_link.html", context)


def _mine(request: Asking, ref: str) -> Booking:
    mine = request.young_person.bookings.select_related("session", "young_person")
    booking: Booking = get_object_or_404(mine, ref=ref)
    return booking


def _offers(request: Asking) -> Any:
    return PlaceOffer.objects.filter(
        waiting__young_person=request.young_person,
        state=PlaceOffer.State.STANDS,
        expires_at__gt=request.now,
    )


def _other_days(booking: Booking, request: Asking) -> list[Session]:
    """The next days of the same thing that have a place."""
    now = request.now
    others = (
        Session.objects.coming(now=now).with_a_place().filter(starts_at__gt=now, name=booking.session.name)
    )
    taken = Booking.objects.live().filter(young_person=booking.young_person_id).values("session")
    return list(others.exclude(pk__in=taken)[:OTHER_DAYS])
