"""Facts and rules for the tables in this folder."""

import tomllib
from collections.abc import Iterable
from datetime import date
from functools import cache
from pathlib import Path

from entitlements.rules import CareLeaverStatus, Facts, Known, Rule, Source, StatusPeriod, rule_from_record

HANDBOOK = Path(__file__).parents[2] / "entitlements" / "data" / "handbook"

ELIGIBLE = CareLeaverStatus.ELIGIBLE
RELEVANT = CareLeaverStatus.RELEVANT
FORMER_RELEVANT = CareLeaverStatus.FORMER_RELEVANT
QUALIFYING = CareLeaverStatus.QUALIFYING
NONE_OF_THESE = CareLeaverStatus.NONE_OF_THESE


@cache
def handbook() -> dict[str, Rule]:
    """Every rule of the handbook, by code."""
    paths = sorted(HANDBOOK.glob("*.toml"))
    rules = [rule_from_record(tomllib.loads(path.read_text(encoding="utf-8"))) for path in paths]
    return {rule.code: rule for rule in rules}


def somebody(
    born_on: date | None = None,
    status: CareLeaverStatus | None = None,
    *,
    true: Iterable[str] = (),
    untrue: Iterable[str] = (),
    source: Source = Source.RECORD,
    **more: object,
) -> Facts:
    """A person with one status for every day, and what is known to be true and not true of them."""
    circumstances = {key: Known(True, source) for key in true} | {key: Known(False, source) for key in untrue}
    statuses = (StatusPeriod(status),) if status else None
    return Facts(born_on=born_on, statuses=statuses, circumstances=circumstances, **more)  # type: ignore[arg-type]
