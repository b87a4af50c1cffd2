"""The counts of several teams side by side become one line for each entitlement."""

from dataclasses import dataclass
from datetime import date

from django.db.models import Min, Sum
from django.http import HttpRequest

from entitlements.for_person import book
from entitlements.models import EntitlementVersion
from entitlements.reading import CAN_ASK, Summary, summary_of
from portal.accounts.models import User
from portal.take_up.models import TakeUp


@dataclass(frozen=True)
class Line:
    """One entitlement that is asked for here, and its four counts."""

    summary: Summary
    unclaimed: int
    not_reached: int
    not_known: int
    had: int


def by_entitlement(user: User, *, on: date, request: HttpRequest) -> tuple[list[Line], date | None]:
    """What somebody may see, most unclaimed first, and the day it was counted; None when nothing was counted yet.

    Only what is asked for here: who has the rest, our ledger does not know.
    """
    versions = book(request).by_code
    counted = TakeUp.objects.visible_to(user, on=on).values("entitlement__code")
    sums = counted.annotate(
        all_unclaimed=Sum("unclaimed"), all_not_reached=Sum("not_reached"), all_not_known=Sum("not_known"),
        all_had=Sum("had"), oldest=Min("counted_on"),
    )  # fmt: skip
    lines, days = [], []
    for row in sums:
        version = versions.get(row["entitlement__code"])
        if version is None or not _shown(version, on):
            continue
        summary = summary_of(version, on, versions)
        counts = (row["all_unclaimed"], row["all_not_reached"], row["all_not_known"], row["all_had"])
        lines.append(Line(summary, *counts))
        days.append(row["oldest"])
    lines.sort(key=lambda line: (-line.unclaimed - line.not_reached, -line.not_known, line.summary.title))
    return lines, min(days, default=None)


def _shown(version: EntitlementVersion, on: date) -> bool:
    return version.how_to_get in CAN_ASK and version.is_in_force(on) and not version.quiet
