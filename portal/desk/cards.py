"""The adviser's card: one entitlement, as it is to be explained."""

from dataclasses import dataclass
from datetime import date

from django.http import HttpRequest

from entitlements.models import EntitlementVersion
from entitlements.readback import read_back
from entitlements.reading import Label, current_versions, labels_of
from entitlements.rules import from_data
from entitlements.tokens import Reading


@dataclass(frozen=True)
class Card:
    """What to say, what to ask, a yes, a no, and what people get wrong; from the version in force."""

    version: EntitlementVersion
    code: str
    labels: tuple[Label, ...]
    who: str
    in_one_breath: str
    ask: list[str]
    say: list[str]
    yes_example: str
    no_example: str
    mistakes: list[str]


def card_of(code: str, *, on: date, request: HttpRequest) -> Card | None:
    """The card of one published entitlement, or None."""
    versions = current_versions(request)
    version = versions.get(code)
    if version is None:
        return None
    reading, said = Reading(version, versions, on), version.explain

    def lines(name: str) -> list[str]:
        return [reading.text(line) for line in said.get(name, [])]

    return Card(
        version=version,
        code=code,
        labels=labels_of(version, on),
        who=read_back(from_data(version.rule)),
        in_one_breath=reading.text(said.get("in_one_breath", "")),
        ask=lines("ask"),
        say=lines("say"),
        yes_example=reading.text(said.get("yes_example", "")),
        no_example=reading.text(said.get("no_example", "")),
        mistakes=lines("mistakes"),
    )
