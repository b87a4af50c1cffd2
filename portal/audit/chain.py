"""The chain of hashes over the trail: seal each minute, verify at any time (rule 6).

Sealing is apart from writing, so that two people who read at the same moment never wait for each other. The hash of the
last seal is logged after each round: kept outside the database, it shows even that the newest rows were cut off.
"""

import json
import logging
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256

from django.db import IntegrityError, transaction

from portal.audit.append_only import unguarded
from portal.audit.models import AuditEvent, AuditSeal

log = logging.getLogger(__name__)

TABLES = ("audit_auditevent", "audit_auditseal")
FIRST = "0" * 64
BATCH = 1000
LOOKS_BACK = timedelta(days=1)  # a transaction that commits late is found within this
SEALED_WITHIN = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Finding:
    """Something in the trail that is not as it was written: which event or seal, and what is wrong, in a few words."""

    where: str
    what: str


def seal_audit(*, now: datetime) -> int:
    """Chain every event that is not chained yet; returns how many. Two at once make one chain: the second
    finds its next
    number taken, and stops."""
    sealed = 0
    while True:
        done = _seal_batch(now=now)
        sealed += done
        if done < BATCH:
            break
    if sealed:
        last = AuditSeal.objects.order_by("-number").values_list("number", "hash").first()
        log.info("audit sealed up to %s %s", *(last or (0, FIRST)))
    return sealed


def verify(*, now: datetime, head: str = "") -> list[Finding]:
    """Everything that was changed, removed or added behind the service's back; empty when the trail is whole.

    Reads the whole trail once. `head` is the hash of a seal noted elsewhere (a log): it must still be in the chain.
    """
    findings = [Finding(table, "its guard against change is gone") for table in unguarded(TABLES)]
    number, previous = 0, FIRST
    for seal in _seals():
        number += 1
        where = f"event {seal.event_id}"
        if seal.number != number:
            findings.append(Finding(f"seal {number}", "missing from the chain"))
            number = seal.number
        elif seal.previous_hash != previous:
            findings.append(Finding(where, "does not follow the seal before it"))
        if seal.hash != _hash(seal.number, seal.previous_hash, seal.sealed_at, seal.event):
            findings.append(Finding(where, "is not what was sealed"))
        previous = seal.hash
    overdue = AuditEvent.objects.filter(seal=None, at__lt=now - SEALED_WITHIN).values_list("pk", flat=True)
    findings += [Finding(f"event {pk}", "was never sealed") for pk in overdue.iterator(chunk_size=BATCH)]
    if head and not AuditSeal.objects.filter(hash=head).exists():
        findings.append(Finding(f"seal {head[:12]}", "was noted elsewhere and is gone"))
    return findings


def _seal_batch(*, now: datetime) -> int:
    last = AuditSeal.objects.order_by("-number").select_related("event").first()
    waiting = AuditEvent.objects.filter(seal=None)
    if last is not None:
        waiting = waiting.filter(at__gte=min(last.event.at, now) - LOOKS_BACK)
    number, previous = (last.number, last.hash) if last else (0, FIRST)
    seals: list[AuditSeal] = []
    for event in waiting.order_by("pk")[:BATCH]:
        number += 1
        chained = _hash(number, previous, now, event)
        seals.append(
            AuditSeal(number=number, event=event, sealed_at=now, previous_hash=previous, hash=chained)
        )
        previous = chained
    try:
        with transaction.atomic():
            AuditSeal.objects.bulk_create(seals)
    except IntegrityError:
        return 0  # another round is sealing at this moment
    return len(seals)


def _seals() -> Iterator[AuditSeal]:
    return AuditSeal.objects.order_by("number").select_related("event").iterator(chunk_size=BATCH)


def _hash(number: int, previous: str, sealed_at: datetime, event: AuditEvent) -> str:
    row = [
        number, previous, _said(sealed_at), event.pk, _said(event.at), event.action, event.actor_id, event.actor_role,
        event.actor_team, event.young_person_id, event.subject, event.part, event.reason, event.detail,
    ]  # fmt: skip
    return sha256(
        json.dumps(row, sort_keys=True, ensure_ascii=True, separators=(",", ":")).encode()
    ).hexdigest()


def _said(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="microseconds")
