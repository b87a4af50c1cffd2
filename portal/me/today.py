"""What stands on a young person's first page."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.conf import settings
from django.db.models import Exists, OuterRef
from django.http import HttpRequest
from django.utils.timezone import localdate

from entitlements.facts import Award
from entitlements.for_person import Assessed, assess_all
from entitlements.models import HowToGet
from portal.drop_ins.models import Booking
from portal.payments import rules
from portal.payments.models import Instalment, PaymentRequest
from portal.payments.story import (
    TO_COME,
    Tag,
    agreed_words,
    for_lists,
    new_account_waits,
    still_to_come,
    tag_of,
)
from portal.people.models import YoungPerson

LATEST = 3
LATELY = timedelta(days=28)  # an answer stays on the first page this long beside what still goes on
Had = Mapping[str, tuple[Award, ...]]


@dataclass(frozen=True, slots=True)
class Asked:
    """One of their requests as a list shows it."""

    asked: PaymentRequest
    tag: Tag
    words: str  # when what was agreed comes or came; empty while nothing is agreed
    going_on: bool  # a person decides, or something agreed has not reached them


def happening(person: YoungPerson, *, on: date) -> list[Asked]:
    """What still goes on, the soonest promise first, then what was agreed and is still to come; the newest that
    ended only where there is room, and beside what goes on only if it ended lately."""
    theirs = PaymentRequest.objects.filter(young_person=person).select_related("holder", "young_person")
    waiting = list(theirs.filter(status__in=rules.OPEN).order_by("decide_by", "pk"))
    owed = Instalment.objects.filter(award__asked=OuterRef("pk"), state__in=TO_COME)
    decided = theirs.filter(status__in=rules.DECIDED).annotate(to_come=Exists(owed))
    newest = list(decided.order_by("-to_come", "-decided_at")[:LATEST])
    shown = waiting + newest[: max(LATEST - len(waiting), 1)]
    paying: dict[int, list[Instalment]] = {asked.pk: [] for asked in shown}
    for one in for_lists().filter(award__asked__in=shown):
        paying[one.award.asked_id].append(one)
    account_waits = settings.BANK_DETAILS_ENABLED and new_account_waits(person, on=on)
    rows = [_as_shown(asked, paying[asked.pk], on=on, account_waits=account_waits) for asked in shown]
    lately = on - LATELY
    if any(row.going_on for row in rows):
        rows = [row for row in rows if row.going_on or localdate(row.asked.decided_at) >= lately]
    return rows


def _as_shown(
    asked: PaymentRequest, instalments: list[Instalment], *, on: date, account_waits: bool
) -> Asked:
    words = agreed_words(asked, instalments, on=on, account_waits=account_waits)
    return Asked(asked, tag_of(asked, instalments), words, asked.is_open or still_to_come(instalments))


def duty_of(person: YoungPerson, *, on: date) -> dict[str, object]:
    """What `me/someone_today.html` shows: whether they asked for somebody and nobody has been in touch yet."""
    waiting = person.asked_duty.filter(answered_at=None, on__gte=on)
    return {"asked": waiting.order_by("on").first(), "today": on}


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


def worth(found: Assessed) -> tuple[bool, int, bool]:
    """To sort by: the confirmed before examples, the larger sum, and what no adviser need be asked for."""
    version = found.version
    return not version.is_confirmed, -(version.amount_pence or 0), version.how_to_get == HowToGet.ASK_PA
