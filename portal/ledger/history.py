"""What young people had, as the rules ask about it."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

from django.db.models import F, Min

from entitlements.facts import Award
from portal.clock import local_date
from portal.ledger.models import Allowance
from portal.people.models import YoungPerson

Had = Mapping[str, tuple[Award, ...]]


def had_by(person: YoungPerson) -> tuple[Had, list[Allowance]]:
    """What was agreed or paid, by the entitlement's code, and the allowances it stands in. One query.

    An allowance that nothing was taken from counts for nothing. Sums are pence, dated by the first movement.
    """
    begun = list(_begun(young_person=person))
    return _as_awards(begun).get(person.pk, {}), begun


def had_between(first: int, last: int) -> Mapping[int, Had]:
    """The same for everybody from one primary key to another who had anything, by primary key. One query."""
    return _as_awards(_begun(young_person__gte=first, young_person__lte=last))


def _begun(**whom: object) -> Iterable[Any]:
    taken = F("reserved_pence") + F("spent_pence")
    begun = Allowance.objects.filter(**whom).annotate(taken=taken, first_at=Min("entries__at"))
    return begun.filter(taken__gt=0).select_related("entitlement")


def _as_awards(begun: Iterable[Any]) -> dict[int, Had]:
    awards: dict[int, dict[str, tuple[Award, ...]]] = defaultdict(dict)
    for one in begun:
        if one.entitlement is not None:
            theirs, code = awards[one.young_person_id], one.entitlement.code
            theirs[code] = (*theirs.get(code, ()), Award(on=local_date(one.first_at), pence=one.taken))
    return dict(awards)
