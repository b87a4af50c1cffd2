"""A member of staff's verbs: ask, recommend, decide, look again."""

from datetime import date, datetime

from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from portal.accounts.models import User
from portal.case_notes.services import in_its_language
from portal.clock import local_date
from portal.ledger.models import Allowance
from portal.ledger.services import open_allowance, reserve
from portal.payments import authority, panels, rules
from portal.payments.authority import Standing
from portal.payments.exceptions import end_unused_exceptions
from portal.payments.holding import (
    check,
    hand_to,
    hold,
    judged_by_and_touched,
    move,
    set_clock,
    tell,
    verb,
)
from portal.payments.letters import case_record
from portal.payments.models import (
    Award,
    Decision,
    HeldBy,
    InPlan,
    Instalment,
    PanelMeeting,
    PanelPresence,
    PaymentRequest,
)
from portal.payments.noting import note_decision
from portal.payments.panels import NOBODY, Panelled
from portal.payments.regular.making import in_words
from portal.payments.regular.making import make as make_regular
from portal.payments.regular.rules import Schedule, check_schedule
from portal.payments.rules import Action, Authority, Level, MoreWanted, Reason, Status

REFUSING = {Action.DECLINE, Action.PART_APPROVE, Action.KEEP}
AGREEING = {Action.APPROVE, Action.PART_APPROVE, Action.CHANGE}


@verb
def opened(*, ref: str, by: User, now: datetime) -> None:
    """Somebody on our side read it for the first time (safety rule 29)."""
    seen = PaymentRequest.objects.visible_to(by, on=local_date(now)).filter(ref=ref, opened_at=None)
    seen.filter(status__in=rules.OPEN).exclude(young_person__user=by).update(opened_at=now)


@verb
def set_in_plan(*, ref: str, in_plan: str, by: User, now: datetime) -> PaymentRequest:
    """Record whether the pathway plan promises this."""
    asked = hold(ref, by=by, now=now)
    check(asked, Action.ASK_MORE, by=by, now=now)
    asked.in_plan = InPlan(in_plan)
    asked.save(update_fields=["in_plan"])
    return asked


@verb
def ask_more(
    *, ref: str, code: str, words: str, by: User, now: datetime, seen: int | None = None
) -> PaymentRequest:
    """Ask the young person for something, said in a coded reason and a sentence. The clock waits with its days left.

    Refuses `no_reason`, `not_now` and `Stale`.
    """
    asked = hold(ref, by=by, now=now, seen=seen)
    to = check(asked, Action.ASK_MORE, by=by, now=now)
    rules.check_reason(code=code, words=words, codes=MoreWanted.values)
    on = local_date(now)
    asked.paused_days = rules.days_left(on, asked.decide_by or on)
    asked.held_by, asked.holder, asked.meeting = HeldBy.YOU, None, None
    asked.due_told_for = None
    move(asked, Action.ASK_MORE, to=to, by=by, now=now, code=code, words=words.strip())
    tell(asked, "more_wanted", key=f"more:{asked.row_version}", now=now, urgent=asked.urgent)
    return asked


@verb
def recommend(
    *,
    ref: str,
    pence: int,
    words: str = "",
    staff_words: str = "",
    by: User,
    now: datetime,
    seen: int | None = None,
) -> PaymentRequest:
    """Say yes as far as one can, and hand it to whoever may decide this amount. Refuses `own_work`, `no_amount`."""
    asked = hold(ref, by=by, now=now, seen=seen)
    to = check(asked, Action.RECOMMEND, by=by, now=now)
    touched = authority.touched_by(asked)
    if by.pk in touched:
        raise ValidationError(_("Someone else must look: you had a hand in this."), code="own_work")
    rules.check_amount(Action.APPROVE, pence=pence, asked_pence=asked.asked_pence, why_above=staff_words)
    on = local_date(now)
    needed = max(Level.TEAM_MANAGER, authority.level_needed(asked, pence=pence, on=on))
    hand_to(asked, min(needed, Level.SERVICE_MANAGER), on=on, but=touched | {by.pk})
    move(
        asked, Action.RECOMMEND, to=to, by=by, now=now, pence=pence,
        words=words.strip(), staff_words=staff_words.strip(),
    )  # fmt: skip
    return asked


@verb
def send_to_panel(
    *, ref: str, meeting: str, words: str, by: User, now: datetime, seen: int | None = None
) -> PaymentRequest:
    """Put it before a panel (its reference), whose day becomes the promise; the clock runs on.

    A second look goes only where a panel decided first, and stays a second look. Refuses `no_reason`, `not_now`
    and `papers_closed`.
    """
    asked = hold(ref, by=by, now=now, seen=seen)
    to = check(asked, Action.SEND_TO_PANEL, by=by, now=now)
    no_part = authority.touched_by(asked)
    if asked.status == Status.REVIEW_ASKED:
        if asked.decisions.get(round=1).level != Level.PANEL:
            raise ValidationError(_("No panel decided this the first time."), code="not_now")
        to, no_part = Status.REVIEW_ASKED, judged_by_and_touched(asked)
    if not words.strip():
        raise ValidationError(_("Say why the panel decides this."), code="no_reason")
    on = local_date(now)
    # Held, so that nobody calls it off meanwhile.
    found = PanelMeeting.objects.select_for_update().taking_papers(on=on).filter(ref=meeting).first()
    if found is None:
        raise ValidationError(
            _("Papers for that panel are closed. Choose a later one."), code="papers_closed"
        )
    asked.meeting = found
    set_clock(asked, found.meets_on)
    hand_to(asked, Level.PANEL, on=on, but=no_part)
    move(asked, Action.SEND_TO_PANEL, to=to, by=by, now=now, words=words.strip())
    return asked


def approve(
    *, ref: str, pence: int | None = None, words: str = "", override_why: str = "", above_why: str = "",
    panel: Panelled = NOBODY, schedule: Schedule | None = None, by: User, now: datetime, seen: int | None = None,
) -> PaymentRequest:  # fmt: skip
    """Agree what was asked for, or another amount, within authority and the cap; the money is set aside at once.

    With a `schedule` it is paid again and again: what is agreed, and counts for authority, is the whole sum.
    """
    return _decide(
        Action.APPROVE, ref=ref, pence=pence, words=words, override_why=override_why, above_why=above_why,
        panel=panel, schedule=schedule, by=by, now=now, seen=seen,
    )  # fmt: skip


def part_approve(
    *, ref: str, pence: int, code: str, words: str, override_why: str = "", panel: Panelled = NOBODY,
    by: User, now: datetime, seen: int | None = None,
) -> PaymentRequest:  # fmt: skip
    """Agree less than was asked for, and say why, coded and in words."""
    return _decide(
        Action.PART_APPROVE, ref=ref, pence=pence, code=code, words=words, override_why=override_why,
        panel=panel, by=by, now=now, seen=seen,
    )  # fmt: skip


def decline(
    *,
    ref: str,
    code: str,
    words: str,
    panel: Panelled = NOBODY,
    by: User,
    now: datetime,
    seen: int | None = None,
) -> PaymentRequest:
    """Say no, and why, coded and in words. Whoever could say yes may say no."""
    return _decide(Action.DECLINE, ref=ref, code=code, words=words, panel=panel, by=by, now=now, seen=seen)


def decide_review(
    *, ref: str, changed: bool, pence: int | None = None, code: str = "", words: str, override_why: str = "",
    panel: Panelled = NOBODY, by: User, now: datetime, seen: int | None = None,
) -> PaymentRequest:  # fmt: skip
    """The second look, by somebody who had no hand in it: changed, with more than before, or not changed, with why.

    What a panel decided a panel looks at again, by members who did not sit on it the first time.
    """
    return _decide(
        Action.CHANGE if changed else Action.KEEP, ref=ref, pence=pence, code=code, words=words,
        override_why=override_why, panel=panel, by=by, now=now, seen=seen,
    )  # fmt: skip


@verb
def _decide(
    action: Action, *, ref: str, by: User, now: datetime, seen: int | None, pence: int | None = None,
    code: str = "", words: str = "", override_why: str = "", above_why: str = "", panel: Panelled = NOBODY,
    schedule: Schedule | None = None,
) -> PaymentRequest:  # fmt: skip
    on = local_date(now)
    standing = authority.standing_of(by, on=on)
    asked = hold(ref, by=by, now=now, seen=seen, to_decide=True)
    to = check(asked, action, by=by, now=now)
    if schedule is not None:
        check_schedule(schedule, on=on)
        if asked.asked_pence and schedule.each_pence <= asked.asked_pence < schedule.pence:
            above_why = above_why or in_words(schedule)  # they asked for one of them
        pence = schedule.pence
    if action == Action.APPROVE and pence is None:
        pence = asked.asked_pence
    _check_words(
        asked, action, pence=pence, code=code, words=words, override_why=override_why, above_why=above_why
    )
    used, already = _check_authority(asked, action, pence=pence, panel=panel, by=by, standing=standing, on=on)
    before = asked.agreed_pence or 0
    asked.answer_words, asked.reason_code = words.strip(), code
    asked.held_by, asked.holder = "", None
    if action in AGREEING:
        _check_money(asked, before=before, pence=pence or 0)
        asked.agreed_pence, asked.agreed_above_why = pence, above_why.strip()
        asked.money_by = rules.money_by(max(on, schedule.starts_on) if schedule else on)
    if action != Action.KEEP:
        asked.decided_at = now
    round_ = 2 if action in {Action.CHANGE, Action.KEEP} else 1
    by_panel = used.level == Level.PANEL
    decision = Decision.objects.create(
        asked=asked, round=round_, outcome=to, pence=pence if action in AGREEING else None, by=by, at=now,
        reason_code=code, words=words.strip(), version=asked.version, rule_answer=asked.rule_answer,
        override_why=override_why.strip(), level=used.level, limit_pence=used.limit_pence, already_pence=already,
        panel_why=panels.in_words(asked, panel, by=by) if by_panel else "",
        meeting=asked.meeting if by_panel else None, chair_alone=by_panel and panel.chair_alone,
    )  # fmt: skip
    if by_panel and not panel.chair_alone:
        PanelPresence.objects.bulk_create(
            PanelPresence(decision=decision, user_id=pk) for pk in panel.present
        )
    if schedule is not None:
        make_regular(asked, schedule, by=by, now=now)
    allowance: Allowance | None = None
    if schedule is None and action in AGREEING:
        allowance = _award(asked, pence=(pence or 0) - before, round_=round_, by=by, now=now)
    if allowance is None or allowance.extra_pence:
        end_unused_exceptions(asked, by=by, now=now)
    move(asked, action, to=to, by=by, now=now, code=code, pence=pence, words=words.strip())
    _note(asked, decision, schedule, now=now)
    tell(asked, "decision_made", key=f"decision:{round_}", now=now, urgent=asked.urgent)
    return asked


def _note(asked: PaymentRequest, decision: Decision, schedule: Schedule | None, *, now: datetime) -> None:
    """The decision for the case record, with what is paid again and again."""
    with in_its_language():
        words = case_record(asked, decision)
        if schedule is not None:
            words += "\n" + _("Paid as %(what)s.") % {"what": in_words(schedule)}
    note_decision(asked, words, round_=decision.round, by=decision.by, now=now)


def _check_words(
    asked: PaymentRequest, action: Action, *, pence: int | None, code: str, words: str, override_why: str,
    above_why: str,
) -> None:  # fmt: skip
    if action in AGREEING:
        rules.check_amount(action, pence=pence, asked_pence=asked.asked_pence, why_above=above_why)
        if asked.rule_answer == "NO" and not override_why.strip():
            raise ValidationError(
                _("The rule says no. Write why you depart from it."), code="override_needs_why"
            )
    if action in REFUSING:
        rules.check_reason(code=code, words=words, codes=Reason.values)
    elif action == Action.CHANGE and not words.strip():
        raise ValidationError(_("Say what you found."), code="no_reason")


def _check_authority(
    asked: PaymentRequest, action: Action, *, pence: int | None, panel: Panelled, by: User, standing: Standing,
    on: date,
) -> tuple[Authority, int]:  # fmt: skip
    at_least, used = authority.level_of(asked.version), None
    not_by = {by.pk} if asked.had_a_hand else set()
    if asked.status == Status.REVIEW_ASKED:
        at_least = max(at_least, Level(asked.decisions.get(round=1).level))
        not_by = not_by | authority.judged_by(asked) | panels.sat_before(asked)
    looked_at_again_by_panel = asked.status == Status.REVIEW_ASKED and at_least == Level.PANEL
    if asked.status == Status.WITH_PANEL or looked_at_again_by_panel:
        no_part = not_by | authority.touched_by(asked)
        used = panels.authority_of_panel(asked, panel, no_part=no_part, by=by, on=on)
    else:
        used = standing.towards(asked.young_person, on=on)
    already: int = asked.agreed_lately
    used = rules.check_authority(
        pence=_at_stake(asked, action, pence),
        already_pence=already if action in AGREEING else 0,
        authority=used,
        at_least=at_least,
        decider=by.pk,
        touched_by=not_by,
        young_person_user=asked.young_person.user_id,
    )
    rules.check_plan(action=action, in_plan=asked.in_plan == InPlan.YES, level=used.level)
    return used, already


def _at_stake(asked: PaymentRequest, action: Action, pence: int | None) -> int:
    """What a decision turns on: a yes, its amount; a no or a part, all that was asked for.

    Otherwise somebody with a small limit could refuse what only somebody more senior may agree.
    """
    if action in REFUSING:
        return asked.asked_pence or (asked.version.amount_pence if asked.version else None) or 0
    return pence or 0


def _check_money(asked: PaymentRequest, *, before: int, pence: int) -> None:
    if pence <= before:
        raise ValidationError(_("A changed decision agrees more than the first one."), code="not_more")
    if asked.version is not None:
        rules.check_can_be_money(
            confirmed=asked.version.is_confirmed,
            in_force=asked.submitted_at is not None
            and asked.version.is_in_force(local_date(asked.submitted_at)),
            demo=settings.DEMO,
        )


def _award(asked: PaymentRequest, *, pence: int, round_: int, by: User, now: datetime) -> Allowance:
    """Set the money aside and write down what is owed: a second look adds to what is still being paid.

    Gives back the allowance it comes from, as it was before.
    """
    on, first = local_date(now), None
    award = _still_paid(asked) if round_ > 1 else None  # a first yes finds none
    allowance = award.allowance if award is not None else None
    if award is None or allowance is None:
        allowance, first = open_allowance(
            young_person=asked.young_person, version=asked.version, on=on, item=asked.ref
        )
        award = Award.objects.create(
            asked=asked, young_person=asked.young_person, version=asked.version, allowance=allowance, pence=pence,
            how_helped=asked.how_helped, made_by=by, made_at=now,
        )  # fmt: skip
        if round_ > 1:
            _pay_to_the_same(asked, award)
    else:
        award.pence += pence
        award.save(update_fields=["pence"])
    reserve(
        allowance=allowance,
        pence=pence,
        key=f"request:{asked.ref}:reserve:{round_}",
        by=by,
        now=now,
        first=first,
    )
    number = award.instalments.count() + 1 if round_ > 1 else 1
    Instalment.objects.create(award=award, number=number, due_on=on, pence=pence)
    return allowance


def _pay_to_the_same(asked: PaymentRequest, award: Award) -> None:
    """What a second look adds goes to whom the first part went: Finance's `PayTo`, which casework may change."""
    earlier = asked.awards.filter(pay_to__payee__ended_on=None, pay_to__isnull=False).order_by("pk").last()
    if earlier is not None:
        chosen = earlier.pay_to
        chosen.pk, chosen.award = None, award
        chosen.save(force_insert=True)


def _still_paid(asked: PaymentRequest) -> Award | None:
    open_ones = asked.awards.select_for_update(of=("self",)).filter(state=Award.State.OPEN)
    found: Award | None = open_ones.select_related("allowance").first()
    return found
