"""What the record holds about people, as the rules take it. Pure: rows in, `Facts` out, for one person or for many."""

from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from typing import NamedTuple

from entitlements.circumstances import catalogue
from entitlements.facts import (
    MISSING_BIRTH_DATE,
    NO_AWARDS,
    Award,
    CareLeaverStatus,
    Facts,
    Known,
    Source,
    StatusPeriod,
)

SOURCES = {
    "DERIVED": Source.DERIVED,
    "IMPORTED": Source.RECORD,
    "TOLD": Source.TOLD,
    "CONFIRMED": Source.ADVISER,
}
OWN, OWN_GOOD_FOR_DAYS = "own.", 365  # an answer to a question that a rule's editor wrote
STATUSES = {status.value: status for status in CareLeaverStatus}


class Said(NamedTuple):
    """One row about somebody: a circumstance, or a legal status when it has no `source`.

    `since` is the day it began or was said, `until` the last day it counts.
    """

    young_person_id: int
    what: str
    since: date
    until: date | None
    value: bool | None
    source: str


class Reader:
    """Reads rows as they count on one day. Make it once for that day, and use it for everybody."""

    def __init__(self, on: date) -> None:
        self.on = on
        lasting = ((key, words.stale_after_days) for key, words in catalogue().entries.items())
        self._good_since = {key: on - timedelta(days=days) for key, days in lasting if days}
        self._own_since = on - timedelta(days=OWN_GOOD_FOR_DAYS)

    def known(self, key: str, value: bool, source: str, as_of: date, until: date | None) -> Known:
        """A circumstance; stale when it is past its last day, or older than answers of its kind stay good for."""
        good_since = self._good_since.get(key) or (self._own_since if key.startswith(OWN) else None)
        stale = until < self.on if until is not None else good_since is not None and as_of < good_since
        return Known(value, SOURCES[source], as_of, stale)

    def facts(
        self,
        rows: Iterable[tuple[int, str, date, date | None, bool | None, str]],
        *,
        born_on: date | None,
        born_estimated: bool,
        children: int | None,
        in_custody_since: date | None,
        awards: Mapping[str, tuple[Award, ...]] = NO_AWARDS,
    ) -> Facts:
        """Everything about one person; each row is a `Said`, or a plain tuple in its order."""
        statuses = []
        circumstances = {}
        for _whose, what, since, until, value, source in rows:
            if source:
                circumstances[what] = self.known(what, bool(value), source, since, until)
            else:
                statuses.append(StatusPeriod(STATUSES[what], since, until))
        if in_custody_since is not None and in_custody_since <= self.on:
            circumstances["in_custody"] = Known(True, Source.RECORD, in_custody_since)
        return Facts(
            born_on=None if born_on == MISSING_BIRTH_DATE else born_on,
            born_estimated=born_estimated,
            statuses=tuple(statuses) or None,
            circumstances=circumstances,
            children=children,
            awards=awards,
        )
