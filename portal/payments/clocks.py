"""What happens to requests by themselves, each minute: cover, reminders, saying sorry. Safe to run twice at once."""

from collections.abc import Callable
from datetime import date, datetime, time

from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q, Subquery

from portal.accounts.models import User
from portal.audit.services import record
from portal.clock import LONDON, local_date
from portal.payments import authority
from portal.payments.holding import holders, judged_by_and_touched, tell, tell_staff
from portal.payments.models import HeldBy, PaymentRequest, PaymentRequestQuerySet, Step
from portal.payments.rules import Action, Level, Status
from portal.people.models import Absence, Allocation, YoungPerson, held_on
from portal.working_days import ONE_DAY, add_working_days, is_working_day

ANSWERED_WITHIN = 5  # working days; after them whoever asked hears that no answer came
OPENING = time(9)  # nobody is reminded of work before the office opens
LEVEL_HELD = {
    HeldBy.TEAM_MANAGER: Level.TEAM_MANAGER,
    HeldBy.SERVICE_MANAGER: Level.SERVICE_MANAGER,
    HeldBy.PANEL: Level.PANEL,
}


def run_clocks(now: datetime) -> dict[str, int]:
    """Hand over what somebody holds who is away or looks after them no more, remind holders the working day before,
    tell managers and say sorry after.

    While more is wanted from the young person nothing is late; after a week whoever asked is told that no answer came.
    Returns how many of each were done.
    """
    on = local_date(now)
    done = {"handed_over": _each(_in_the_wrong_hands(on), _hand_over, now)}
    if now.astimezone(LONDON).time() < OPENING or not is_working_day(on):
        return done
    waiting = PaymentRequest.objects.waiting()
    due = waiting.filter(decide_by__gte=on, decide_by__lte=add_working_days(on, 1))
    done["reminded"] = _each(due.filter(~Q(due_told_for=F("decide_by")) | Q(due_told_for=None)), _remind, now)
    late = waiting.filter(decide_by__lt=on, overdue_told_on=None)
    done["late"] = _each(late, _say_sorry, now)
    asked_before = datetime.combine(add_working_days(on, -1), time(), LONDON)
    unopened = waiting.filter(opened_at=None, submitted_at__lt=asked_before, unopened_told_on=None)
    done["unanswered"] = _each(_unanswered(on), _tell_unanswered, now)
    done["unopened"] = _each(unopened, _tell_unopened, now)
    return done


def _in_the_wrong_hands(on: date) -> PaymentRequestQuerySet:
    """Held by somebody who is away, has left, or does not look after the young person any more; or by duty, though
    somebody does now. A query for each person who holds anything."""
    waiting = PaymentRequest.objects.waiting()
    away = Absence.objects.filter(held_on(on), cover__is_active=True).values("user")
    out_of_sight: list[int] = []
    for holder in User.objects.filter(pk__in=waiting.exclude(holder=None).values("holder")):
        seen = YoungPerson.objects.visible_to(holder, on=on)
        theirs = waiting.filter(holder=holder).exclude(young_person__in=seen)
        out_of_sight += theirs.values_list("pk", flat=True)
    looked_after = Exists(Allocation.objects.effective(on).filter(young_person=OuterRef("young_person")))
    with_duty = Q(looked_after, held_by=HeldBy.DUTY, holder=None)
    return waiting.filter(
        Q(holder__in=away) | Q(holder__is_active=False) | Q(pk__in=out_of_sight) | with_duty
    )


def _unanswered(on: date) -> PaymentRequestQuerySet:
    """More was wanted a week ago, no answer came, and nobody was told so."""
    week_ago = datetime.combine(add_working_days(on, -ANSWERED_WITHIN) + ONE_DAY, time(), LONDON)
    questions = Step.objects.filter(asked=OuterRef("pk"), action=Action.ASK_MORE)
    latest = questions.order_by("-number").values("at")[:1]
    paused = PaymentRequest.objects.filter(status=Status.MORE_WANTED, due_told_for=None)
    return paused.annotate(wanted_at=Subquery(latest)).filter(wanted_at__lt=week_ago)


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
    before, held_by = asked.holder_id, asked.held_by
    cover = authority.present_or_cover(asked.holder, on=on) if asked.holder else None
    if cover is not None and cover.pk not in but and cover.is_active and cover.pk != before:
        asked.holder = cover
    else:
        level = LEVEL_HELD.get(HeldBy(asked.held_by), Level.ADVISER)
        asked.held_by, asked.holder = authority.find_holder(
            asked.young_person, level, on=on, but=but | ({before} if before else set())
        )
    if (asked.holder_id, asked.held_by) == (before, held_by):
        return
    asked.due_told_for = None  # whoever has it now is reminded too
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


def _tell_unanswered(asked: PaymentRequest, on: date, now: datetime) -> None:
    asked.due_told_for = on
    question = asked.steps.select_related("by").filter(action=Action.ASK_MORE).latest("number")
    asker = authority.present_or_cover(question.by, on=on)
    if not YoungPerson.objects.visible_to(asker, on=on).filter(pk=asked.young_person_id).exists():
        _team, found = authority.find_holder(asked.young_person, Level.ADVISER, on=on, but={asker.pk})
        asker = found or asker
    tell_staff(asked, "decision_due", [asker], key=f"unanswered:{question.number}", now=now)


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
