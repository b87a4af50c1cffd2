"""A cap is changed while requests are open: the preview says how many; they keep their version."""

from dataclasses import replace
from datetime import timedelta

import pytest
from django.contrib.auth.models import Group
from django.test import Client

from cms.groups import PUBLISHERS
from entitlements.models import Entitlement
from portal.desk.population import open_requests
from portal.payments.models import PaymentRequest
from tests.entitlements.conftest import page_of, publish
from tests.factories import UserFactory, YoungPersonFactory
from tests.payments.conftest import House, house

__all__ = ["house"]

pytestmark = pytest.mark.sqlite
CODE = "setting-up-home-allowance"


@pytest.fixture
def asking(handbook, house: House) -> House:
    """Somebody who asks for the allowance as it is published."""
    return replace(house, version=Entitlement.objects.select_related("current").get(code=CODE).current)


def another(house: House) -> House:
    """Somebody else of the same team, with the same adviser."""
    return replace(house, maya=YoungPersonFactory(team=house.team, adviser=house.sam))


def preview(client: Client, draft) -> str:
    publisher = UserFactory()
    publisher.groups.add(Group.objects.get(name=PUBLISHERS))
    client.force_login(publisher)
    answer = client.get(f"/cms/entitlements/impact/{draft.pk}/")
    assert answer.status_code == 200
    return " ".join(answer.content.decode().split())


def test_three_open_requests_are_named_keep_their_version_and_the_next_one_gets_the_new(
    asking: House, client: Client
):
    first = asking.version
    open_ones = [another(asking).sent() for _time in range(3)]
    another(asking).declined()  # decided, so the change touches it no more
    draft = page_of(CODE)
    changed = draft.get_latest_revision_as_object()
    changed.amount = 2500
    changed.save_revision()

    assert open_requests(CODE).count == 3
    shown = preview(client, draft)
    assert "Waiting for this: <strong>3</strong>" in shown
    assert "up to £3,000" in shown
    assert "up to £2,500" in shown

    second = publish(page_of(CODE), amount="2500.00").current
    assert (first.cap_pence, second.cap_pence) == (300_000, 250_000)
    kept = PaymentRequest.objects.filter(pk__in=[asked.pk for asked in open_ones])
    assert {asked.version_id for asked in kept} == {first.pk}

    later = replace(another(asking), version=second, now=asking.now + timedelta(hours=1)).sent()
    assert later.version_id == second.pk


def test_how_many_ask_for_something_quiet_is_hidden_when_it_is_few(asking: House, client: Client):
    publish(page_of(CODE), quiet=True)
    another(asking).sent()

    shown = preview(client, page_of(CODE))

    assert "Waiting for this: <strong>fewer than 5</strong>" in shown
