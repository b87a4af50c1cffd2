"""The entitlement check-up: what one young person can get, beside what the record knows of them."""

from dataclasses import dataclass
from datetime import date

from django.http import HttpRequest
from django.utils.translation import gettext as _

from entitlements.circumstances import catalogue
from entitlements.for_person import Groups
from portal.people.models import Circumstance, YoungPerson
from portal.take_up.questions import what_they_can_get


@dataclass(frozen=True, slots=True)
class Fact:
    """One thing known of somebody's life: in words, where from, since when, and whether it is too old to count."""

    words: str
    source: str
    as_of: date
    stale: bool


def told_and_confirmed(person: YoungPerson, *, on: date) -> list[Fact]:
    """What the record knows, without what turns on immigration, custody or crisis: that has a page of its own."""
    known = catalogue()
    facts = []
    for said in person.circumstances.order_by("key"):
        if said.key not in known or known.is_quiet(said.key):
            continue
        circumstance = known[said.key]
        words = _(circumstance.readback if said.value else circumstance.readback_not)
        facts.append(
            Fact(words, str(Circumstance.Source(said.source).label), said.as_of, said.as_known(on).stale)
        )
    return facts


def for_adviser(person: YoungPerson, *, on: date, request: HttpRequest) -> Groups:
    """What the rules say of one person today, without the quiet ones, which stand on a page of their own."""
    groups = what_they_can_get(person, on=on, request=request)
    for _name, found in groups:
        found[:] = [one for one in found if not one.summary.quiet]
    return groups
