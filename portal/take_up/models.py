"""How many can have each entitlement, had it, or would if we knew more. Counts, never a list about people."""

from datetime import date

from django.db import models
from django.db.models import Q

from portal.accounts.models import Role, User
from portal.people.models import Team, TeamMembership, held_on


class TakeUpQuerySet(models.QuerySet["TakeUp"]):
    def visible_to(self, user: User, *, on: date) -> "TakeUpQuerySet":
        """A service manager: every team. A team manager: the teams they manage that day. Everybody else: nothing."""
        roles = user.roles_on(on)
        if Role.SERVICE_MANAGER in roles:
            return self
        if Role.TEAM_MANAGER not in roles:
            return self.none()
        managed = TeamMembership.objects.filter(held_on(on), user=user, manages=True).values("team")
        return self.filter(team__in=managed)


class TakeUp(models.Model):
    """One entitlement in one team, as it was counted on a day. The four are about different people: never add them.

    Quiet entitlements (immigration, custody, crisis) have no row: a count of them could tell who.
    """

    entitlement = models.ForeignKey("entitlements.Entitlement", on_delete=models.CASCADE, related_name="+")
    team = models.ForeignKey(Team, on_delete=models.CASCADE, null=True, related_name="+")  # empty: in no team
    counted_on = models.DateField()
    # Something was agreed or paid, as far as our own ledger goes.
    had = models.PositiveIntegerField()
    # The rule says yes, nothing was had, and they have signed in here.
    unclaimed = models.PositiveIntegerField()
    # The same, and they have never signed in.
    not_reached = models.PositiveIntegerField()
    # A fact is missing, so the rule cannot say.
    not_known = models.PositiveIntegerField()

    objects = TakeUpQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(name="take_up_once", fields=["entitlement", "team"]),
            models.UniqueConstraint(
                name="take_up_without_a_team_once", fields=["entitlement"], condition=Q(team=None)
            ),
        ]

    def __str__(self) -> str:
        return f"take-up {self.pk}"
