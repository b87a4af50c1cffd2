"""The phone numbers every page may need, in memory: an error page shows them without a database (rule 30)."""

import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from pathlib import Path

FILE = Path(__file__).parent / "data" / "phones.toml"
HELP_NOW = (
    "emergency",
    "nhs-mental-health",
    "samaritans",
    "shout",
    "duty",
    "out-of-hours",
)  # rule 26, in this order
NEVER_EMPTY = HELP_NOW[:4]  # national: everybody knows them, so no page for trouble is ever without one


@dataclass(frozen=True)
class Phone:
    """One number. `number` is empty until somebody rang it; `how_to_find` is shown instead."""

    key: str
    name: str
    number: str = ""
    text_number: bool = False
    hours: str = ""
    checked_on: date | None = None
    confirmed: bool = False
    how_to_find: str = ""

    @property
    def href(self) -> str:
        """What a tap does: call, or begin a text. Empty when there is no number."""
        digits = "".join(mark for mark in self.number if mark.isdigit() or mark == "+")
        return f"{'sms' if self.text_number else 'tel'}:{digits}" if digits else ""


def read(file: Path = FILE) -> dict[str, Phone]:
    """Every number of the file by key. Raises when the file is broken or a number of the help block is missing."""
    entries = tomllib.loads(file.read_text("utf-8"))["phone"]
    phones = {
        entry["key"]: Phone(
            key=entry["key"],
            name=entry["name"],
            number=entry["number"],
            text_number=entry["text_number"],
            hours=entry["hours"],
            checked_on=date.fromisoformat(entry["checked_on"]) if entry["checked_on"] else None,
            confirmed=entry["confirmed"],
            how_to_find=entry["how_to_find"],
        )
        for entry in entries
    }
    missing = [key for key in HELP_NOW if key not in phones]
    if missing:
        raise LookupError(f"{file.name} lacks {', '.join(missing)}: the help block cannot be left empty.")
    return phones


_of_the_file = read()
_corrected: dict[str, Phone] = {}


def phone(key: str) -> Phone:
    """The number under a key, as an editor last corrected it. KeyError when there is none."""
    return _corrected.get(key) or _of_the_file[key]


def every_phone() -> list[Phone]:
    """All numbers, in the order of the file, then those that editors added."""
    return list((_of_the_file | _corrected).values())


def help_now() -> list[Phone]:
    """The numbers of the urgent help block (rule 26)."""
    return [phone(key) for key in HELP_NOW]


def correct(phones: Iterable[Phone]) -> None:
    """Take over what editors corrected, all of it each time; the file stays the fallback."""
    _corrected.clear()
    _corrected.update({each.key: each for each in phones})


def unchecked_since(day: date) -> list[Phone]:
    """The help block's numbers that nobody has checked since a day: a health failure when there are any (rule 26)."""
    return [each for each in help_now() if each.checked_on is None or each.checked_on < day]
