"""Everybody as facts, for counts alone: what a changed rule would do, before an editor publishes it."""

from collections.abc import Iterator
from datetime import date

from django.db.models import Sum

from entitlements.facts import Facts
from entitlements.impact import OpenRequests
from portal.ledger.models import Allowance
from portal.payments.models import PaymentRequest
from portal.people.everybody import everybody as people


def everybody(on: date) -> Iterator[Facts]:
    """The facts of every young person who is alive, on a day; no names. What they had is not among them."""
    return (somebody.facts for somebody in people(on))


def open_requests(code: str) -> OpenRequests:
    """How many requests for an entitlement wait for an answer, and the pence agreed for it and not yet paid."""
    waiting = PaymentRequest.objects.open().filter(entitlement__code=code).count()
    reserved = Allowance.objects.filter(entitlement__code=code).aggregate(pence=Sum("reserved_pence"))[
        "pence"
    ]
    return OpenRequests(count=waiting, committed_pence=reserved or 0)
