"""Changing who looks after whom, and opening a record that is not yours."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import cast

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Max
from django.db.models.functions import TruncDate
from django.utils.translation import gettext as _

from entitlements.circumstances import catalogue
from portal.accounts.models import CASEWORK_ROLES, Role, RoleHeld, User
from portal.audit.services import record
from portal.clock import LONDON, local_date
from portal.notifications.outbox import promise
from portal.people.models import (
    BREAK_GLASS,
    BREAK_GLASS_LASTS,
    SHORTEST_REASON,
    Absence,
    Allocation,
    AskedDuty,
    BreakGlass,
    Circumstance,
    TeamMembership,
    YoungPerson,
    held_on,
)
from portal.people.withholding import MANAGERS, looks_at, shown_soon
from portal.verbs import verb
from portal.working_days import after_office_time, read_from

LONGEST_REASON = 500
# Who may cover for a role besides those who hold it themselves.
COVERED_BY: dict[str, set[str]] = {
    Role.DUTY_ADVISER: {Role.DUTY_ADVISER, Role.PERSONAL_ADVISER},
    Role.TEAM_MANAGER: {Role.TEAM_MANAGER, Role.SERVICE_MANAGER},
}
MANAGER_TOLD_WITHIN = timedelta(days=2)
DUTY_WITHIN = timedelta(hours=1)  # of the office


@transaction.atomic
def allocate(
    *, young_person: YoungPerson, worker: User, acts_as: str = Allocation.As.PERSONAL_ADVISER, starts_on: date,
    by: User | None, now: datetime,
) -> Allocation:  # fmt: skip
    """Give somebody an adviser or social worker from a day on; the one before ends the day before.

    Refuses `not_their_work` when the worker does not hold that role on the day, `before_the_last` when the day is not
    after the day the present one began.
    """
    if not worker.holds(acts_as, on=starts_on) or not worker.is_active:
        raise ValidationError(_("They do not do this work on that day."), code="not_their_work")
    YoungPerson.objects.select_for_update(of=("self",)).get(pk=young_person.pk)
    current = young_person.allocations.filter(acts_as=acts_as, ends_on=None).first()
    if current is not None:
        if current.worker_id == worker.pk:
            return current
        if current.starts_on >= starts_on:
            raise ValidationError(_("The present one began on or after that day."), code="before_the_last")
        Allocation.objects.filter(pk=current.pk).update(ends_on=starts_on - timedelta(days=1))
    allocation = Allocation.objects.create(
        young_person=young_person, worker=worker, acts_as=acts_as, starts_on=starts_on
    )
    record(
        "allocated", by=by, now=now, young_person_id=young_person.pk, subject=f"young_person:{young_person.ref}",
        detail={"worker": worker.pk, "acts_as": acts_as, "starts_on": starts_on.isoformat()},
    )  # fmt: skip
    return allocation


@transaction.atomic
def end_allocation(*, allocation: Allocation, ends_on: date, by: User | None, now: datetime) -> None:
    """The last day somebody looks after a young person; from the next day duty does, until somebody is allocated."""
    if ends_on < allocation.starts_on:
        raise ValidationError(_("That day is before it began."), code="before_start")
    Allocation.objects.filter(pk=allocation.pk).update(ends_on=ends_on)
    record(
        "allocation_ended", by=by, now=now, young_person_id=allocation.young_person_id,
        detail={"worker": allocation.worker_id, "ends_on": ends_on.isoformat()},
    )  # fmt: skip


@transaction.atomic
def arrange_cover(
    *, worker: User, cover: User | None, starts_on: date, ends_on: date | None, by: User, now: datetime
) -> Absence:
    """Somebody is away from a day to a day; the cover sees their young people and holds their promises meanwhile.

    Refuses `own_cover`, `not_their_work` (the cover may not do what the worker does: a manager is covered by a manager)
    and `wrong_days`.
    """
    if ends_on is not None and ends_on < starts_on:
        raise ValidationError(_("The last day is before the first."), code="wrong_days")
    if cover is not None:
        if cover.pk == worker.pk:
            raise ValidationError(_("Nobody covers for themselves."), code="own_cover")
        for role in worker.roles_on(starts_on) & CASEWORK_ROLES:
            if cover.is_active and cover.holds(*COVERED_BY.get(role, {role}), on=starts_on):
                continue
            raise ValidationError(_("They do not do this work on that day."), code="not_their_work")
    absence = Absence.objects.create(user=worker, cover=cover, starts_on=starts_on, ends_on=ends_on)
    record(
        "cover_arranged", by=by, now=now,
        detail={"worker": worker.pk, "cover": cover.pk if cover else None, "starts_on": starts_on.isoformat(),
                "ends_on": ends_on.isoformat() if ends_on else None},
    )  # fmt: skip
    return absence


@transaction.atomic
def break_glass(*, young_person: YoungPerson, reason: str, by: User, now: datetime) -> BreakGlass:
    """Let somebody read one record that is not theirs for sixty minutes, and tell their manager at once (rule 3).

    Refuses `no_casework` (the person does no casework) and `reason_too_short` (fewer than 20 characters).
    """
    today = local_date(now)
    reason = " ".join(reason.split())[:LONGEST_REASON]
    if not by.holds(*CASEWORK_ROLES, on=today):
        raise ValidationError(_("Only casework staff may open a record."), code="no_casework")
    if len(reason) < SHORTEST_REASON:
        raise ValidationError(_("Say why, in 20 characters or more."), code="reason_too_short")
    opened = BreakGlass.objects.create(
        young_person=young_person, user=by, reason=reason, opened_at=now, ends_at=now + BREAK_GLASS_LASTS
    )
    record(
        "break_glass", by=by, now=now, young_person_id=young_person.pk, subject=f"young_person:{young_person.ref}",
        reason=reason,
    )  # fmt: skip
    for manager in _managers_of(by, on=today):
        promise(
            "break_glass", to=manager, key=f"break_glass:{opened.pk}:{manager.pk}", due_at=now,
            not_after=now + MANAGER_TOLD_WITHIN, now=now, subject=f"break_glass:{opened.pk}", exempt_from_quiet=True,
        )  # fmt: skip
    return opened


def _managers_of(worker: User, *, on: date) -> list[User]:
    """Those who manage a team the worker is in; without any, the service managers. Never the worker."""
    teams = TeamMembership.objects.filter(held_on(on), user=worker).values("team")
    managers = User.objects.filter(
        pk__in=TeamMembership.objects.filter(held_on(on), team__in=teams, manages=True).values("user")
    )
    service = User.objects.filter(
        pk__in=RoleHeld.objects.on(on).filter(role=Role.SERVICE_MANAGER).values("user")
    )
    return list(managers.filter(is_active=True).exclude(pk=worker.pk)) or list(
        service.filter(is_active=True).exclude(pk=worker.pk)
    )


@verb
def ask_duty(*, young_person: YoungPerson, now: datetime) -> AskedDuty:
    """The young person wants somebody to be in touch today, or when the office opens: duty is told at once (rule 27).

    Twice is once, until somebody has been in touch; then it is asked again. Duty sees them for the day. Where nobody is
    on duty the managers hear.
    """
    reads_at = read_from(now.astimezone(LONDON), opens=settings.OFFICE_OPENS, closes=settings.OFFICE_CLOSES)
    on = reads_at.date()
    YoungPerson.objects.select_for_update(of=("self",), no_key=True).only("pk").get(pk=young_person.pk)
    asked, made = AskedDuty.objects.get_or_create(
        young_person=young_person, on=on, defaults={"asked_at": now}
    )
    if not made and asked.answered_at is None:
        return asked
    if not made:
        asked.asked_at, asked.managers_told_at, asked.answered_at, asked.answered_by = now, None, None, None
        asked.save()
    record("duty_asked", by=young_person.user, now=now, young_person_id=young_person.pk,
           subject=f"young_person:{young_person.ref}")  # fmt: skip
    _tell("asked_duty", asked, duty_or_managers(young_person, on=on), due_at=reads_at, now=now)
    return asked


@verb
def been_in_touch(*, young_person: YoungPerson, by: User, now: datetime) -> int:
    """Somebody has spoken with a young person who asked for it. Returns how many asks it answers; twice is once.

    Refuses `not_yours`: whoever may not see them, and themselves.
    """
    on = local_date(now)
    theirs = YoungPerson.objects.visible_to(by, on=on).exclude(user=by)
    if not theirs.filter(pk=young_person.pk).exists():
        raise ValidationError(_("This is not yours to do."), code="not_yours")
    waiting = AskedDuty.objects.filter(young_person=young_person, answered_at=None, on__lte=on)
    done = waiting.update(answered_at=now, answered_by=by)
    if done:
        record("duty_answered", by=by, now=now, young_person_id=young_person.pk,
               subject=f"young_person:{young_person.ref}")  # fmt: skip
    return done


def remind_of_asked_duty(now: datetime) -> int:
    """Nobody has been in touch after an hour of the office: the managers hear, once (rule 27). Returns of how many."""
    late, on = 0, local_date(now)
    for asked in (
        AskedDuty.objects.waiting(on=on).filter(managers_told_at=None).select_related("young_person")
    ):
        due_at = after_office_time(
            asked.asked_at.astimezone(LONDON), DUTY_WITHIN,
            opens=settings.OFFICE_OPENS, closes=settings.OFFICE_CLOSES,
        )  # fmt: skip
        if due_at > now:
            continue
        with transaction.atomic():
            mine = AskedDuty.objects.filter(pk=asked.pk, managers_told_at=None, answered_at=None)
            if mine.update(managers_told_at=now):
                people = managers_answering_for(asked.young_person, on=on)
                _tell("asked_duty_late", asked, people, due_at=now, now=now)
                late += 1
    return late


def remind_of_withheld_looks(now: datetime) -> int:
    """A week before looks that were kept out of "Who looked" show again, whoever decided it and the managers hear,
    once each; never the worker whose looks they are (rule 7). Returns of how many looks."""
    on, told = local_date(now), 0
    for withheld in shown_soon(on=on):
        person = YoungPerson.objects.get(pk=withheld.young_person_id)
        managers = {one.pk: one for one in managers_answering_for(person, on=on)}
        decided = User.objects.filter(pk=withheld.decided_by_id, is_active=True).first()
        if decided is not None and decided.holds(*MANAGERS, on=on):
            managers[decided.pk] = decided
        managers.pop(withheld.actor_id, None)
        others = (
            one for one in User.objects.holding(Role.SERVICE_MANAGER, on=on) if one.pk != withheld.actor_id
        )
        managers = managers or {one.pk: one for one in others}
        until = datetime.combine(withheld.review_on, time.min, tzinfo=LONDON)
        for manager in managers.values():
            promise(
                "looks_shown_soon", to=manager, key=f"looks_shown_soon:{withheld.pk}:{manager.pk}", due_at=now,
                not_after=until, now=now, subject=f"withheld:{withheld.pk}",
            )  # fmt: skip
        told += 1
    return told


def duty_or_managers(young_person: YoungPerson, *, on: date) -> list[User]:
    """Everybody on duty on a day; where nobody is, the managers who answer for a young person."""
    return User.objects.holding(Role.DUTY_ADVISER, on=on) or managers_answering_for(young_person, on=on)


def managers_answering_for(young_person: YoungPerson, *, on: date) -> list[User]:
    """Those who manage somebody's team on a day; without any, the service managers."""
    managing = TeamMembership.objects.filter(held_on(on), team=young_person.team_id, manages=True)
    managers = User.objects.filter(pk__in=managing.values("user"), is_active=True)
    managers = managers.exclude(young_person=young_person)
    return list(managers.order_by("pk")) or User.objects.holding(Role.SERVICE_MANAGER, on=on)


def _tell(kind: str, asked: AskedDuty, people: list[User], *, due_at: datetime, now: datetime) -> None:
    """Neutral, and outside of quiet hours by its time; exempt from the numbers a day: somebody waits for it."""
    for person in people:
        promise(
            kind, to=person, key=f"{kind}:{asked.pk}:{asked.asked_at:%Y%m%d%H%M%S}:{person.pk}", due_at=due_at,
            not_after=due_at + MANAGER_TOLD_WITHIN, now=now, subject=f"asked_duty:{asked.pk}",
            exempt_from_quiet=True,
        )  # fmt: skip


@transaction.atomic
def note_circumstance(
    *,
    young_person: YoungPerson,
    key: str,
    value: bool,
    source: str,
    by: User | None,
    on: date,
    until: date | None = None,
) -> Circumstance:
    """Keep one fact about somebody's life, with who said it and how long it is good for. The newest word stands."""
    said, _made = Circumstance.objects.update_or_create(
        young_person=young_person, key=key,
        defaults={"value": value, "source": source, "said_by": by, "as_of": on, "until": until},
    )  # fmt: skip
    return said


@verb
def say_of_oneself(*, young_person: YoungPerson, answers: Mapping[str, bool], now: datetime) -> None:
    """Keep what a young person says of their own life: told, never proof. See `_keep_answers`."""
    _keep_answers(
        young_person, answers, source=Circumstance.Source.TOLD, by=cast(User, young_person.user), now=now
    )


@verb
def confirm(*, young_person: YoungPerson, answers: Mapping[str, bool], by: User, now: datetime) -> None:
    """Keep what somebody who works with them knows of their life. Refuses `not_yours`. See `_keep_answers`."""
    seen = YoungPerson.objects.visible_to(by, on=local_date(now)).exclude(user=by)
    if not seen.filter(pk=young_person.pk).exists():
        raise ValidationError(_("This is not yours to do."), code="not_yours")
    _keep_answers(young_person, answers, source=Circumstance.Source.CONFIRMED, by=by, now=now)


def _keep_answers(
    young_person: YoungPerson, answers: Mapping[str, bool], *, source: str, by: User, now: datetime
) -> None:
    """The newest word stands: an older answer that cannot be so beside it is turned round with it. What is only told
    turns round no word of the case record or of staff. No answers: nothing happens.

    Refuses `cannot_both` when two of these answers cannot both be so.
    """
    if not answers:
        return
    known, on = catalogue(), local_date(now)
    turned = young_person.circumstances.all()
    if source == Circumstance.Source.TOLD:
        turned = turned.filter(source=source)
    for key, value in answers.items():
        for other, follows in known.settled_by(key, value).items():
            if answers.get(other, follows) is not follows:
                both = {"one": _(known[key].question), "other": _(known[other].question)}
                raise ValidationError(
                    _("These two answers do not fit together: “%(one)s” and “%(other)s”") % both,
                    code="cannot_both",
                )
    YoungPerson.objects.select_for_update(of=("self",)).get(pk=young_person.pk)
    for key, value in answers.items():
        note_circumstance(young_person=young_person, key=key, value=value, source=source, by=by, on=on)
        for other, follows in known.settled_by(key, value).items():
            turned.filter(key=other, value=not follows).update(
                value=follows, source=source, said_by=by, as_of=on, until=None
            )
    record(
        "circumstances_told" if source == Circumstance.Source.TOLD else "circumstances_confirmed", by=by, now=now,
        young_person_id=young_person.pk, subject=f"young_person:{young_person.ref}",
        detail=dict(answers),
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Look:
    """One line of "Who has seen my information": when, who by role and team, which part, and why (rule 7)."""

    at: datetime
    role: str
    team: str
    part: str
    reason: str


def who_looked(young_person: YoungPerson, *, on: date, limit: int = 200) -> list[Look]:
    """Who has seen somebody's information, newest first. No names: a role and a team. One query.

    Several looks by one role at the same part on one day are one line, so that a page opened ten times is
    not ten lines. What they looked at themselves is not there, nor what is withheld on this day (rule 7).
    """
    lines = (
        looks_at(young_person, on=on)
        .values("actor_role", "actor_team", "part", "reason", day=TruncDate("at", tzinfo=LONDON))
        .annotate(last=Max("at"), newest=Max("pk"))
        .order_by("-day", "-newest")[:limit]
    )
    labels = dict(Role.choices) | {BREAK_GLASS: _("Somebody who is not your own adviser")}
    return [
        Look(
            line["last"],
            str(labels.get(line["actor_role"], line["actor_role"])),
            line["actor_team"],
            line["part"],
            line["reason"],
        )
        for line in lines
    ]
