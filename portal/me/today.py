"""What stands on a young person's first page."""

from collections.abc import Mapping
from datetime import date, datetime

from django.http import HttpRequest

from entitlements.facts import Award
from entitlements.for_person import Assessed, assess_all
from portal.drop_ins.models import Booking
from portal.payments import rules
from portal.payments.models import Instalment, PaymentRequest
from portal.payments.story import Tag, progress_of, tag_of
from portal.people.models import YoungPerson

LATEST = 3
Had = Mapping[str, tuple[Award, ...]]


def happening(person: YoungPerson) -> list[tuple[PaymentRequest, Tag, list[dict[str, str]]]]:
    """Their open requests, the soonest promise first, then the newest that were decided; each with where it is."""
    theirs = PaymentRequest.objects.filter(young_person=person).select_related("holder", "young_person")
    waiting = list(theirs.filter(status__in=rules.OPEN).order_by("decide_by", "pk"))
    decided = list(theirs.filter(status__in=rules.DECIDED).order_by("-decided_at")[:LATEST])
    shown = waiting + decided[: max(LATEST - len(waiting), 1)]
    owed: dict[int, list[Instalment]] = {asked.pk: [] for asked in shown}
    for one in Instalment.objects.filter(award__asked__in=shown).select_related("award"):
        owed[one.award.asked_id].append(one)
    return [(asked, tag_of(asked, owed[asked.pk]), progress_of(asked, owed[asked.pk])) for asked in shown]


def coming(person: YoungPerson, *, now: datetime) -> list[Booking]:
    """Their next bookings."""
    return list(
        Booking.objects.filter(young_person=person).coming(now=now).select_related("session__series")[:LATEST]
    )


def can_get(person: YoungPerson, had: Had, *, on: date, request: HttpRequest) -> tuple[list[Assessed], int]:
    """A few of what they can get and have not used, confirmed money first, and how many there are in all."""
    now = assess_all(person.facts(on), on, already=had, request=request).now
    fresh = [found for found in now if not found.summary.quiet and found.code not in had]
    fresh.sort(key=worth)
    return fresh[:LATEST], len(now)


def worth(found: Assessed) -> tuple[bool, int]:
    """To sort by: what is confirmed before examples, then the larger sum."""
    return not found.version.is_confirmed, -(found.version.amount_pence or 0)
