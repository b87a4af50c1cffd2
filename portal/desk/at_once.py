"""What must not wait for its turn in the queue: found with one question to the database, whatever there is of it."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.conf import settings
from django.db.models import (
    BigIntegerField,
    CharField,
    Count,
    DateTimeField,
    F,
    IntegerChoices,
    IntegerField,
    OuterRef,
    QuerySet,
    Subquery,
    Value,
)
from django.db.models.functions import Cast
from django.utils.translation import get_language

from portal.accounts.models import User
from portal.coming_back.models import ComingBack
from portal.drop_ins.models import Booking
from portal.finance.models import BankDetails
from portal.notifications.models import Notification
from portal.notifications.words import day_and_time
from portal.people.models import AskedDuty, Recovery, YoungPersonQuerySet
from portal.people.withholding import MANAGERS, shown_soon
from portal.spot_help.models import SpotHelp

SHOWS = 25
EMPTY = {
    "since": Cast(Value(None), DateTimeField()),
    "whom": Cast(Value(None), BigIntegerField()),
    "account": Cast(Value(None), BigIntegerField()),
    "whom_ref": Value("", CharField()),
    "liked_name": Value("", CharField()),
    "given": Value("", CharField()),
    "drop_in": Value("", CharField()),
    "drop_in_at": Cast(Value(None), DateTimeField()),
    "many": Value(0, IntegerField()),
}


class Why(IntegerChoices):
    """The reason, what is shown first first."""

    COMING_BACK = 0  # these two are a number in one row each, which no limit may cut off
    TO_CHECK = 1
    ASKED_FOR_CONTACT = 2
    BANK_DETAILS = 3
    SECOND_PERSON = 4
    CONFIRMED = 5
    LOOKS_SHOWN_SOON = 6
    DID_NOT_COME = 7
    NOT_TOLD = 8


COUNTED = (Why.COMING_BACK, Why.TO_CHECK)


@dataclass(frozen=True, slots=True)
class Matter:
    """One young person who has to be seen to, why and since when. `pk`, `user_id` and `ref` are the young person's."""

    why: str
    since: datetime
    pk: int
    user_id: int | None
    ref: str
    name: str
    drop_in: str
    drop_in_at: datetime | None

    @property
    def drop_in_when(self) -> str:
        """When it was that they did not come: "Thursday 3 December at 2pm"."""
        return day_and_time(self.drop_in_at, get_language() or "en") if self.drop_in_at else ""


@dataclass(frozen=True, slots=True)
class AtOnce:
    """Most pressing first, each young person once for each reason. `coming_back`: how many who asked to come back wait
    for a call; `to_check`: how much help on the spot waits for a second look. `more`: not everything fitted."""

    matters: list[Matter]
    coming_back: int
    to_check: int
    more: bool


def at_once(user: User, people: YoungPersonQuerySet, *, on: date, now: datetime) -> AtOnce:
    """What `user` must not leave waiting among these people, the first `SHOWS` of it. One query."""
    untold = Notification.objects.for_a_person()
    drop_in: dict[str, Any] = {"drop_in": F("session__name"), "drop_in_at": F("session__starts_at")}
    parts = [
        _rows(Why.COMING_BACK, ComingBack.objects.visible_to(user, on=on).waiting(), many=Count("pk")),
        _rows(Why.TO_CHECK, SpotHelp.objects.to_check(user, on=on), many=Count("pk")),
        _of(people, Why.ASKED_FOR_CONTACT, AskedDuty.objects.waiting(on=on), since="asked_at"),
        _of(people, Why.SECOND_PERSON, Recovery.objects.for_a_second(user, now=now), since="asked_at"),
        _of(people, Why.CONFIRMED, Recovery.objects.ready_for(user, now=now), since="asked_at"),
        _of(
            people,
            Why.DID_NOT_COME,
            Booking.objects.to_ask_after(),
            since="welfare_check_opened_at",
            **drop_in,
        ),
        _of(people, Why.NOT_TOLD, untold, since="task_opened_at", whose="to__young_person"),
    ]
    if user.holds(*MANAGERS, on=on):
        parts.append(_shown_soon(user, people, on=on))
    if settings.BANK_DETAILS_ENABLED:
        parts.append(_of(people, Why.BANK_DETAILS, BankDetails.objects.alarming(now=now), since="ended_at"))
    first, *others = parts
    found = list(
        first.union(*others, all=True).order_by("pressing", "since", "whom")[: len(COUNTED) + SHOWS + 1]
    )
    counted = {row["pressing"]: row["many"] for row in found if row["pressing"] in COUNTED}
    rest = [row for row in found if row["pressing"] not in COUNTED]
    matters: dict[Any, Matter] = {}
    for row in rest[:SHOWS]:  # the oldest of several that are the same to whoever reads
        matters.setdefault((row["pressing"], row["whom"]), _matter(row))
    return AtOnce(
        matters=list(matters.values()),
        coming_back=counted.get(Why.COMING_BACK, 0),
        to_check=counted.get(Why.TO_CHECK, 0),
        more=len(rest) > SHOWS,
    )


def _shown_soon(user: User, people: YoungPersonQuerySet, *, on: date) -> QuerySet[Any, dict[str, Any]]:
    """Whose list of who looked will show what was kept out of it; nobody is asked about their own looks."""
    soon = shown_soon(on=on).exclude(actor_id=user.pk)
    since = soon.filter(young_person_id=OuterRef("pk")).order_by("decided_at").values("decided_at")[:1]
    return _rows(
        Why.LOOKS_SHOWN_SOON,
        people.filter(pk__in=soon.values("young_person_id")),
        since=Subquery(since),
        whom=F("pk"),
        account=F("user"),
        whom_ref=F("ref"),
        liked_name=F("known_as"),
        given=F("given_name"),
    )


def _of(
    people: YoungPersonQuerySet,
    why: Why,
    what: QuerySet[Any],
    *,
    since: str,
    whose: str = "young_person",
    **columns: Any,
) -> QuerySet[Any, dict[str, Any]]:
    """A row for each of these that is about one of the people."""
    return _rows(
        why,
        what.filter(**{f"{whose}__in": people}),
        since=F(since),
        whom=F(f"{whose}__pk"),
        account=F(f"{whose}__user"),
        whom_ref=F(f"{whose}__ref"),
        liked_name=F(f"{whose}__known_as"),
        given=F(f"{whose}__given_name"),
        **columns,
    )


def _rows(why: Why, what: QuerySet[Any], **columns: Any) -> QuerySet[Any, dict[str, Any]]:
    """The same columns of everything, so that all of it is one statement."""
    every = {**EMPTY, **columns}
    constant = {
        "pressing": Value(why.value, IntegerField()),
        **{k: v for k, v in every.items() if k not in columns},
    }
    return (
        what.order_by().annotate(**constant).values(*constant).annotate(**columns).values("pressing", *EMPTY)
    )


def _matter(row: dict[str, Any]) -> Matter:
    return Matter(
        why=Why(row["pressing"]).name,
        since=row["since"],
        pk=row["whom"],
        user_id=row["account"],
        ref=row["whom_ref"],
        name=row["liked_name"] or row["given"],
        drop_in=row["drop_in"],
        drop_in_at=row["drop_in_at"],
    )
