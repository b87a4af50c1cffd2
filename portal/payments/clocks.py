"""What happens to requests by themselves, each minute: cover, reminders, saying sorry. Safe to run twice at once."""

from collections.abc import Callable
from datetime import date, datetime, time

from django.db import transaction
from django.db.models import F, Q

from portal.audit.services import record
from portal.clock import LONDON, local_date
from portal.payments import authority
from portal.payments.holding import holders, judged_by_and_touched, tell, tell_staff
from portal.payments.models import HeldBy, PaymentRequest, PaymentRequestQuerySet
from portal.payments.rules import Level, Status
from portal.people.models import Absence, held_on
from portal.working_days import add_working_days, is_working_day

OPENING = time(9)  # nobody is reminded of work before the office opens
LEVEL_HELD = {
    HeldBy.TEAM_MANAGER: Level.TEAM_MANAGER,
    HeldBy.SERVICE_MANAGER: Level.SERVICE_MANAGER,
    HeldBy.PANEL: Level.PANEL,
}


def run_clocks(now: datetime) -> dict[str, int]:
    """Hand over what an absent person holds, remind holders the working day before, tell managers and say sorry after.

    Nothing is said while more is wanted from the young person. Returns how many of each were done.
    """
    on = local_date(now)
    done = {"handed_over": _each(_held_by_somebody_away(on), _hand_over, now)}
    if now.astimezone(LONDON).time() < OPENING or not is_working_day(on):
        return done
    waiting = PaymentRequest.objects.waiting()
    due = waiting.filter(decide_by__gte=on, decide_by__lte=add_working_days(on, 1))
    done["reminded"] = _each(due.filter(~Q(due_told_for=F("decide_by")) | Q(due_told_for=None)), _remind, now)
    late = waiting.filter(decide_by__lt=on, overdue_told_on=None)
    done["late"] = _each(late, _say_sorry, now)
    asked_before = datetime.combine(add_working_days(on, -1), time(), LONDON)
    unopened = waiting.filter(opened_at=None, submitted_at__lt=asked_before, unopened_told_on=None)
    done["unopened"] = _each(unopened, _tell_unopened, now)
    return done


def _held_by_somebody_away(on: date) -> PaymentRequestQuerySet:
    away = Absence.objects.filter(held_on(on), cover__is_active=True).values("user")
    return PaymentRequest.objects.waiting().filter(Q(holder__in=away) | Q(holder__is_active=False))


def _each(
    found: PaymentRequestQuerySet, do: Callable[[PaymentRequest, date, datetime], None], now: datetime
) -> int:
    """One small transaction each: a request somebody is deciding now is left for the next minute."""
    done = 0
    for pk in list(found.order_by("pk").values_list("pk", flat=True)):
        with transaction.atomic():
            held = found.filter(pk=pk).select_for_update(of=("self",), skip_locked=True, no_key=True)
            asked = held.select_related("young_person__user", "holder").first()
            if asked is not None:
                do(asked, local_date(now), now)
                asked.save()
                done += 1
    return done


def _hand_over(asked: PaymentRequest, on: date, now: datetime) -> None:
    but = judged_by_and_touched(asked) if asked.status == Status.REVIEW_ASKED else authority.touched_by(asked)
    before = asked.holder_id
    cover = authority.present_or_cover(asked.holder, on=on) if asked.holder else None
    if cover is not None and cover.pk not in but and cover.is_active and cover.pk != before:
        asked.holder = cover
    else:
        level = LEVEL_HELD.get(HeldBy(asked.held_by), Level.ADVISER)
        asked.held_by, asked.holder = authority.find_holder(
            asked.young_person, level, on=on, but=but | ({before} if before else set())
        )
    record(
        "request_handed_over",
        by=None,
        now=now,
        young_person_id=asked.young_person_id,
        subject=f"payment_request:{asked.ref}",
        detail={"from": before, "to": asked.holder_id},
    )


def _remind(asked: PaymentRequest, on: date, now: datetime) -> None:
    asked.due_told_for = asked.decide_by
    tell_staff(asked, "decision_due", holders(asked, on=on), key=f"due:{asked.decide_by}", now=now)


def _say_sorry(asked: PaymentRequest, on: date, now: datetime) -> None:
    asked.overdue_told_on = on
    managers = authority.managers_of(asked.young_person, on=on) or authority.role_holders(
        "SERVICE_MANAGER", on=on
    )
    tell_staff(asked, "decision_overdue", managers, key=f"overdue:{asked.decide_by}", now=now)
    tell(asked, "decision_late_sorry", key=f"sorry:{asked.decide_by}", now=now)


def _tell_unopened(asked: PaymentRequest, on: date, now: datetime) -> None:
    asked.unopened_told_on = on
    managers = authority.managers_of(asked.young_person, on=on) or authority.role_holders(
        "SERVICE_MANAGER", on=on
    )
    tell_staff(asked, "decision_overdue", managers, key="unopened", now=now)
