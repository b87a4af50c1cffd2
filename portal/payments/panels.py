"""The panel that decides what is above everybody's own authority: its seats, its days, and who was there."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from portal.accounts.models import CASEWORK_ROLES, Role, User
from portal.audit.services import record
from portal.clock import local_date
from portal.payments import rules
from portal.payments.holding import hold, move, set_clock, tell, verb
from portal.payments.models import Decision, PanelMeeting, PanelMember, PanelPresence, PaymentRequest
from portal.payments.rules import Action, Authority, Level, Status
from portal.people.models import held_on

PANEL_LIMIT = rules.MAX_PENCE * 10  # no amount is above the panel
BEFORE_A_PANEL = [
    Status.WITH_PANEL,
    Status.REVIEW_ASKED,
]  # a second look has a meeting where a panel decided first
Part = PanelMember.Part


@dataclass(frozen=True, slots=True)
class Panelled:
    """How a panel came to its decision: who was there (user ids), or that its chair decided alone, and why."""

    present: frozenset[int] = frozenset()
    chair_alone: bool = False
    why: str = ""


NOBODY = Panelled()


@verb
def plan_meeting(
    *, meets_on: date, papers_by: date | None = None, quorum: int = rules.QUORUM, by: User, now: datetime
) -> PanelMeeting:
    """Say when the panel meets. Papers close five working days before, or on the day given.

    Refuses `not_yours`, `already_planned` and what `rules.check_meeting` refuses.
    """
    on = local_date(now)
    _check_runs_the_panel(by, on)
    rules.check_meets_on(meets_on, on=on)
    papers_on = rules.papers_by(meets_on) if papers_by is None else papers_by
    rules.check_meeting(meets_on=meets_on, papers_on=papers_on, quorum=quorum, on=on)
    try:
        with transaction.atomic():
            made = PanelMeeting.objects.create(meets_on=meets_on, papers_by=papers_on, quorum=quorum)
    except IntegrityError:
        raise ValidationError(_("The panel meets on that day already."), code="already_planned") from None
    record(
        "panel_planned", by=by, now=now, subject=f"panel:{made.ref}",
        detail={"meets_on": meets_on.isoformat(), "papers_by": papers_on.isoformat(), "quorum": quorum},
    )  # fmt: skip
    return made


@verb
def call_off(*, ref: str, why: str, by: User, now: datetime) -> PanelMeeting:
    """The panel does not meet on that day: what waits for it goes to the next one, and the young people are told.

    Refuses `not_yours`, `no_reason`, `not_planned`, and `no_next_panel` while something waits and nothing else is
    planned: no request is left without a day.
    """
    on = local_date(now)
    _check_runs_the_panel(by, on)
    if not why.strip():
        raise ValidationError(_("Say why, in words a young person can read."), code="no_reason")
    waiting = PaymentRequest.objects.filter(meeting__ref=ref, status__in=BEFORE_A_PANEL).order_by(
        "young_person"
    )
    held = [hold(waits, by=by, now=now) for waits in waiting.values_list("ref", flat=True)]
    meeting = PanelMeeting.objects.select_for_update().ahead(on=on).filter(ref=ref).first()
    if meeting is None:
        raise ValidationError(_("That panel is not planned any more."), code="not_planned")
    if waiting.exclude(
        pk__in=[asked.pk for asked in held]
    ).exists():  # one more came while we held the others
        raise ValidationError(_("This is busy. Please try again."), code="busy")
    following = PanelMeeting.objects.ahead(on=on).filter(meets_on__gt=meeting.meets_on).first()
    meeting.called_off_at, meeting.called_off_why = now, why.strip()[:200]
    meeting.save(update_fields=["called_off_at", "called_off_why"])
    for asked in held:
        if asked.status not in BEFORE_A_PANEL or asked.meeting_id != meeting.pk:
            continue
        if following is None:
            raise ValidationError(
                _("Plan the next panel first: requests wait for this one."), code="no_next_panel"
            )
        _move_to(asked, following, words=why.strip(), by=by, now=now)
    record("panel_called_off", by=by, now=now, subject=f"panel:{meeting.ref}", detail={"moved": len(held)})
    return meeting


@verb
def seat(*, user: User, part: str, by: User, now: datetime) -> PanelMember:
    """Give somebody a seat from today, or another part. A new chair takes the place of the one before.

    Refuses `not_yours` and `not_their_work` (a member works with young people and can sign in).
    """
    on = local_date(now)
    _check_runs_the_panel(by, on)
    if not user.is_active or not user.holds(*CASEWORK_ROLES, on=on):
        raise ValidationError(_("They do not do this work on that day."), code="not_their_work")
    part = Part(part)
    mine = PanelMember.objects.select_for_update().filter(ends_on=None)
    for seat_ in mine:
        if seat_.user_id == user.pk or (part == Part.CHAIR and seat_.part == Part.CHAIR):
            _end(seat_, on=on)
    made = PanelMember.objects.create(user=user, part=part, starts_on=on)
    record("panel_seat_given", by=by, now=now, detail={"user": user.pk, "part": part.value})
    return made


@verb
def leave(*, seat: int, by: User, now: datetime) -> None:
    """End a seat (its pk) from today. Twice is once. Refuses `not_yours`."""
    on = local_date(now)
    _check_runs_the_panel(by, on)
    for seat_ in PanelMember.objects.select_for_update().filter(pk=seat, ends_on=None):
        _end(seat_, on=on)
        record("panel_seat_ended", by=by, now=now, detail={"user": seat_.user_id, "part": seat_.part})


def seats_on(on: date) -> list[PanelMember]:
    """Everybody with a seat on a day: the chair first, the clerk last."""
    order = [Part.CHAIR, Part.MEMBER, Part.CLERK]
    seats = PanelMember.objects.filter(held_on(on), user__is_active=True).select_related("user")
    return sorted(seats, key=lambda one: (order.index(Part(one.part)), one.user.first_name))


def next_for(*, on: date) -> PanelMeeting | None:
    """The first panel that something may still be put before."""
    return PanelMeeting.objects.taking_papers(on=on).first()


def authority_of_panel(
    asked: PaymentRequest, said: Panelled, *, no_part: Collection[int], by: User, on: date
) -> Authority | None:
    """The authority of the panel as it met, or of its chair alone; None for somebody who may not write it down.

    Whoever runs the service, the chair and the clerk write down what a panel decided. `no_part`: whoever had a hand in
    the request. Refuses what `rules.check_panel` and `rules.check_chair` refuse.
    """
    meeting = asked.meeting
    seats = seats_on(on)
    if not may_write(by, seats=seats, on=on):
        return None
    if said.chair_alone:
        rules.check_chair(decider=by.pk, chair=chair_of(seats), why=said.why)
    elif meeting is None or meeting.called_off_at is not None:
        raise ValidationError(_("No panel has a day for this yet."), code="panel_not_met")
    else:
        rules.check_panel(
            meets_on=meeting.meets_on,
            on=on,
            present=said.present,
            members={one.user_id for one in seats_on(meeting.meets_on) if one.part != Part.CLERK},
            quorum=meeting.quorum,
            no_part=no_part,
        )
    return Authority(Level.PANEL, PANEL_LIMIT)


def may_write(by: User, *, seats: list[PanelMember], on: date) -> bool:
    """Whether somebody may write down what the panel decided."""
    writing = {one.user_id for one in seats if one.part != Part.MEMBER}
    return by.pk in writing or by.holds(Role.SERVICE_MANAGER, on=on)


def chair_of(seats: list[PanelMember]) -> int | None:
    """The chair's user id, if there is a chair."""
    return next((one.user_id for one in seats if one.part == Part.CHAIR), None)


def decided_by(decision: Decision) -> list[str]:
    """First names of those who sat on the panel for a decision; none for one person's decision."""
    there = decision.present.select_related("user").order_by("user__first_name")
    return [one.user.first_name or str(one.user) for one in there]


def sat_before(asked: PaymentRequest) -> set[int]:
    """Whoever sat on the panel the first time: a second look is somebody else's."""
    return set(PanelPresence.objects.filter(decision__asked=asked).values_list("user_id", flat=True))


def in_words(asked: PaymentRequest, said: Panelled, *, by: User) -> str:
    """Which panel decided and who was there, or why its chair decided alone; kept with the decision."""
    if said.chair_alone or asked.meeting is None:
        return _("Chair's action by %(name)s: %(why)s") % {"name": by, "why": said.why.strip()}
    there = ", ".join(str(user) for user in User.objects.filter(pk__in=said.present).order_by("first_name"))
    words = {"day": date_format(asked.meeting.meets_on, "j F Y"), "names": there, "why": said.why.strip()}
    return (_("Panel of %(day)s: %(names)s. %(why)s") % words).strip()


def _move_to(asked: PaymentRequest, meeting: PanelMeeting, *, words: str, by: User, now: datetime) -> None:
    asked.meeting = meeting
    set_clock(asked, meeting.meets_on)
    move(asked, Action.SEND_TO_PANEL, to=Status(asked.status), by=by, now=now, words=words)
    tell(asked, "decision_late_sorry", key=f"panel:{meeting.ref}", now=now)


def _end(seat_: PanelMember, *, on: date) -> None:
    """Yesterday was the last day; a seat given today never counted."""
    if seat_.starts_on >= on:
        seat_.delete()
    else:
        seat_.ends_on = on - timedelta(days=1)
        seat_.save(update_fields=["ends_on"])


def _check_runs_the_panel(by: User, on: date) -> None:
    if not by.holds(Role.SERVICE_MANAGER, on=on):
        raise ValidationError(_("This is not yours to do."), code="not_yours")
