"""Moving money between left, reserved and spent.

Each verb is one conditional update and one entry, in one transaction of its own or the caller's. The key makes the
same movement twice one movement: the second time nothing moves, and the entry comes back with `repeated` set. The same
key for another movement is refused with `key_in_use`.
"""

from datetime import date, datetime

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import F, Q
from django.db.models.expressions import Combinable
from django.utils.translation import gettext as _

from entitlements.models import Duty, EntitlementVersion
from portal.accounts.models import User
from portal.ledger import rules
from portal.ledger.models import Allowance, Entry
from portal.people.models import YoungPerson

ANYTHING = Q()
TAKEN = F("reserved_pence") + F("spent_pence") - F("extra_pence")


def allowance_for(
    *, young_person: YoungPerson, version: EntitlementVersion | None, on: date, item: str = ""
) -> Allowance:
    """The allowance a day's money comes from, made if nobody asked before; its cap follows the newest version seen.

    No version is "something else", which has no cap. A cap by item counts for `item` alone (a request's reference). A
    lower cap never takes back what is already promised; each cap that ever held stays in the entries.
    """
    with transaction.atomic():
        allowance, first = open_allowance(young_person=young_person, version=version, on=on, item=item)
        if first is not None:
            first.save(force_insert=True)
    return allowance


def open_allowance(
    *, young_person: YoungPerson, version: EntitlementVersion | None, on: date, item: str = ""
) -> tuple[Allowance, Entry | None]:
    """As `allowance_for`, for a caller that reserves at once.

    The first entry of a new allowance with a cap is theirs to hand to `reserve`, which writes both in one statement.
    """
    entitlement = version.entitlement if version else None
    period = rules.period_for(_per(version), on=on, item=item)
    cap = rules.cap_after(version.cap_pence, taken=0) if version else None
    allowance, made = Allowance.objects.select_related("version").get_or_create(
        young_person=young_person,
        entitlement=entitlement,
        period=period.name,
        defaults={"expires_on": period.ends_on, "version": version, "cap_pence": cap},
    )
    if version and made:
        return allowance, _cap_entry(allowance, version)
    if version and _is_newer(version, allowance.version):
        return _follow(allowance.pk, version), None
    return allowance, None


def money_left(
    *, young_person: YoungPerson, version: EntitlementVersion | None, on: date, item: str = ""
) -> int | None:
    """Pence still there on a day, writing nothing; None when there is no cap."""
    period = rules.period_for(_per(version), on=on, item=item)
    allowance = Allowance.objects.filter(
        young_person=young_person, entitlement=version.entitlement if version else None, period=period.name
    ).first()
    if allowance is None:
        return version.cap_pence if version else None
    if version is None or not _is_newer(version, allowance.version):
        return allowance.left_pence
    taken = allowance.reserved_pence + allowance.spent_pence - allowance.extra_pence
    cap = rules.cap_after(version.cap_pence, taken=taken)
    return None if cap is None else cap - taken


def reserve(
    *, allowance: Allowance, pence: int, key: str, by: User | None, now: datetime, first: Entry | None = None
) -> Entry:
    """Set money aside, or refuse with `over_cap`. A hundred deciders at once cannot pass the cap.

    `first`: what `open_allowance` left to be written.
    """
    return _move(
        Entry.Kind.RESERVE, allowance, pence, key, by, now, fits=_room_for(pence), before=first,
        refusal="over_cap", reserved_pence=F("reserved_pence") + pence,
    )  # fmt: skip


def release(*, allowance: Allowance, pence: int, key: str, by: User | None, now: datetime) -> Entry:
    """Give back money that was set aside and will not be paid, or refuse with `not_reserved`.

    Where a newer version lowered the cap below what was promised, the cap comes down with what is given back.
    """
    with transaction.atomic():
        entry = _move(
            Entry.Kind.RELEASE, allowance, pence, key, by, now, fits=Q(reserved_pence__gte=pence),
            refusal="not_reserved", reserved_pence=F("reserved_pence") - pence,
        )  # fmt: skip
        if not entry.repeated:
            _lower_cap(entry)
    return entry


def spend(*, allowance: Allowance, pence: int, key: str, by: User | None, now: datetime) -> Entry:
    """Money set aside was paid; refuses with `not_reserved` what nobody set aside."""
    return _move(
        Entry.Kind.SPEND, allowance, pence, key, by, now, fits=Q(reserved_pence__gte=pence),
        refusal="not_reserved", reserved_pence=F("reserved_pence") - pence, spent_pence=F("spent_pence") + pence,
    )  # fmt: skip


def unspend(*, allowance: Allowance, pence: int, key: str, by: User | None, now: datetime) -> Entry:
    """Money that was paid came back: it is set aside again, for it is still owed. Refuses with `not_spent`."""
    return _move(
        Entry.Kind.UNSPEND, allowance, pence, key, by, now, fits=Q(spent_pence__gte=pence),
        refusal="not_spent", reserved_pence=F("reserved_pence") + pence, spent_pence=F("spent_pence") - pence,
    )  # fmt: skip


def record_opening(
    *, allowance: Allowance, pence: int, key: str, by: User | None, now: datetime, reason: str = ""
) -> Entry:
    """Write down what was paid before this service began. Above the cap it needs a reason (see `record_elsewhere`)."""
    return _record_paid(Entry.Kind.OPENING, allowance, pence, key, by, now, reason)


def record_elsewhere(
    *, allowance: Allowance, pence: int, key: str, by: User | None, now: datetime, reason: str = ""
) -> Entry:
    """Write down what was paid another way (a voucher, a card, petty cash). The money has gone, whatever the cap says.

    What passes the cap is written as an exception by the same person for `reason`; without a reason, or without a
    person, it is refused with `over_cap`.
    """
    return _record_paid(Entry.Kind.ELSEWHERE, allowance, pence, key, by, now, reason)


def allow_exception(
    *, allowance: Allowance, pence: int, key: str, by: User, reason: str, now: datetime
) -> Entry:
    """A named authority lets one young person have this much above the cap, for a reason; else `needs_reason`.

    Whether that person has the authority is for the caller to ask. A statutory minimum is a floor, not a ceiling, so
    this is how more than it is agreed, as well as how a discretionary cap is passed.
    """
    if not reason.strip():
        raise ValidationError(_("Say why this person may have more."), code="needs_reason")
    return _move(
        Entry.Kind.EXCEPTION, allowance, pence, key, by, now, reason=reason.strip(),
        extra_pence=F("extra_pence") + pence,
    )  # fmt: skip


def end_exception(*, exception: Entry, by: User | None, now: datetime) -> Entry | None:
    """Take back what nobody uses of an exception (an entry of `allow_exception`); None when there is nothing more."""
    with transaction.atomic():
        held = Allowance.objects.select_for_update(of=("self",)).get(pk=exception.allowance_id)
        before = list(
            Entry.objects.filter(key__startswith=f"{exception.key}:unused:").values_list("pence", flat=True)
        )
        unused = rules.unused_exception(
            exception.pence - sum(before), extra=held.extra_pence, left=held.left_pence
        )
        if not unused:
            return None
        key = f"{exception.key}:unused:{len(before) + 1}"
        return _move(
            Entry.Kind.UNEXCEPT, held, unused, key, by, now, fits=Q(extra_pence__gte=unused),
            refusal="over_cap", extra_pence=F("extra_pence") - unused,
        )  # fmt: skip


def _record_paid(
    kind: Entry.Kind, allowance: Allowance, pence: int, key: str, by: User | None, now: datetime, reason: str
) -> Entry:
    rules.check_amount(pence)
    with transaction.atomic():
        held = Allowance.objects.select_for_update().get(pk=allowance.pk)
        over = 0 if held.left_pence is None else pence - held.left_pence
        if over > 0 and by and reason.strip() and not Entry.objects.filter(key=key).exists():
            allow_exception(allowance=held, pence=over, key=f"{key}:over", by=by, reason=reason, now=now)
        return _move(
            kind, allowance, pence, key, by, now, fits=_room_for(pence), refusal="over_cap",
            spent_pence=F("spent_pence") + pence,
        )  # fmt: skip


def _move(
    kind: Entry.Kind,
    allowance: Allowance,
    pence: int,
    key: str,
    by: User | None,
    now: datetime,
    *,
    fits: Q = ANYTHING,
    refusal: str = "",
    reason: str = "",
    before: Entry | None = None,
    **counters: Combinable,
) -> Entry:
    rules.check_amount(pence)
    with transaction.atomic():
        # The entry goes first: a second mover with the same key waits here for the first, and then has nothing to do.
        entry = Entry(
            key=key, allowance=allowance, kind=kind, pence=pence, reason=reason,
            version_id=allowance.version_id, by=by, at=now,
        )  # fmt: skip
        try:
            with transaction.atomic():
                if before is None:
                    entry.save(force_insert=True)
                else:
                    Entry.objects.bulk_create([before, entry])
        except IntegrityError:
            earlier = Entry.objects.filter(key=key).first()
            if earlier is None:
                raise
            return _as_repeat(earlier, kind, allowance, pence)
        if not Allowance.objects.filter(fits, pk=allowance.pk).update(**counters):
            raise _refused(refusal, allowance)
    return entry


def _room_for(pence: int) -> Q:
    return Q(cap_pence=None) | Q(cap_pence__gte=TAKEN + pence)


def _as_repeat(entry: Entry, kind: Entry.Kind, allowance: Allowance, pence: int) -> Entry:
    if (entry.kind, entry.allowance_id, entry.pence) != (kind, allowance.pk, pence):
        raise ValidationError(_("This was already recorded, and not as the same thing."), code="key_in_use")
    entry.repeated = True
    return entry


def _refused(code: str, allowance: Allowance) -> ValidationError:
    if code == "not_reserved":
        return ValidationError(_("That much was not set aside."), code=code)
    if code == "not_spent":
        return ValidationError(_("That much was not paid."), code=code)
    if allowance.version and allowance.version.duty == Duty.MUST:
        return ValidationError(
            _("This is more than the least we must give. A manager who can agree more may do so."), code=code
        )
    return ValidationError(_("There is not enough left for this."), code=code)


def _follow(pk: int, version: EntitlementVersion) -> Allowance:
    held = Allowance.objects.select_for_update(of=("self",)).select_related("version").get(pk=pk)
    if not _is_newer(version, held.version):
        return held
    held.cap_pence = rules.cap_after(
        version.cap_pence, taken=held.reserved_pence + held.spent_pence - held.extra_pence
    )
    held.version = version
    _cap_entry(held, version).save(force_insert=True)
    held.save(update_fields=["cap_pence", "version"])
    return held


def _cap_entry(allowance: Allowance, version: EntitlementVersion) -> Entry:
    cap = allowance.cap_pence
    return Entry(
        allowance=allowance,
        kind=Entry.Kind.NO_CAP if cap is None else Entry.Kind.CAP,
        pence=cap or 0,
        key=f"allowance:{allowance.pk}:version:{version.number}",
        version=version,
        at=version.published_at,
    )


def _lower_cap(given_back: Entry) -> None:
    held = (
        Allowance.objects.select_for_update(of=("self",))
        .select_related("version")
        .get(pk=given_back.allowance_id)
    )
    published = held.version.cap_pence if held.version else None
    cap = rules.cap_when_given_back(held.cap_pence, published=published, pence=given_back.pence)
    if cap is None or cap == held.cap_pence:
        return
    Entry.objects.create(
        allowance=held, kind=Entry.Kind.CAP, pence=cap, key=f"{given_back.key}:cap"[:80], version=held.version,
        by=given_back.by, at=given_back.at,
    )  # fmt: skip
    held.cap_pence = cap
    held.save(update_fields=["cap_pence"])


def _is_newer(version: EntitlementVersion, seen: EntitlementVersion | None) -> bool:
    return seen is None or version.number > seen.number


def _per(version: EntitlementVersion | None) -> str:
    return (version.cap_period or version.per) if version else ""
