"""Signing in with a code, invitations, roles, and shutting an account at once."""

import logging
import secrets
from datetime import date, datetime, timedelta

from django.conf import settings
from django.contrib.auth.models import Group
from django.contrib.sessions.models import Session
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils.crypto import constant_time_compare
from django.utils.translation import gettext as _

from portal.accounts import limits
from portal.accounts.models import STAFF_ROLES, Device, Invitation, Role, RoleHeld, SignInCode, User
from portal.accounts.rules import digits_of
from portal.audit.services import record
from portal.clock import local_date
from portal.integrations.messages import NoAnswer, Refused, message_provider
from portal.notifications import contact, words
from portal.refs import new_ref, new_token

log = logging.getLogger(__name__)

CODE_DIGITS = 6
CODE_LASTS = timedelta(minutes=10)
TRIES_A_CODE = 5
CODES_A_DAY = 10  # an account
CODES_AN_HOUR = 3  # a number or address; a browser known from before has three of its own
ASKS_AN_HOUR = 60  # one network address: a whole college may share it
DEVICE_KEPT = timedelta(days=365)
INVITATION_LASTS = timedelta(days=7)
INVITATION_TRIES = 10  # a network address, an hour; the code itself is 48 bits

# Publishing is Wagtail's own permission: these roles are members of these groups on the days they are held.
GROUPS = {Role.EDITOR: "Editors", Role.PUBLISHER: "Publishers", Role.BUDGET_HOLDER: "Budget holders"}


# ----------------------------------------------------------------------------------------------------------------------
# Codes


def ask_for_code(
    *, channel: str, destination: str, caller: str, now: datetime, device: Device | None = None,
    invitation: Invitation | None = None,
) -> tuple[SignInCode | None, str]:  # fmt: skip
    """Write down that a code was asked for, for anybody alike, and return the row and the browser's key.

    Nothing here looks up who that is: the same writes and reads for somebody we know and somebody we do not (rule 11).
    The row is None when one network address asks too often; the browser's key is then of no use, and looks the same.
    """
    browser_key = new_token()
    if not limits.take("ask", caller, at_most=ASKS_AN_HOUR, within=timedelta(hours=1), now=now):
        return None, browser_key
    asked = SignInCode.objects.create(
        destination=destination, channel=channel, invitation=invitation, device=device,
        browser_key_hash=limits.keyed_hash(browser_key), asked_at=now, expires_at=now + CODE_LASTS,
    )  # fmt: skip
    return asked, browser_key


def send_code(*, code_id: int, now: datetime) -> bool:
    """Make the code somebody asked for, keep its hash, and send it if it may be sent. Run by a worker,
    after the answer.

    The row is taken once, so two workers send one code. Returns whether a code went out.
    """
    digits = f"{secrets.randbelow(10**CODE_DIGITS):0{CODE_DIGITS}}"
    # No transaction around this: each limit counts what others have written down, so it must be written at once.
    taken = SignInCode.objects.filter(pk=code_id, code_hash="", expires_at__gt=now).update(
        code_hash=_code_hash(code_id, digits)
    )
    if not taken:
        return False
    asked = SignInCode.objects.select_related("invitation__user", "device").get(pk=code_id)
    user = _who_may_have(asked)
    if user is None or not _within_limits(asked, user, now=now):
        return False
    SignInCode.objects.filter(pk=code_id).update(user=user)
    return deliver_code(
        destination=asked.destination, channel=asked.channel, code=digits, now=now, language=user.language
    )


def send_codes_asked(*, now: datetime) -> int:
    """Send the codes whose bell nobody heard. Part of each minute's round; returns how many went out."""
    waiting = SignInCode.objects.filter(code_hash="", expires_at__gt=now).values_list("pk", flat=True)
    return sum(send_code(code_id=code_id, now=now) for code_id in list(waiting))


def deliver_code(*, destination: str, channel: str, code: str, now: datetime, language: str = "en") -> bool:
    """Hand one code to the message provider at once: exempt from quiet hours and contact choices. False if
    it was not taken.
    """
    body = words.text("sign_in_code", language=language, channel=channel, code=code)
    try:
        message_provider().send(new_ref(), channel, destination, body)
    except (Refused, NoAnswer) as failure:
        log.warning("a sign-in code was not taken by the provider: %s", type(failure).__name__)
        return False
    return True


def set_work_phone(*, user: User, number: str) -> None:
    """The number (E.164; empty: none) on which the young people a worker looks after reach them. Twice is once."""
    User.objects.filter(pk=user.pk).update(work_phone=number)


def use_code(*, browser_key: str, typed: str, now: datetime) -> SignInCode:
    """The code row of a browser whose code is right, used up now; `.user` is who signs in.

    Refuses `wrong_code` while tries are left, and `code_over` when there is none to try: used, too old,
    tried five times,
    or asked for in another browser. One hash and the same queries whoever asked.
    """
    key_hash = limits.keyed_hash(browser_key)
    tried = SignInCode.objects.filter(
        browser_key_hash=key_hash, used_at=None, expires_at__gt=now, tries__lt=TRIES_A_CODE
    ).update(tries=F("tries") + 1)
    asked = (
        SignInCode.objects.filter(browser_key_hash=key_hash)
        .select_related("user", "invitation", "device")
        .first()
    )
    if not tried or asked is None:
        raise ValidationError(_("This code no longer works. Ask for a new one."), code="code_over")
    digits = digits_of(typed)
    right = constant_time_compare(asked.code_hash, _code_hash(asked.pk, digits))
    if not right or asked.user is None or not _can_sign_in(asked.user):
        over = asked.tries >= TRIES_A_CODE
        raise ValidationError(
            _("This code no longer works. Ask for a new one.")
            if over
            else _("That is not the code. Check it and try again."),
            code="code_over" if over else "wrong_code",
        )
    if not SignInCode.objects.filter(pk=asked.pk, used_at=None).update(used_at=now):
        raise ValidationError(_("This code no longer works. Ask for a new one."), code="code_over")
    if asked.invitation is not None:
        _join(asked, now=now)
    return asked


def forget_spent(*, now: datetime) -> int:
    """Remove codes and tries that no limit looks at any more, and devices long out of use. Part of the daily round;
    returns how many rows went."""
    old = SignInCode.objects.filter(asked_at__lt=now - limits.KEPT).delete()[0]
    # A shared phone is signed out after 15 idle minutes; one's own is known as long as its cookie is kept.
    today = local_date(now)
    idle = Device.objects.filter(own_phone=False, last_on__lt=today - limits.KEPT)
    gone = Device.objects.filter(own_phone=True, last_on__lt=today - DEVICE_KEPT)
    old += (idle | gone).delete()[0]
    return old + limits.forget_old(now=now)


def _code_hash(code_id: int, digits: str) -> str:
    return limits.keyed_hash(f"code:{code_id}:{digits}")


def _who_may_have(asked: SignInCode) -> User | None:
    """The account a code is for: the one invited, or the one with this address or number. Never staff: a
    code to a phone
    is one factor, and staff always show two."""
    if asked.invitation is not None:
        user: User | None = asked.invitation.user
    elif asked.channel == SignInCode.Channel.SMS:
        user = User.objects.filter(phone=asked.destination).first()
    else:
        user = User.objects.filter(email=asked.destination).first()
    if user is None or not _can_sign_in(user):
        return None
    return None if user.roles_held.filter(role__in=STAFF_ROLES).exists() else user


def _can_sign_in(user: User) -> bool:
    return user.is_active and user.frozen_at is None


def _within_limits(asked: SignInCode, user: User, *, now: datetime) -> bool:
    """Three an hour for a number, ten a day for an account, and the day's ceiling for texts. A browser this very person
    signed in from before counts apart, so that a stranger who uses up the three locks nobody out (rule 12)."""
    known = asked.device is not None and asked.device.user_id == user.pk
    key = f"device:{asked.device_id}" if known else asked.destination
    hour, day = timedelta(hours=1), timedelta(days=1)
    if not limits.take("code_hour", key, at_most=CODES_AN_HOUR, within=hour, now=now):
        return False
    account = f"device:{user.pk}" if known else f"account:{user.pk}"
    if not limits.take("code_day", account, at_most=CODES_A_DAY, within=day, now=now):
        return False
    if asked.channel == SignInCode.Channel.SMS and not limits.take(
        "texts", "all", at_most=settings.DAILY_TEXT_LIMIT, within=day, now=now
    ):
        log.error("the daily ceiling for texts is reached: no more codes go out by text today")
        return False
    return True


# ----------------------------------------------------------------------------------------------------------------------
# Invitations


@transaction.atomic
def make_invitation(
    *, user: User, by: User, now: datetime, lasts: timedelta = INVITATION_LASTS
) -> tuple[Invitation, str]:
    """An open invitation for an account and its code (48 bits), which is told once and kept as a hash. An
    earlier open one
    stops working."""
    Invitation.objects.filter(user=user, used_at=None, cancelled_at=None).update(cancelled_at=now)
    code = new_ref()
    invitation = Invitation.objects.create(
        user=user, code_hash=limits.keyed_hash(f"invitation:{code}"), made_by=by, made_at=now,
        expires_at=now + lasts,
    )  # fmt: skip
    return invitation, code


def cancel_invitation(*, invitation: Invitation, by: User, now: datetime) -> None:
    """The adviser takes an invitation back. One that was used stays used."""
    cancelled = Invitation.objects.filter(pk=invitation.pk, used_at=None, cancelled_at=None).update(
        cancelled_at=now
    )
    if cancelled:
        record("invitation_cancelled", by=by, now=now, detail={"invitation": invitation.pk})


def find_invitation(*, typed: str, caller: str, now: datetime) -> Invitation:
    """The open invitation with this code. Refuses `wrong_invitation`, the same for wrong, used, cancelled and too old;
    and `too_many_tries` for a network address that guesses. Looking does not use it up."""
    if not limits.take("invitation", caller, at_most=INVITATION_TRIES, within=timedelta(hours=1), now=now):
        raise ValidationError(_("Too many tries. Wait an hour, or ask your adviser."), code="too_many_tries")
    code = "".join(letter for letter in typed.upper() if letter.isalnum())
    invitation = (
        Invitation.objects.filter(code_hash=limits.keyed_hash(f"invitation:{code}"))
        .select_related("user")
        .first()
    )
    if invitation is None or not invitation.is_open(now) or not _can_sign_in(invitation.user):
        raise ValidationError(
            _(
                "This invitation does not work. Check the letters and numbers, or ask your adviser for a new one."
            ),
            code="wrong_invitation",
        )
    return invitation


@transaction.atomic
def _join(asked: SignInCode, *, now: datetime) -> None:
    """The invited person showed that the number or address is theirs: it becomes their way in, the only one, and the
    invitation is used.
    """
    used = Invitation.objects.filter(
        pk=asked.invitation.pk if asked.invitation else 0, used_at=None, cancelled_at=None, expires_at__gt=now
    ).update(used_at=now)
    user = asked.user
    if not used or user is None:
        raise ValidationError(
            _("Your code is too old, or it was used. Ask for a new one."), code="wrong_invitation"
        )
    if user.phone or user.email:
        end_ways_in(user=user, by=user, now=now, but=asked.destination)
    field = "phone" if asked.channel == SignInCode.Channel.SMS else "email"
    try:
        with transaction.atomic():
            User.objects.filter(pk=user.pk).update(**{field: asked.destination, "session_epoch": new_token()})
    except IntegrityError:
        raise ValidationError(
            _("We cannot use that number or address. Ask your adviser for help."), code="wrong_invitation"
        ) from None
    user.refresh_from_db()
    record("invitation_used", by=user, now=now, detail={"invitation": asked.invitation_id})


@transaction.atomic
def end_ways_in(*, user: User, by: User, now: datetime, but: str = "") -> None:
    """Nobody comes in by the number or address of an account any more, nor by a code that is on its way there; every
    sign-in ends, the PIN is forgotten, and no message goes anywhere until they choose it again (rules 14, 17 and 23).

    `but`: the number or address that is about to be theirs again. Messages to it stay as they were.
    """
    ended = {SignInCode.Channel.SMS: user.phone, SignInCode.Channel.EMAIL: user.email}
    user.phone = user.email = None
    User.objects.filter(pk=user.pk).update(
        phone=None, email=None, pin_hash="", pin_tries=0, pin_opens_at=None
    )
    SignInCode.objects.filter(user=user, used_at=None, expires_at__gt=now).update(expires_at=now)
    for channel, way in ended.items():
        if way != but:
            contact.turn_off(user=user, channel=channel)
    sign_out_everywhere(user=user, by=by, now=now)


# ----------------------------------------------------------------------------------------------------------------------
# Devices


@transaction.atomic
def remember_device(
    *, user: User, session_key: str, name: str, own_phone: bool, now: datetime, before: Device | None = None
) -> tuple[Device, str]:
    """Note a phone or computer somebody signed in from. For their own phone also a key for its cookie; else empty.

    `before` is the device this browser's cookie names: their own phone stays one device however often they sign in.
    """
    today = local_date(now)
    key = new_token() if own_phone else ""
    if own_phone and before is not None and before.user_id == user.pk and before.session_key != session_key:
        Device.objects.filter(session_key=session_key).delete()
        Device.objects.filter(pk=before.pk).update(session_key=session_key)
    known = {
        "user": user, "name": name, "own_phone": own_phone, "last_on": today,
        "key_hash": limits.keyed_hash(f"device:{key}") if key else None,
    }  # fmt: skip
    device, _made = Device.objects.update_or_create(
        session_key=session_key, defaults=known, create_defaults=known | {"first_on": today}
    )
    return device, key


def find_device(key: str) -> Device | None:
    """The device with this cookie, if it was remembered."""
    return Device.objects.filter(key_hash=limits.keyed_hash(f"device:{key}")).first() if key else None


@transaction.atomic
def sign_out_device(*, device: Device, by: User, now: datetime) -> None:
    """One phone or computer is out at its next request, and no longer known here (rule 14)."""
    Session.objects.filter(session_key=device.session_key).delete()
    Device.objects.filter(pk=device.pk).delete()
    record("device_signed_out", by=by, now=now, subject=f"user:{device.user_id}")


@transaction.atomic
def sign_out_others(*, user: User, session_key: str, by: User, now: datetime) -> None:
    """Every sign-in but this one stops working at its next request, and its device is forgotten. This one goes on if
    its caller gives it the account's new session hash (`sure.go_on`)."""
    user.session_epoch = new_token()
    User.objects.filter(pk=user.pk).update(session_epoch=user.session_epoch)
    Device.objects.filter(user=user).exclude(session_key=session_key).delete()
    record("signed_out_elsewhere", by=by, now=now, subject=f"user:{user.pk}")


@transaction.atomic
def sign_out_everywhere(*, user: User, by: User, now: datetime) -> None:
    """Every sign-in of an account stops working at its next request, and every device is forgotten (rule 14)."""
    user.session_epoch = new_token()
    User.objects.filter(pk=user.pk).update(session_epoch=user.session_epoch)
    Device.objects.filter(user=user).delete()
    record("signed_out_everywhere", by=by, now=now, subject=f"user:{user.pk}")


# ----------------------------------------------------------------------------------------------------------------------
# Freezing, closing, roles


@transaction.atomic
def freeze(*, user: User, by: User, now: datetime) -> None:
    """Shut an account at once: out at the next request everywhere, no codes, no invitation. Nothing is lost
    (rule 16).
    """
    # The invitation before the account: everybody who comes in by one holds them in this order (rule 66).
    Invitation.objects.filter(user=user, used_at=None, cancelled_at=None).update(cancelled_at=now)
    user.frozen_at = now
    User.objects.filter(pk=user.pk, frozen_at=None).update(frozen_at=now)
    sign_out_everywhere(user=user, by=by, now=now)
    record("account_frozen", by=by, now=now, subject=f"user:{user.pk}")


@transaction.atomic
def unfreeze(*, user: User, by: User, now: datetime) -> None:
    """Open a frozen account again. Its holder signs in anew."""
    user.frozen_at = None
    User.objects.filter(pk=user.pk).update(frozen_at=None)
    record("account_unfrozen", by=by, now=now, subject=f"user:{user.pk}")


@transaction.atomic
def give_role(
    *, user: User, role: str, starts_on: date, by: User | None, now: datetime, ends_on: date | None = None
) -> RoleHeld:
    """Give somebody a role from a day on. Their sign-ins end, so that the next one is as who they are now (rule 14).

    Refuses `own_role`: nobody changes their own.
    """
    if by is not None and by.pk == user.pk:
        raise ValidationError(_("Somebody else must change your roles."), code="own_role")
    held = RoleHeld.objects.filter(user=user, role=role, ends_on=None).first()
    if held is None:
        held = RoleHeld.objects.create(
            user=user, role=role, starts_on=starts_on, ends_on=ends_on, given_by=by
        )
    _role_changed("role_given", user, role, by=by, now=now)
    return held


@transaction.atomic
def end_role(*, user: User, role: str, ends_on: date, by: User, now: datetime) -> None:
    """The last day somebody holds a role; everything it opened closes the day after. Refuses `own_role`."""
    if by.pk == user.pk:
        raise ValidationError(_("Somebody else must change your roles."), code="own_role")
    RoleHeld.objects.filter(user=user, role=role, ends_on=None).update(ends_on=ends_on)
    _role_changed("role_ended", user, role, by=by, now=now)


def join_groups(*, user: User, on: date) -> None:
    """Make membership of the publishing groups the same as the roles held on a day. Run at each staff sign-in."""
    ours = set(GROUPS.values())
    wanted = {GROUPS[Role(role)] for role in user.roles_on(on) if role in GROUPS}
    have = set(user.groups.filter(name__in=ours).values_list("name", flat=True))
    user.groups.remove(*Group.objects.filter(name__in=have - wanted))
    user.groups.add(*[Group.objects.get_or_create(name=name)[0] for name in wanted - have])


def begin_day(*, user: User, staff: bool, session_key: str, on: date) -> None:
    """What is done once a day in each sign-in: staff are in the groups of the roles they hold today, and a device shows
    when it was last used."""
    if staff:
        join_groups(user=user, on=on)
    Device.objects.filter(session_key=session_key).update(last_on=on)


def _role_changed(action: str, user: User, role: str, *, by: User | None, now: datetime) -> None:
    user.__dict__.pop("_roles_on", None)
    user.session_epoch = new_token()
    User.objects.filter(pk=user.pk).update(session_epoch=user.session_epoch)
    join_groups(user=user, on=local_date(now))
    record(action, by=by, now=now, subject=f"user:{user.pk}", detail={"role": role})
