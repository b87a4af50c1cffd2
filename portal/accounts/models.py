"""Signing in: who has an account, and which roles they hold on which dates."""

from collections.abc import Iterable
from datetime import date, datetime

import phonenumbers
from django.contrib.auth.models import AbstractUser, UserManager
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext_lazy as _

from portal.refs import new_ref, new_token


class Role(models.TextChoices):
    """What a member of staff may be. A young person holds no role: their `YoungPerson` row points to their account."""

    PERSONAL_ADVISER = "PERSONAL_ADVISER", _("Personal adviser")
    SOCIAL_WORKER = "SOCIAL_WORKER", _("Social worker")
    DUTY_ADVISER = "DUTY_ADVISER", _("Duty adviser")
    TEAM_MANAGER = "TEAM_MANAGER", _("Team manager")
    SERVICE_MANAGER = "SERVICE_MANAGER", _("Service manager")
    FINANCE_OFFICER = "FINANCE_OFFICER", _("Finance officer")
    EDITOR = "EDITOR", _("Participation editor")
    PUBLISHER = "PUBLISHER", _("Publisher")
    BUDGET_HOLDER = "BUDGET_HOLDER", _("Budget holder")
    DATA_OFFICER = "DATA_OFFICER", _("Data officer")
    AUDITOR = "AUDITOR", _("Auditor")
    ADMINISTRATOR = "ADMINISTRATOR", _("Administrator")
    OUT_OF_HOURS = "OUT_OF_HOURS", _("Out-of-hours officer")
    ADVOCATE = "ADVOCATE", _("Advocate")


CASEWORK_ROLES = frozenset(
    {Role.PERSONAL_ADVISER, Role.SOCIAL_WORKER, Role.DUTY_ADVISER, Role.TEAM_MANAGER, Role.SERVICE_MANAGER}
)


# A young person holds none; an advocate is a guest for one request. Everybody else who holds a role is staff.
STAFF_ROLES = frozenset(Role) - {Role.ADVOCATE}


class PortalUserManager(UserManager["User"]):
    """Accounts are found by their random name; an email or number is looked up by the sign-in code alone."""

    def holding(self, role: str, *, on: date) -> list["User"]:
        """Everybody who holds a role on a day and can sign in."""
        held = RoleHeld.objects.on(on).filter(role=role).values("user")
        return list(self.filter(pk__in=held, is_active=True, frozen_at=None).order_by("pk"))


class User(AbstractUser):
    """Somebody who can sign in. Holds no facts about a young person: those are in `people`."""

    username = models.CharField(max_length=32, unique=True, default=new_ref)
    email = models.EmailField(unique=True, null=True, blank=True)  # type: ignore[assignment]  # always in small letters
    phone = models.CharField(max_length=20, unique=True, null=True, blank=True)  # E.164, normalised
    # Of staff, E.164: young people whom they look after see it. Never a way in, and never where codes go.
    work_phone = models.CharField(max_length=20, blank=True, default="", db_default="")
    language = models.CharField(max_length=10, default="en")
    pin_hash = models.CharField(max_length=128, blank=True)  # the second secret (rule 9); empty: none yet
    pin_tries = models.PositiveSmallIntegerField(default=0, db_default=0)  # wrong ones in a row
    pin_opens_at = models.DateTimeField(null=True, blank=True)  # until then it cannot be tried
    frozen_at = models.DateTimeField(null=True, blank=True)
    # Changes on freeze, PIN change, number change: every sign-in made before stops working at its next
    # request (rule 14).
    session_epoch = models.CharField(max_length=32, default=new_token, editable=False)

    objects = PortalUserManager()  # type: ignore[misc]

    REQUIRED_FIELDS: list[str] = []  # type: ignore[misc]

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="user_email_in_small_letters", condition=Q(email=None) | Q(email=Lower("email"))
            )
        ]

    def __str__(self) -> str:
        return self.get_full_name() or self.username

    @property
    def was_ever_used(self) -> bool:
        """Whether somebody can come in by it, or has."""
        return bool(self.phone or self.email or self.last_login)

    @property
    def work_phone_said(self) -> str:
        """The number as people write it: "020 7946 0101"; empty when there is none."""
        if not self.work_phone:
            return ""
        return phonenumbers.format_number(
            phonenumbers.parse(self.work_phone), phonenumbers.PhoneNumberFormat.NATIONAL
        )

    def _get_session_auth_hash(self, secret: str | None = None) -> str:
        return salted_hmac(
            "portal.accounts.session",
            f"{self.session_epoch}:{self.password}",
            secret=secret,
            algorithm="sha256",
        ).hexdigest()

    def roles_on(self, on: date) -> frozenset[str]:
        """The roles held on a day. One query the first time it is asked for a day, none after."""
        known: dict[date, frozenset[str]] = self.__dict__.setdefault("_roles_on", {})
        if on not in known:
            known[on] = frozenset(self.roles_held.on(on).values_list("role", flat=True))
        return known[on]

    def know_roles(self, roles: Iterable[str], *, on: date) -> None:
        """The roles of a day, for somebody who has just read them together with something else."""
        self.__dict__.setdefault("_roles_on", {})[on] = frozenset(roles)

    def holds(self, *roles: str, on: date) -> bool:
        """Whether any of these roles is held on a day."""
        return not self.roles_on(on).isdisjoint(roles)


class RoleHeldQuerySet(models.QuerySet["RoleHeld"]):
    def on(self, on: date) -> "RoleHeldQuerySet":
        """Roles held on a day; the last day counts."""
        return self.filter(Q(ends_on=None) | Q(ends_on__gte=on), starts_on__lte=on)


class RoleHeld(models.Model):
    """A role somebody holds from one day to another."""

    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="roles_held")
    role = models.CharField(max_length=20, choices=Role.choices)
    starts_on = models.DateField()
    ends_on = models.DateField(null=True, blank=True)
    given_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")

    objects = RoleHeldQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="role_held_ends_after_start", condition=Q(ends_on=None) | Q(ends_on__gte=F("starts_on"))
            ),
            models.UniqueConstraint(
                name="role_held_once", fields=["user", "role"], condition=Q(ends_on=None)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.role} from {self.starts_on}"


class Invitation(models.Model):
    """How an account begins: made by an adviser, used once within seven days, accepted by POST (rule 17)."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="invitations")
    code_hash = models.CharField(max_length=64, unique=True)
    made_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)
    cancelled_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="one_open_invitation", fields=["user"], condition=Q(used_at=None, cancelled_at=None)
            )
        ]

    def __str__(self) -> str:
        return f"invitation {self.pk}"

    def is_open(self, now: datetime) -> bool:
        """Whether it can still be used."""
        return self.used_at is None and self.cancelled_at is None and now < self.expires_at


class Device(models.Model):
    """A phone or computer somebody signed in from: a coarse name and two days, never an address or a place
    (rule 15).
    """

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="devices")
    session_key = models.CharField(max_length=40, unique=True)
    # Of the cookie that "my own phone" keeps.
    key_hash = models.CharField(max_length=64, unique=True, null=True)  # noqa: DJ001
    name = models.CharField(max_length=60)
    own_phone = models.BooleanField(default=False)
    first_on = models.DateField()
    last_on = models.DateField()

    def __str__(self) -> str:
        return self.name


class SignInCode(models.Model):
    """A six-digit code sent to an email or number: hashed, ten minutes, one use, for the browser that asked (rule 10).

    The page writes the row for anybody, known or not; a task decides whether it is sent, makes the code and keeps its
    hash alone. So no page can tell who is known, and no code travels through the broker.
    """

    class Channel(models.TextChoices):
        SMS = "SMS", _("text message")
        EMAIL = "EMAIL", _("email")

    destination = models.CharField(max_length=254, db_index=True)  # normalised
    channel = models.CharField(max_length=5, choices=Channel.choices)
    user = models.ForeignKey(User, on_delete=models.CASCADE, null=True, related_name="sign_in_codes")
    invitation = models.ForeignKey(Invitation, on_delete=models.CASCADE, null=True, related_name="+")
    device = models.ForeignKey(
        Device, on_delete=models.SET_NULL, null=True, related_name="+"
    )  # known from before
    code_hash = models.CharField(max_length=64, blank=True)  # empty until the task has made the code
    browser_key_hash = models.CharField(max_length=64, unique=True)
    asked_at = models.DateTimeField(db_index=True)
    expires_at = models.DateTimeField()
    tries = models.PositiveSmallIntegerField(default=0)
    used_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"code {self.pk}"


class Attempt(models.Model):
    """One try at a door that is limited: kept in the database, so that no new browser or empty cache resets it."""

    door = models.CharField(max_length=20)
    key_hash = models.CharField(max_length=64)
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(name="attempt_door_key", fields=["door", "key_hash", "at"])]

    def __str__(self) -> str:
        return f"{self.door} {self.pk}"
