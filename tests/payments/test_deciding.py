"""Deciding: who may, what it rests on, what it leaves behind."""

from datetime import date, datetime, timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db import DatabaseError, transaction

from entitlements.models import ApproverLevel, Confidence
from entitlements.models import Status as EntitlementStatus
from portal.accounts.models import Role, User
from portal.case_notes.models import CaseNote
from portal.ledger.models import Allowance, Entry
from portal.notifications.models import Notification
from portal.payments import services
from portal.payments.authority import authority_of
from portal.payments.models import Award, Decision, DelegatedAuthority, InPlan, Instalment, PaymentRequest
from portal.payments.rules import Level, Status
from portal.people.models import Absence, Allocation
from portal.refs import new_token
from tests.factories import LONG_AGO, StaffFactory, VersionFactory
from tests.payments.conftest import staff
from tests.payments.test_asking import code_of


def test_a_yes_sets_the_money_aside_and_promises_a_day(house) -> None:
    asked = house.approved()

    assert (asked.status, asked.agreed_pence, asked.money_by) == (Status.APPROVED, 18_000, date(2026, 11, 26))
    assert Allowance.objects.get().reserved_pence == 18_000
    assert Instalment.objects.get().pence == Award.objects.get().pence == 18_000
    told = Notification.objects.get(kind="decision_made")
    assert (told.to, told.key) == (house.maya.user, f"request:{asked.ref}:decision:1")


def test_a_decision_quotes_what_it_rested_on(house) -> None:
    asked = house.approved()

    decision = Decision.objects.get()
    assert (decision.asked, decision.by, decision.version) == (asked, house.priya, house.version)
    assert (decision.level, decision.limit_pence, decision.already_pence) == (Level.TEAM_MANAGER, 50_000, 0)
    for attempt in (lambda: Decision.objects.update(pence=1), lambda: Decision.objects.all().delete()):
        with pytest.raises(DatabaseError), transaction.atomic():
            attempt()


def test_an_adviser_approves_up_to_a_hundred_pounds(house) -> None:
    small = house.sent(pence=10_000)

    assert services.approve(ref=small.ref, by=house.sam, now=house.now).status == Status.APPROVED
    assert (
        code_of(services.approve, ref=house.sent(pence=1).ref, by=house.sam, now=house.now)
        == "above_authority"
    )


def test_split_requests_of_different_kinds_count_together(house) -> None:
    services.approve(ref=house.sent(pence=9_000).ref, by=house.sam, now=house.now)

    other = house.send(house.draft(something_else=True, pence=1_001))

    assert code_of(services.approve, ref=other.ref, by=house.sam, now=house.now) == "above_authority"


@pytest.mark.parametrize(("days", "refused"), [(30, True), (31, False)])
def test_the_window_is_thirty_days(house, days, refused) -> None:
    services.approve(ref=house.sent(pence=10_000).ref, by=house.sam, now=house.now)
    later = house.now + timedelta(days=days)
    asked = house.send(house.draft(pence=100), now=later)

    if refused:
        assert code_of(services.approve, ref=asked.ref, by=house.sam, now=later) == "above_authority"
    else:
        assert services.approve(ref=asked.ref, by=house.sam, now=later).status == Status.APPROVED


def test_what_was_taken_back_no_longer_counts(house) -> None:
    first = services.approve(ref=house.sent(pence=10_000).ref, by=house.sam, now=house.now)
    services.withdraw(ref=first.ref, by=house.maya.user, now=house.now)

    second = house.sent(pence=10_000)

    assert services.approve(ref=second.ref, by=house.sam, now=house.now).status == Status.APPROVED


def test_a_changed_limit_counts_from_its_day(house) -> None:
    tomorrow = house.now.date() + timedelta(days=1)
    DelegatedAuthority.objects.filter(role=Role.PERSONAL_ADVISER).update(ends_on=house.now.date())
    DelegatedAuthority.objects.create(
        role=Role.PERSONAL_ADVISER, ages="FROM_18", limit_pence=20_000, starts_on=tomorrow
    )
    asked = house.sent(pence=18_000)

    assert code_of(services.approve, ref=asked.ref, by=house.sam, now=house.now) == "above_authority"
    done = services.approve(ref=asked.ref, by=house.sam, now=house.now + timedelta(days=1))
    assert done.status == Status.APPROVED


def test_new_staff_decide_nothing_until_a_manager_lets_them(house) -> None:
    new = StaffFactory(first_name="New")
    Allocation.objects.all().update(worker=new)
    asked = house.sent(pence=100)

    assert code_of(services.approve, ref=asked.ref, by=new, now=house.now) == "no_authority"
    services.give_authority(
        user=new, role=Role.PERSONAL_ADVISER, by=house.priya, on=house.now.date(), limit_pence=99
    )
    assert code_of(services.approve, ref=asked.ref, by=new, now=house.now) == "above_authority"


def test_under_18_the_adviser_recommends_and_the_social_worker_decides(house) -> None:
    ruth = staff(Role.SOCIAL_WORKER, "Ruth")
    house.maya.born_on = date(2009, 1, 1)
    house.maya.save()
    Allocation.objects.create(
        young_person=house.maya, worker=ruth, acts_as="SOCIAL_WORKER", starts_on=LONG_AGO
    )
    asked = house.sent(pence=5_000)

    assert code_of(services.approve, ref=asked.ref, by=house.sam, now=house.now) == "no_authority"
    assert services.approve(ref=asked.ref, by=ruth, now=house.now).status == Status.APPROVED


def test_an_unknown_birthday_counts_as_under_18(house) -> None:
    house.maya.born_on = None
    house.maya.save()

    assert authority_of(house.sam, young_person=house.maya, on=house.now.date()) is None


def test_example_bands_mean_nothing_outside_the_demo(house, settings) -> None:
    settings.DEMO = False

    assert (
        code_of(services.approve, ref=house.sent(pence=100).ref, by=house.sam, now=house.now)
        == "no_authority"
    )


def test_an_unconfirmed_example_never_becomes_money_outside_the_demo(house, settings) -> None:
    DelegatedAuthority.objects.update(confirmed_on=date(2026, 1, 1))
    settings.DEMO = False
    house.version = VersionFactory(confidence=Confidence.EXAMPLE, approver_level="")
    asked = house.sent(pence=100)

    assert code_of(services.approve, ref=asked.ref, by=house.sam, now=house.now) == "unconfirmed"
    assert not Award.objects.exists()


def test_something_not_started_never_becomes_money_even_in_the_demo(house) -> None:
    house.version = VersionFactory(status=EntitlementStatus.PROSPECTIVE, approver_level="")

    refused = code_of(services.approve, ref=house.sent(pence=100).ref, by=house.sam, now=house.now)

    assert refused == "not_in_force"


def test_the_entitlements_own_approver_is_a_minimum(house) -> None:
    house.version = VersionFactory(approver_level=ApproverLevel.SERVICE_MANAGER)
    asked = house.sent(pence=100)

    assert code_of(services.approve, ref=asked.ref, by=house.priya, now=house.now) == "below_level"
    assert services.approve(ref=asked.ref, by=house.omar, now=house.now).status == Status.APPROVED


def test_nobody_decides_what_they_raised_edited_or_asked_for_themselves(house) -> None:
    raised = house.send(house.draft(by=house.sam, pence=100), by=house.sam)

    assert code_of(services.approve, ref=raised.ref, by=house.sam, now=house.now) == "own_work"
    assert code_of(services.recommend, ref=raised.ref, pence=100, by=house.sam, now=house.now) == "own_work"
    assert code_of(services.approve, ref=raised.ref, by=house.maya.user, now=house.now) == "not_yours"


def test_never_more_than_the_cap(house) -> None:
    house.version = VersionFactory(cap_pence=20_000, approver_level="")
    services.approve(ref=house.sent(pence=15_000).ref, by=house.priya, now=house.now)
    second = house.sent(pence=6_000)

    assert code_of(services.approve, ref=second.ref, by=house.priya, now=house.now) == "over_cap"
    second.refresh_from_db()
    assert second.status == Status.SUBMITTED
    assert Decision.objects.count() == Award.objects.count() == 1


def test_a_no_shows_its_reason_and_needs_the_one_who_could_say_yes(house) -> None:
    asked = house.sent()
    no = {"ref": asked.ref, "code": "ANOTHER_WAY", "words": "The shop gives it for free.", "now": house.now}

    assert code_of(services.decline, **{**no, "words": ""}, by=house.priya) == "no_reason"
    assert code_of(services.decline, **no, by=house.sam) == "above_authority"
    declined = services.decline(**no, by=house.priya)

    assert (declined.status, declined.answer_words) == (Status.DECLINED, "The shop gives it for free.")
    assert not Award.objects.exists()


def test_what_the_plan_promises_is_refused_by_the_service_manager_alone(house) -> None:
    asked = house.sent()
    services.set_in_plan(ref=asked.ref, in_plan=InPlan.YES, by=house.sam, now=house.now)
    no = {"ref": asked.ref, "code": "OTHER", "words": "We cannot.", "now": house.now}

    assert code_of(services.decline, **no, by=house.priya) == "in_the_plan"
    assert services.decline(**no, by=house.omar).status == Status.DECLINED


def test_a_part_sets_aside_the_part(house) -> None:
    asked = house.recommended()

    part = services.part_approve(
        ref=asked.ref,
        pence=15_000,
        code="COSTS_LESS",
        words="It is £150 online.",
        by=house.priya,
        now=house.now,
    )

    assert (part.status, part.agreed_pence) == (Status.PART_APPROVED, 15_000)
    assert Allowance.objects.get().reserved_pence == 15_000


def test_a_departure_from_the_rule_needs_a_reason(house) -> None:
    asked = house.sent(pence=100)
    PaymentRequest.objects.filter(pk=asked.pk).update(rule_answer="NO")

    assert code_of(services.approve, ref=asked.ref, by=house.sam, now=house.now) == "override_needs_why"
    done = services.approve(ref=asked.ref, override_why="Her record is behind.", by=house.sam, now=house.now)
    assert done.status == Status.APPROVED


def test_a_stale_screen_is_told_what_happened_since(house) -> None:
    asked = house.sent()
    seen = asked.row_version
    services.ask_more(ref=asked.ref, code="PRICE", words="The price?", by=house.sam, now=house.now)

    with pytest.raises(services.Stale) as stale:
        services.approve(ref=asked.ref, by=house.priya, now=house.now, seen=seen)

    assert [step.words for step in stale.value.since] == ["The price?"]


def test_recommending_hands_it_to_whoever_may_decide_the_amount(house) -> None:
    assert house.recommended(pence=18_000).holder == house.priya
    assert house.recommended(pence=60_000).holder == house.omar


def test_a_review_is_decided_by_somebody_else_at_the_right_level(house) -> None:
    asked = house.declined()
    services.ask_review(ref=asked.ref, words="Please look again.", by=house.maya.user, now=house.now)
    look = {"ref": asked.ref, "changed": True, "pence": 18_000, "words": "You are right.", "now": house.now}

    assert code_of(services.decide_review, **look, by=house.priya) == "own_work"
    assert code_of(services.decide_review, **look, by=house.sam) == "own_work"  # he recommended it
    changed = services.decide_review(**look, by=house.omar)

    assert (changed.status, changed.agreed_pence) == (Status.CHANGED, 18_000)
    assert Allowance.objects.get().reserved_pence == 18_000
    assert (
        code_of(services.ask_review, ref=asked.ref, words="", by=house.maya.user, now=house.now) == "not_now"
    )


def test_a_changed_part_adds_only_the_difference(house) -> None:
    asked = house.recommended()
    services.part_approve(
        ref=asked.ref, pence=10_000, code="COSTS_LESS", words="Cheaper.", by=house.priya, now=house.now
    )
    services.ask_review(ref=asked.ref, words="", by=house.maya.user, now=house.now)

    services.decide_review(
        ref=asked.ref, changed=True, pence=18_000, words="Yes.", by=house.omar, now=house.now
    )

    assert Allowance.objects.get().reserved_pence == Award.objects.get().pence == 18_000
    assert list(Instalment.objects.values_list("number", "pence")) == [(1, 10_000), (2, 8_000)]


def test_a_review_that_changes_nothing_says_why(house) -> None:
    asked = house.declined()
    services.ask_review(ref=asked.ref, words="", by=house.maya.user, now=house.now)
    look = {"ref": asked.ref, "changed": False, "by": house.omar, "now": house.now}

    assert code_of(services.decide_review, **look, words="") == "no_reason"
    kept = services.decide_review(**look, code="ANOTHER_WAY", words="The free beds are still there.")

    assert kept.status == Status.NOT_CHANGED


def test_a_paid_instalment_is_spent_once_and_a_returned_one_is_owed_again(house) -> None:
    house.approved()
    one = Instalment.objects.get()
    services.mark_in_batch(instalments=[one.pk], now=house.now)

    for _again in range(2):
        services.mark_paid(instalment=one, now=house.now)
    assert (Allowance.objects.get().reserved_pence, Allowance.objects.get().spent_pence) == (0, 18_000)
    assert Award.objects.get().state == Award.State.CLOSED

    for _again in range(2):
        services.mark_failed(instalment=one, reason="Account closed", now=house.now)
    assert (Allowance.objects.get().reserved_pence, Allowance.objects.get().spent_pence) == (18_000, 0)
    assert Award.objects.get().state == Award.State.OPEN

    services.mark_in_batch(instalments=[one.pk], now=house.now)
    services.mark_paid(instalment=one, now=house.now)
    assert Allowance.objects.get().spent_pence == 18_000
    assert Notification.objects.filter(kind="paid").count() == 2


def test_a_batch_takes_all_or_nothing(house) -> None:
    house.approved()
    one = Instalment.objects.get()
    services.mark_in_batch(instalments=[one.pk], now=house.now)

    with pytest.raises(ValidationError):
        services.mark_in_batch(instalments=[one.pk], now=house.now)


def at(day: int, hour: int = 10) -> datetime:
    from tests.conftest import NOW

    return NOW.replace(day=day, hour=hour)


def test_the_holder_is_reminded_the_working_day_before_and_once(house) -> None:
    house.sent()  # decide by Monday the 30th

    assert services.run_clocks(at(26))["reminded"] == 0
    assert services.run_clocks(at(27, hour=8)) == {"handed_over": 0}
    assert services.run_clocks(at(27))["reminded"] == 1
    assert services.run_clocks(at(27, hour=12))["reminded"] == 0
    assert Notification.objects.get(kind="decision_due").to == house.sam


def test_a_late_one_tells_the_manager_and_says_sorry_once(house) -> None:
    house.sent()

    for _minute in range(2):
        services.run_clocks(house.now + timedelta(days=8))

    assert Notification.objects.get(kind="decision_overdue", key__contains=":overdue:").to == house.priya
    assert Notification.objects.get(kind="decision_late_sorry").to == house.maya.user


def test_nothing_is_late_while_the_young_person_is_asked_for_more(house) -> None:
    asked = house.sent()
    services.ask_more(ref=asked.ref, code="PRICE", words="The price?", by=house.sam, now=house.now)

    done = services.run_clocks(house.now + timedelta(days=30))

    assert (done["late"], done["reminded"], done["unopened"]) == (0, 0, 0)


def test_an_absence_that_begins_later_hands_it_to_the_cover(house) -> None:
    asked = house.sent()
    grace = StaffFactory(first_name="Grace")
    Absence.objects.create(user=house.sam, cover=grace, starts_on=date(2026, 11, 24))

    assert services.run_clocks(house.now)["handed_over"] == 0
    assert services.run_clocks(at(24))["handed_over"] == 1
    asked.refresh_from_db()
    assert asked.holder == grace


def test_an_unopened_request_reaches_the_manager_by_age_alone(house) -> None:
    asked = house.sent()

    assert services.run_clocks(at(24))["unopened"] == 0
    assert services.run_clocks(at(25))["unopened"] == 1

    other = house.sent()
    services.opened(ref=other.ref, by=house.sam, now=house.now)
    assert services.run_clocks(at(25, hour=11))["unopened"] == 0
    assert Notification.objects.get(key__contains="unopened").to == house.priya
    assert asked.pk != other.pk


def test_a_first_yes_leaves_the_cap_and_what_was_set_aside_in_the_history(house) -> None:
    house.approved()

    assert list(Entry.objects.order_by("pk").values_list("kind", "pence")) == [
        ("CAP", 300_000),
        ("RESERVE", 18_000),
    ]


def test_silence_never_blocks_what_was_asked_for_somebody_without_a_phone(house, client) -> None:
    """Nobody but staff can say what Maya told them: her account is shut, and Sam asked for her."""
    User.objects.filter(pk=house.maya.user.pk).update(is_active=False)
    asked = services.raise_for(
        young_person=house.maya, entitlement=house.version.entitlement, token=new_token(), by=house.sam, now=house.now,
        answers={"story": "A bed.", "pence": 18_000, "how": "BANK"},
    )  # fmt: skip
    services.ask_more(ref=asked.ref, code="PRICE", words="The price?", by=house.priya, now=house.now)
    client.force_login(house.priya)
    address = f"/desk/requests/{asked.ref}/"
    assert "Go on without waiting" in client.get(address).content.decode()

    words = {"action": "GO_ON", "go_on-seen": "2", "go_on-words": ""}
    assert client.post(address, words).status_code == 200, "not without a word"
    gone_on = client.post(address, {**words, "go_on-words": "Maya rang: it is £180."})

    asked.refresh_from_db()
    assert gone_on.status_code == 302
    assert (asked.status, asked.holder, asked.paused_days) == (Status.SUBMITTED, house.priya, None)
    assert asked.decide_by > house.now.date()
    assert "Maya rang: it is £180." in client.get(address).content.decode()
    assert CaseNote.objects.filter(about=asked.ref, words__contains="Maya rang").exists()
    assert services.approve(ref=asked.ref, by=house.priya, now=house.now).status == Status.APPROVED


def test_a_question_nobody_answers_comes_back_to_whoever_asked_after_a_week_and_once(house) -> None:
    asked = house.sent()
    services.ask_more(ref=asked.ref, code="PRICE", words="The price?", by=house.sam, now=house.now)
    Notification.objects.all().delete()

    services.run_clocks(house.now + timedelta(days=4))
    assert not Notification.objects.exists()
    for days in (7, 8):
        services.run_clocks(house.now + timedelta(days=days))

    assert [(one.kind, one.to) for one in Notification.objects.all()] == [("decision_due", house.sam)]
    services.go_on(ref=asked.ref, words="She rang.", by=house.sam, now=house.now + timedelta(days=8))
    services.ask_more(
        ref=asked.ref, code="WHICH", words="Which?", by=house.sam, now=house.now + timedelta(days=8)
    )
    services.run_clocks(house.now + timedelta(days=15))
    assert Notification.objects.filter(kind="decision_due").count() == 2, "a new question is a new week"
