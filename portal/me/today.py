"""What stands on a young person's first page."""

from portal.ledger.models import Allowance
from portal.payments import rules
from portal.payments.models import PaymentRequest
from portal.people.models import YoungPerson

LATEST = 3


def happening(person: YoungPerson) -> list[PaymentRequest]:
    """Their open requests, the soonest promise first, and then the newest that were decided."""
    theirs = PaymentRequest.objects.filter(young_person=person).select_related("holder", "version")
    waiting = list(theirs.filter(status__in=rules.OPEN).order_by("decide_by", "pk"))
    decided = list(theirs.filter(status__in=rules.DECIDED).order_by("-decided_at")[:LATEST])
    return waiting + decided[: max(LATEST - len(waiting), 1)]


def money_left(person: YoungPerson) -> list[Allowance]:
    """What they began to use and has something left, the most first."""
    begun = Allowance.objects.filter(young_person=person).exclude(cap_pence=None).select_related("entitlement__current")
    return sorted((one for one in begun if one.left_pence), key=lambda one: -(one.left_pence or 0))[:LATEST]
