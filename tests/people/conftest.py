"""A team, an adviser in it and its manager."""

import pytest

from portal.accounts.models import Role, User
from portal.people.models import Team
from tests.factories import StaffFactory


@pytest.fixture
def team(db) -> Team:
    return Team.objects.create(code="leaving", name="Leaving care team")


@pytest.fixture
def sam(team: Team) -> User:
    return StaffFactory(role=Role.PERSONAL_ADVISER, team=team, first_name="Sam")


@pytest.fixture
def priya(team: Team) -> User:
    return StaffFactory(role=Role.TEAM_MANAGER, team=team, first_name="Priya")
