"""A weekly award through a missed paper, a hold with notice and a second look; a cooker ordered and collected."""

from datetime import timedelta

import pytest

from portal.accounts.models import Role
from portal.finance.models import Receipt
from portal.payments import services
from portal.payments.models import AwardChange, PaymentRequest, Provision
from tests.conftest import NOW
from tests.factories import StaffFactory, VersionFactory
from tests.payments.test_regular_awards import LATER, TODAY, ade, asked_by, deciding, omar

__all__ = ["ade", "omar"]
pytestmark = [pytest.mark.django_db, pytest.mark.sqlite]


def text(answer) -> str:
    return " ".join(answer.content.decode().split())


def day(name, on) -> dict[str, int]:
    return {f"{name}_0": on.day, f"{name}_1": on.month, f"{name}_2": on.year}


def test_a_weekly_award_from_yes_to_hold_to_a_second_look(client, ade, omar):
    asked = asked_by(ade, VersionFactory(cap_pence=None))
    desk, mine = f"/desk/requests/{asked.ref}/", f"/me/requests/{asked.ref}/"
    client.force_login(omar)
    last = TODAY + timedelta(weeks=9)
    terms = {"seen": 0, "each_pence": "10", "every": "WEEK", **day("starts_on", TODAY), **day("ends_on", last),
             "words": "Ten weeks."}  # fmt: skip
    wrong = text(client.post(f"{desk}again/", {**terms, **day("review_on", last + timedelta(days=9))}))
    assert "Look at it again between the first day and the last" in wrong
    client.post(f"{desk}again/", {**terms, **day("review_on", TODAY + timedelta(days=28))})
    assert "10 payments" in text(client.get(f"{desk}award/"))

    hold = {"action": "HOLD", "hold-code": "MISSING_PAPER",
            "hold-words": "We need the new letter."}  # fmt: skip
    soon = text(client.post(f"{desk}award/", {**hold, **day("hold-starts_on", TODAY)}))
    assert "They must be told first" in soon
    assert "We need the new letter." in soon
    client.post(f"{desk}award/", {**hold, **day("hold-starts_on", LATER)})
    assert AwardChange.objects.get().kind == "HOLD"

    client.force_login(ade.user)
    told = text(client.get(mine))
    assert "Yes to £10 every week" in told
    assert "Held from Monday 7 December" in told
    assert "Nothing is lost" in told
    client.post(f"{mine}look-again/", {"words": "I sent it in May."})
    assert "Until they answer, the money goes on." in text(client.get(mine))

    client.force_login(deciding())
    assert "I sent it in May." in text(client.get(f"{desk}award/"))
    client.post(
        f"{desk}award/", {"action": "LOOKED", "looked-stands": "no", "looked-words": "We had it. Sorry."}
    )
    client.force_login(ade.user)
    assert "We had it. Sorry." in text(client.get(mine))


def test_a_thing_is_ordered_and_collected_against_the_code_on_their_page(client, ade, omar):
    asked = asked_by(ade, VersionFactory(cap_pence=None), how="COLLECT")
    desk, mine = f"/desk/requests/{asked.ref}/award/", f"/me/requests/{asked.ref}/"
    client.force_login(omar)
    services.approve(ref=asked.ref, by=omar, now=NOW)
    client.post(desk, {"action": "ORDER", "order-what": "A cooker", "order-order_number": "PO 7",
                       **day("order-expected_on", LATER)})  # fmt: skip
    over = f"/desk/finance/hand-over/{asked.ref}/"
    one = PaymentRequest.objects.get().awards.get().instalments.get()
    give = {"instalment": one.ref, "how": "COLLECTED", "proof": "123456"}
    assert "It is not here yet" in text(client.post(over, give))
    client.force_login(ade.user)
    assert "It should be here by Monday 7 December" in text(client.get(mine))

    client.force_login(omar)
    client.post(desk, {"action": "READY"})
    code = Provision.objects.get().code
    assert code not in text(client.get(desk))
    wrong = f"{(int(code) + 1) % 10**6:06}"
    assert "That is not the code on their page" in text(client.post(over, {**give, "proof": wrong}))
    client.force_login(ade.user)
    assert code in text(client.get(mine))

    client.force_login(omar)
    client.post(over, {**give, "proof": code})
    assert Receipt.objects.get().proof == f"{one.ref} {code}"
    client.force_login(ade.user)
    assert "You collected it on" in text(client.get(mine))


def test_money_alone_is_never_ordered(client, ade, omar):
    asked = asked_by(ade, VersionFactory(cap_pence=None), how="BANK")
    services.approve(ref=asked.ref, by=omar, now=NOW)
    client.force_login(StaffFactory(role=Role.SERVICE_MANAGER))

    assert "It was ordered" not in text(client.get(f"/desk/requests/{asked.ref}/award/"))


def test_who_may_not_pass_a_cap_reads_who_may_and_fills_in_nothing(client, ade, omar):
    asked = asked_by(ade, VersionFactory(cap_pence=5_000, amount_pence=5_000, duty="MAY"))
    address = f"/desk/requests/{asked.ref}/exception/"

    client.force_login(deciding(Role.TEAM_MANAGER, pence=50_000, team=ade.team))
    refused = text(client.get(address))
    client.force_login(omar)
    offered = text(client.get(address))

    assert "This is not yours to give" in refused
    assert "Let them have it" not in refused
    assert "Let them have it" in offered
