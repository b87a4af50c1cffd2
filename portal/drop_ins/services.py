"""Booking, moving, cancelling, waiting, coming. Each verb is one transaction, and each begins by holding the
session.

A place is taken by one conditional update of the session's counters, which a check constraint also guards:
however many press at once, the last place goes to exactly one of them (rule 46). Sessions are always held
before bookings, by id.
"""

from dataclasses import asdict, dataclass
from datetime import date, datetime, time, timedelta

from django.contrib.auth.hashers import check_password, make_password
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import F, QuerySet
from django.utils.translation import gettext as _

from portal.accounts.models import User
from portal.audit.services import record
from portal.clock import local_date
from portal.drop_ins import rules
from portal.drop_ins.models import Booking, ClosedDay, PlaceOffer, Series, Session, WaitingPlace, WalkIn
from portal.drop_ins.rules import BookingState, SessionState
from portal.notifications.outbox import promise, withdraw
from portal.people.models import YoungPerson
from portal.people.services import duty_or_managers
from portal.refs import new_token
from portal.working_days import bank_holidays

WEEKS_AHEAD = 8
WELFARE_TOLD_WITHIN = timedelta(days=2)


@dataclass(frozen=True)
class Needs:
    """What somebody needs to be able to come."""

    how: str = Booking.How.THERE
    needs_interpreter: bool = False
    needs_step_free: bool = False
    brings_child: bool = False
    needs_fare: bool = False


@transaction.atomic
def book(
    *,
    session: Session,
    young_person: YoungPerson,
    by: User,
    now: datetime,
    needs: Needs | None = None,
    word: str = "",
) -> Booking:
    """Take a named place, and promise the reminders. A place that is kept for this person counts as theirs.

    Refuses with `full`, `already_booked`, `called_off`, `begun`, `held` (custody) or `word_length`.
    """
    word_hash = make_password(rules.check_word(word)) if word else ""
    _take_place(session, young_person, now=now)
    booking = Booking.objects.create(
        session=session,
        young_person=young_person,
        made_at=now,
        word_hash=word_hash,
        **asdict(needs or Needs()),
    )
    _promise_reminders(booking, now=now)
    _record("booking_made", booking, by=by, now=now)
    return booking


@transaction.atomic
def cancel(*, booking: Booking, by: User | None, now: datetime) -> None:
    """Give the place up, take the reminders back, and offer it to the next in line. Twice is once.

    `by` is None when it was done by the link and the word. Refuses what has begun (`begun`).
    """
    session = _hold(booking.session_id)
    _check_not_begun(session, now)
    if not _still_booked(booking, session).update(state=BookingState.CANCELLED):
        return
    _withdraw_reminders(booking)
    _free_a_place(session, now=now)
    _record("booking_cancelled", booking, by=by, now=now)


@transaction.atomic
def move(*, booking: Booking, to: Session, by: User | None, now: datetime) -> Booking:
    """The same booking on another day: the new place is taken before the old one is freed, or nothing
    changes.

    Refuses like `book`, and with `not_booked` when the booking was cancelled or moved meanwhile.
    """
    if to.pk == booking.session_id:
        return booking
    held = {pk: _hold(pk) for pk in sorted({booking.session_id, to.pk})}
    old = held[booking.session_id]
    _check_not_begun(old, now)
    _take_place(to, booking.young_person, now=now)
    _withdraw_reminders(booking)
    if not _still_booked(booking, old).update(session=to, moves=F("moves") + 1):
        raise ValidationError(_("This booking has changed. Please look at it again."), code="not_booked")
    booking.refresh_from_db()
    _promise_reminders(booking, now=now)
    _free_a_place(old, now=now)
    _record("booking_moved", booking, by=by, now=now)
    return booking


@transaction.atomic
def join_waiting_list(
    *, session: Session, young_person: YoungPerson, by: User, now: datetime
) -> WaitingPlace:
    """Stand in line for a full session. Twice is once. Refuses with `place_free` when there is no need to
    wait."""
    held = _hold(session.pk)
    _check_may_book(held, young_person, now=now)
    if held.left:
        raise ValidationError(_("There is a place. You can book it now."), code="place_free")
    _check_not_booked(held, young_person)
    waiting, new = WaitingPlace.objects.get_or_create(
        session=held,
        young_person=young_person,
        state__in=[WaitingPlace.State.WAITING, WaitingPlace.State.OFFERED],
        defaults={"joined_at": now, "state": WaitingPlace.State.WAITING},
    )
    if new:
        record(
            "waiting_joined",
            by=by,
            now=now,
            young_person_id=young_person.pk,
            subject=f"waiting:{waiting.ref}",
        )
    return waiting


@transaction.atomic
def leave_waiting_list(*, waiting: WaitingPlace, by: User, now: datetime) -> None:
    """Stop waiting. A place kept for this person goes to the next."""
    session = _hold(waiting.session_id)
    offer = PlaceOffer.objects.filter(waiting=waiting, state=PlaceOffer.State.STANDS).first()
    if offer:
        _end_offer(offer, session, PlaceOffer.State.DECLINED, WaitingPlace.State.LEFT, now=now)
    else:
        _waiting(waiting, WaitingPlace.State.WAITING).update(state=WaitingPlace.State.LEFT)


@transaction.atomic
def accept_offer(
    *, offer: PlaceOffer, by: User, now: datetime, needs: Needs | None = None, word: str = ""
) -> Booking:
    """Say yes to a kept place. Refuses with `offer_over` when its time ran out or it was answered before."""
    waiting = offer.waiting
    _hold(waiting.session_id)
    standing = PlaceOffer.objects.filter(pk=offer.pk, state=PlaceOffer.State.STANDS, expires_at__gt=now)
    if not standing.exists():
        raise ValidationError(
            _("This place has gone to somebody else. You can join the line again."), code="offer_over"
        )
    return book(
        session=waiting.session, young_person=waiting.young_person, by=by, now=now, needs=needs, word=word
    )


@transaction.atomic
def decline_offer(*, offer: PlaceOffer, by: User, now: datetime) -> None:
    """Say no to a kept place: it goes to the next in line. Twice is once."""
    session = _hold(offer.waiting.session_id)
    if _end_offer(offer, session, PlaceOffer.State.DECLINED, WaitingPlace.State.SAID_NO, now=now):
        record(
            "offer_declined",
            by=by,
            now=now,
            young_person_id=offer.waiting.young_person_id,
            subject=f"offer:{offer.ref}",
        )


def expire_offers(*, now: datetime) -> int:
    """Take back kept places whose time ran out, each in its own transaction, and offer them on. Returns how
    many."""
    over = PlaceOffer.objects.filter(state=PlaceOffer.State.STANDS, expires_at__lte=now)
    return sum(
        _expire(offer, now=now) for offer in over.select_related("waiting").order_by("expires_at", "pk")
    )


@transaction.atomic
def walk_in(
    *, session: Session, by: User, now: datetime, name: str = "", young_person: YoungPerson | None = None,
    token: str = "",
) -> WalkIn:  # fmt: skip
    """Somebody came without booking. Always welcome; the name is optional, and the booked places are not
    touched. One form is one person, however often it is pressed: `token` tells forms apart."""
    came, new = WalkIn.objects.get_or_create(
        token=token or new_token(),
        defaults={
            "session": session, "young_person": young_person, "name": " ".join(name.split())[:60], "at": now,
            "added_by": by,
        },
    )  # fmt: skip
    if not new:
        return came
    record(
        "walk_in_added",
        by=by,
        now=now,
        young_person_id=young_person.pk if young_person else None,
        subject=f"session:{session.ref}",
    )
    return came


@transaction.atomic
def check_in(*, booking: Booking, outcome: str, by: User, now: datetime) -> None:
    """Write down how a booking turned out; it may be put right later. Refuses `cancelled`, and what
    `rules.check_outcome` refuses.

    Nobody is blamed for not coming: it opens a welfare check, and coming after all closes it.
    """
    session = _hold(booking.session_id)
    rules.check_outcome(outcome, day=session.day.date(), on=local_date(now))
    stayed_away = outcome == BookingState.DID_NOT_COME
    done = (
        Booking.objects.live()
        .filter(pk=booking.pk)
        .update(
            state=outcome,
            outcome_at=now,
            outcome_by=by,
            welfare_check_opened_at=now if stayed_away else None,
            welfare_check_done_at=None,
        )
    )
    if not done:
        raise ValidationError(_("This booking was cancelled."), code="cancelled")
    _withdraw_reminders(booking)
    if stayed_away:
        _ask_whether_they_are_well(booking, now=now)
    _record(f"booking_{outcome.lower()}", booking, by=by, now=now)


@transaction.atomic
def asked_after(*, young_person: YoungPerson, by: User, now: datetime) -> int:
    """Somebody has spoken with whoever did not come. Returns how many open checks it closes; twice is once.

    The caller has checked that `by` may see them.
    """
    waiting = Booking.objects.to_ask_after().filter(young_person=young_person)
    done = waiting.update(welfare_check_done_at=now)
    if done:
        record("welfare_check_done", by=by, now=now, young_person_id=young_person.pk,
               subject=f"young_person:{young_person.ref}")  # fmt: skip
    return done


@transaction.atomic
def call_off(*, session: Session, by: User, now: datetime) -> int:
    """The session does not happen: everybody booked is told, and the line is let go. Returns how many are
    told. Refuses `over`."""
    held = _hold(session.pk)
    if held.ends_at <= now:
        raise ValidationError(_("This is over, so it cannot be called off."), code="over")
    if not Session.objects.filter(pk=held.pk, state=SessionState.OPEN).update(state=SessionState.CALLED_OFF):
        return 0
    told = 0
    for booking in held.bookings.filter(state=BookingState.BOOKED).select_related("young_person__user"):
        Booking.objects.filter(pk=booking.pk).update(
            state=BookingState.WE_COULD_NOT, outcome_at=now, outcome_by=by
        )
        _withdraw_reminders(booking)
        told += _tell(
            "booking_moved_by_us",
            booking.young_person,
            key=f"booking:{booking.ref}:{booking.moves}:called-off",
            subject=f"booking:{booking.ref}:called-off",
            session=held,
            due_at=now,
            not_after=max(held.starts_at, now),
            now=now,
        )
    standing = PlaceOffer.objects.filter(waiting__session=held, state=PlaceOffer.State.STANDS)
    for offer in standing:
        withdraw(key=f"offer:{offer.ref}")
    standing.update(state=PlaceOffer.State.EXPIRED)
    live = [WaitingPlace.State.WAITING, WaitingPlace.State.OFFERED]
    held.waiting.filter(state__in=live).update(state=WaitingPlace.State.LAPSED)
    Session.objects.filter(pk=held.pk).update(offered=0)
    record("session_called_off", by=by, now=now, subject=f"session:{held.ref}")
    return told


def close_day(*, on: date, why: str, by: User, now: datetime) -> int:
    """Nothing happens on a day: no session is made for it, and those there are called off. Returns how many
    are told."""
    ClosedDay.objects.get_or_create(on=on, defaults={"why": why})
    start, end = (_day_start(day) for day in (on, on + timedelta(days=1)))
    sessions = Session.objects.filter(starts_at__gte=start, starts_at__lt=end, state=SessionState.OPEN)
    return sum(call_off(session=session, by=by, now=now) for session in sessions)


def confirm_word(*, token: str, word: str) -> Booking:
    """The booking behind a link, for whoever knows its word. Each try is counted before it is looked at.

    Refuses with `no_word` when none was chosen, `no_tries_left` after five wrong ones, and `wrong_word`. The
    count is kept although the page is refused, so this stands outside of the transaction that follows.
    """
    booking = Booking.objects.select_related("session", "young_person").get(token=token)
    if not booking.word_hash:
        raise ValidationError(_("Please sign in to change this."), code="no_word")
    tries = Booking.objects.filter(pk=booking.pk, word_tries__lt=rules.WORD_TRIES)
    if not tries.update(word_tries=F("word_tries") + 1):
        raise ValidationError(
            _("That was too many tries. Please sign in to change this."), code="no_tries_left"
        )
    if not check_password(rules.plain_word(word), booking.word_hash):
        raise ValidationError(_("That is not the word. Please try again."), code="wrong_word")
    Booking.objects.filter(pk=booking.pk).update(word_tries=0)
    return booking


@transaction.atomic
def start_series(
    *,
    name: str,
    weekday: int,
    opens: time,
    closes: time,
    places: int,
    by: User | None,
    now: datetime,
    today: date,
    what: str = "",
    host: str = "",
    service: str = "",
    where: str = "Bromley Road",
) -> Series:
    """Begin something that happens every week, and make its days for the weeks ahead. The same name, day and hour
    twice is once. Refuses `clock_hour`."""
    rules.check_weekly(weekday=weekday, opens=opens, closes=closes)
    rest = {"what": what, "host": host, "service": service, "where": where, "closes": closes}
    series, made = Series.objects.get_or_create(
        name=name, weekday=weekday, opens=opens, ends_on=None,
        defaults={**rest, "places": places, "starts_on": today},
    )  # fmt: skip
    if not made:
        return series
    record("series_started", by=by, now=now, subject=f"series:{series.pk}")
    make_sessions(today=today)
    return series


@transaction.atomic
def end_series(*, series: Series, last_on: date, by: User, now: datetime) -> int:
    """It does not happen any more after a day: the days after it are called off, and everybody booked is told.

    Returns how many are told. The same last day twice is once; an earlier one may follow. Refuses `past`, for a day
    that is over, and `ended`, for a later one than was said before: people were told already.
    """
    held = Series.objects.select_for_update().get(pk=series.pk)
    if last_on < local_date(now):
        raise ValidationError(_("That day is over. Choose today or later."), code="past")
    if held.ends_on is not None and last_on > held.ends_on:
        raise ValidationError(
            _("It ends earlier already, and people were told. Add it again as something new."), code="ended"
        )
    if held.ends_on == last_on:
        return 0
    held.ends_on = max(last_on, held.starts_on)
    held.save(update_fields=["ends_on"])
    record("series_ended", by=by, now=now, subject=f"series:{held.pk}", detail={"last_on": str(held.ends_on)})
    after = Session.objects.filter(
        series=held, starts_at__gte=_day_start(held.ends_on + timedelta(days=1)), state=SessionState.OPEN
    )
    return sum(call_off(session=session, by=by, now=now) for session in after.order_by("starts_at"))


def make_sessions(*, today: date, weeks: int = WEEKS_AHEAD) -> int:
    """Make the sessions of each series for the weeks ahead, but for closed days and bank holidays. Twice is
    once.

    Returns how many were made.
    """
    last = today + timedelta(weeks=weeks)
    closed = set(ClosedDay.objects.filter(on__gte=today).values_list("on", flat=True))
    made = 0
    for series in Series.objects.filter(starts_on__lte=last).exclude(ends_on__lt=today):
        days = rules.days_of(
            weekday=series.weekday,
            first=max(today, series.starts_on),
            last=min(last, series.ends_on or last),
            closed=closed,
            holidays=bank_holidays(),
        )
        made += sum(_make_session(series, day) for day in days)
    return made


def _make_session(series: Series, day: date) -> int:
    _session, new = Session.objects.get_or_create(
        series=series,
        starts_at=rules.london_moment(day, series.opens),
        defaults={
            "ends_at": rules.london_moment(day, series.closes),
            "places": series.places,
            "name": series.name,
            "host": series.host,
            "what": series.what,
            "service": series.service,
            "where": series.where,
        },
    )
    return int(new)


def _hold(session_id: int) -> Session:
    """The session, locked until the transaction ends: all that changes its places stands in line here."""
    return Session.objects.select_for_update(no_key=True).get(pk=session_id)


def _take_place(session: Session, young_person: YoungPerson, *, now: datetime) -> None:
    """Take a place with one conditional update, or use the one that is kept for this person; else say why
    not."""
    kept = _kept_place(session, young_person, now=now)
    if kept is not None:
        Session.objects.filter(pk=session.pk).update(offered=F("offered") - 1, booked=F("booked") + 1)
        PlaceOffer.objects.filter(pk=kept.pk).update(state=PlaceOffer.State.ACCEPTED)
        withdraw(key=f"offer:{kept.ref}")
    elif not (
        Session.objects.with_a_place().filter(pk=session.pk, starts_at__gt=now).update(booked=F("booked") + 1)
    ):
        _refuse(session, young_person, now=now)
    _check_may_book(session, young_person, now=now)
    _check_not_booked(session, young_person)
    WaitingPlace.objects.filter(
        session=session,
        young_person=young_person,
        state__in=[WaitingPlace.State.WAITING, WaitingPlace.State.OFFERED],
    ).update(state=WaitingPlace.State.TAKEN)


def _kept_place(session: Session, young_person: YoungPerson, *, now: datetime) -> PlaceOffer | None:
    standing = PlaceOffer.objects.filter(
        waiting__session=session,
        waiting__young_person=young_person,
        state=PlaceOffer.State.STANDS,
        expires_at__gt=now,
    )
    if not standing.exists():
        return None
    _hold(session.pk)
    return standing.first()


def _refuse(session: Session, young_person: YoungPerson, *, now: datetime) -> None:
    """Say why no place was taken."""
    fresh = Session.objects.get(pk=session.pk)
    _check_not_booked(fresh, young_person)
    _check_may_book(fresh, young_person, now=now)
    raise ValidationError(_("All the places are taken. You can join the line, or just walk in."), code="full")


def _check_may_book(session: Session, young_person: YoungPerson, *, now: datetime) -> None:
    rules.check_may_book(
        state=session.state,
        starts_at=session.starts_at,
        now=now,
        in_custody=young_person.in_custody_since is not None,
    )


def _check_not_booked(session: Session, young_person: YoungPerson) -> None:
    if Booking.objects.live().filter(session=session, young_person=young_person).exists():
        raise ValidationError(_("You already have a place on this day."), code="already_booked")


def _check_not_begun(session: Session, now: datetime) -> None:
    if session.starts_at <= now:
        raise ValidationError(_("This has already begun, so it cannot be changed here."), code="begun")


def _still_booked(booking: Booking, session: Session) -> QuerySet[Booking]:
    return Booking.objects.filter(pk=booking.pk, session=session, state=BookingState.BOOKED)


def _free_a_place(session: Session, *, now: datetime) -> None:
    Session.objects.filter(pk=session.pk).update(booked=F("booked") - 1)
    _offer_places(session, now=now)


def _offer_places(session: Session, *, now: datetime) -> int:
    until = rules.offer_until(starts_at=session.starts_at, now=now)
    if until is None:
        return 0
    offered = 0
    line = session.waiting.filter(state=WaitingPlace.State.WAITING, young_person__in_custody_since=None)
    for waiting in line.select_related("young_person__user").order_by("joined_at", "pk"):
        if not Session.objects.with_a_place().filter(pk=session.pk).update(offered=F("offered") + 1):
            break
        _waiting(waiting, WaitingPlace.State.WAITING).update(state=WaitingPlace.State.OFFERED)
        offer = PlaceOffer.objects.create(waiting=waiting, made_at=now, expires_at=until)
        _tell(
            "place_offered",
            waiting.young_person,
            key=f"offer:{offer.ref}",
            subject=f"offer:{offer.ref}",
            session=session,
            due_at=now,
            not_after=until,
            now=now,
        )
        offered += 1
    return offered


@transaction.atomic
def _expire(offer: PlaceOffer, *, now: datetime) -> int:
    session = _hold(offer.waiting.session_id)
    return _end_offer(offer, session, PlaceOffer.State.EXPIRED, WaitingPlace.State.LAPSED, now=now)


def _end_offer(offer: PlaceOffer, session: Session, state: str, waiting_state: str, *, now: datetime) -> int:
    ended = PlaceOffer.objects.filter(pk=offer.pk, state=PlaceOffer.State.STANDS).update(state=state)
    if ended:
        _waiting(offer.waiting, WaitingPlace.State.OFFERED).update(state=waiting_state)
        Session.objects.filter(pk=session.pk).update(offered=F("offered") - 1)
        withdraw(key=f"offer:{offer.ref}")
        _offer_places(session, now=now)
    return ended


def _waiting(waiting: WaitingPlace, state: str) -> QuerySet[WaitingPlace]:
    return WaitingPlace.objects.filter(pk=waiting.pk, state=state)


def _promise_reminders(booking: Booking, *, now: datetime) -> None:
    session = booking.session
    for kind, due_at, not_after in rules.reminders(starts_at=session.starts_at, now=now):
        _tell(
            kind,
            booking.young_person,
            key=f"booking:{booking.ref}:{booking.moves}:{kind}",
            subject=f"booking:{booking.ref}",
            session=session,
            due_at=due_at,
            not_after=not_after,
            now=now,
            link_token=booking.token if booking.word_hash else "",
        )


def _withdraw_reminders(booking: Booking) -> None:
    for kind in ("drop_in_tomorrow", "drop_in_soon"):
        withdraw(key=f"booking:{booking.ref}:{booking.moves}:{kind}")


def _tell(
    kind: str,
    young_person: YoungPerson,
    *,
    key: str,
    subject: str,
    session: Session,
    due_at: datetime,
    not_after: datetime,
    now: datetime,
    link_token: str = "",
) -> int:
    """Promise a message about a session to somebody who has an account. Returns 1 if there was anybody to
    tell."""
    if young_person.user is None:
        return 0
    promise(
        kind,
        to=young_person.user,
        key=key,
        subject=subject,
        about_at=session.starts_at,
        due_at=due_at,
        not_after=not_after,
        now=now,
        link_token=link_token,
    )
    return 1


def _ask_whether_they_are_well(booking: Booking, *, now: datetime) -> None:
    """Their adviser hears; else duty, else whoever manages: nobody is left unasked after."""
    on, person = local_date(now), booking.young_person
    adviser = person.adviser_on(on)
    for somebody in [adviser] if adviser else duty_or_managers(person, on=on):
        own = somebody.pk == getattr(adviser, "pk", None)
        promise(
            "welfare_check",
            to=somebody,
            key=f"booking:{booking.ref}:welfare" + ("" if own else f":{somebody.pk}"),
            due_at=now,
            not_after=now + WELFARE_TOLD_WITHIN,
            now=now,
        )


def _record(action: str, booking: Booking, *, by: User | None, now: datetime) -> None:
    record(
        action,
        by=by,
        now=now,
        young_person_id=booking.young_person_id,
        subject=f"booking:{booking.ref}",
        detail={"session": booking.session.ref},
    )


def _day_start(day: date) -> datetime:
    return datetime.combine(day, datetime.min.time(), rules.LONDON)
