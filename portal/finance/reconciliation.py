"""Where money's books disagree with each other. Reads everything, mends nothing (safety rule 61).

Each check answers one question and gives its differences, a sentence each, with references and never names.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import datetime
from hashlib import sha256
from typing import NamedTuple

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db.models import Count, F, Q, Sum
from django.db.models.functions import Coalesce

from portal.clock import local_date
from portal.finance import payment_file
from portal.finance.batches import path_of, rows_of
from portal.finance.models import BankDetails, Batch, Payment, RemittanceLine
from portal.finance.rules import ALARMING, State, open_too_long
from portal.ledger.models import Allowance, Entry
from portal.ledger.rules import Movement, faults, sums_of
from portal.payments.models import Award, Instalment
from portal.spot_help.models import SpotHelp

Owed = Instalment.State


class Difference(NamedTuple):
    """One thing that does not add up: which check found it, where, and what."""

    check: str
    subject: str
    words: str


def differences(*, now: datetime) -> list[Difference]:
    """Everything that does not add up at this moment, check by check."""
    found: list[Difference] = []
    checks = (
        counters,
        awards,
        spoken_for,
        spot_help,
        batches,
        attempts,
        settled,
        files,
        stray_files,
        answers,
        calls,
    )
    for check in checks:
        found += check(now)
    return found


def counters(_now: datetime) -> Iterator[Difference]:
    """Does each allowance say what its entries say, and do neither pass the cap?"""
    history: dict[int, list[Movement]] = defaultdict(list)
    entries = Entry.objects.order_by("pk").values_list("allowance_id", "kind", "pence")
    for allowance_id, kind, pence in entries.iterator():
        history[allowance_id].append(Movement(kind, pence))
    for allowance in Allowance.objects.order_by("pk").iterator():
        for fault in faults(allowance.counters, sums_of(history[allowance.pk])):
            yield Difference("counters", f"allowance {allowance.pk}", fault)


def awards(_now: datetime) -> Iterator[Difference]:
    """Are the instalments of each award worth the award?"""
    sums = Award.objects.exclude(state=Award.State.CANCELLED).annotate(
        owed=Sum("instalments__pence", filter=~Q(instalments__state=Owed.CANCELLED))
    )
    for award in sums.exclude(owed=F("pence")).select_related("asked").order_by("pk"):
        yield Difference(
            "awards",
            f"request {award.asked.ref}",
            f"the award is {award.pence}, its instalments {award.owed or 0}",
        )


def spoken_for(_now: datetime) -> Iterator[Difference]:
    """Is what the ledger keeps aside what is still owed, and what it calls spent what was paid?"""
    moved: dict[int, int] = defaultdict(int)
    signs = {Entry.Kind.SPEND: 1, Entry.Kind.UNSPEND: -1}
    by_kind = Entry.objects.filter(kind__in=list(signs)).values_list("allowance_id", "kind").order_by()
    for allowance_id, kind, pence in by_kind.annotate(pence_sum=Sum("pence")):
        moved[allowance_id] += signs[Entry.Kind(kind)] * pence
    aside, paid = Counter[int](), Counter[int]()
    standing = Instalment.objects.annotate(taken=Coalesce("allowance", "award__allowance")).exclude(
        taken=None
    )
    for state, taken, pence in (
        standing.values_list("state", "taken").order_by().annotate(pence_sum=Sum("pence"))
    ):
        if state == Owed.PAID:
            paid[taken] += pence
        elif state != Owed.CANCELLED:
            aside[taken] += pence
    for allowance in Allowance.objects.order_by("pk").iterator():
        if allowance.reserved_pence != aside[allowance.pk]:
            yield Difference(
                "spoken for",
                f"allowance {allowance.pk}",
                f"{allowance.reserved_pence} is set aside, {aside[allowance.pk]} is owed",
            )
        if moved[allowance.pk] != paid[allowance.pk]:
            yield Difference(
                "spoken for",
                f"allowance {allowance.pk}",
                f"{moved[allowance.pk]} was spent, {paid[allowance.pk]} was paid",
            )


def spot_help(_now: datetime) -> Iterator[Difference]:
    """Is each help on the spot in the ledger once, for its sum and its person, and nothing else under that name?"""
    written = {
        key: (pence, person)
        for key, pence, person in Entry.objects.filter(key__startswith="spot:").values_list(
            "key", "pence", "allowance__young_person_id"
        )
    }
    for given in SpotHelp.objects.order_by("pk").iterator():
        found = written.pop(given.key, None)
        if found != (given.pence, given.young_person_id):
            yield Difference(
                "spot help",
                given.key,
                f"gave {given.pence}, the ledger says {found[0] if found else 'nothing'}",
            )
    for key, (pence, _person) in sorted(written.items()):
        yield Difference("spot help", key, f"the ledger says {pence}, nobody wrote that help down")


def batches(now: datetime) -> Iterator[Difference]:
    """Does each batch hold the payments it was closed with, and does none stay open too long?"""
    for batch in Batch.objects.annotate(
        payments_count=Count("payments"), payments_pence=Sum("payments__pence")
    ):
        if (batch.payments_count, batch.payments_pence or 0) != (batch.count, batch.total_pence):
            yield Difference(
                "batches",
                f"batch {batch.ref}",
                f"made of {batch.count} payments and {batch.total_pence}, "
                f"holds {batch.payments_count} and {batch.payments_pence or 0}",
            )
        if batch.is_open and open_too_long(made_on=local_date(batch.made_at), on=local_date(now)):
            yield Difference("batches", f"batch {batch.ref}", "open for over one working day")


def attempts(_now: datetime) -> Iterator[Difference]:
    """Does each payment pay its own instalment, in full, to the person it is owed to, with money that may be paid?"""
    payments = Payment.objects.select_related("instalment__award__young_person", "instalment__award__version")
    for payment in payments.order_by("pk").iterator():
        owed, award = payment.instalment, payment.instalment.award
        if payment.pence != owed.pence:
            yield Difference(
                "attempts", f"payment {payment.ref}", f"pays {payment.pence}, {owed.pence} is owed"
            )
        if payment.person_id != award.young_person.person_id:
            yield Difference("attempts", f"payment {payment.ref}", "names another person than its award")
        if award.version is not None and not award.version.is_confirmed and not settings.DEMO:
            yield Difference("attempts", f"payment {payment.ref}", "pays an example that nobody confirmed")


def settled(_now: datetime) -> Iterator[Difference]:
    """Do the payment and its instalment agree on where the money is?"""
    live = Count("payments", filter=Q(payments__state__in=[State.IN_BATCH, State.PAID]))
    in_batch = Count("payments", filter=Q(payments__state=State.IN_BATCH))
    paid = Count("payments", filter=Q(payments__state=State.PAID))
    handed = Count("receipt", distinct=True)
    counted = Instalment.objects.annotate(live=live, in_batch=in_batch, paid=paid, handed=handed)
    for owed in counted.order_by("pk").iterator():
        right = {
            Owed.IN_BATCH: owed.in_batch == 1 and owed.live == 1,
            Owed.PAID: owed.in_batch == 0 and owed.paid + owed.handed == 1,
        }.get(Owed(owed.state), owed.live + owed.handed == 0)
        if not right:
            yield Difference(
                "settled",
                f"instalment {owed.ref}",
                f"is {owed.state}, with {owed.in_batch} payments in a batch and {owed.paid} paid",
            )


def files(_now: datetime) -> Iterator[Difference]:
    """Is each file there, whole, and still what its batch gives?"""
    for batch in Batch.objects.exclude(sha256="").filter(emptied_at=None).order_by("pk"):
        path = path_of(batch)
        if not path.is_file():
            yield Difference("files", f"batch {batch.ref}", "its file is gone")
        elif sha256(path.read_bytes()).hexdigest() != batch.sha256:
            yield Difference("files", f"batch {batch.ref}", "its file is not the one that was written")
        try:
            made = payment_file.build(batch=batch.ref, columns=batch.columns, rows=rows_of(batch))
        except ValidationError as refusal:
            yield Difference("files", f"batch {batch.ref}", f"its file cannot be made again: {refusal.code}")
            continue
        if made.sha256 != batch.sha256:
            yield Difference("files", f"batch {batch.ref}", "its payments no longer give its file")


def stray_files(_now: datetime) -> Iterator[Difference]:
    """Does every file of payments belong to a batch?"""
    folder = path_of(Batch(file_name="any")).parent
    known = set(Batch.objects.values_list("file_name", flat=True))
    for path in sorted(folder.glob("payments-*")) if folder.is_dir() else []:
        if path.name not in known:
            yield Difference("stray files", path.name, "no batch has this file")


def answers(_now: datetime) -> Iterator[Difference]:
    """Has somebody looked at each answer that contradicts what we know?"""
    for line in (
        RemittanceLine.objects.unmatched().filter(result__in=sorted(ALARMING)).select_related("remittance")
    ):
        yield Difference(
            "answers",
            f"remittance {line.remittance.ref} line {line.number}",
            f"{line.result}, and nobody has looked",
        )


def calls(now: datetime) -> Iterator[Difference]:
    """Has somebody rung about new bank details in time? Until then what is due to that young person waits."""
    if settings.BANK_DETAILS_ENABLED:
        for one in BankDetails.objects.call_late(on=local_date(now)):
            yield Difference(
                "calls", f"bank details {one.ref}", "nobody has rung, and their two days are over"
            )
