"""People, entitlements and versions, as few as a test of the ledger needs."""

from datetime import UTC, datetime
from itertools import count

import pytest

from entitlements.models import Duty, Entitlement, EntitlementVersion, Per
from portal.accounts.models import User
from portal.people.models import YoungPerson

numbers = count(1)
PUBLISHED = datetime(2026, 4, 1, 9, 0, tzinfo=UTC)


def publish(
    entitlement: Entitlement,
    *,
    cap_pence: int | None = 300_000,
    period: str = Per.ONCE,
    duty: str = Duty.MAY,
    **more,
) -> EntitlementVersion:
    """The next version of an entitlement."""
    return EntitlementVersion.objects.create(
        entitlement=entitlement,
        number=entitlement.versions.count() + 1,
        published_at=PUBLISHED,
        title="Setting up home",
        one_line="Money for your first home",
        section="money",
        duty=duty,
        kind="statutory",
        status="IN_FORCE",
        confidence=more.pop("confidence", "NATIONAL"),
        how_to_get="REQUEST_ONLINE",
        affects_benefits="NO",
        amount_type="UP_TO",
        cost_code=more.pop("cost_code", "C1234"),
        cap_pence=cap_pence,
        cap_period=period,
        **more,
    )


@pytest.fixture
def young_person(db) -> YoungPerson:
    return YoungPerson.objects.create(person_id=f"P{next(numbers)}", given_name="Sam", family_name="Lee")


@pytest.fixture
def entitlement(db) -> Entitlement:
    return Entitlement.objects.create(code=f"setting-up-home-{next(numbers)}")


@pytest.fixture
def manager(db) -> User:
    return User.objects.create(first_name="Dee")
