"""How often a door may be tried. Counted in the database, so no empty cache or new browser resets it (rule 10)."""

from datetime import datetime, timedelta

from django.utils.crypto import salted_hmac

from cms.visitors import caller as caller
from portal.accounts.models import Attempt

KEPT = timedelta(days=2)  # longer than any limit looks back


def take(door: str, key: str, *, at_most: int, within: timedelta, now: datetime) -> bool:
    """Count one try at a door for a key; False when that is one too many, and then it is not counted.

    Written first and counted after, so that tries at the same moment can only count each other too, never miss.
    """
    key_hash = keyed_hash(key)
    mine = Attempt.objects.create(door=door, key_hash=key_hash, at=now)
    if Attempt.objects.filter(door=door, key_hash=key_hash, at__gt=now - within).count() <= at_most:
        return True
    mine.delete()
    return False


def give_back(door: str, key: str) -> None:
    """The last try of a key was right, and does not count. Its wrong ones do: a right answer of one's own buys none."""
    Attempt.objects.filter(
        pk__in=Attempt.objects.filter(door=door, key_hash=keyed_hash(key)).order_by("-pk").values("pk")[:1]
    ).delete()


def forget(door: str, key: str) -> None:
    """Forget the tries of a key, once its holder has shown who they are."""
    Attempt.objects.filter(door=door, key_hash=keyed_hash(key)).delete()


def forget_old(*, now: datetime) -> int:
    """Remove what no limit looks at any more. Returns how many rows went."""
    return Attempt.objects.filter(at__lt=now - KEPT).delete()[0]


def keyed_hash(secret: str) -> str:
    """A hash with a key outside the database: a stolen table of short codes or numbers tells nothing."""
    return salted_hmac("portal.accounts", secret, algorithm="sha256").hexdigest()
