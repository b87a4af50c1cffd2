"""A small team, one young person, and requests at each stage."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import pytest

from entitlements.models import EntitlementVersion
from portal.accounts.models import Role, User
from portal.payments import services
from portal.payments.models import PaymentRequest
from portal.people.models import Team, YoungPerson
from portal.refs import new_token
from tests.factories import LONG_AGO, StaffFactory, TeamFactory, VersionFactory, YoungPersonFactory


@dataclass
class House:
    """Everybody a request meets, and how to bring one to a stage."""

    now: datetime
    team: Team
    maya: YoungPerson
    sam: User
    priya: User
    omar: User
    version: EntitlementVersion

    def draft(
        self, *, by: User | None = None, something_else: bool = False, **answers: Any
    ) -> PaymentRequest:
        """A request whose every question is answered, not sent yet: £180 for a bed."""
        said = {"story": "A bed for my flat.", "pence": 18_000, "how": "BANK", **answers}
        return services.start(
            young_person=self.maya,
            entitlement=None if something_else else self.version.entitlement,
            answers=said,
            token=new_token(),
            by=by or self.maya.user,
            now=self.now,
        )

    def send(
        self, asked: PaymentRequest, *, by: User | None = None, now: datetime | None = None
    ) -> PaymentRequest:
        """Press send on a draft."""
        return services.submit(
            ref=asked.ref,
            shown=services.shown_print(asked),
            token=new_token(),
            by=by or self.maya.user,
            now=now or self.now,
        )

    def sent(self, **answers: Any) -> PaymentRequest:
        """A request with its first holder."""
        return self.send(self.draft(**answers))

    def recommended(self, **answers: Any) -> PaymentRequest:
        """A request Sam said yes to, now with Priya."""
        asked = self.sent(**answers)
        return services.recommend(ref=asked.ref, pence=asked.asked_pence, by=self.sam, now=self.now)

    def approved(self, **answers: Any) -> PaymentRequest:
        """A request Priya agreed."""
        return services.approve(ref=self.recommended(**answers).ref, by=self.priya, now=self.now)

    def declined(self, **answers: Any) -> PaymentRequest:
        """A request Priya refused."""
        asked = self.recommended(**answers)
        return services.decline(
            ref=asked.ref,
            code="ANOTHER_WAY",
            words="The shop gives beds for free.",
            by=self.priya,
            now=self.now,
        )


def staff(role: str, name: str, *, team: Team | None = None, limit_pence: int | None = None) -> User:
    """A member of staff who was given their role's authority long ago."""
    user = StaffFactory(role=role, first_name=name, team=team)
    services.give_authority(user=user, role=role, by=None, on=LONG_AGO, limit_pence=limit_pence)
    return user


@pytest.fixture
def house(db: None, now: datetime) -> House:
    services.load_example_bands(on=LONG_AGO)
    team = TeamFactory()
    sam = staff(Role.PERSONAL_ADVISER, "Sam", team=team)
    priya = staff(Role.TEAM_MANAGER, "Priya", team=team)
    omar = staff(Role.SERVICE_MANAGER, "Omar")
    maya = YoungPersonFactory(given_name="Maya", team=team, adviser=sam, born_on=date(2007, 7, 1))
    return House(now, team, maya, sam, priya, omar, VersionFactory(approver_level=""))
