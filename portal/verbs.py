"""What a verb is: one transaction, and a row that somebody else holds is a refusal people can read."""

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

from django.core.exceptions import ValidationError
from django.db import OperationalError, transaction
from django.utils.translation import gettext as _

P = ParamSpec("P")
R = TypeVar("R")
HELD_TOO_LONG = {"55P03", "40P01"}  # lock not available, deadlock: PostgreSQL's own codes


def verb(service: Callable[P, R]) -> Callable[P, R]:
    """One transaction. A row that somebody holds for too long is refused as `busy`, never a crash."""

    @wraps(service)
    def held(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            with transaction.atomic():
                return service(*args, **kwargs)
        except OperationalError as error:
            if not is_busy(error):
                raise
            raise ValidationError(_("This is busy. Please try again."), code="busy") from error

    return held


def is_busy(error: OperationalError) -> bool:
    """Whether the database gave up waiting for a row."""
    return getattr(error.__cause__, "sqlstate", None) in HELD_TOO_LONG or "locked" in str(error)
