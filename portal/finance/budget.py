"""What is paid, with Finance and promised in a financial year, by cost code. Sums alone, of nobody."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, timedelta

from django.conf import settings
from django.db.models import Sum

from portal.payments.models import Instalment
from portal.spot_help.models import SpotHelp

YEAR_STARTS = (4, 1)  # a council's year: 1 April
State = Instalment.State
PROMISED = {State.OWED, State.HELD, State.FAILED}


@dataclass
class Line:
    """One cost code, in pence."""

    cost_code: str
    paid: int = 0
    with_finance: int = 0
    promised: int = 0

    @property
    def total(self) -> int:
        return self.paid + self.with_finance + self.promised


def year_of(on: date) -> tuple[date, date]:
    """The first and last day of the financial year a day is in."""
    first = date(on.year if (on.month, on.day) >= YEAR_STARTS else on.year - 1, *YEAR_STARTS)
    return first, date(first.year + 1, *YEAR_STARTS) - timedelta(days=1)


def by_cost_code(*, on: date) -> tuple[list[Line], int]:
    """Each cost code with what its payments due this year came to; and what was given on the spot, which has none."""
    first, last = year_of(on)
    lines: dict[str, Line] = defaultdict(lambda: Line(""))
    due = Instalment.objects.filter(due_on__range=(first, last)).exclude(state=State.CANCELLED)
    grouped = due.values_list("award__version__cost_code", "state").order_by().annotate(sum=Sum("pence"))
    for code, state, pence in grouped:
        code = code or settings.PAYMENT_COST_CODE
        line = lines[code]
        line.cost_code = code
        if state == State.PAID:
            line.paid += pence
        elif state == State.IN_BATCH:
            line.with_finance += pence
        else:
            line.promised += pence
    on_the_spot: int | None = SpotHelp.objects.filter(given_on__range=(first, last)).aggregate(
        s=Sum("pence")
    )["s"]
    return sorted(lines.values(), key=lambda line: line.cost_code), on_the_spot or 0
