"""Changing who looks after whom, and opening a record that is not yours."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from portal.accounts.models import CASEWORK_ROLES, Invitation, Role, RoleHeld, User
from portal.accounts.services import make_invitation
from portal.audit.models import AuditEvent
from portal.audit.services import record
from portal.clock import local_date
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

LONGEST_REASON = 500
# Who may cover for a role besides those who hold it themselves.
COVERED_BY: dict[str, set[str]] = {
    Role.DUTY_ADVISER: {Role.DUTY_ADVISER, Role.PERSONAL_ADVISER},
    Role.TEAM_MANAGER: {Role.TEAM_MANAGER, Role.SERVICE_MANAGER},
}
LOOKS_READ = 2000
MANAGER_TOLD_WITHIN = timedelta(days=2)


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


def ask_duty(*, young_person: YoungPerson, now: datetime) -> AskedDuty:
    """The young person asks the duty team for help today; duty sees them for the day. Twice is once."""
    asked, _made = AskedDuty.objects.get_or_create(
        young_person=young_person, on=local_date(now), defaults={"asked_at": now}
    )
    return asked


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


@transaction.atomic
def invite(*, young_person: YoungPerson, by: User, now: datetime) -> tuple[Invitation, str]:
    """A new invitation for a young person, and its code to say or show, told once. Any earlier open one is cancelled.

    Their account is made here, without a way in until the code is used. Refuses `closed` for an account that is closed.
    """
    locked = YoungPerson.objects.select_for_update(of=("self",)).get(pk=young_person.pk)
    if locked.user is None:
        account = User(first_name=locked.name)
        account.set_unusable_password()
        account.save()
        YoungPerson.objects.filter(pk=locked.pk).update(user=account)
        young_person.user = locked.user = account
    if not locked.user.is_active:
        raise ValidationError(_("This account is closed."), code="closed")
    invitation, code = make_invitation(user=locked.user, by=by, now=now)
    record(
        "invited", by=by, now=now, young_person_id=locked.pk, subject=f"young_person:{locked.ref}",
        detail={"invitation": invitation.pk},
    )  # fmt: skip
    return invitation, code


@dataclass(frozen=True, slots=True)
class Look:
    """One line of "Who has seen my information": when, who by role and team, which part, and why (rule 7)."""

    at: datetime
    role: str
    team: str
    part: str
    reason: str


def who_looked(young_person: YoungPerson, *, limit: int = 200) -> list[Look]:
    """Who has seen somebody's information, newest first. No names: a role and a team. One query.

    Several looks by one role at the same part on one day are one line, so that a page opened ten times is
    not ten lines.
    """
    seen = AuditEvent.objects.filter(
        young_person_id=young_person.pk, action__in=["record_opened", "list_opened"]
    ).order_by("-at", "-pk")
    labels = dict(Role.choices) | {BREAK_GLASS: _("Somebody who is not your own adviser")}
    looks: dict[tuple[object, ...], Look] = {}
    for at, role, team, part, reason in seen.values_list("at", "actor_role", "actor_team", "part", "reason")[
        :LOOKS_READ
    ]:
        looks.setdefault(
            (local_date(at), role, team, part, reason),
            Look(at, str(labels.get(role, role)), team, part, reason),
        )
    return list(looks.values())[:limit]
