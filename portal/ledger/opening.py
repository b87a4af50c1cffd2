"""What was paid before this service began, from a file: looked at line by line first, all of it or nothing.

Columns: `person_id` (the case record's), `entitlement` (its code), `paid_on` (2026-05-31: says the period) and `amount`
(pounds, like 180 or 24.50). The same file twice is once; the same person, entitlement and day with another amount is a
fault. What passes a cap is kept as an exception, for the money has gone.
"""

import csv
import io
import re
from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from entitlements.models import Entitlement, EntitlementVersion
from portal.accounts.models import Role, User
from portal.audit.services import record
from portal.clock import local_date
from portal.ledger.models import Entry
from portal.ledger.rules import MOST_PENCE
from portal.ledger.services import allowance_for, record_opening
from portal.people.models import YoungPerson

COLUMNS = ["person_id", "entitlement", "paid_on", "amount"]
AMOUNT = re.compile(r"(\d{1,7})(?:\.(\d{2}))?", re.ASCII)
MOST_BYTES = 5_000_000
WHY = "Paid before this service began"


class Fault(NamedTuple):
    """What is wrong, and where: `line` counts from 1, the headings."""

    line: int
    column: str
    words: str


@dataclass(frozen=True)
class Paid:
    """One line that can be used."""

    young_person: YoungPerson
    version: EntitlementVersion
    paid_on: date
    pence: int

    @property
    def key(self) -> str:
        return f"opening:{self.young_person.ref}:{self.version.entitlement_id}:{self.paid_on}"


class Looked(NamedTuple):
    """What a file would do: its lines, its faults, and how many are in the ledger already."""

    lines: list[Paid]
    faults: list[Fault]
    known: int

    @property
    def pence(self) -> int:
        return sum(line.pence for line in self.lines)


def look_at_opening(content: bytes, *, on: date) -> Looked:
    """Read the whole file and write nothing."""
    try:
        rows = csv.reader(io.StringIO(content.decode("utf-8-sig"), newline=""), strict=True)
        headings = [heading.strip().lower() for heading in next(rows, [])]
        if len(content) > MOST_BYTES or headings != COLUMNS:
            words = _("The columns are %(columns)s, in this order.") % {"columns": ", ".join(COLUMNS)}
            return Looked([], [Fault(1, "", words)], 0)
        cells = [(rows.line_num, row) for row in rows if any(cell.strip() for cell in row)]
    except (UnicodeDecodeError, csv.Error):
        return Looked([], [Fault(1, "", _("This is not a CSV file in UTF-8."))], 0)
    people = {
        one.person_id: one
        for one in YoungPerson.objects.filter(person_id__in={r[0].strip() for _n, r in cells})
    }
    current = {one.code: one.current for one in Entitlement.objects.select_related("current__entitlement")}
    lines, faults = [], []
    for number, row in cells:
        line, wrong = _read(row, people, current, on=on)
        faults += [Fault(number, column, words) for column, words in wrong]
        if line is not None:
            lines.append((number, line))
    twice = Counter(line.key for _number, line in lines)
    faults += [
        Fault(number, "paid_on", _("The same person, entitlement and day stand here twice: add them up."))
        for number, line in lines
        if twice[line.key] > 1
    ]
    before = dict(Entry.objects.filter(key__in=twice).values_list("key", "pence"))
    faults += [
        Fault(number, "amount", _("This is in the ledger already, with another amount."))
        for number, line in lines
        if before.get(line.key, line.pence) != line.pence
    ]
    return Looked([line for _number, line in lines], sorted(faults), len(before))


@transaction.atomic
def import_opening(content: bytes, *, by: User, now: datetime) -> Looked:
    """Write all of it, or nothing. Lines that are known already are left as they are.

    Refuses `faulty` with each fault, and `not_yours`: a data officer or the budget holder brings it in.
    """
    on = local_date(now)
    if by.frozen_at or not by.holds(Role.DATA_OFFICER, Role.BUDGET_HOLDER, on=on):
        raise ValidationError(_("A data officer or the budget holder does this."), code="not_yours")
    looked = look_at_opening(content, on=on)
    if looked.faults:
        raise ValidationError(
            [ValidationError(f"{f.line} {f.column}: {f.words}", code="faulty") for f in looked.faults]
        )
    for line in looked.lines:
        allowance = allowance_for(
            young_person=line.young_person, version=line.version, on=line.paid_on, item=line.key[:12]
        )
        record_opening(allowance=allowance, pence=line.pence, key=line.key, by=by, now=now, reason=WHY)
    record("opening_imported", by=by, now=now,
           detail={"lines": len(looked.lines), "known": looked.known, "pence": looked.pence})  # fmt: skip
    return looked


def _read(
    row: list[str], people: dict[str, YoungPerson], current: dict[str, EntitlementVersion | None], *, on: date
) -> tuple[Paid | None, list[tuple[str, str]]]:
    if len(row) != len(COLUMNS):
        return None, [("", _("A line has four columns."))]
    person_id, code, day, amount = (cell.strip() for cell in row)
    wrong = []
    person, version = people.get(person_id), current.get(code)
    if person is None:
        wrong.append(("person_id", _("Nobody here has this number.")))
    elif person.in_the_demo and not settings.DEMO:
        wrong.append(("person_id", _("This person is invented.")))
    if version is None:
        wrong.append(("entitlement", _("No page has this code.")))
    elif not version.is_confirmed and not settings.DEMO:
        wrong.append(("entitlement", _("Its amount is an example that nobody has confirmed.")))
    paid_on = _day(day)
    if paid_on is None or paid_on > on:
        wrong.append(("paid_on", _("A day up to today, like 2026-05-31.")))
    match = AMOUNT.fullmatch(amount)
    pence = int(match[1]) * 100 + int(match[2] or 0) if match else 0
    if not 1 <= pence <= MOST_PENCE:
        wrong.append(("amount", _("Pounds, like 180 or 24.50.")))
    if wrong or person is None or version is None or paid_on is None:
        return None, wrong
    return Paid(person, version, paid_on, pence), []


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
