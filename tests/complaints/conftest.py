"""The team of the payments room, and Maya, who complains."""

import pytest

from portal.complaints import services
from portal.complaints.models import Complaint
from portal.complaints.services import Made, Said
from tests.payments.conftest import House, house  # noqa: F401 - a fixture


@pytest.fixture
def made(house: House) -> Made:  # noqa: F811
    """Maya complained from her own page, and wants to be told the usual way."""
    said = Said(words="Nobody rang me back for three weeks.", reach="USUAL")
    return services.make(said=said, young_person=house.maya, by=house.maya.user, now=house.now)


@pytest.fixture
def complaint(made: Made) -> Complaint:
    """The same, without its word."""
    return made.complaint
