"""Money that comes every week: set aside as a whole, paid once a week, stopped only by somebody's dated decision."""

from datetime import date, timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from hypothesis import given, settings
from hypothesis import strategies as st

from entitlements.models import Confidence, Per
from portal.accounts.models import Role
from portal.finance import services as finance
from portal.finance.reconciliation import differences
from portal.ledger.models import Allowance
from portal.notifications.models import Notification
from portal.payments import services
from portal.payments.exceptions import let_have_more
from portal.payments.models import (
    Award,
    AwardChange,
    DelegatedAuthority,
    Instalment,
    PaymentRequest,
    RegularAward,
)
from portal.payments.regular.changing import (
    ask_change_review,
    change_regular,
    decide_change_review,
    remind_award_reviews,
)
from portal.payments.regular.rules import Schedule
from tests.conftest import NOW
from tests.factories import StaffFactory, TeamFactory, VersionFactory, YoungPersonFactory

pytestmark = [pytest.mark.django_db, pytest.mark.sqlite]
TODAY = NOW.date()
LATER = TODAY + timedelta(days=14)


def deciding(role=Role.SERVICE_MANAGER, pence=500_000, team=None):
    user = StaffFactory(role=role, team=team)
    DelegatedAuthority.objects.get_or_create(
        role=role, ages="ANY", ends_on=None,
        defaults={"starts_on": date(2026, 1, 1), "limit_pence": pence, "confirmed_on": date(2026, 1, 1)},
    )  # fmt: skip
    services.give_authority(user=user, role=role, by=None, on=date(2026, 1, 1))
    return user


@pytest.fixture
def omar():
    return deciding()


@pytest.fixture
def ade():
    return YoungPersonFactory(given_name="Ade", team=TeamFactory())


def asked_by(person, version, how="BANK") -> PaymentRequest:
    return PaymentRequest.objects.create(
        young_person=person, entitlement=version.entitlement, version=version, title="Money in prison", story="x",
        asked_pence=1_000, how_helped=how, status="SUBMITTED", raised_by=person.user, started_at=NOW,
        submitted_at=NOW, decide_by=TODAY, held_by="SERVICE_MANAGER",
    )  # fmt: skip


def weekly(weeks=10, pence=1_000, starts_on=TODAY) -> Schedule:
    last = starts_on + timedelta(weeks=weeks - 1)
    return Schedule("WEEK", pence, starts_on, last, starts_on + timedelta(days=28))


@pytest.fixture
def award(ade, omar) -> Award:
    version = VersionFactory(per=Per.WEEK, cap_period=Per.WEEK, cap_pence=1_500, amount_pence=1_000)
    asked = asked_by(ade, version)
    services.approve(ref=asked.ref, schedule=weekly(), words="Ten weeks.", by=omar, now=NOW)
    return Award.objects.get(asked=asked)


def decide(award, by, kind, now=NOW, **more):
    words = {"code": "MISSING_PAPER", "words": "We need the new letter.", "starts_on": LATER, **more}
    return change_regular(ref=award.asked.ref, kind=kind, by=by, now=now, **words)


def code_of(verb, *args, **words) -> str:
    with pytest.raises(ValidationError) as refusal:
        verb(*args, **words)
    return refusal.value.code


def states(award) -> str:
    return "".join(one.state[0] for one in award.instalments.order_by("number"))


def test_the_whole_sum_is_set_aside_and_each_week_has_its_own_payment_and_allowance(award):
    assert (award.pence, award.instalments.count()) == (10_000, 10)
    assert [one.due_on.weekday() for one in award.instalments.all()] == [0] * 10
    assert set(Allowance.objects.values_list("reserved_pence", flat=True)) == {1_000}
    assert Allowance.objects.count() == 10
    award.asked.refresh_from_db()
    assert (award.asked.agreed_pence, award.asked.agreed_above_why) == (
        10_000, "10 payments of £10, the last on 25 January 2027",
    )  # fmt: skip
    assert differences(now=NOW) == []


def test_a_week_is_paid_once_and_the_database_says_so(award):
    first = award.instalments.first()
    with pytest.raises(IntegrityError), transaction.atomic():
        Instalment.objects.create(award=award, number=99, period=first.period, due_on=TODAY, pence=1)


def test_each_week_goes_into_that_weeks_batch_and_no_earlier(award):
    lee = StaffFactory(role=Role.FINANCE_OFFICER)
    for week in range(2):
        now = NOW + timedelta(weeks=week)
        made = finance.make_batch(by=lee, now=now)
        assert (made.batch.count, made.batch.total_pence) == (1, 1_000)


def test_a_year_of_weeks_above_the_cap_of_one_is_refused_as_a_whole(ade, omar):
    version = VersionFactory(per=Per.ONCE, cap_period=Per.ONCE, cap_pence=9_999)
    asked = asked_by(ade, version)

    assert code_of(services.approve, ref=asked.ref, schedule=weekly(), by=omar, now=NOW) == "over_cap"
    assert not Award.objects.exists()
    assert not Instalment.objects.exists()


@pytest.mark.parametrize("every", ["WEEK", "MONTH", "TERM"])
@pytest.mark.parametrize("starts_on", [TODAY, date.max])
def test_a_last_day_at_the_end_of_the_calendar_is_refused_in_words(ade, omar, every, starts_on):
    asked = asked_by(ade, VersionFactory(cap_pence=None))
    far = Schedule(every, 1_000, starts_on, date.max, starts_on)

    assert code_of(services.approve, ref=asked.ref, schedule=far, by=omar, now=NOW) == "too_far"


def test_the_whole_sum_counts_for_authority(ade):
    sam = deciding(Role.TEAM_MANAGER, 9_999, team=ade.team)
    asked = asked_by(ade, VersionFactory(cap_pence=None))

    assert code_of(services.approve, ref=asked.ref, schedule=weekly(), by=sam, now=NOW) == "above_authority"


def test_a_missing_paper_holds_money_with_notice_and_never_ends_it(award, omar):
    tomorrow = TODAY + timedelta(days=1)
    assert code_of(decide, award, omar, "HOLD", starts_on=tomorrow) == "no_notice"
    assert code_of(decide, award, omar, "END") == "paper_alone"
    assert code_of(decide, award, omar, "CHANGE", each_pence=500) == "paper_alone"
    assert code_of(decide, award, omar, "HOLD", words=" ") == "no_reason"

    decide(award, omar, "HOLD")

    assert states(award) == "OO" + "H" * 8
    assert differences(now=NOW) == []


def test_what_was_held_is_paid_when_it_goes_on(award, omar):
    decide(award, omar, "HOLD")
    paper_came = NOW + timedelta(days=30)
    lee = StaffFactory(role=Role.FINANCE_OFFICER)
    assert len(finance.waiting(by=lee, on=paper_came.date())) == 2

    decide(award, omar, "RESUME", now=paper_came, code="", words="", starts_on=None)

    assert states(award) == "O" * 10
    assert len(finance.waiting(by=lee, on=paper_came.date())) == 5


def test_asking_somebody_else_to_look_before_a_hold_begins_keeps_the_money_coming(award, omar, ade):
    decide(award, omar, "HOLD")
    assert code_of(ask_change_review, ref=award.asked.ref, words="", by=omar, now=NOW) == "not_yours"
    ask_change_review(ref=award.asked.ref, words="I sent it in May.", by=ade.user, now=NOW)
    assert states(award) == "O" * 10
    assert (
        code_of(decide_change_review, ref=award.asked.ref, stands=False, words="x", by=omar, now=NOW)
        == "own_work"
    )

    other = deciding()
    decide_change_review(
        ref=award.asked.ref, stands=False, words="We had it all along. Sorry.", by=other, now=NOW
    )

    assert states(award) == "O" * 10
    assert AwardChange.objects.get().stands is False


def test_a_hold_that_stands_after_the_second_look_begins_on_its_day(award, omar, ade):
    decide(award, omar, "HOLD")
    ask_change_review(ref=award.asked.ref, words="", by=ade.user, now=NOW)

    decide_change_review(ref=award.asked.ref, stands=True, words="We do need it.", by=deciding(), now=NOW)

    assert states(award) == "OO" + "H" * 8


def test_an_end_gives_back_what_is_left_and_a_second_look_can_bring_it_back(award, omar, ade):
    decide(award, omar, "END", code="NOT_NOW", words="You are home now.")
    assert states(award) == "OO" + "C" * 8
    award.refresh_from_db()
    assert award.pence == 2_000
    assert sum(Allowance.objects.values_list("reserved_pence", flat=True)) == 2_000
    assert differences(now=NOW) == []
    ask_change_review(ref=award.asked.ref, words="I am still here.", by=ade.user, now=NOW)

    decide_change_review(ref=award.asked.ref, stands=False, words="You are. Sorry.", by=deciding(), now=NOW)

    award.refresh_from_db()
    assert (states(award), award.pence) == ("O" * 10, 10_000)
    assert differences(now=NOW) == []


def test_an_exception_comes_down_with_the_end_of_its_award_and_goes_up_again_with_a_second_look(ade, omar):
    version = VersionFactory(per=Per.ONCE, cap_period=Per.ONCE, cap_pence=6_000)
    asked = asked_by(ade, version)
    let_have_more(ref=asked.ref, pence=4_000, reason="Ten weeks in hospital", by=omar, now=NOW)
    services.approve(ref=asked.ref, schedule=weekly(), words="Ten weeks.", by=omar, now=NOW)
    award = Award.objects.get(asked=asked)

    def above_the_cap() -> int:
        return Allowance.objects.get(young_person=ade).extra_pence

    decide(award, omar, "END", code="NOT_NOW", words="You are home now.")
    assert above_the_cap() == 0
    assert differences(now=NOW) == []
    ask_change_review(ref=asked.ref, words="I am still here.", by=ade.user, now=NOW)

    decide_change_review(ref=asked.ref, stands=False, words="You are. Sorry.", by=deciding(), now=NOW)

    assert (states(award), above_the_cap()) == ("O" * 10, 4_000)
    assert differences(now=NOW) == []


def test_more_each_week_starts_at_once_within_the_cap_and_less_needs_notice(award, omar):
    at_once = {"starts_on": TODAY, "code": "COSTS", "words": "Phone calls cost more."}
    assert code_of(decide, award, omar, "CHANGE", **at_once, each_pence=900) == "no_notice"
    assert code_of(decide, award, omar, "CHANGE", **at_once, each_pence=1_501) == "over_cap"

    decide(award, omar, "CHANGE", **at_once, each_pence=1_500)

    award.refresh_from_db()
    assert award.pence == 15_000
    assert differences(now=NOW) == []


def test_a_second_change_does_not_take_away_the_notice_of_a_smaller_sum(award, omar):
    costs = {"code": "COSTS", "words": "It costs less."}
    decide(award, omar, "CHANGE", **costs, each_pence=500)

    assert code_of(decide, award, omar, "CHANGE", **costs, starts_on=TODAY, each_pence=500) == "no_notice"
    assert list(award.instalments.order_by("number").values_list("pence", flat=True)[:3]) == [
        1_000,
        1_000,
        500,
    ]


def test_a_button_pressed_twice_is_one_decision_and_a_second_look_puts_the_first_sum_back(award, omar, ade):
    less = {"code": "COSTS", "words": "It costs less.", "each_pence": 500}
    assert decide(award, omar, "CHANGE", **less) == decide(award, omar, "CHANGE", **less)
    assert AwardChange.objects.count() == 1
    ask_change_review(ref=award.asked.ref, words="", by=ade.user, now=NOW)

    decide_change_review(ref=award.asked.ref, stands=False, words="It does not.", by=deciding(), now=NOW)

    assert set(award.instalments.values_list("pence", flat=True)) == {1_000}
    assert differences(now=NOW) == []


def test_undoing_one_of_two_changes_leaves_what_the_other_one_says(award, omar, ade):
    decide(award, omar, "CHANGE", starts_on=TODAY, code="COSTS", words="More.", each_pence=1_200)
    decide(
        award,
        omar,
        "CHANGE",
        starts_on=TODAY + timedelta(weeks=5),
        code="COSTS",
        words="More.",
        each_pence=1_500,
    )
    ask_change_review(ref=award.asked.ref, words="", by=ade.user, now=NOW)
    decide_change_review(ref=award.asked.ref, stands=False, words="Not more.", by=deciding(), now=NOW)
    assert set(award.instalments.values_list("pence", flat=True)) == {1_200}

    AwardChange.objects.filter(each_pence=1_200).update(review_asked_at=NOW)
    decide_change_review(ref=award.asked.ref, stands=False, words="Nor this.", by=deciding(), now=NOW)

    assert set(award.instalments.values_list("pence", flat=True)) == {1_000}
    assert differences(now=NOW) == []


def test_undoing_the_first_of_two_changes_keeps_the_second(award, omar):
    second_on = TODAY + timedelta(weeks=5)
    decide(award, omar, "CHANGE", starts_on=TODAY, code="COSTS", words="More.", each_pence=1_200)
    decide(award, omar, "CHANGE", starts_on=second_on, code="COSTS", words="More.", each_pence=1_500)
    AwardChange.objects.filter(each_pence=1_200).update(review_asked_at=NOW)

    decide_change_review(ref=award.asked.ref, stands=False, words="Too early.", by=deciding(), now=NOW)

    sums = dict(award.instalments.values_list("due_on", "pence"))
    assert {pence for day, pence in sums.items() if day < second_on} == {1_000}
    assert {pence for day, pence in sums.items() if day >= second_on} == {1_500}
    assert RegularAward.objects.get().each_pence == 1_500


@pytest.mark.parametrize("how", ["undone", "ended"])
def test_a_raise_that_is_undone_or_ended_no_longer_counts_as_agreed(award, omar, ade, how):
    asked = PaymentRequest.objects.filter(pk=award.asked_id)
    decide(award, omar, "CHANGE", starts_on=TODAY, code="COSTS", words="More.", each_pence=1_500)
    assert asked.get().agreed_pence == 15_000

    if how == "undone":
        ask_change_review(ref=award.asked.ref, words="", by=ade.user, now=NOW)
        decide_change_review(ref=award.asked.ref, stands=False, words="Not more.", by=deciding(), now=NOW)
    else:
        decide(award, omar, "END", starts_on=TODAY, code="ASKED", words="You asked.")

    assert asked.get().agreed_pence == 10_000


def test_more_each_week_counts_with_what_was_agreed_lately_and_for_the_next_decision(award, omar, ade):
    more = {"starts_on": TODAY, "code": "COSTS", "words": "More.", "each_pence": 1_500}
    other = asked_by(ade, VersionFactory(cap_pence=None))
    services.approve(ref=other.ref, pence=490_000, above_why="A lot.", by=omar, now=NOW)
    assert code_of(decide, award, omar, "CHANGE", **more) == "above_authority"

    PaymentRequest.objects.filter(pk=other.pk).update(agreed_pence=100_000)
    decide(award, omar, "CHANGE", **more)

    assert PaymentRequest.objects.get(pk=award.asked_id).agreed_pence == 15_000


def test_putting_one_end_back_leaves_what_another_decision_ended_or_holds(award, omar, ade):
    end = {"code": "NOT_NOW", "words": "You are home."}
    decide(award, omar, "HOLD", starts_on=TODAY + timedelta(weeks=3))
    decide(award, omar, "END", **end, starts_on=TODAY + timedelta(weeks=6))
    decide(award, omar, "END", **end, starts_on=LATER)
    ask_change_review(ref=award.asked.ref, words="", by=ade.user, now=NOW)

    decide_change_review(ref=award.asked.ref, stands=False, words="Sorry.", by=deciding(), now=NOW)

    assert states(award) == "OOO" + "H" * 3 + "C" * 4
    assert differences(now=NOW) == []


def test_what_they_took_back_themselves_stays_ended(award, omar, ade):
    decide(award, omar, "END", code="NOT_NOW", words="You are home.")
    ask_change_review(ref=award.asked.ref, words="", by=ade.user, now=NOW)
    services.withdraw(ref=award.asked.ref, by=ade.user, now=NOW)
    back = {"ref": award.asked.ref, "stands": False, "words": "Sorry.", "by": deciding(), "now": NOW}

    assert code_of(decide_change_review, **back) == "withdrawn"
    assert states(award) == "C" * 10


def test_what_they_asked_for_needs_no_notice(award, omar):
    decide(award, omar, "END", code="ASKED", words="You said you have a job.", starts_on=TODAY)

    award.refresh_from_db()
    assert (award.state, states(award)) == ("CANCELLED", "C" * 10)
    assert differences(now=NOW) == []


def test_taking_back_the_whole_award_gives_back_every_week(award, ade):
    services.withdraw(ref=award.asked.ref, by=ade.user, now=NOW)

    assert states(award) == "C" * 10
    assert sum(Allowance.objects.values_list("reserved_pence", flat=True)) == 0


def test_nobody_small_changes_a_large_award(award):
    sam = deciding(Role.TEAM_MANAGER, 500, team=award.young_person.team)

    assert code_of(decide, award, sam, "HOLD") == "above_authority"


def test_an_example_becomes_no_regular_award_and_no_larger_one_outside_the_demo(ade, omar, settings):
    version = VersionFactory(confidence=Confidence.EXAMPLE, cap_pence=None)
    settings.DEMO = True
    first, second = asked_by(ade, version), asked_by(ade, version)
    services.approve(ref=first.ref, schedule=weekly(), by=omar, now=NOW)

    settings.DEMO = False
    assert code_of(services.approve, ref=second.ref, schedule=weekly(), by=omar, now=NOW) == "unconfirmed"
    more = {"starts_on": TODAY, "code": "COSTS", "words": "More.", "each_pence": 1_200}
    assert code_of(decide, Award.objects.get(), omar, "CHANGE", **more) == "unconfirmed"


def test_whoever_holds_it_hears_two_weeks_before_the_review_once(award, ade):
    duty = StaffFactory(role=Role.DUTY_ADVISER)
    assert remind_award_reviews(NOW) == 0
    near = NOW + timedelta(days=15)
    assert (remind_award_reviews(near), remind_award_reviews(near)) == (1, 0)
    assert Notification.objects.filter(to=duty).count() == 1


@settings(deadline=None, database=None, derandomize=True)
@given(
    every=st.sampled_from(["WEEK", "MONTH", "TERM"]),
    starts_on=st.dates(date(2026, 1, 1), date(2028, 2, 29)),
    days=st.integers(0, 730),
)
def test_no_period_is_ever_due_twice(every, starts_on, days):
    due = Schedule(every, 1, starts_on, starts_on + timedelta(days=days), starts_on).due

    assert len({period for period, _day in due}) == len(due) >= 1
    assert due[0][1] == starts_on
    assert [day for _period, day in due] == sorted(day for _period, day in due)
