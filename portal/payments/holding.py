"""What every verb of this room does: take hold of a request in the one lock order, move it, and hand it on.

Young person, then request, then ledger (safety rule 66). Nobody moves a request they cannot see.
"""

import hashlib
import json
from datetime import date, datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from portal.accounts.models import CASEWORK_ROLES, Role, User
from portal.audit.services import record
from portal.clock import local_date
from portal.notifications.outbox import promise
from portal.payments import authority, rules
from portal.payments.models import (
    HeldBy,
    PaymentRequest,
    PaymentRequestQuerySet,
    RequestTouch,
    Step,
    SubmittedForm,
)
from portal.payments.noting import note_step
from portal.payments.rules import Action, Level, Who
from portal.people.models import YoungPerson
from portal.verbs import verb as verb  # so every room above takes it from here


class Stale(ValidationError):
    """The screen showed an older request: what happened since is in `since`, oldest first."""

    def __init__(self, asked: PaymentRequest, seen: int) -> None:
        super().__init__(_("This has moved on since you opened it."), code="stale")
        self.asked = asked
        self.since = list(asked.steps.filter(number__gt=seen).select_related("by"))


def hold(
    ref: str, *, by: User, now: datetime, seen: int | None = None, to_decide: bool = False
) -> PaymentRequest:
    """The request, locked with its young person, if `by` may see it (`DoesNotExist` if not).

    It knows `had_a_hand` of `by`, and `to_decide` also what was `agreed_lately` for the same person.
    `seen` is the row version of the screen somebody acted on; an older one is refused as `Stale`.
    """
    found = PaymentRequest.objects.visible_to(by, on=local_date(now))
    theirs = locked(found.select_related("young_person__user__contact_choice"), "young_person").get(ref=ref)
    # A statement of its own: it sees what whoever held the young person before has written.
    current = PaymentRequest.objects.with_hand_of(by).select_related(
        "version__entitlement", "entitlement", "holder", "meeting"
    )
    if to_decide:
        current = current.with_agreed_lately(on=local_date(now))
    asked = locked(current, "self").get(pk=theirs.pk)
    asked.young_person = theirs.young_person
    if seen is not None and seen != asked.row_version:
        raise Stale(asked, seen)
    return asked


def hold_to_send(ref: str, *, by: User, now: datetime) -> PaymentRequest:
    """A draft, locked after its young person in one statement, for whoever may see it (`DoesNotExist` if not).

    PostgreSQL locks in the order written, and reads a row that changed while it waited again. So the draft is as new
    as its lock, and the version that stands beside it is one that was in force a moment ago.
    """
    own = PaymentRequest.objects.own(by).select_related("young_person__user", "entitlement__current")
    return locked(own, "young_person", "self").filter(ref=ref).first() or hold(ref, by=by, now=now)


def locked(found: PaymentRequestQuerySet, *of: str) -> PaymentRequestQuerySet:
    """The same rows, each locked in this order until the end of the transaction."""
    return found.select_for_update(of=of, no_key=True)


def lock_young_person(pk: int) -> None:
    """Everything about one young person's money happens one after the other."""
    YoungPerson.objects.select_for_update(of=("self",), no_key=True).only("pk").get(pk=pk)


def who_is(user: User, asked: PaymentRequest, *, on: date) -> set[Who]:
    """What somebody is to a request."""
    who: set[Who] = set()
    asks = user.pk in {asked.young_person.user_id, asked.raised_by_id}
    if asks or (
        user.holds(Role.ADVOCATE, on=on) and user.advocate_seats.live(on).filter(asked=asked).exists()
    ):
        who.add(Who.ASKER)
    if user.pk != asked.young_person.user_id and user.holds(*CASEWORK_ROLES, on=on):
        who |= {Who.STAFF, Who.DECIDER}
    return who


def check(asked: PaymentRequest, action: Action, *, by: User, now: datetime) -> rules.Status:
    """Where this step leads, if it may be taken now by this person."""
    return rules.check_move(action, status=asked.status, who=who_is(by, asked, on=local_date(now)))


def move(
    asked: PaymentRequest,
    action: Action,
    *,
    to: rules.Status,
    by: User,
    now: datetime,
    code: str = "",
    pence: int | None = None,
    words: str = "",
    staff_words: str = "",
) -> None:
    """Write the step: the new status, one line of the story, one of the trail, and a note for the case record."""
    asked.status = to
    asked.row_version += 1
    asked.save()
    step = Step.objects.create(
        asked=asked, number=asked.row_version, action=action, status=to, by=by, at=now,
        code=code, pence=pence, words=words, staff_words=staff_words,
    )  # fmt: skip
    note_step(asked, step, now=now)
    record(
        f"request_{action.lower()}",
        by=by,
        now=now,
        young_person_id=asked.young_person_id,
        subject=f"payment_request:{asked.ref}",
        detail={"status": to.value, "code": code, "pence": pence},
    )


def touch(asked: PaymentRequest, *, by: User, now: datetime) -> None:
    """Remember that somebody raised or edited it, for good."""
    RequestTouch.objects.get_or_create(asked=asked, user=by, defaults={"at": now})


def hand_to(asked: PaymentRequest, level: Level, *, on: date, but: set[int]) -> None:
    """Give it to whoever is there at this level and had no hand in it."""
    asked.held_by, asked.holder = authority.find_holder(asked.young_person, level, on=on, but=but)


def set_clock(asked: PaymentRequest, decide_by: date) -> None:
    """A new promise: nobody has been reminded of it yet."""
    asked.decide_by, asked.paused_days = decide_by, None
    asked.due_told_for = asked.overdue_told_on = None


def tell(asked: PaymentRequest, kind: str, *, key: str, now: datetime, urgent: bool = False) -> None:
    """Owe the young person a message; nothing to send when they have no account."""
    user = asked.young_person.user
    if user is not None:
        promise(
            kind, to=user, key=f"request:{asked.ref}:{key}", subject=f"request:{asked.ref}",
            due_at=now, not_after=now + rules.TOLD_WITHIN, now=now, exempt_from_quiet=urgent,
        )  # fmt: skip


def tell_staff(asked: PaymentRequest, kind: str, people: list[User], *, key: str, now: datetime) -> None:
    """Owe colleagues a message, one each."""
    for person in people:
        promise(
            kind, to=person, key=f"request:{asked.ref}:{key}:{person.pk}", subject=f"request:{asked.ref}",
            due_at=now, not_after=now + rules.TOLD_WITHIN, now=now, exempt_from_quiet=asked.urgent,
        )  # fmt: skip


def holders(asked: PaymentRequest, *, on: date) -> list[User]:
    """The people whose move it is: one by name, or everybody in the team that holds it."""
    if asked.holder is not None:
        return [asked.holder]
    role = {HeldBy.DUTY: "DUTY_ADVISER", HeldBy.TEAM_MANAGER: "TEAM_MANAGER"}.get(
        HeldBy(asked.held_by), "SERVICE_MANAGER"
    )
    return authority.role_holders(role, on=on)


def fingerprint(*parts: Any) -> str:
    """What a form holds, so that the same form sent again can be told from another one."""
    return hashlib.sha256(json.dumps(parts, sort_keys=True, default=str).encode()).hexdigest()


def already_sent(token: str, *, by: User, print_: str) -> PaymentRequest | None:
    """What this very form made before, or None. Refuses `other_form`: the token with other content or person."""
    made = SubmittedForm.objects.filter(token=token).select_related("asked").first()
    if made is None:
        return None
    if made.user_id != by.pk or made.fingerprint != print_:
        raise other_form()
    return made.asked


def remember_form(token: str, asked: PaymentRequest, *, by: User, print_: str, now: datetime) -> None:
    """Spend the form's token, in the same transaction as what it makes (safety rule 47)."""
    try:
        with transaction.atomic():
            SubmittedForm.objects.create(token=token, user=by, fingerprint=print_, asked=asked, at=now)
    except IntegrityError:
        raise other_form() from None


def other_form() -> ValidationError:
    return ValidationError(_("This form was already sent with other answers."), code="other_form")


def judged_by_and_touched(asked: PaymentRequest) -> set[int]:
    """Whoever may not take a second look: they raised it, edited it, recommended it or decided it."""
    return authority.touched_by(asked) | authority.judged_by(asked)
