"""An account as text that nobody can read without the key, and back. Only the payment file opens one."""

import json
from collections.abc import Iterable
from typing import NamedTuple

from django.conf import settings

from portal.finance.models import BankDetails
from portal.notifications.sealed import seal, unseal


class Account(NamedTuple):
    """An account as typed: six digits, eight digits, and the name on it; any may still be empty."""

    sort_code: str = ""
    number: str = ""
    name: str = ""

    @property
    def is_whole(self) -> bool:
        """Whether nothing is missing."""
        return all(self)


def closed_up(account: Account) -> str:
    """Encrypted with the newest key."""
    return seal(json.dumps(account._asdict()))


def opened(sealed: str) -> Account:
    """The account again; an empty one for nothing, or when its key is no longer held."""
    text = unseal(sealed) if sealed else ""
    return Account(**json.loads(text)) if text else Account()


def standing_for(people: Iterable[int]) -> dict[int, BankDetails]:
    """What stands for these young people (their pks), by person; nothing where the setting is off."""
    if not settings.BANK_DETAILS_ENABLED:
        return {}
    standing = BankDetails.objects.standing().bounced_or_not().filter(young_person__in=set(people))
    return {one.young_person_id: one for one in standing}
