"""Moving money between reserved and spent. Each verb is one conditional update and one entry, in the caller's transaction."""

from datetime import datetime

from django.core.exceptions import ValidationError
from django.db.models import F, Q
from django.utils.translation import gettext as _

from portal.accounts.models import User
from portal.ledger.models import Allowance, Entry


def reserve(*, allowance: Allowance, pence: int, key: str, by: User | None, now: datetime) -> Entry:
    """Set money aside, or refuse with `over_cap`. A hundred deciders at once cannot pass the cap."""
    fits = Q(cap_pence=None) | Q(
        cap_pence__gte=F("reserved_pence") + F("spent_pence") - F("extra_pence") + pence
    )
    moved = Allowance.objects.filter(fits, pk=allowance.pk).update(reserved_pence=F("reserved_pence") + pence)
    if not moved:
        raise ValidationError(_("There is not enough left for this."), code="over_cap")
    return Entry.objects.create(allowance=allowance, kind=Entry.Kind.RESERVE, pence=pence, key=key, by=by, at=now)
