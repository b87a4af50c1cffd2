"""What one young person had, as the rules ask about it."""

from collections import defaultdict
from collections.abc import Mapping
from typing import Any

from django.db.models import F, Min

from entitlements.facts import Award
from portal.clock import local_date
from portal.ledger.models import Allowance
from portal.people.models import YoungPerson


def had_by(person: YoungPerson) -> tuple[Mapping[str, tuple[Award, ...]], list[Allowance]]:
    """What was agreed or paid, by the entitlement's code, and the allowances it stands in. One query.

    An allowance that nothing was taken from counts for nothing. Sums are pence, dated by the first movement.
    """
    begun: list[Any] = list(
        Allowance.objects.filter(young_person=person)
        .annotate(taken=F("reserved_pence") + F("spent_pence"), first_at=Min("entries__at"))
        .filter(taken__gt=0)
        .select_related("entitlement")
    )
    awards: dict[str, list[Award]] = defaultdict(list)
    for one in begun:
        if one.entitlement is None:
            continue
        awards[one.entitlement.code].append(Award(on=local_date(one.first_at), pence=one.taken))
    return {code: tuple(each) for code, each in awards.items()}, begun
