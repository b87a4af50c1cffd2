"""The PIN: the second secret, which a code to a phone that somebody else holds does not replace (rule 9)."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta

from django.conf import settings
from django.contrib.auth.hashers import check_password, make_password
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Case, F, Q, Value, When
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from portal.accounts import rules
from portal.accounts.models import User
from portal.accounts.services import sign_out_everywhere, sign_out_others
from portal.audit.services import record
from portal.notifications.outbox import promise

TOLD_WITHIN = timedelta(days=3)


@transaction.atomic
def choose_pin(*, user: User, pin: str, born_on: date | None, session_key: str, now: datetime) -> None:
    """Somebody's first PIN; every other sign-in of theirs ends. Their own sign-in is the caller's to keep.

    Refuses `not_six` and `easy_pin`; and `has_one`, for an old screen.
    """
    rules.check_pin(pin, born_on=born_on, number=user.phone)
    free = User.objects.filter(pk=user.pk, pin_hash="")
    if not _keep(free, user, pin):
        raise ValidationError(_("You have a PIN already."), code="has_one")
    sign_out_others(user=user, session_key=session_key, by=user, now=now)
    record("pin_chosen", by=user, now=now, subject=f"user:{user.pk}")
    _tell(user, now)


def try_pin(*, user: User, typed: str, now: datetime) -> None:
    """The PIN is right; its wrong tries are forgotten.

    Each try is counted before it is looked at, in one statement and committed: at the same moment there are no more of
    them than one after the other. While it waits nothing is compared and every answer is the same.

    Refuses `wrong_pin` while tries are left, `pin_waits` from the fifth wrong one on, for longer after each five.
    """
    with transaction.atomic(durable=True):
        counted = _free_to_try(user, now).update(
            pin_tries=F("pin_tries") + 1,
            pin_opens_at=Case(
                *(When(pin_tries=most - 1, then=Value(now + wait)) for most, wait in rules.PIN_WAITS.items()),
                When(
                    pin_tries__gte=rules.PIN_LAST_WAIT, then=Value(now + rules.PIN_WAITS[rules.PIN_LAST_WAIT])
                ),
                default=None,
            ),
        )
    user.refresh_from_db(fields=["pin_hash", "pin_tries", "pin_opens_at"])
    if not counted:
        raise _waits()
    tries, kept = user.pin_tries, user.pin_hash
    secrets = list(_secrets(user, typed))
    opened_by = next((secret for secret in secrets if check_password(secret, kept)), None)
    if opened_by is None:
        left = rules.tries_left(tries)
        if not left:
            record(
                "pin_tried_too_often", by=user, now=now, subject=f"user:{user.pk}", detail={"tries": tries}
            )
            raise _waits()
        raise ValidationError(
            ngettext(
                "That is not your PIN. You can try %(left)d more time.",
                "That is not your PIN. You can try %(left)d more times.",
                left,
            )
            % {"left": left},
            code="wrong_pin",
        )
    if opened_by != secrets[0]:  # the key was changed since they chose it
        user.pin_hash = make_password(secrets[0])
    User.objects.filter(pk=user.pk, pin_hash=kept).update(
        pin_hash=user.pin_hash, pin_tries=0, pin_opens_at=None
    )
    user.pin_tries, user.pin_opens_at = 0, None


def change_pin(
    *, user: User, typed: str, pin: str, born_on: date | None, session_key: str, now: datetime
) -> None:
    """Another PIN, for whoever knows the one there is; every other sign-in ends (rule 14).

    Refuses as `try_pin` and `choose_pin` do, and `same_pin`. A new one that will not do costs no try.
    """
    rules.check_pin(pin, born_on=born_on, number=user.phone)
    try_pin(user=user, typed=typed, now=now)
    if rules.digits_of(typed) == pin:
        raise ValidationError(_("This is the PIN you have. Choose another one"), code="same_pin")
    with transaction.atomic():
        if not _keep(User.objects.filter(pk=user.pk, pin_hash=user.pin_hash), user, pin):
            raise ValidationError(_("Your PIN was changed a moment ago."), code="has_one")
        sign_out_others(user=user, session_key=session_key, by=user, now=now)
        record("pin_changed", by=user, now=now, subject=f"user:{user.pk}")
        _tell(user, now)


@transaction.atomic
def forget_pin(*, user: User, by: User, now: datetime) -> None:
    """There is no PIN any more, and no sign-in: they choose one anew. For the recovery by two people (rule 17)."""
    User.objects.filter(pk=user.pk).update(pin_hash="", pin_tries=0, pin_opens_at=None)
    user.pin_hash, user.pin_tries, user.pin_opens_at = "", 0, None
    sign_out_everywhere(user=user, by=by, now=now)
    record("pin_forgotten", by=by, now=now, subject=f"user:{user.pk}")


def _tell(user: User, now: datetime) -> None:
    """One neutral sentence, apart from where codes go if that can be: whoever holds their phone may have done it."""
    promise(
        "settings_changed",
        to=user,
        key=f"pin:{user.pk}:{now.isoformat()}",
        due_at=now,
        not_after=now + TOLD_WITHIN,
        now=now,
    )


def _free_to_try(user: User, now: datetime):  # type: ignore[no-untyped-def]
    """The account, while its PIN may be tried."""
    held = User.objects.filter(Q(pin_opens_at=None) | Q(pin_opens_at__lte=now), pk=user.pk)
    return held.exclude(pin_hash="")


def _keep(held, user: User, pin: str) -> bool:  # type: ignore[no-untyped-def]
    made = make_password(next(_secrets(user, pin)))
    kept: int = held.update(pin_hash=made, pin_tries=0, pin_opens_at=None)
    if kept:
        user.pin_hash, user.pin_tries, user.pin_opens_at = made, 0, None
    return bool(kept)


def _secrets(user: User, typed: str) -> Iterator[str]:
    """What is hashed: six digits alone could be tried through by whoever steals the table, so a key outside it is mixed
    in; after a change of that key the ones before it still open."""
    for key in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS):
        yield salted_hmac(
            "portal.accounts.pin", f"{user.pk}:{rules.digits_of(typed)}", secret=key, algorithm="sha256"
        ).hexdigest()


def _waits() -> ValidationError:
    return ValidationError(_("Too many tries. You have to wait now."), code="pin_waits")
