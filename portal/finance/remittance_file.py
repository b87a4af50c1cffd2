"""What finance's system sends back: bytes in, lines out. Pure.

CSV with a heading line. Headings are found by name, in any order and any case; spaces and underscores do not count:
`PaymentReference` (or `Reference`), `Amount`, `Outcome` (or `Status`), `Date`, `Reason`. Outcomes are `PAID`,
`FAILED` and `RETURNED` (the bank sent it back days later). Reason is one of `FailureReason`, or empty. A file that
cannot be read whole is refused whole, each fault with its line.
"""

import csv
import io
import re
from datetime import date
from enum import StrEnum
from typing import NamedTuple

HEADINGS = {
    "paymentreference": "reference",
    "reference": "reference",
    "amount": "amount",
    "outcome": "outcome",
    "status": "outcome",
    "date": "date",
    "reason": "reason",
}
NEEDED = ("reference", "amount", "outcome")
MOST_LINES = 20_000
MOST_BYTES = 5 * 1024 * 1024
AMOUNT = re.compile(r"£?(\d{1,3}(?:,\d{3})+|\d{1,8})(?:\.(\d{2}))?", re.ASCII)
REFERENCE = re.compile(r"[A-Z0-9][A-Z0-9/-]{0,39}", re.ASCII)


class Outcome(StrEnum):
    PAID = "PAID"
    FAILED = "FAILED"
    RETURNED = "RETURNED"


class FailureReason(StrEnum):
    """Why money did not arrive, as banks tell it."""

    ACCOUNT_CLOSED = "ACCOUNT_CLOSED"
    WRONG_DETAILS = "WRONG_DETAILS"
    REFUSED = "REFUSED"
    OTHER = "OTHER"


class Line(NamedTuple):
    """One answer about one payment; `number` is the line in the file, the heading being 1."""

    number: int
    reference: str
    pence: int
    outcome: Outcome
    on: date | None
    reason: str


class Fault(NamedTuple):
    """Why the file cannot be read, and where."""

    number: int
    words: str


class CannotRead(ValueError):
    """The file is refused whole; `faults` says why, line by line."""

    def __init__(self, faults: list[Fault]) -> None:
        super().__init__("; ".join(f"line {number}: {words}" for number, words in faults[:20]))
        self.faults = faults


def read(content: bytes) -> list[Line]:
    """All lines of a remittance, or `CannotRead`. A `T` line of totals, and empty lines, are passed over."""
    if len(content) > MOST_BYTES:
        raise CannotRead([Fault(0, "the file is larger than 5 MB")])
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = content.decode("cp1252", errors="replace")
    if "\0" in text:
        raise CannotRead([Fault(0, "this is not a CSV file")])
    try:
        rows = list(csv.reader(io.StringIO(text, newline=""), strict=True))
    except csv.Error:
        raise CannotRead([Fault(0, "this is not a CSV file")]) from None
    if not rows or len(rows) > MOST_LINES:
        raise CannotRead(
            [Fault(0, "the file is empty" if not rows else f"there are more than {MOST_LINES} lines")]
        )
    places = _places(rows[0])
    record = next((place for place, name in enumerate(rows[0]) if _plain(name) == "recordtype"), None)
    lines, faults = [], []
    for number, cells in enumerate(rows[1:], start=2):
        if not any(cell.strip() for cell in cells):
            continue
        if record is not None and record < len(cells) and cells[record].strip().upper() == "T":
            continue
        values = {name: cells[place].strip() if place < len(cells) else "" for name, place in places.items()}
        try:
            lines.append(_line(number, values))
        except ValueError as fault:
            faults.append(Fault(number, str(fault)))
    if faults:
        raise CannotRead(faults)
    return lines


def pence_of(text: str) -> int:
    """`£1,180.50` as 118050; raises `ValueError` for anything that is not an exact amount above nothing."""
    found = AMOUNT.fullmatch(text.strip())
    pence = int(found[1].replace(",", "")) * 100 + int(found[2] or 0) if found else 0
    if not pence:
        raise ValueError("the amount cannot be read")
    return pence


def _places(headings: list[str]) -> dict[str, int]:
    places: dict[str, int] = {}
    for place, heading in enumerate(headings):
        name = HEADINGS.get(_plain(heading))
        if name:
            if name in places:
                raise CannotRead([Fault(1, f"two columns say the {name}")])
            places[name] = place
    missing = [name for name in NEEDED if name not in places]
    if missing:
        raise CannotRead([Fault(1, f"no column says the {name}") for name in missing])
    return places


def _plain(heading: str) -> str:
    return re.sub(r"[\s_]", "", heading).lower()


def _line(number: int, values: dict[str, str]) -> Line:
    reference = values["reference"].lstrip("'").upper()
    if not REFERENCE.fullmatch(reference):
        raise ValueError("the reference cannot be read")
    try:
        outcome = Outcome(values["outcome"].upper())
    except ValueError:
        raise ValueError("the outcome is not PAID, FAILED or RETURNED") from None
    reason = values.get("reason", "").upper().replace(" ", "_")
    if outcome != Outcome.PAID and reason not in {known.value for known in FailureReason}:
        reason = FailureReason.OTHER
    return Line(
        number,
        reference,
        pence_of(values["amount"]),
        outcome,
        _day(values.get("date", "")),
        "" if outcome == Outcome.PAID else reason,
    )


def _day(text: str) -> date | None:
    if not text:
        return None
    british = re.fullmatch(r"(\d{1,2})/(\d{1,2})/(\d{4})", text, re.ASCII)
    try:
        return (
            date(*(int(part) for part in reversed(british.groups()))) if british else date.fromisoformat(text)
        )
    except ValueError:
        raise ValueError("the date cannot be read") from None
