"""Every factory, with traits for the situations tests speak of. All people are invented."""

from datetime import date, datetime

import factory
from factory.django import DjangoModelFactory

from entitlements.definition import Rule
from entitlements.facts import CareLeaverStatus
from entitlements.models import (
    AffectsBenefits,
    AmountType,
    ApproverLevel,
    Confidence,
    Duty,
    Entitlement,
    EntitlementVersion,
    HowToGet,
    Per,
    Status,
)
from entitlements.plain_data import to_data
from portal.accounts.models import Role, RoleHeld, User
from portal.people.models import Allocation, StatusPeriod, Team, TeamMembership, YoungPerson
from tests.conftest import NOW

LONG_AGO = date(2020, 1, 1)


class UserFactory(DjangoModelFactory):
    """An account."""

    class Meta:
        model = User
        skip_postgeneration_save = True

    first_name = factory.Sequence(lambda n: f"Name{n}")
    email = factory.Sequence(lambda n: f"person{n}@example.invalid")
    password = "!"


class StaffFactory(UserFactory):
    """A member of staff: `StaffFactory(role=Role.TEAM_MANAGER, team=team)` manages that team."""

    @classmethod
    def _create(cls, model_class, *args, role=Role.PERSONAL_ADVISER, team=None, **kwargs):
        user = super()._create(model_class, *args, **kwargs)
        RoleHeld.objects.create(user=user, role=role, starts_on=LONG_AGO)
        if team is not None:
            TeamMembership.objects.create(
                user=user, team=team, manages=role == Role.TEAM_MANAGER, starts_on=LONG_AGO
            )
        return user


class TeamFactory(DjangoModelFactory):
    """A team."""

    class Meta:
        model = Team

    code = factory.Sequence(lambda n: f"team-{n}")
    name = factory.Sequence(lambda n: f"Team {n}")


class YoungPersonFactory(DjangoModelFactory):
    """A 19-year-old who left care at 18, with an account. `adviser=` allocates one."""

    class Meta:
        model = YoungPerson
        skip_postgeneration_save = True

    user = factory.SubFactory(UserFactory)
    person_id = factory.Sequence(lambda n: f"P{n:05}")
    given_name = factory.Sequence(lambda n: f"Young{n}")
    family_name = "Person"
    born_on = date(2007, 7, 1)

    @factory.post_generation
    def status(self, create, extracted, **kwargs):
        if extracted != "":
            StatusPeriod.objects.create(
                young_person=self, status=extracted or CareLeaverStatus.FORMER_RELEVANT, starts_on=LONG_AGO
            )

    @factory.post_generation
    def adviser(self, create, extracted, **kwargs):
        if extracted:
            Allocation.objects.create(young_person=self, worker=extracted, starts_on=LONG_AGO)


class EntitlementFactory(DjangoModelFactory):
    """The thing itself, without a version."""

    class Meta:
        model = Entitlement
        django_get_or_create = ("code",)

    code = factory.Sequence(lambda n: f"entitlement-{n}")


class VersionFactory(DjangoModelFactory):
    """A published version, national and in force: up to £3,000, once, decided by a team manager."""

    class Meta:
        model = EntitlementVersion
        skip_postgeneration_save = True

    entitlement = factory.SubFactory(EntitlementFactory)
    number = factory.Sequence(lambda n: n + 1)
    published_at: datetime = NOW
    title = "Money to set up your first home"
    one_line = "Money for a bed, a cooker and other things."
    section = "home"
    duty = Duty.MUST
    kind = "statutory"
    status = Status.IN_FORCE
    confidence = Confidence.NATIONAL
    how_to_get = HowToGet.REQUEST_ONLINE
    approver_level = ApproverLevel.TEAM_MANAGER
    decision_days = 5
    affects_benefits = AffectsBenefits.ASK
    rule = factory.LazyAttribute(lambda made: to_data(Rule(code=made.entitlement.code)))  # everybody
    amount_type = AmountType.UP_TO
    per = Per.ONCE
    amount_pence = 300_000
    cap_pence = 300_000
    cap_period = Per.ONCE

    @factory.post_generation
    def current(self, create, extracted, **kwargs):
        """Unless told otherwise this is the version readers see now."""
        if extracted is not False:
            Entitlement.objects.filter(pk=self.entitlement_id).update(current=self)
            self.entitlement.current = self
