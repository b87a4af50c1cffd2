"""Who looked, as a young person reads it: by day, who by role and team, and which part in plain words (rule 7)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby

from django.utils.translation import gettext as _

from portal.clock import local_date
from portal.people.services import Look

SHOWN = 200


@dataclass(frozen=True, slots=True)
class Seen:
    """One line: who, and what of them they saw; the reason they gave, if they gave one."""

    who: str
    what: str
    reason: str


def by_day(looks: Sequence[Look]) -> list[tuple[date, list[Seen]]]:
    """The looks under their days, in the order they came in: newest first."""
    words = parts()
    return [
        (day, [_line(look, words) for look in of_day])
        for day, of_day in groupby(looks, key=lambda look: local_date(look.at))
    ]


def _line(look: Look, words: dict[str, str]) -> Seen:
    who = look.role or _("Somebody who works here")
    if look.team:
        who = _("%(role)s, %(team)s") % {"role": who, "team": look.team}
    return Seen(who, words.get(look.part, _("Something about you")), look.reason)


def parts() -> dict[str, str]:
    """The part of somebody that a page wrote down, and what a young person calls it."""
    return {
        "overview": _("The page about you"),
        "facts": _("What we know about your life"),
        "caseload": _("You were in a list of young people"),
        "queue": _("You were in a list of things to do"),
        "requests": _("You were in a list of requests"),
        "request": _("Something you asked for"),
        "evidence": _("A photo or file you sent"),
        "payments_due": _("Your payments"),
        "payments": _("Your payments"),
        "payees": _("Who your money is paid to"),
        "payment_file": _("You were in a file of payments"),
        "bank_details": _("Your bank details"),
        "spot_help": _("Help you got the same day"),
        "drop_in": _("Your drop-in bookings"),
        "complaints": _("You were in a list of complaints"),
        "complaint": _("Your complaint"),
        "case_notes": _("Notes for your record"),
        "notes_file": _("You were in a file of notes"),
        "invite": _("Letting you in for the first time"),
        "new_phone": _("A new way in for you"),
    }
