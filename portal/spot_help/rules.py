"""Help on the spot: what it is for, how much, who looks at it after. Pure.

Money is whole pence; days and times are London's.
"""

from datetime import date, timedelta

from django.core.exceptions import ValidationError
from django.db.models import TextChoices
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cms.form_fields import in_pounds
from portal.working_days import add_working_days

ONE_DAY = timedelta(days=1)
CHECKED_WITHIN = 1  # working days
LOOKUP_LASTS = timedelta(minutes=30)  # from finding somebody to having written their help down
MISSES_COUNT_FOR = timedelta(hours=1)
MOST_MISSES = 10


class Need(TextChoices):
    """What cannot wait. The labels are what a young person reads."""

    FOOD = "FOOD", gettext_lazy("Food")
    HEAT = "HEAT", gettext_lazy("Heat or power")
    COOKING = "COOKING", gettext_lazy("A way to cook")
    SAFETY = "SAFETY", gettext_lazy("Somewhere safe, or a way to get there")


class How(TextChoices):
    """How it is given. Never by bank: that takes days."""

    VOUCHER = "VOUCHER", gettext_lazy("A voucher")
    CASH = "CASH", gettext_lazy("Petty cash")
    CARD = "CARD", gettext_lazy("Bought with the council’s card")


class Finding(TextChoices):
    """What the second officer found. Neither takes anything back from the young person."""

    RIGHT = "RIGHT", gettext_lazy("It is right")
    ODD = "ODD", gettext_lazy("Something must be looked into")


def check_by(given_on: date) -> date:
    """The day another officer has checked it by: the next working day."""
    return add_working_days(given_on, CHECKED_WITHIN)


def check_sum(*, pence: int, limit_pence: int | None, already_pence: int) -> None:
    """Up to a set sum for one young person in one day, by one worker; caps do not count.

    `limit_pence` is None for somebody who was given no spot authority. Refuses `no_authority` and `above_spot`.
    """
    if limit_pence is None:
        raise ValidationError(
            _("You have no spot authority. Ask whoever is open now to give it."), code="no_authority"
        )
    if pence + already_pence > limit_pence:
        raise ValidationError(
            _("You may give up to %(limit)s to one young person in a day. A colleague can give more.")
            % {"limit": in_pounds(limit_pence)},
            code="above_spot",
        )
