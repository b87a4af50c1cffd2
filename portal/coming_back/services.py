"""Somebody asks to come back; duty rings them within one working day; what they wrote is forgotten after."""

from dataclasses import astuple, dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _

from portal.accounts.models import Role, User
from portal.audit.services import record
from portal.clock import LONDON, local_date
from portal.coming_back.models import ComingBack, Outcome
from portal.notifications.outbox import promise
from portal.verbs import verb
from portal.working_days import add_working_days, read_from

SAME_WITHIN = 600  # seconds in which the very same words from the same browser are one ask
TRIES = 3  # before anybody may say that they could not be reached
KEPT_DAYS = 90  # what they wrote about themselves, after it is done
TELL_FOR = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Said:
    """What somebody wrote. Only a way to reach them is needed."""

    reach: str
    reach_at: str
    reach_when: str = ""
    name: str = ""
    words: str = ""


@verb
def ask(*, said: Said, browser: str, language: str, now: datetime) -> ComingBack:
    """Take it from anybody, and promise a call within one working day of when somebody can read it.

    Looks nobody up: known or not, the same queries and the same answer (rule 11). `browser` tells one browser from
    another, so that a page sent twice is one ask. Refuses `no_way`: without a way to reach them nobody can ring.
    """
    if not said.reach_at.strip():
        raise ValidationError(_("Write how to reach you, or we cannot."), code="no_way")
    this = int(now.timestamp()) // SAME_WITHIN
    prints = [_fingerprint(said, browser, moment) for moment in (this, this - 1)]
    known = ComingBack.objects.filter(fingerprint__in=prints).first()
    if known is not None:
        return known
    reads_at = read_from(now.astimezone(LONDON), opens=settings.OFFICE_OPENS, closes=settings.OFFICE_CLOSES)
    asked = ComingBack(
        fingerprint=prints[0], name=said.name.strip(), reach=said.reach, reach_at=said.reach_at.strip(),
        reach_when=said.reach_when.strip(), words=said.words.strip(), language=language, sent_at=now,
        call_by=add_working_days(reads_at.date(), 1),
    )  # fmt: skip
    try:
        with transaction.atomic():
            asked.save()
    except IntegrityError:  # the other of two equal presses was faster
        return ComingBack.objects.get(fingerprint=prints[0])
    on_duty = User.objects.holding(Role.DUTY_ADVISER, on=reads_at.date()) or _managers(now)
    _tell("coming_back", asked, on_duty, due_at=reads_at, now=now)
    return asked


@verb
def tried(*, asked: ComingBack, by: User, now: datetime) -> ComingBack:
    """Somebody rang, or wrote, and nobody answered. One try a day counts. Refuses `not_yours` and `already`."""
    asked = _held(asked, by=by, now=now)
    if asked.tried_at is None or local_date(asked.tried_at) < local_date(now):
        asked.tries, asked.tried_at = asked.tries + 1, now
        asked.save(update_fields=["tries", "tried_at"])
        record("coming_back_tried", by=by, now=now, subject=f"coming_back:{asked.ref}")
    return asked


@verb
def done(*, asked: ComingBack, outcome: str, by: User, now: datetime) -> ComingBack:
    """Somebody spoke with them, or gave up after `TRIES` days of trying. Pressed twice by one person is once.

    Refuses `not_yours`; `already`, with who did it, when a colleague was faster; `keep_trying`.
    """
    if (standing := ComingBack.objects.filter(pk=asked.pk, done_by=by, outcome=outcome).first()) is not None:
        return standing
    asked = _held(asked, by=by, now=now)
    if outcome == Outcome.NOT_REACHED and asked.tries < TRIES:
        raise ValidationError(
            _("Try on three different days first. Each time you try, press the button for it."),
            code="keep_trying",
        )
    asked.done_at, asked.done_by, asked.outcome = now, by, Outcome(outcome)
    asked.save(update_fields=["done_at", "done_by", "outcome"])
    record(
        "coming_back_done", by=by, now=now, subject=f"coming_back:{asked.ref}", detail={"outcome": outcome}
    )
    return asked


def remind(now: datetime) -> int:
    """The day we promised is over and nobody spoke with them: the managers hear, each working day until somebody did.
    Returns about how many."""
    on, late = local_date(now), 0
    reads_at = read_from(now.astimezone(LONDON), opens=settings.OFFICE_OPENS, closes=settings.OFFICE_CLOSES)
    if reads_at.date() != on or now < reads_at:
        return 0
    overdue = ComingBack.objects.waiting().filter(call_by__lt=on)
    for asked in overdue.exclude(managers_told_on=on):
        with transaction.atomic():
            mine = ComingBack.objects.filter(pk=asked.pk, done_at=None).exclude(managers_told_on=on)
            if mine.update(managers_told_on=on):
                _tell("coming_back_late", asked, _managers(now), due_at=now, now=now)
                late += 1
    return late


def forget_told(now: datetime) -> int:
    """Take away what people wrote about themselves, 90 days after it was seen to. Returns of how many."""
    old = ComingBack.objects.filter(done_at__lt=now - timedelta(days=KEPT_DAYS), forgotten_at=None)
    return old.update(name="", reach_at="", reach_when="", words="", forgotten_at=now)


def _held(asked: ComingBack, *, by: User, now: datetime) -> ComingBack:
    """The row, held until the end of the transaction, for somebody who may see to it now."""
    may = ComingBack.objects.visible_to(by, on=local_date(now))
    held = may.select_for_update(of=("self",)).select_related("done_by").filter(pk=asked.pk).first()
    if held is None:
        raise ValidationError(_("This is not yours to do."), code="not_yours")
    if held.done_at is not None:
        raise ValidationError(
            _("%(name)s has seen to this already.") % {"name": held.done_by or _("A colleague")},
            code="already",
        )
    return held


def _managers(now: datetime) -> list[User]:
    on = local_date(now)
    return User.objects.holding(Role.TEAM_MANAGER, on=on) or User.objects.holding(Role.SERVICE_MANAGER, on=on)


def _tell(kind: str, asked: ComingBack, people: list[User], *, due_at: datetime, now: datetime) -> None:
    for person in people:
        promise(
            kind, to=person, key=f"{kind}:{asked.ref}:{due_at:%Y%m%d}:{person.pk}", due_at=due_at,
            not_after=due_at + TELL_FOR, now=now, subject=f"coming_back:{asked.ref}", exempt_from_quiet=True,
        )  # fmt: skip


def _fingerprint(said: Said, browser: str, moment: int) -> str:
    parts = repr((astuple(said), browser, moment))
    return salted_hmac("portal.coming_back.same", parts, algorithm="sha256").hexdigest()
