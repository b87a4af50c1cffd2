"""A young person's verbs, and those of whoever asks for them."""

from collections import Counter
from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import IntegerField, Value
from django.utils.translation import gettext as _

from entitlements.models import Entitlement, EntitlementVersion
from portal.accounts.models import User
from portal.audit.services import record
from portal.case_notes.services import in_its_language
from portal.clock import local_date
from portal.ledger.models import Allowance
from portal.ledger.services import release
from portal.payments import authority, evidence, panels, rules
from portal.payments.exceptions import end_unused_exceptions
from portal.payments.holding import (
    already_sent,
    check,
    fingerprint,
    hand_to,
    hold,
    hold_to_send,
    holders,
    judged_by_and_touched,
    lock_young_person,
    move,
    other_form,
    remember_form,
    set_clock,
    tell,
    tell_staff,
    touch,
    verb,
)
from portal.payments.models import Award, CameAs, HeldBy, Instalment, PaymentRequest, Step, SubmittedForm
from portal.payments.rules import Action, Level
from portal.people.models import YoungPerson

Answers = dict[str, Any]
"""story, pence (None: not known), urgent, needed_by (ISO), how, no_evidence_why, talk_first, title."""

STAYS_OPEN = {
    Instalment.State.OWED,
    Instalment.State.HELD,
    Instalment.State.FAILED,
    Instalment.State.CANCELLED,
}


@verb
def start(
    *,
    young_person: YoungPerson,
    entitlement: Entitlement | None,
    answers: Answers,
    token: str,
    by: User,
    now: datetime,
) -> PaymentRequest:
    """Begin a draft, kept on the server from its first answer. The same form again gives the same draft.

    No entitlement is "something else". Refuses `not_published` and `other_form`. The caller has checked that `by` may
    see the young person.
    """
    print_ = fingerprint("start", young_person.pk, entitlement.pk if entitlement else None, answers)
    lock_young_person(young_person.pk)
    made = already_sent(token, by=by, print_=print_)
    if made is not None:
        return made
    version = _published(entitlement)
    asked = PaymentRequest.objects.create(
        young_person=young_person,
        entitlement=entitlement,
        version=version,
        title=_title(version, answers),
        raised_by=by,
        started_at=now,
        draft_answers=answers,
    )
    touch(asked, by=by, now=now)
    remember_form(token, asked, by=by, print_=print_, now=now)
    return asked


@verb
def save_draft(*, ref: str, answers: Answers, by: User, now: datetime) -> PaymentRequest:
    """Keep some answers of a draft, over those kept before. Refuses `not_now` once it was sent."""
    asked = hold(ref, by=by, now=now)
    check(asked, Action.SUBMIT, by=by, now=now)
    asked.draft_answers = {**asked.draft_answers, **answers}
    if asked.entitlement_id is None and answers.get("title"):
        asked.title = str(answers["title"])
    asked.save(update_fields=["draft_answers", "title"])
    touch(asked, by=by, now=now)
    return asked


@verb
def submit(
    *, ref: str, shown: str, token: str, talk_first: bool = False, by: User, now: datetime
) -> PaymentRequest:
    """Send it: the answers as they were shown, the version in force, what the rule says, who holds it and by when.

    `shown` is `shown_print` of the page somebody pressed send on. Sent twice is sent once. Refuses `other_form`,
    `changed_since` (the draft is no longer what was shown), `unfinished` and `not_now`.
    """
    asked = hold_to_send(ref, by=by, now=now)
    if asked.status != rules.Status.DRAFT and asked.sent_token == token:
        if asked.sent_print != fingerprint(shown, talk_first, by.pk):
            raise other_form()
        return asked
    check(asked, Action.SUBMIT, by=by, now=now)
    answers = asked.draft_answers
    hands, photos = _hands_and_photos(asked)
    if _print_of(asked, photos) != shown:
        raise ValidationError(_("Your answers changed while this page was open."), code="changed_since")
    if not answers.get("story") or not answers.get("how"):
        raise ValidationError(_("Some questions still need an answer."), code="unfinished")
    _take_answers(asked, answers, talk_first=talk_first)
    asked.draft_answers = {}
    asked.sent_token, asked.sent_print = token, fingerprint(shown, talk_first, by.pk)
    _send(asked, level=Level.ADVISER, by=by, now=now, hands=hands)
    return asked


def shown_print(asked: PaymentRequest) -> str:
    """What the check-answers page shows, in one line: answers and evidence."""
    return _print_of(asked, asked.evidence.values_list("ref", flat=True))


def _print_of(asked: PaymentRequest, photos: Iterable[str]) -> str:
    return fingerprint(asked.ref, asked.draft_answers, sorted(photos))


def _hands_and_photos(asked: PaymentRequest) -> tuple[set[int], list[str]]:
    """Who raised or edited it, and the references of its evidence, in one query."""
    touches = asked.touches.values_list("user_id", Value(""))
    photos = asked.evidence.order_by().values_list(Value(None, IntegerField()), "ref")
    rows = list(touches.union(photos, all=True))
    hands = {user_id for user_id, photo in rows if not photo}
    return hands | {asked.raised_by_id}, [photo for _user, photo in rows if photo]


@verb
def told_no(
    *,
    young_person: YoungPerson,
    entitlement: Entitlement | None,
    came_as: CameAs,
    answers: Answers,
    token: str,
    by: User,
    now: datetime,
) -> PaymentRequest:
    """Make a refusal somebody heard, or an answer that never came, a request of today, decided by somebody else.

    Whoever works with them now may have been the one who said no, and so has no part in it. The same form again gives
    the same request. Refuses `not_published` and `other_form`.
    """
    on = local_date(now)
    workers = {young_person.adviser_on(on), young_person.social_worker_on(on)} - {None, by}
    return _at_once(
        "told_no", young_person, entitlement, answers, token, by, now,
        came_as=came_as, level=Level.TEAM_MANAGER, no_part=[worker for worker in workers if worker is not None],
    )  # fmt: skip


@verb
def raise_for(
    *,
    young_person: YoungPerson,
    entitlement: Entitlement | None,
    answers: Answers,
    token: str,
    by: User,
    now: datetime,
) -> PaymentRequest:
    """Ask for somebody: sent at once, decided by another person, and the young person is told by their safe way.

    Their silence never blocks it, and they may take it back. The same form again gives the same request. The caller
    has checked that `by` may see them. Refuses `not_published` and `other_form`.
    """
    asked = _at_once("raise_for", young_person, entitlement, answers, token, by, now)
    tell(asked, "raised_for_you", key="raised", now=now)
    return asked


@verb
def answer_more(*, ref: str, words: str, by: User, now: datetime) -> PaymentRequest:
    """Answer what was asked; the clock runs again with the days it had left. Refuses `no_answer` and `not_now`.

    A photo counts as an answer: words may be empty when evidence came after the question.
    """
    asked = hold(ref, by=by, now=now)
    to = check(asked, Action.ANSWER_MORE, by=by, now=now)
    question = _question(asked)
    if not words.strip() and not asked.evidence.filter(added_at__gte=question.at).exists():
        raise ValidationError(_("Write an answer or add a photo."), code="no_answer")
    _take_up_again(asked, question.by, on=local_date(now))
    move(asked, Action.ANSWER_MORE, to=to, by=by, now=now, words=words.strip())
    return asked


@verb
def go_on(*, ref: str, words: str, by: User, now: datetime, seen: int | None = None) -> PaymentRequest:
    """Staff take it up again: the young person answered by phone, or cannot. The clock runs with the days it had left.

    The words say which, and the young person reads them. Refuses `no_reason`, `not_now` and `Stale`.
    """
    asked = hold(ref, by=by, now=now, seen=seen)
    to = check(asked, Action.GO_ON, by=by, now=now)
    if not words.strip():
        raise ValidationError(_("Say what they told you, or why you do not wait."), code="no_reason")
    _take_up_again(asked, _question(asked).by, on=local_date(now))
    move(asked, Action.GO_ON, to=to, by=by, now=now, words=words.strip())
    return asked


def _question(asked: PaymentRequest) -> Step:
    return asked.steps.select_related("by").filter(action=Action.ASK_MORE).latest("number")


def _take_up_again(asked: PaymentRequest, asker: User, *, on: date) -> None:
    """The clock runs with the days it had left, and whoever asked holds it again, if they still may."""
    set_clock(asked, rules.resumed(on, asked.paused_days or 0))
    asker = authority.present_or_cover(asker, on=on)
    may_see = YoungPerson.objects.visible_to(asker, on=on).filter(pk=asked.young_person_id).exists()
    if may_see and asker.pk not in authority.touched_by(asked):
        asked.held_by, asked.holder = held_by(asker, on=on), asker
    else:
        hand_to(asked, Level.ADVISER, on=on, but=authority.touched_by(asked))


@verb
def throw_away(*, ref: str, by: User, now: datetime) -> None:
    """A draft is not wanted: what was written and sent with it goes for good, and nobody else ever saw it.

    Refuses `not_now` once it was sent.
    """
    asked = hold(ref, by=by, now=now)
    check(asked, Action.SUBMIT, by=by, now=now)
    evidence.forget(asked.evidence.all())
    SubmittedForm.objects.filter(asked=asked).delete()  # the first page sent once more is a new beginning
    asked.title, asked.draft_answers, asked.status = "", {}, rules.Status.WITHDRAWN
    asked.row_version += 1
    asked.save()
    record("draft_thrown_away", by=by, now=now, young_person_id=asked.young_person_id,
           subject=f"payment_request:{asked.ref}")  # fmt: skip


@verb
def withdraw(
    *, ref: str, by: User, now: datetime, words: str = "", seen: int | None = None
) -> PaymentRequest:
    """Take it back, quietly, until Finance has it. Money set aside is given back. `seen`: the row version of the page.

    Refuses `with_finance`, `not_now` and `Stale`: nobody gives up an answer they have not read.
    """
    asked = hold(ref, by=by, now=now, seen=seen)
    if by.pk not in {
        asked.young_person.user_id,
        asked.raised_by_id,
    }:  # an advocate asks, and never takes back
        raise ValidationError(_("This is not yours to do."), code="not_yours")
    to = check(asked, Action.WITHDRAW, by=by, now=now)
    kept = [Award.State.OPEN, Award.State.CLOSED]
    for award in asked.awards.select_for_update(of=("self",), no_key=True).filter(state__in=kept):
        _take_back(award, by=by, now=now)
    end_unused_exceptions(asked, by=by, now=now)
    asked.held_by, asked.holder, asked.paused_days = "", None, None
    move(asked, Action.WITHDRAW, to=to, by=by, now=now, words=words)
    return asked


@verb
def ask_review(*, ref: str, words: str, by: User, now: datetime) -> PaymentRequest:
    """Have someone else look: another person at the right level, with a clock of their own. Refuses `not_now`."""
    asked = hold(ref, by=by, now=now)
    to = check(asked, Action.ASK_REVIEW, by=by, now=now)
    on = local_date(now)
    first = asked.decisions.get(round=1)
    set_clock(asked, rules.decide_by(on, asked.version.decision_days if asked.version else None))
    asked.meeting = panels.next_for(on=on) if first.level == Level.PANEL else None
    if asked.meeting is not None:
        set_clock(asked, asked.meeting.meets_on)
    hand_to(asked, Level(max(first.level, Level.TEAM_MANAGER)), on=on, but=judged_by_and_touched(asked))
    move(asked, Action.ASK_REVIEW, to=to, by=by, now=now, words=words.strip())
    return asked


def held_by(user: User, *, on: date) -> HeldBy:
    """The team a member of staff holds a request for: the highest of their roles."""
    for role, team in (
        ("SERVICE_MANAGER", HeldBy.SERVICE_MANAGER),
        ("TEAM_MANAGER", HeldBy.TEAM_MANAGER),
        ("DUTY_ADVISER", HeldBy.DUTY),
    ):
        if user.holds(role, on=on):
            return team
    return HeldBy.ADVISER


def _at_once(
    form: str, young_person: YoungPerson, entitlement: Entitlement | None, answers: Answers, token: str, by: User,
    now: datetime, *, came_as: CameAs = CameAs.ASKED, level: Level = Level.ADVISER, no_part: Iterable[User] = (),
) -> PaymentRequest:  # fmt: skip
    """One page, sent as soon as it is filled in. `no_part`: who else may not decide it."""
    print_ = fingerprint(form, young_person.pk, entitlement.pk if entitlement else None, came_as, answers)
    lock_young_person(young_person.pk)
    made = already_sent(token, by=by, print_=print_)
    if made is not None:
        return made
    version = _published(entitlement)
    asked = PaymentRequest.objects.create(
        young_person=young_person,
        entitlement=entitlement,
        version=version,
        title=_title(version, answers),
        came_as=came_as,
        raised_by=by,
        started_at=now,
    )
    for person in (by, *no_part):
        touch(asked, by=person, now=now)
    _take_answers(asked, answers, talk_first=False)
    hands = {by.pk, *(person.pk for person in no_part)}
    _send(asked, level=level, by=by, now=now, hands=hands)
    remember_form(token, asked, by=by, print_=print_, now=now)
    return asked


def _send(asked: PaymentRequest, *, level: Level, by: User, now: datetime, hands: set[int]) -> None:
    """The version in force, what the rule says, the promise, the holder, the first line of the story.

    `hands`: whoever raised or edited it, and so does not hold it.
    """
    on = local_date(now)
    to = check(asked, Action.SUBMIT, by=by, now=now)
    _keep_what_the_rule_says(asked, now=now)
    asked.submitted_at = now
    set_clock(asked, rules.decide_by(on, asked.version.decision_days if asked.version else None))
    hand_to(asked, level, on=on, but=hands)
    move(asked, Action.SUBMIT, to=to, by=by, now=now, pence=asked.asked_pence, words=asked.story)
    if asked.urgent:
        tell_staff(asked, "decision_due", holders(asked, on=on), key="urgent", now=now)


def _published(entitlement: Entitlement | None) -> EntitlementVersion | None:
    if entitlement is not None and entitlement.current is None:
        raise ValidationError(_("This is not something you can ask for now."), code="not_published")
    return entitlement.current if entitlement else None


def _title(version: EntitlementVersion | None, answers: Answers) -> str:
    """What it is called, for whoever decides too: in English, unless they named it themselves."""
    with in_its_language():
        return version.title if version else str(answers.get("title") or _("Something else"))


def _take_answers(asked: PaymentRequest, answers: Answers, *, talk_first: bool) -> None:
    asked.story = answers["story"]
    asked.asked_pence = answers.get("pence")
    asked.urgent = bool(answers.get("urgent"))
    asked.needed_by = date.fromisoformat(answers["needed_by"]) if answers.get("needed_by") else None
    asked.how_helped = answers["how"]
    asked.no_evidence_why = answers.get("no_evidence_why", "")
    asked.talk_first = talk_first


def _keep_what_the_rule_says(asked: PaymentRequest, *, now: datetime) -> None:
    """The version in force today, not the day the draft began; and its answer, as advice."""
    if asked.entitlement is not None and asked.entitlement.current is not None:
        asked.version = asked.entitlement.current
        asked.title = asked.version.title
    with in_its_language():
        asked.rule_answer, asked.rule_reasons = authority.advice(
            asked.version, young_person=asked.young_person, on=local_date(now)
        )


def _take_back(award: Award, *, by: User, now: datetime) -> None:
    instalments = list(
        award.instalments.select_for_update(of=("self",))
        .select_related("allowance", "award__allowance")
        .order_by("pk")
    )
    if any(instalment.state not in STAYS_OPEN for instalment in instalments):
        raise ValidationError(
            _("The money is already on its way. Talk to your adviser."), code="with_finance"
        )
    aside: Counter[Allowance] = Counter()
    for one in instalments:
        if one.state != Instalment.State.CANCELLED and one.taken_from is not None:
            aside[one.taken_from] += one.pence
    award.instalments.update(state=Instalment.State.CANCELLED, failed_why="")
    award.state = Award.State.CANCELLED
    award.save()
    for allowance, pence in aside.items():
        release(
            allowance=allowance, pence=pence, key=f"award:{award.pk}:release:{allowance.pk}", by=by, now=now
        )
