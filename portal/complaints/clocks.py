"""What happens to complaints by themselves, each minute. Safe to run twice at once."""

import logging
from collections.abc import Callable
from datetime import date, datetime, time

from django.db import transaction
from django.db.models import F, Q

from portal.clock import LONDON, local_date
from portal.complaints import rules, services
from portal.complaints.models import Complaint, ComplaintQuerySet
from portal.payments.authority import role_holders
from portal.working_days import add_working_days, is_working_day

log = logging.getLogger(__name__)

OPENING = time(9)
REMINDED_BEFORE = 2  # working days


def run_clocks(now: datetime) -> dict[str, int]:
    """Remind whoever has to answer two working days before, tell managers and say sorry after, and tell them of what
    nobody opened within a working day. Returns how many of each. One that nobody may see is an alarm in the log."""
    on = local_date(now)
    if now.astimezone(LONDON).time() < OPENING or not is_working_day(on):
        return {}
    waiting = Complaint.objects.open()
    due = waiting.filter(due_on__gte=on, due_on__lte=add_working_days(on, REMINDED_BEFORE))
    late = waiting.filter(due_on__lt=on)
    read_by = datetime.combine(add_working_days(on, -rules.READ_WITHIN), time(), LONDON)
    unopened = waiting.filter(opened_at=None, made_at__lt=read_by, unopened_told_on=None)
    return {
        "reminded": _each(due.filter(~Q(due_told_for=F("due_on")) | Q(due_told_for=None)), _remind, now),
        "late": _each(
            late.filter(~Q(overdue_told_for=F("due_on")) | Q(overdue_told_for=None)), _say_sorry, now
        ),
        "unopened": _each(unopened, _tell_unopened, now),
    }


def _each(found: ComplaintQuerySet, do: Callable[[Complaint, date, datetime], None], now: datetime) -> int:
    """One small transaction each: a complaint somebody is answering now is left for the next minute."""
    done = 0
    for pk in list(found.order_by("pk").values_list("pk", flat=True)):
        with transaction.atomic():
            held = found.filter(pk=pk).select_for_update(of=("self",), skip_locked=True, no_key=True)
            complaint = held.select_related("young_person__user", "holder").first()
            if complaint is not None:
                do(complaint, local_date(now), now)
                complaint.save()
                done += 1
    return done


def _remind(complaint: Complaint, on: date, now: datetime) -> None:
    complaint.due_told_for = complaint.due_on
    _tell(complaint, "complaint_due", key=f"due:{complaint.due_on}", now=now)


def _say_sorry(complaint: Complaint, on: date, now: datetime) -> None:
    complaint.overdue_told_for = complaint.due_on
    _tell_managers(complaint, key=f"late:{complaint.due_on}", on=on, now=now)
    services.tell_them(complaint, "complaint_late_sorry", key=f"sorry:{complaint.due_on}", now=now)


def _tell_unopened(complaint: Complaint, on: date, now: datetime) -> None:
    complaint.unopened_told_on = on
    _tell_managers(complaint, key="unopened", on=on, now=now)


def _tell_managers(complaint: Complaint, *, key: str, on: date, now: datetime) -> None:
    """Its holder, and every service manager it is not about."""
    kept = set(complaint.kept_from.values_list("user_id", flat=True))
    others = [user for user in role_holders("SERVICE_MANAGER", on=on) if user.pk not in kept]
    _tell(complaint, "complaint_late", key=key, now=now)
    for user in others:
        services.tell_one(complaint, "complaint_late", to=user, key=key, now=now)


def _tell(complaint: Complaint, kind: str, *, key: str, now: datetime) -> None:
    if not services.tell_us(complaint, kind, key=key, now=now):
        log.error("the complaint %s has nobody who may answer it", complaint.ref)
