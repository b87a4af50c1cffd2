"""More than a cap for one person, and what was paid another way: written down by a named authority, for a reason."""

from datetime import date, datetime

from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from entitlements.models import Duty, EntitlementVersion
from portal.accounts.models import User
from portal.audit.services import record
from portal.case_notes.models import Kind
from portal.case_notes.services import write_note
from portal.clock import local_date
from portal.ledger.models import Entry
from portal.ledger.services import allow_exception, allowance_for, end_exception, record_elsewhere
from portal.payments import authority
from portal.payments.holding import hold, lock_young_person, verb
from portal.payments.models import PaymentRequest
from portal.payments.noting import note_exception, paid_elsewhere_in_words
from portal.payments.rules import Level, check_can_be_money
from portal.people.models import YoungPerson


@verb
def let_have_more(*, ref: str, pence: int, reason: str, by: User, now: datetime) -> Entry:
    """A named authority lets one person have this much above the cap, for one request that is being decided.

    A discretionary cap needs the service manager; a statutory minimum is a floor, and a team manager may agree more
    than it. Their limit is for all exceptions that stand, this one with them. What is not used when the request ends
    comes down again. Twice for one step of a request is once. Refuses `not_yours`, `own_work`, `above_authority`,
    `no_cap`, `needs_reason`, `unconfirmed` and `not_in_force`.
    """
    asked = hold(ref, by=by, now=now)
    on = local_date(now)
    version = asked.version
    if version is None or version.cap_pence is None:
        raise ValidationError(_("There is no cap to pass."), code="no_cap")
    if not asked.is_open:
        raise ValidationError(_("This has moved on since you opened it."), code="not_now")
    if by.pk in authority.touched_by(asked) or by.pk == asked.young_person.user_id:
        raise ValidationError(_("Someone else must decide: you had a hand in this."), code="own_work")
    allowance = allowance_for(young_person=asked.young_person, version=version, on=on, item=asked.ref)
    key = f"{_exceptions_of(asked)}{asked.row_version}"
    standing = 0 if Entry.objects.filter(key=key).exists() else allowance.extra_pence
    _check_may(asked.young_person, version, pence=pence + standing, by=by, on=on)
    entry = allow_exception(allowance=allowance, pence=pence, key=key, by=by, reason=reason, now=now)
    record("cap_exception", by=by, now=now, young_person_id=asked.young_person_id,
           subject=f"payment_request:{asked.ref}", detail={"pence": pence})  # fmt: skip
    note_exception(asked, pence=pence, reason=reason, key=key, by=by, now=now)
    return entry


def end_unused_exceptions(asked: PaymentRequest, *, by: User, now: datetime) -> None:
    """A request was decided or taken back, or its award ended: what nobody used of its exceptions is not there for the
    next one."""
    if asked.version is None or asked.version.cap_pence is None:
        return
    for entry in Entry.objects.filter(kind=Entry.Kind.EXCEPTION, key__startswith=_exceptions_of(asked)):
        end_exception(exception=entry, by=by, now=now)


def bring_exceptions_back(asked: PaymentRequest, *, ended_at: datetime, by: User, now: datetime) -> None:
    """A second look puts back what an end gave back: so does what came down with it. What is not needed after all goes
    down again with `end_unused_exceptions`."""
    came_down = Entry.objects.filter(
        kind=Entry.Kind.UNEXCEPT, key__startswith=_exceptions_of(asked), at__gte=ended_at
    )
    for entry in came_down.select_related("allowance").order_by("pk"):
        allow_exception(
            allowance=entry.allowance, pence=entry.pence, key=f"{_exceptions_of(asked)}back:{entry.pk}", by=by,
            reason=_("A second look put the payments back."), now=now,
        )  # fmt: skip


def _exceptions_of(asked: PaymentRequest) -> str:
    return f"request:{asked.ref}:exception:"


@verb
def paid_elsewhere(
    *, young_person: YoungPerson, version: EntitlementVersion, pence: int, paid_on: date, reference: str,
    reason: str = "", by: User, now: datetime,
) -> Entry:  # fmt: skip
    """Write down what another door of the council paid for something the page describes. It has gone, cap or no cap.

    `reference` is the other system's own: the same twice is once. Refuses `not_yours`, `above_authority`, `over_cap`
    without a reason, `no_reference`, `in_the_future` and `unconfirmed`.
    """
    on = local_date(now)
    lock_young_person(young_person.pk)
    if not YoungPerson.objects.visible_to(by, on=on).filter(pk=young_person.pk).exclude(user=by).exists():
        raise ValidationError(_("This is not yours to do."), code="not_yours")
    if not reference.strip():
        raise ValidationError(_("Write the reference of the other payment."), code="no_reference")
    if paid_on > on:
        raise ValidationError(_("That day has not come yet."), code="in_the_future")
    _check_may(young_person, version, pence=pence, by=by, on=on)
    allowance = allowance_for(young_person=young_person, version=version, on=paid_on, item=reference[:12])
    key = f"elsewhere:{young_person.ref}:{reference.strip().upper()[:40]}"
    entry = record_elsewhere(allowance=allowance, pence=pence, key=key, by=by, reason=reason, now=now)
    record("paid_elsewhere", by=by, now=now, young_person_id=young_person.pk, detail={"pence": pence})
    words = paid_elsewhere_in_words(
        pence=pence, what=version.title, paid_on=paid_on, reference=reference.strip()
    )
    write_note(young_person=young_person, kind=Kind.LEDGER, key=key, words=words, by=by, now=now)
    return entry


def may_let_have_more(asked: PaymentRequest, *, by: User, on: date) -> bool:
    """Whether somebody's authority reaches to exceptions for this request at all, whatever the sum."""
    version = asked.version
    held = authority.authority_of(by, young_person=asked.young_person, on=on)
    return version is not None and held is not None and held.level >= _level_for(version)


def _level_for(version: EntitlementVersion) -> Level:
    return Level.TEAM_MANAGER if version.duty == Duty.MUST else Level.SERVICE_MANAGER


def _check_may(
    young_person: YoungPerson, version: EntitlementVersion, *, pence: int, by: User, on: date
) -> None:
    check_can_be_money(confirmed=version.is_confirmed, in_force=version.is_in_force(on), demo=settings.DEMO)
    held = authority.authority_of(by, young_person=young_person, on=on)
    if held is None or held.level < _level_for(version) or held.limit_pence < pence:
        raise ValidationError(_("This is above your delegated authority."), code="above_authority")
