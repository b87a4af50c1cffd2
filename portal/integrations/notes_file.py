"""Notes for the case record: notes in, bytes out; and its answer: bytes in, lines out. Pure.

The file is CSV in the shape of `portal.exports`: one `N` line for each note, one `T` line that says how many.
`docs/notes-file.md` describes each column, and the file that the case record answers with.
"""

import csv
import io
import re
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from enum import StrEnum
from hashlib import sha256
from typing import NamedTuple

from portal.exports import Columns, as_csv, columns_from

FIELDS = {
    "record": "N for a note, T for the totals",
    "file": "our reference of the file",
    "note": "our reference of the note; on the T line, how many notes",
    "person": "the person id of the case record",
    "on": "the day it happened",
    "at": "the moment, with its offset from UTC",
    "kind": "what kind of note it is",
    "about": "our reference of what it is about",
    "author": "who did it",
    "words": "the note itself, on one line",
}
NEEDED = {"note", "person", "words"}
USUAL: Columns = (
    ("RecordType", "record"),
    ("FileReference", "file"),
    ("NoteReference", "note"),
    ("PersonID", "person"),
    ("NoteDate", "on"),
    ("NoteTime", "at"),
    ("NoteType", "kind"),
    ("OurReference", "about"),
    ("Author", "author"),
    ("Note", "words"),
)
MOST_BYTES = 5 * 1024 * 1024
MOST_LINES = 20_000
REFERENCE = re.compile(r"[A-Z0-9][A-Z0-9/-]{0,39}", re.ASCII)
HEADINGS = {
    "notereference": "reference",
    "reference": "reference",
    "outcome": "outcome",
    "status": "outcome",
    "reason": "reason",
}


class Row(NamedTuple):
    """One note as the file needs it. `at` carries its offset."""

    note: str
    person: str
    on: date
    at: datetime
    kind: str
    about: str
    author: str
    words: str


class NotesFile(NamedTuple):
    """The bytes, their SHA-256, and how many notes they hold."""

    content: bytes
    sha256: str
    how_many: int


class Outcome(StrEnum):
    """What the case record did with a note."""

    WRITTEN = "WRITTEN"
    REFUSED = "REFUSED"


class Answer(NamedTuple):
    """One line of the case record's answer; `number` is the line in the file, the heading being 1."""

    number: int
    reference: str
    outcome: Outcome
    reason: str


class CannotRead(ValueError):
    """The answer is refused whole: one sentence for each fault, with its line."""

    def __init__(self, faults: list[str]) -> None:
        super().__init__("; ".join(faults[:20]))


def chosen_columns(words: Sequence[str]) -> Columns:
    """The columns of a setting, `Heading=field` each, or the usual ones; `ValueError` says what is wrong with them."""
    return columns_from(words, fields=FIELDS, needed=NEEDED, usual=USUAL)


def build(*, file: str, columns: Columns, rows: Iterable[Row]) -> NotesFile:
    """The file of one night. Notes stand in the order of their moments, then of their references."""
    ordered = sorted(rows, key=lambda row: (row.at, row.note))
    lines = [
        {**row._asdict(), "record": "N", "file": file, "on": row.on.isoformat(),
         "at": row.at.isoformat(timespec="seconds")}
        for row in ordered
    ]  # fmt: skip
    if any(field == "record" for _, field in columns):
        lines.append({"record": "T", "file": file, "note": str(len(ordered))})
    content = as_csv(columns, lines)
    return NotesFile(content, sha256(content).hexdigest(), len(ordered))


def read_answer(content: bytes) -> list[Answer]:
    """All lines of an answer, or `CannotRead`. No outcome means WRITTEN; a `T` line and empty lines are passed over."""
    if len(content) > MOST_BYTES:
        raise CannotRead(["the file is larger than 5 MB"])
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = content.decode("cp1252", errors="replace")
    try:
        rows = list(csv.reader(io.StringIO(text, newline=""), strict=True)) if "\0" not in text else []
    except csv.Error:
        rows = []
    if not rows:
        raise CannotRead(["this is not a CSV file, or it is empty"])
    if len(rows) > MOST_LINES:
        raise CannotRead([f"there are more than {MOST_LINES} lines"])
    places = {HEADINGS.get(_plain(name), _plain(name)): place for place, name in enumerate(rows[0])}
    if "reference" not in places:
        raise CannotRead(["line 1: no column says the NoteReference"])
    answers, faults = [], []
    for number, cells in enumerate(rows[1:], start=2):
        said = {name: cells[place].strip() if place < len(cells) else "" for name, place in places.items()}
        if not any(cell.strip() for cell in cells) or said.get("recordtype", "").upper() == "T":
            continue
        try:
            answers.append(_answer(number, said))
        except ValueError as fault:
            faults.append(f"line {number}: {fault}")
    if faults:
        raise CannotRead(faults)
    return answers


def _plain(heading: str) -> str:
    return re.sub(r"[\s_]", "", heading).lower()


def _answer(number: int, said: dict[str, str]) -> Answer:
    reference = said["reference"].lstrip("'").upper()
    if not REFERENCE.fullmatch(reference):
        raise ValueError("the reference cannot be read")
    try:
        outcome = Outcome(said.get("outcome", "").upper() or Outcome.WRITTEN)
    except ValueError:
        raise ValueError("the outcome is not WRITTEN or REFUSED") from None
    reason = "".join(char for char in said.get("reason", "") if char.isprintable())
    return Answer(number, reference, outcome, reason[:200] if outcome == Outcome.REFUSED else "")
