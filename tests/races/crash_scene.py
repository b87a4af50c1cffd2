"""What owes money to whom in a crash test, and what must be true after it."""

from collections import Counter
from datetime import datetime
from hashlib import sha256
from typing import Any

from django.db.models import Sum

from portal.accounts.models import User
from portal.finance import payment_file
from portal.finance.batches import path_of, rows_of
from portal.finance.models import Batch, Payment
from portal.finance.reconciliation import differences
from portal.finance.services import close_batch
from portal.ledger.models import Allowance
from portal.ledger.services import allowance_for, reserve
from portal.payments.models import Award, Instalment, PaymentRequest
from portal.people.models import YoungPerson

PAYMENTS = 2


def owe_some(job: dict[str, Any]) -> None:
    """Two more sums that are due, unless they still are."""
    now = datetime.fromisoformat(job["now"])
    if Instalment.objects.filter(state="OWED").exists():
        return
    person, approver = YoungPerson.objects.get(pk=job["person"]), User.objects.get(pk=job["approver"])
    allowance = allowance_for(young_person=person, version=None, on=now.date())
    for pence in range(1_001, 1_001 + PAYMENTS):
        asked = PaymentRequest.objects.create(
            young_person=person, title="A thing", asked_pence=pence, agreed_pence=pence, status="APPROVED",
            raised_by=person.user, started_at=now, submitted_at=now, decided_at=now, decide_by=now.date(),
            money_by=now.date(),
        )  # fmt: skip
        award = Award.objects.create(
            asked=asked, young_person=person, allowance=allowance, pence=pence, made_by=approver, made_at=now
        )
        reserve(allowance=allowance, pence=pence, key=f"request:{asked.ref}", by=approver, now=now)
        Instalment.objects.create(award=award, number=1, due_on=now.date(), pence=pence)


def half_files() -> list[str]:
    """Files under a final name that are not the whole file of their batch, however the exporter ended."""
    return [
        f"half a file: {batch.file_name}"
        for batch in Batch.objects.filter(state="OPEN")
        if path_of(batch).exists() and path_of(batch).read_bytes() != _should_be(batch)
    ]


def what_is_wrong() -> list[str]:
    """Everything that is not as it must be once the exporter has run again; closes the batches it finds right."""
    wrong = half_files()
    for batch in Batch.objects.filter(state="OPEN"):
        if not batch.sha256 or not path_of(batch).exists():
            wrong.append(f"no file for batch {batch.ref}")
            continue
        close_batch(ref=batch.ref, typed_pence=batch.total_pence, by=batch.made_by, now=batch.made_at)
    folder = path_of(Batch(file_name="any")).parent
    wrong += [f"left behind: {path.name}" for path in folder.glob(".*")]
    closed = Counter(Payment.objects.filter(batch__state="CLOSED").values_list("instalment_id", flat=True))
    wrong += [
        f"instalment {pk} stands in {times} closed batches" for pk, times in closed.items() if times != 1
    ]
    missing = Instalment.objects.exclude(pk__in=closed)
    wrong += [f"instalment {one.ref} stands in no closed batch" for one in missing]
    paid = Payment.objects.aggregate(sum=Sum("pence"))["sum"]
    aside = Allowance.objects.aggregate(sum=Sum("reserved_pence"))["sum"]
    if paid != aside:
        wrong.append(f"{paid} is in the files, {aside} in the ledger")
    for batch in Batch.objects.all():
        if sha256(path_of(batch).read_bytes()).hexdigest() != batch.sha256:
            wrong.append(f"the file of {batch.ref} is not the one that was written")
    return wrong


def books_agree(now: datetime) -> bool:
    """Whether a whole reconciliation finds nothing."""
    return differences(now=now) == []


def _should_be(batch: Batch) -> bytes:
    return payment_file.build(batch=batch.ref, columns=batch.columns, rows=rows_of(batch)).content
