"""Several phones with the same desk code at once: one comes in, and its number is the only way in (safety rule 17)."""

from collections import Counter
from datetime import datetime
from pathlib import Path

import pytest

from portal.accounts import services
from portal.accounts.models import Role, User
from portal.notifications.models import RecordedMessage
from portal.people import recovery
from tests.factories import StaffFactory, YoungPersonFactory
from tests.races.processes import FULL_SIZE, race

pytestmark = [pytest.mark.alone, pytest.mark.proof, pytest.mark.django_db(transaction=True)]

PHONES = 10 if FULL_SIZE else 4  # as many as one account is sent in a day
REFUSED = {"wrong_invitation", "code_over"}


def come_in_at_once(folder: Path, *, now: datetime, guard_off: bool = False) -> tuple[User, list[str]]:
    """Each of them typed the code, and a number of its own, and has had the six numbers."""
    sam, omar = StaffFactory(), StaffFactory(role=Role.SERVICE_MANAGER)
    maya = YoungPersonFactory(adviser=sam, user__phone="+447700900001")
    asked = recovery.ask(
        young_person=maya, how="MET", said="We met this morning at the door.", by=sam, now=now
    )
    recovery.confirm(recovery=asked, by=omar, now=now)
    invitation, _code = recovery.give_code(recovery=asked, by=sam, now=now)
    jobs = []
    for number in range(PHONES):
        said, key = services.ask_for_code(
            channel="SMS", destination=f"+4477009008{number:02}", caller=f"192.0.2.{number}", now=now,
            invitation=invitation,
        )  # fmt: skip
        assert said is not None
        assert services.send_code(code_id=said.pk, now=now)
        six = RecordedMessage.objects.order_by("-pk")[0].body.split()[0]
        jobs.append({"key": key, "six": six, "now": now.isoformat(), "guard_off": guard_off})
    return maya.user, race("tests.races.joiners", jobs, folder=folder)


def test_of_several_phones_with_one_code_one_comes_in_and_the_old_number_is_out(
    tmp_path: Path, now: datetime
):
    user, said = come_in_at_once(tmp_path, now=now)
    print(Counter(said))

    assert said.count("in") == 1
    assert set(said) - {"in"} <= REFUSED
    user.refresh_from_db()
    assert user.phone == f"+4477009008{said.index('in'):02}"


def test_without_the_guard_several_come_in(tmp_path: Path, now: datetime):
    _user, said = come_in_at_once(tmp_path, now=now, guard_off=True)
    print("guard off:", Counter(said))

    assert said.count("in") > 1
