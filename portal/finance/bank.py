"""Bank details, where the council lets young people give them here (`BANK_DETAILS_ENABLED`, off by default).

A row is typed as a draft, given, rung about, used after its wait, handed to finance, ended. What it holds is encrypted
from the first digit on; only the payment file ever says more than the last two (safety rules 35 and 36).
"""

import logging
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from functools import lru_cache
from pathlib import Path

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext as _

from portal.accounts.models import Role, User
from portal.audit.services import record
from portal.clock import local_date
from portal.finance import modulus
from portal.finance.account import Account, closed_up, opened
from portal.finance.batches import check_finance, path_of
from portal.finance.models import BankDetails, Batch, Payment
from portal.finance.rules import State as Attempt
from portal.finance.rules import first_day_of_use
from portal.notifications.outbox import promise
from portal.payments import authority
from portal.payments.holding import verb
from portal.people.models import YoungPerson

log = logging.getLogger(__name__)

State, Ended, Checked = BankDetails.State, BankDetails.Ended, BankDetails.Checked
DRAFT_LASTS = timedelta(hours=1)
JUST_NOW = timedelta(minutes=10)
UNUSED_LASTS = timedelta(days=60)  # rung about and never paid to


def standing_of(person: YoungPerson) -> BankDetails | None:
    """What counts now for somebody, as far as anybody may see it."""
    return BankDetails.objects.standing().bounced_or_not().filter(young_person=person).first()


def just_given(person: YoungPerson, *, now: datetime) -> bool:
    """Whether they sent details a moment ago: a second press of the same button changes nothing."""
    lately = BankDetails.objects.filter(state=State.GIVEN, given_at__gt=now - JUST_NOW, given_at__lte=now)
    return lately.filter(young_person=person).exists()


def calls_to_make() -> int | None:
    """How many new details wait for somebody to ring; None where none are kept here."""
    return BankDetails.objects.filter(state=State.GIVEN).count() if settings.BANK_DETAILS_ENABLED else None


def late_calls(*, on: date) -> int:
    """How many of them have waited longer than they need to; none where none are kept here."""
    return BankDetails.objects.call_late(on=on).count() if settings.BANK_DETAILS_ENABLED else 0


def draft_of(person: YoungPerson, *, now: datetime) -> Account:
    """What they have typed so far and not sent; nothing after an hour."""
    draft = BankDetails.objects.filter(
        young_person=person, state=State.DRAFT, started_at__gt=now - DRAFT_LASTS
    ).first()
    return opened(draft.sealed) if draft else Account()


@verb
def keep_answer(*, person: YoungPerson, name: str, answer: str, now: datetime) -> Account:
    """Keep one answer of the draft (`sort_code`, `number` or `name`). Refuses `does_not_fit` for a number that its sort
    code cannot have, where tables are loaded."""
    check_on()
    _one_at_a_time(person)
    draft = BankDetails.objects.filter(young_person=person, state=State.DRAFT).first()
    typed = opened(draft.sealed) if draft and draft.started_at > now - DRAFT_LASTS else Account()
    typed = typed._replace(**{name: answer})
    if name == "number" and typed.sort_code:
        check_fit(typed)
    values = {"sealed": closed_up(typed), "started_at": now}
    BankDetails.objects.update_or_create(young_person=person, state=State.DRAFT, defaults=values)
    return typed


@verb
def give(*, person: YoungPerson, now: datetime) -> BankDetails:
    """Their draft counts from now: earlier details end, a wait of two working days and a phone call begin, and the
    contact we know gets one neutral sentence. Refuses `not_whole` and `does_not_fit`."""
    check_on()
    _one_at_a_time(person)
    typed = draft_of(person, now=now)
    if not typed.is_whole:
        raise ValidationError(_("Some answers are missing. Start again."), code="not_whole")
    checked = check_fit(typed)
    draft = BankDetails.objects.get(young_person=person, state=State.DRAFT)
    _end(BankDetails.objects.standing().filter(young_person=person), why=Ended.REPLACED, now=now)
    draft.state, draft.given_at, draft.checked = State.GIVEN, now, checked
    draft.ends, draft.use_from = typed.number[-2:], first_day_of_use(local_date(now))
    draft.save()
    record(
        "bank_details_given", by=person.user, now=now, young_person_id=person.pk, subject=f"bank:{draft.ref}"
    )
    _tell(draft, now=now)
    return draft


@verb
def take_back(*, person: YoungPerson, now: datetime) -> int:
    """The young person wants nothing of it kept here. Returns how many ended (0 or 1)."""
    check_on()
    _one_at_a_time(person)
    found = list(BankDetails.objects.standing().filter(young_person=person))
    BankDetails.objects.filter(young_person=person, state=State.DRAFT).delete()
    _end(found, why=Ended.TAKEN_BACK, now=now)
    for one in found:
        record(
            "bank_details_ended",
            by=person.user,
            now=now,
            young_person_id=person.pk,
            subject=f"bank:{one.ref}",
        )
        _tell(one, now=now)
    return len(found)


@verb
def confirm(
    *, ref: str, theirs: bool, adviser_rang: bool, rang_on: date, number: str, by: User, now: datetime
) -> BankDetails:  # fmt: skip
    """Finance writes down the phone call. `theirs`: the young person knew of it and named the last two digits.

    Not theirs: the details end at once, and whoever looks after the young person hears. Confirmed already: nothing
    happens. Refuses `not_finance`, `own`, `not_waiting`, `wrong_day` (before they were given, or ahead) and
    `no_adviser`.
    """
    check_on()
    on = local_date(now)
    check_finance(by, on=on)
    one = (
        BankDetails.objects.select_for_update(of=("self",)).select_related("young_person__user").get(ref=ref)
    )
    person = one.young_person
    if by.pk == person.user_id:
        raise ValidationError(_("A colleague must do this for you."), code="own")
    if one.state == State.CONFIRMED and theirs:
        return one
    if one.state != State.GIVEN or one.given_at is None:
        raise ValidationError(_("These details are not waiting for a call any more."), code="not_waiting")
    if not local_date(one.given_at) <= rang_on <= on:
        raise ValidationError(
            _("The call was after they gave the details, and not later than today."), code="wrong_day"
        )
    rang_by = person.holder_on(on) if adviser_rang else by
    if rang_by is None:
        raise ValidationError(
            _("They have no adviser. Ring them yourself, or ask the duty team."), code="no_adviser"
        )
    one.rang_by, one.rang_on, one.rang_number = rang_by, rang_on, number
    one.confirmed_by, one.confirmed_at = by, now
    one.state = State.CONFIRMED
    one.save()
    what = "bank_details_confirmed" if theirs else "bank_details_not_theirs"
    record(what, by=by, now=now, young_person_id=person.pk, subject=f"bank:{one.ref}")
    if not theirs:
        _end([one], why=Ended.NOT_THEIRS, now=now)
        _alarm(one, now=now)
    return one


@verb
def stop_using(*, ref: str, by: User, now: datetime) -> BankDetails:
    """Nobody is paid there any more: the young person says that it is not theirs, or somebody worries.

    They end at once, and whoever looks after the young person hears. Stopped already: nothing happens. Refuses
    `not_finance`, `own` and `not_in_use` (they ended in another way, and nobody hears of that).
    """
    check_on()
    check_finance(by, on=local_date(now))
    found = BankDetails.objects.exclude(state=State.DRAFT).select_for_update(of=("self",))
    one = found.select_related("young_person__user").get(ref=ref)
    if by.pk == one.young_person.user_id:
        raise ValidationError(_("A colleague must do this for you."), code="own")
    if one.state == State.ENDED:
        if one.ended_why != Ended.STOPPED:
            raise ValidationError(_("These details are not in use any more."), code="not_in_use")
        return one
    _end([one], why=Ended.STOPPED, now=now)
    record(
        "bank_details_stopped", by=by, now=now, young_person_id=one.young_person_id, subject=f"bank:{one.ref}"
    )
    _tell(one, now=now)
    _alarm(one, now=now)
    return one


def open_batches_with(one: BankDetails) -> list[str]:
    """The references of open batches that still pay to these details: they keep what they were made with."""
    found = Batch.objects.filter(state=Batch.State.OPEN, payments__details=one).distinct()
    return list(found.values_list("ref", flat=True))


def alarms(people: QuerySet[YoungPerson], *, now: datetime) -> list[YoungPerson]:
    """Those of these young people in whose name somebody else may have given bank details, in the last two weeks."""
    if not settings.BANK_DETAILS_ENABLED:
        return []
    return list(
        people.filter(pk__in=BankDetails.objects.alarming(now=now).values("young_person")).order_by("pk")
    )


def purge(*, now: datetime) -> int:
    """Take away what is not needed any more; part of each round, on or off. Returns how many rows were emptied.

    Drafts after an hour; details of closed accounts and of people who died, at once; details finance has loaded, after
    `BANK_DETAILS_KEPT_DAYS`, here and in the batch and its file; what was confirmed and is in no batch, after 60 days.
    What nobody has rung about stays, and holds the money, until a person acts: else an old account would be paid.
    """
    gone = (
        Q(young_person__user__is_active=False)
        | Q(young_person__user=None)
        | Q(young_person__died_on__isnull=False)
    )
    # State and age stand in the statement that deletes: since anybody looked, a draft may have been sent or gone on.
    # (`delete()` would read the rows first.)
    drafts = BankDetails.objects.filter(state=State.DRAFT)
    theirs = list(drafts.filter(gone).values_list("pk", flat=True))
    stale = Q(started_at__lte=now - DRAFT_LASTS) | Q(pk__in=theirs)
    rows = drafts.filter(stale)._raw_delete(drafts.db)
    standing = BankDetails.objects.standing()
    rows += _end_all(standing.filter(gone), why=Ended.CLOSED, now=now)
    loaded = now - timedelta(days=settings.BANK_DETAILS_KEPT_DAYS)
    # A payment that bounced told finance nothing that is worth keeping.
    paid = Q(payments__batch__state=Batch.State.CLOSED, payments__batch__closed_at__lte=loaded,
             payments__state__in=[Attempt.IN_BATCH, Attempt.PAID])  # fmt: skip
    handed = standing.filter(paid, state=State.CONFIRMED).values_list("pk", flat=True).distinct()
    rows += BankDetails.objects.filter(pk__in=list(handed), state=State.CONFIRMED).update(
        state=State.WITH_FINANCE, sealed=""
    )
    # Nobody pays to an account that bounced: what is left of the row holds the money until a person acts.
    bounced = standing.bounced().filter(state=State.CONFIRMED).exclude(sealed="")
    rows += BankDetails.objects.filter(pk__in=list(bounced.values_list("pk", flat=True))).update(sealed="")
    held = Batch.objects.exclude(state=Batch.State.OPEN).filter(closed_at__lte=loaded, emptied_at=None)
    for batch in held.filter(payments__account__gt="").distinct():
        rows += _empty(batch=batch, now=now)
    batched = Payment.objects.filter(
        details=OuterRef("pk"), batch__state__in=[Batch.State.OPEN, Batch.State.CLOSED]
    )
    old = Q(state=State.CONFIRMED, confirmed_at__lte=now - UNUSED_LASTS)
    if not settings.BANK_DETAILS_ENABLED:  # then they hold nobody's money, and nobody is asked to ring
        old |= Q(state=State.GIVEN, given_at__lte=now - UNUSED_LASTS)
    unused = standing.filter(~Exists(batched), old)
    return rows + _end_all(unused, why=Ended.TOO_OLD, now=now)


def check_on() -> None:
    """Refuses `off` where the council does not hold bank details here."""
    if not settings.BANK_DETAILS_ENABLED:
        raise ValidationError(_("We do not keep bank details here."), code="off")


def check_fit(typed: Account) -> str:
    """How far an account could be checked (`BankDetails.Checked`). Refuses `does_not_fit`."""
    if not settings.MODULUS_WEIGHTS_FILE:
        return Checked.NO_TABLE
    try:
        table, instead = tables()
    except (OSError, ValueError) as fault:
        # Nobody who is owed money pays for a file that went missing; `check` says it, and staff see "only the format".
        log.error("the modulus tables cannot be read: %s", type(fault).__name__)
        return Checked.NO_TABLE
    answer = modulus.check(typed.sort_code, typed.number, table=table, instead=instead)
    if answer == modulus.Answer.DOES_NOT_FIT:
        raise ValidationError(
            _("That number does not go with the sort code you gave. Look at both again."), code="does_not_fit"
        )
    return Checked(answer.value)


def tables() -> tuple[list[modulus.Weighting], dict[str, str]]:
    """The council's modulus tables, read again when a file changes. Raises `OSError` and `ValueError`."""
    weights, others = settings.MODULUS_WEIGHTS_FILE, settings.MODULUS_SUBSTITUTES_FILE
    return (
        modulus.weightings(_lines(weights, Path(weights).stat().st_mtime_ns)),
        modulus.substitutions(_lines(others, Path(others).stat().st_mtime_ns)) if others else {},
    )


@lru_cache(maxsize=4)
def _lines(path: str, _changed: int) -> list[str]:
    return Path(path).read_text(encoding="ascii").splitlines()


def _one_at_a_time(person: YoungPerson) -> None:
    YoungPerson.objects.select_for_update(of=("self",), no_key=True).get(pk=person.pk)


def _tell(one: BankDetails, *, now: datetime, what: str = "") -> None:
    """One neutral sentence by the channels that are on; nobody is written to who said that it is not safe."""
    if one.young_person.user is not None:
        promise("settings_changed", to=one.young_person.user, key=f"bank:{one.ref}:{what or one.state}", due_at=now,
                not_after=now + timedelta(days=3), now=now)  # fmt: skip


def _alarm(one: BankDetails, *, now: datetime) -> None:
    """Whoever looks after them hears today; where nobody does, their managers, else duty."""
    person, on = one.young_person, local_date(now)
    holder = person.holder_on(on)
    people = [holder] if holder is not None else authority.managers_of(person, on=on)
    for one_of_us in people or authority.role_holders(Role.DUTY_ADVISER, on=on):
        promise("not_theirs", to=one_of_us, key=f"bank:{one.ref}:not_theirs:{one_of_us.pk}", due_at=now,
                not_after=now + timedelta(days=3), now=now)  # fmt: skip


def _end(found: Iterable[BankDetails], *, why: str, now: datetime) -> int:
    """Ended, and empty from this moment: the last two digits stay, so that a call about it can be understood."""
    ended = list(found)
    for one in ended:
        one.state, one.sealed, one.ended_at, one.ended_why = State.ENDED, "", now, why
        one.save(update_fields=["state", "sealed", "ended_at", "ended_why"])
    return len(ended)


@verb
def _end_all(found: QuerySet[BankDetails], *, why: str, now: datetime) -> int:
    pks = list(found.values_list("pk", flat=True))
    held = list(
        BankDetails.objects.standing().select_for_update(of=("self",)).filter(pk__in=pks).order_by("pk")
    )
    for one in held:
        record("bank_details_ended", by=None, now=now, young_person_id=one.young_person_id, subject=f"bank:{one.ref}",
               detail={"why": why})  # fmt: skip
        if why == Ended.TOO_OLD:
            _tell(one, now=now, what=why)
    return _end(held, why=why, now=now)


@verb
def _empty(*, batch: Batch, now: datetime) -> int:
    """Finance has loaded this batch: its accounts go, and so does its file. Its totals and references stay."""
    held = Batch.objects.select_for_update().get(pk=batch.pk)
    if held.emptied_at is not None:
        return 0
    # The file first: should this be undone, the batch still has all that makes it again.
    path_of(held).unlink(missing_ok=True)
    held.emptied_at = now
    held.save(update_fields=["emptied_at"])
    rows = held.payments.exclude(account="").update(account="")
    record("batch_emptied", by=None, now=now, subject=f"batch:{held.ref}", detail={"accounts": rows})
    return rows
