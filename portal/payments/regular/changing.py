"""Dated decisions about a regular award: hold, go on, change, end, keep; and somebody else's look at them.

Nothing here acts by itself: money stops only because a named person decided it, told why, and gave notice.
"""

from datetime import date, datetime

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db.models import F, Sum
from django.utils.translation import gettext as _

from portal.accounts.models import CASEWORK_ROLES, User
from portal.audit.services import record
from portal.clock import local_date
from portal.ledger.services import release, reserve
from portal.payments import authority
from portal.payments.exceptions import bring_exceptions_back, end_unused_exceptions
from portal.payments.holding import hold, tell, tell_staff, verb
from portal.payments.models import Award, AwardChange, Instalment, PaymentRequest, RegularAward
from portal.payments.noting import note_change, note_change_review
from portal.payments.regular.rules import REVIEW_TOLD, ChangeKind, check_change
from portal.payments.rules import Level, Status, check_can_be_money

State = Instalment.State
OPEN = [State.OWED, State.HELD]


@verb
def change_regular(
    *,
    ref: str,
    kind: str,
    starts_on: date | None = None,
    code: str = "",
    words: str = "",
    each_pence: int | None = None,
    review_on: date | None = None,
    by: User,
    now: datetime,
) -> AwardChange:
    """Decide about what is still to come of a request's regular award, from the payment due on `starts_on`.

    HOLD keeps the money aside and pays nothing; RESUME pays what was held, at once; CHANGE gives each coming payment
    another sum; END gives back what is left; KEEP was a review that leaves it, and sets the next. The young person is
    told. The last decision sent again by the same person is returned as it is. Refuses `not_yours`, `own_work`,
    `above_authority`, `not_regular`, `nothing_to_change`, and what `check_change` refuses.
    """
    asked, regular = _hold(ref, by=by, now=now)
    on = local_date(now)
    kind = ChangeKind(kind)
    from_on = starts_on or on
    pressed_before = _same_as_last(
        regular, kind=kind, starts_on=from_on, each_pence=each_pence, review_on=review_on, by=by
    )
    if pressed_before is not None:
        return pressed_before
    open_ones = list(
        _coming(regular, [State.HELD] if kind == ChangeKind.RESUME else OPEN, from_on=from_on, kind=kind)
    )
    # Beside what each of them pays: an earlier decision may lower the sum only from a later day on.
    lower = kind == ChangeKind.CHANGE and any((each_pence or 0) < one.pence for one in open_ones)
    check_change(kind=kind, code=code, words=words, starts_on=from_on, on=on, lower=lower)
    new = [(one, each_pence or 0) for one in open_ones]
    _check_may(asked, new, by=by, on=on)
    if not open_ones and kind != ChangeKind.KEEP:
        raise ValidationError(_("Nothing is left to change from that day."), code="nothing_to_change")
    change = AwardChange.objects.create(
        regular=regular, kind=kind, starts_on=from_on, each_pence=each_pence if kind == ChangeKind.CHANGE else None,
        was_pence=regular.each_pence, code=code if kind not in QUIET else "", words=words.strip(), by=by, at=now,
    )  # fmt: skip
    if kind == ChangeKind.HOLD:
        _set(open_ones, State.HELD)
    elif kind == ChangeKind.RESUME:
        _set(open_ones, State.OWED)
    elif kind == ChangeKind.CHANGE:
        regular.each_pence = _amount(each_pence)
        _reprice(change, regular, new, by=by, now=now)
    elif kind == ChangeKind.END:
        _cancel(change, open_ones, by=by, now=now)
        end_unused_exceptions(asked, by=by, now=now)
    elif review_on is None or not on < review_on <= regular.ends_on:
        raise ValidationError(_("Say when you look at it again, before its last day."), code="review")
    if review_on is not None and kind == ChangeKind.KEEP:
        regular.review_on = review_on
    regular.save()
    _agree_what_it_is(asked, regular)
    _written(asked, change, by=by, now=now)
    note_change(asked, regular, change, by=by, now=now)
    return change


@verb
def ask_change_review(*, ref: str, words: str, by: User, now: datetime) -> AwardChange:
    """The young person wants somebody else to look at the last decision about their award.

    A hold that has not begun waits for that look: the money goes on. Asked already: nothing happens. Refuses
    `not_yours` and `nothing_to_review`.
    """
    asked = hold(ref, by=by, now=now)
    if by.pk != asked.young_person.user_id:
        raise ValidationError(_("This is not yours to do."), code="not_yours")
    regular = _regular(asked)
    change = regular.changes.select_for_update(of=("self",)).filter(kind__in=REVIEWED).last()
    if change is None or change.reviewed_at is not None:
        raise ValidationError(_("There is nothing to look at again."), code="nothing_to_review")
    if change.review_asked_at is not None:
        return change
    change.review_asked_at, change.review_words = now, words.strip()
    change.save()
    if change.kind == ChangeKind.HOLD and change.starts_on > local_date(now):
        _set(list(_coming(regular, [State.HELD], from_on=change.starts_on)), State.OWED)
    record("award_review_asked", by=by, now=now, young_person_id=asked.young_person_id,
           subject=f"payment_request:{asked.ref}", detail={"change": change.pk})  # fmt: skip
    note_change_review(asked, change, by=by, now=now)
    managers = authority.managers_of(asked.young_person, on=local_date(now))
    tell_staff(asked, "decision_due", [m for m in managers if m.pk != change.by_id], key=f"change:{change.pk}:review",
               now=now)  # fmt: skip
    return change


@verb
def decide_change_review(*, ref: str, stands: bool, words: str, by: User, now: datetime) -> AwardChange:
    """Somebody who had no hand in it says whether the decision stands; if not, all of it is put back as it was.

    What another decision ended stays ended, and what another one holds is held. Refuses `not_yours`, `own_work`,
    `above_authority`, `no_reason`, `nothing_to_review`, `withdrawn`, and `over_cap` when what an end gave back has
    gone elsewhere.
    """
    asked, regular = _hold(ref, by=by, now=now)
    on = local_date(now)
    change = (
        regular.changes.select_for_update(of=("self",))
        .filter(reviewed_at=None)
        .exclude(review_asked_at=None)
        .last()
    )
    if change is None:
        raise ValidationError(_("There is nothing to look at again."), code="nothing_to_review")
    if not words.strip():
        raise ValidationError(_("Say what you found."), code="no_reason")
    if by.pk == change.by_id:
        raise ValidationError(_("Someone else must decide: you had a hand in this."), code="own_work")
    affected = _coming(regular, [*OPEN, State.CANCELLED], from_on=change.starts_on)
    _check_may(asked, _without(change, regular, affected), by=by, on=on)
    change.reviewed_by, change.reviewed_at = by, now
    change.stands, change.answer_words = stands, words.strip()
    change.save()
    if not stands:
        if change.kind == ChangeKind.END and asked.status == Status.WITHDRAWN:
            raise ValidationError(_("They took this back themselves. It stays ended."), code="withdrawn")
        _undo(change, regular, by=by, now=now)
        _agree_what_it_is(asked, regular)
    elif change.kind == ChangeKind.HOLD:
        _set(list(_coming(regular, [State.OWED], from_on=max(on, change.starts_on))), State.HELD)
    record("award_review_decided", by=by, now=now, young_person_id=asked.young_person_id,
           subject=f"payment_request:{asked.ref}", detail={"change": change.pk, "stands": stands})  # fmt: skip
    note_change_review(asked, change, by=by, now=now)
    tell(asked, "award_changed", key=f"change:{change.pk}:reviewed", now=now)
    return change


def remind_award_reviews(now: datetime) -> int:
    """Two weeks before a regular award is to be looked at, its holder is told. Once for each date."""
    on = local_date(now)
    due = RegularAward.objects.filter(review_on__lte=on + REVIEW_TOLD, award__state=Award.State.OPEN)
    told = 0
    for regular in due.exclude(review_told_for=F("review_on")).select_related("award__asked__young_person"):
        asked = regular.award.asked
        _held_by, holder = authority.find_holder(asked.young_person, Level.ADVISER, on=on, but=set())
        people = [holder] if holder else authority.role_holders("DUTY_ADVISER", on=on)
        tell_staff(asked, "decision_due", people, key=f"regular:{regular.review_on}", now=now)
        RegularAward.objects.filter(pk=regular.pk).update(review_told_for=regular.review_on)
        told += 1
    return told


QUIET = {ChangeKind.RESUME, ChangeKind.KEEP}
REVIEWED = [ChangeKind.HOLD, ChangeKind.CHANGE, ChangeKind.END]


def _hold(ref: str, *, by: User, now: datetime) -> tuple[PaymentRequest, RegularAward]:
    asked = hold(ref, by=by, now=now)
    if by.pk == asked.young_person.user_id or not by.holds(*CASEWORK_ROLES, on=local_date(now)):
        raise ValidationError(_("This is not yours to do."), code="not_yours")
    return asked, _regular(asked)


def _regular(asked: PaymentRequest) -> RegularAward:
    award = asked.awards.select_for_update(of=("self",), no_key=True).filter(regular__isnull=False).last()
    if award is None:
        raise ValidationError(_("This is not paid again and again."), code="not_regular")
    return RegularAward.objects.select_for_update(of=("self",)).get(award=award)


def _same_as_last(
    regular: RegularAward, *, kind: ChangeKind, starts_on: date, each_pence: int | None, review_on: date | None,
    by: User,
) -> AwardChange | None:  # fmt: skip
    """The last decision, if this is that one again (a button pressed twice); None once somebody has looked at it."""
    last = regular.changes.last()
    if last is None or last.reviewed_at is not None:
        return None
    sum_ = each_pence if kind == ChangeKind.CHANGE else None
    same = (last.kind, last.starts_on, last.each_pence, last.by_id) == (kind, starts_on, sum_, by.pk)
    if kind == ChangeKind.KEEP:
        same = same and regular.review_on == review_on
    return last if same else None


def _coming(
    regular: RegularAward, states: list[State], *, from_on: date, kind: str = ""
) -> "list[Instalment]":
    """What is still to come from a day on; to go on takes up whatever is held."""
    found = regular.award.instalments.select_for_update(of=("self",)).filter(state__in=states)
    if kind != ChangeKind.RESUME:
        found = found.filter(due_on__gte=from_on)
    return list(found.select_related("allowance", "award").order_by("number"))


def _check_may(asked: PaymentRequest, new: list[tuple[Instalment, int]], *, by: User, on: date) -> None:
    """As high as a decision about the money still to come, each with its new sum, and never about one's own work."""
    if by.pk in authority.touched_by(asked):
        raise ValidationError(_("Someone else must decide: you had a hand in this."), code="own_work")
    held = authority.authority_of(by, young_person=asked.young_person, on=on)
    at_stake = sum(max(one.pence, pence) for one, pence in new)
    if any(pence > one.pence for one, pence in new):  # more money: with what was agreed lately, as a yes is
        at_stake += PaymentRequest.objects.agreed_pence(
            young_person_id=asked.young_person_id, on=on, but=asked.pk
        )
    if held is None or held.level < authority.level_of(asked.version) or held.limit_pence < at_stake:
        raise ValidationError(_("This is above your delegated authority."), code="above_authority")
    if asked.version is not None and any(pence for _one, pence in new):
        check_can_be_money(confirmed=asked.version.is_confirmed, in_force=True, demo=settings.DEMO)


def _amount(each_pence: int | None) -> int:
    if not each_pence or each_pence <= 0:
        raise ValidationError(_("Say how much."), code="no_amount")
    return each_pence


def _set(instalments: list[Instalment], state: State) -> None:
    Instalment.objects.filter(pk__in=[one.pk for one in instalments]).update(state=state)


def _reprice(
    change: AwardChange, regular: RegularAward, new: list[tuple[Instalment, int]], *, by: User, now: datetime
) -> None:
    """Each coming payment is given back and set aside anew with its new sum: corrections are new entries."""
    mark = f"change:{change.pk}" if change.reviewed_at is None else f"change:{change.pk}:undone"
    for one, pence in new:
        if one.taken_from is not None:
            release(
                allowance=one.taken_from, pence=one.pence, key=f"{mark}:release:{one.ref}", by=by, now=now
            )
            reserve(allowance=one.taken_from, pence=pence, key=f"{mark}:reserve:{one.ref}", by=by, now=now)
        one.pence = pence
        one.save(update_fields=["pence"])
    regular.save(update_fields=["each_pence"])
    _resum(regular.award)


def _without(
    change: AwardChange, regular: RegularAward, coming: list[Instalment]
) -> list[tuple[Instalment, int]]:
    """What each coming payment is worth once a decision is undone: the sums of all others that stand, in their order.

    Payments that ended or are held keep their sum.
    """
    if change.kind != ChangeKind.CHANGE:
        return [(one, one.pence) for one in coming]
    return [(one, _worth_on(one.due_on, regular, but=change)) for one in coming if one.state in OPEN]


def _worth_on(day: date, regular: RegularAward, *, but: AwardChange) -> int:
    changes = [one for one in regular.changes.all() if one.kind == ChangeKind.CHANGE]
    pence = changes[0].was_pence or regular.each_pence  # what was agreed in the beginning
    for one in changes:
        if one.pk != but.pk and one.stands is not False and one.starts_on <= day and one.each_pence:
            pence = one.each_pence
    return pence


def _agree_what_it_is(asked: PaymentRequest, regular: RegularAward) -> None:
    """What counts as agreed for the next decision: the award with its raises, and never less than was decided."""
    award = regular.award.instalments.exclude(state=State.CANCELLED).aggregate(sum=Sum("pence"))["sum"] or 0
    decided = asked.decisions.exclude(pence=None).order_by("-round").values_list("pence", flat=True).first()
    pence = max(award, decided or 0)
    if pence != asked.agreed_pence and asked.agreed_pence is not None:
        asked.agreed_pence = pence
        asked.agreed_above_why = asked.agreed_above_why or _("The sum of each payment was raised later.")
        asked.save(update_fields=["agreed_pence", "agreed_above_why"])


def _cancel(change: AwardChange, coming: list[Instalment], *, by: User, now: datetime) -> None:
    for one in coming:
        if one.taken_from is not None:
            key = f"change:{change.pk}:release:{one.ref}"
            release(allowance=one.taken_from, pence=one.pence, key=key, by=by, now=now)
    _set(coming, State.CANCELLED)
    _resum(change.regular.award)


def _undo(change: AwardChange, regular: RegularAward, *, by: User, now: datetime) -> None:
    if change.kind == ChangeKind.HOLD:
        _set(list(_coming(regular, [State.HELD], from_on=change.starts_on)), State.OWED)
    elif change.kind == ChangeKind.CHANGE and change.was_pence:
        coming = _coming(regular, OPEN, from_on=change.starts_on)
        regular.each_pence = _worth_on(regular.ends_on, regular, but=change)
        _reprice(change, regular, _without(change, regular, coming), by=by, now=now)
    elif change.kind == ChangeKind.END:
        others = list(regular.changes.exclude(pk=change.pk).exclude(stands=False))
        other_ends = [one.starts_on for one in others if one.kind == ChangeKind.END]
        ended = [
            one
            for one in _coming(regular, [State.CANCELLED], from_on=change.starts_on)
            if all(one.due_on < first for first in other_ends)
        ]
        bring_exceptions_back(regular.award.asked, ended_at=change.at, by=by, now=now)
        for one in ended:
            if one.taken_from is not None:
                key = f"change:{change.pk}:undone:reserve:{one.ref}"
                reserve(allowance=one.taken_from, pence=one.pence, key=key, by=by, now=now)
        _set(ended, State.OWED)
        holds = _standing_holds(others, on=local_date(now))
        _set([one for one in ended if any(one.due_on >= first for first in holds)], State.HELD)
        _resum(regular.award)
        end_unused_exceptions(regular.award.asked, by=by, now=now)


def _standing_holds(changes: list[AwardChange], *, on: date) -> list[date]:
    """From which days money is held, since it last went on; a hold that waits for a second look has not begun."""
    found: list[date] = []
    for one in changes:
        if one.kind == ChangeKind.RESUME:
            found = []
        elif one.kind == ChangeKind.HOLD and not (one.waits_for_review and one.starts_on > on):
            found.append(one.starts_on)
    return found


def _resum(award: Award) -> None:
    """The award is worth what its payments are; with nothing left to pay it is closed, with nothing paid it is over."""
    standing = list(award.instalments.exclude(state=State.CANCELLED))
    if not standing:
        Award.objects.filter(pk=award.pk).update(state=Award.State.CANCELLED)
        return
    done = all(one.state == State.PAID for one in standing)
    Award.objects.filter(pk=award.pk).update(
        pence=sum(one.pence for one in standing), state=Award.State.CLOSED if done else Award.State.OPEN
    )


def _written(asked: PaymentRequest, change: AwardChange, *, by: User, now: datetime) -> None:
    record(f"award_{change.kind.lower()}", by=by, now=now, young_person_id=asked.young_person_id,
           subject=f"payment_request:{asked.ref}", detail={"change": change.pk, "code": change.code})  # fmt: skip
    tell(asked, "award_changed", key=f"change:{change.pk}", now=now)
