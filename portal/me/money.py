"""What is left of what they began to use, in pence and as the pieces of a bar."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext as _

from cms.form_fields import in_pounds
from entitlements.for_person import book
from portal.ledger.models import Allowance


@dataclass(frozen=True)
class Left:
    """One allowance told to the person it belongs to."""

    title: str
    code: str
    allowance: Allowance
    expires_on: date | None

    @property
    def parts(self) -> list[dict[str, Any]]:
        """Spent, waiting and left: sizes in pence, words with their sums."""
        one = self.allowance
        pieces = [
            (one.spent_pence, "go", _("%(money)s spent")),
            (one.reserved_pence, "wait", _("%(money)s agreed, on its way")),
            (one.left_pence or 0, "plain", _("%(money)s left")),
        ]
        return [
            {"size": pence, "tone": tone, "label": words % {"money": in_pounds(pence)}}
            for pence, tone, words in pieces
        ]


def left_of(allowances: list[Allowance], *, request: HttpRequest) -> list[Left]:
    """The allowances with a cap, under the name readers know, what has most left first."""
    titles = book(request).by_code
    capped = [
        (one, one.entitlement.code)
        for one in allowances
        if one.cap_pence is not None and one.entitlement is not None and one.entitlement.code in titles
    ]
    capped.sort(key=lambda pair: -(pair[0].left_pence or 0))
    return [Left(titles[code].title, code, one, one.expires_on) for one, code in capped]
