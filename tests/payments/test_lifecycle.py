"""Whatever people press, in whatever order: one open state, nobody decides their own work, every no has a reason,
every clock has a holder, and the ledger says what the awards say."""

import os
from contextlib import suppress
from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db import transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from portal.accounts.models import Role
from portal.ledger.models import Allowance
from portal.payments import rules, services
from portal.payments.models import (
    Award,
    Decision,
    Instalment,
    PanelMeeting,
    PanelMember,
    PaymentRequest,
    Step,
)
from portal.people.models import Absence
from tests.payments.conftest import staff

FULL_SIZE = os.environ.get("PROOF") == "1"
PENCE = st.sampled_from([1, 9_999, 10_000, 10_001, 50_000, 50_001, 150_000, 250_001, 300_000])
WORDS = st.sampled_from(["", "Because it costs less."])
REASONS = st.sampled_from(["", "OTHER", "COSTS_LESS"])


class Lifecycle(RuleBasedStateMachine):
    """People press things. A refusal is fine; a broken promise is not."""

    house: object
    people: list

    def __init__(self) -> None:
        super().__init__()
        self.undo = transaction.atomic()
        self.undo.__enter__()
        self.now = self.house.now

    def teardown(self) -> None:
        transaction.set_rollback(True)
        self.undo.__exit__(None, None, None)

    def press(self, verb, **said) -> None:
        with suppress(ValidationError, PaymentRequest.DoesNotExist):
            verb(now=self.now, **said)

    def a_request(self, data) -> str:
        refs = list(PaymentRequest.objects.order_by("pk").values_list("ref", flat=True))
        return data.draw(st.sampled_from(refs))

    def a_panel(self, data) -> str:
        refs = list(PanelMeeting.objects.order_by("pk").values_list("ref", flat=True))
        return data.draw(st.sampled_from(refs))

    def anybody(self, data):
        return data.draw(st.sampled_from(self.people))

    @precondition(lambda self: PaymentRequest.objects.count() < 4)
    @rule(pence=PENCE, by_adviser=st.booleans(), something_else=st.booleans(), urgent=st.booleans())
    def ask(self, pence, by_adviser, something_else, urgent):
        by = self.house.sam if by_adviser else self.house.maya.user
        draft = self.house.draft(by=by, pence=pence, something_else=something_else, urgent=urgent)
        self.house.send(draft, by=by, now=self.now)

    @precondition(lambda self: PaymentRequest.objects.exists())
    @rule(data=st.data(), code=st.sampled_from(["", "PRICE"]), words=WORDS)
    def ask_more(self, data, code, words):
        self.press(services.ask_more, ref=self.a_request(data), by=self.anybody(data), code=code, words=words)

    @precondition(lambda self: PaymentRequest.objects.exists())
    @rule(data=st.data(), words=WORDS)
    def answer(self, data, words):
        self.press(services.answer_more, ref=self.a_request(data), by=self.anybody(data), words=words)

    @precondition(lambda self: PaymentRequest.objects.exists())
    @rule(data=st.data(), pence=PENCE)
    def recommend(self, data, pence):
        self.press(
            services.recommend,
            ref=self.a_request(data),
            by=self.anybody(data),
            pence=pence,
            staff_words="So.",
        )

    @precondition(lambda self: PaymentRequest.objects.exists())
    @rule(data=st.data(), ahead=st.integers(-1, 12), papers=st.none() | st.integers(0, 3))
    def plan_a_panel(self, data, ahead, papers):
        day = (self.now + timedelta(days=ahead)).date()
        closes = None if papers is None else day - timedelta(days=papers)
        by = self.anybody(data)
        self.press(services.plan_meeting, meets_on=day, papers_by=closes, quorum=2, by=by)

    @precondition(lambda self: PanelMeeting.objects.exists())
    @rule(data=st.data(), why=WORDS)
    def call_a_panel_off(self, data, why):
        self.press(services.call_off, ref=self.a_panel(data), why=why, by=self.anybody(data))

    @rule(data=st.data(), part=st.sampled_from(PanelMember.Part.values))
    def give_a_seat(self, data, part):
        self.press(services.seat, user=self.anybody(data), part=part, by=self.house.omar)

    @precondition(lambda self: PaymentRequest.objects.exists() and PanelMeeting.objects.exists())
    @rule(data=st.data())
    def to_the_panel(self, data):
        self.press(
            services.send_to_panel,
            ref=self.a_request(data),
            by=self.anybody(data),
            meeting=self.a_panel(data),
            words="Big.",
        )

    @precondition(lambda self: PaymentRequest.objects.filter(meeting__isnull=False).exists())
    @rule(data=st.data(), yes=st.booleans(), alone=st.booleans(), why=WORDS)
    def the_panel_says(self, data, yes, alone, why):
        """On the panel's own day or later, unless its chair decides alone."""
        waiting = (
            PaymentRequest.objects.filter(meeting__isnull=False).order_by("pk").select_related("meeting")
        )
        asked = data.draw(st.sampled_from(list(waiting)))
        if not alone and self.now.date() < asked.meeting.meets_on and data.draw(st.booleans()):
            self.now += asked.meeting.meets_on - self.now.date()
        there = frozenset(
            PanelMember.objects.filter(ends_on=None).exclude(part="CLERK").values_list("user", flat=True)
        )
        said = {"ref": asked.ref, "by": self.anybody(data), "panel": services.Panelled(there, alone, why)}
        if asked.status == "REVIEW_ASKED":
            self.press(services.decide_review, changed=yes, pence=300_000, code="OTHER", words="So.", **said)
        elif yes:
            self.press(services.approve, **said)
        else:
            self.press(services.decline, code="OTHER", words="So.", **said)

    @precondition(lambda self: PaymentRequest.objects.exists())
    @rule(data=st.data(), pence=st.none() | PENCE, why=WORDS)
    def approve(self, data, pence, why):
        self.press(
            services.approve, ref=self.a_request(data), by=self.anybody(data), pence=pence, above_why=why
        )

    @precondition(lambda self: PaymentRequest.objects.exists())
    @rule(data=st.data(), pence=PENCE, code=REASONS, words=WORDS)
    def approve_part(self, data, pence, code, words):
        self.press(
            services.part_approve,
            ref=self.a_request(data),
            by=self.anybody(data),
            pence=pence,
            code=code,
            words=words,
        )

    @precondition(lambda self: PaymentRequest.objects.exists())
    @rule(data=st.data(), code=REASONS, words=WORDS)
    def decline(self, data, code, words):
        self.press(services.decline, ref=self.a_request(data), by=self.anybody(data), code=code, words=words)

    @precondition(lambda self: PaymentRequest.objects.exists())
    @rule(data=st.data())
    def withdraw(self, data):
        self.press(services.withdraw, ref=self.a_request(data), by=self.anybody(data))

    @precondition(lambda self: PaymentRequest.objects.exists())
    @rule(data=st.data(), words=WORDS)
    def go_on(self, data, words):
        self.press(services.go_on, ref=self.a_request(data), by=self.anybody(data), words=words)

    @precondition(lambda self: PaymentRequest.objects.exists())
    @rule(data=st.data(), words=WORDS)
    def ask_review(self, data, words):
        self.press(services.ask_review, ref=self.a_request(data), by=self.anybody(data), words=words)

    @precondition(lambda self: PaymentRequest.objects.exists())
    @rule(data=st.data(), changed=st.booleans(), pence=PENCE, code=REASONS, words=WORDS)
    def look_again(self, data, changed, pence, code, words):
        self.press(
            services.decide_review, ref=self.a_request(data), by=self.anybody(data), changed=changed, pence=pence,
            code=code, words=words,
        )  # fmt: skip

    @precondition(lambda self: Instalment.objects.exists())
    @rule(data=st.data(), what=st.sampled_from(["batch", "paid", "failed"]))
    def finance(self, data, what):
        one = data.draw(st.sampled_from(list(Instalment.objects.order_by("pk"))))
        if what == "batch":
            self.press(services.mark_in_batch, instalments=[one.pk])
        elif what == "paid":
            self.press(services.mark_paid, instalment=one)
        else:
            self.press(services.mark_failed, instalment=one, reason="Account closed")

    @rule(data=st.data(), away=st.booleans())
    def somebody_goes_or_comes(self, data, away):
        """The adviser, or one of the managers; a colleague of theirs covers."""
        who, cover = data.draw(
            st.sampled_from([(self.house.sam, self.people[-1]), (self.house.priya, self.people[5])])
        )
        Absence.objects.filter(user=who).delete()
        if away:
            Absence.objects.create(user=who, cover=cover, starts_on=self.now.date())

    @rule(hours=st.sampled_from([1, 26, 24 * 8]))
    def time_goes_on(self, hours):
        self.now += timedelta(hours=hours)
        services.run_clocks(self.now)

    @invariant()
    def every_clock_has_a_holder_and_every_open_one_a_day(self):
        for asked in PaymentRequest.objects.open():
            assert asked.held_by
            assert asked.decide_by
            assert (asked.held_by == "YOU") == (asked.status == "MORE_WANTED")

    @invariant()
    def nobody_decides_their_own_work_and_every_no_has_a_reason(self):
        for decision in Decision.objects.select_related("asked__young_person"):
            touched = set(decision.asked.touches.values_list("user_id", flat=True))
            assert decision.by_id not in touched | {
                decision.asked.raised_by_id,
                decision.asked.young_person.user_id,
            }
            if decision.outcome in rules.NEEDS_A_REASON:
                assert decision.reason_code
                assert decision.words
            assert decision.round == 1 or decision.by_id not in set(
                Step.objects.filter(
                    asked=decision.asked, action__in=["RECOMMEND", "APPROVE", "PART_APPROVE", "DECLINE"]
                ).values_list("by_id", flat=True)
            )

    @invariant()
    def a_decision_stays_within_its_authority(self):
        for decision in Decision.objects.filter(outcome__in=rules.AGREED):
            assert decision.pence + decision.already_pence <= decision.limit_pence

    @invariant()
    def what_waits_for_a_panel_has_its_day_and_a_panel_decides_as_one(self):
        for asked in PaymentRequest.objects.filter(status="WITH_PANEL").select_related("meeting"):
            assert asked.meeting.called_off_at is None
            assert asked.decide_by == asked.meeting.meets_on
        for decision in Decision.objects.filter(level=rules.Level.PANEL).select_related("meeting"):
            there = set(decision.present.values_list("user_id", flat=True))
            hands = set(decision.asked.touches.values_list("user_id", flat=True))
            assert decision.panel_why
            assert decision.chair_alone or len(there - hands) >= decision.meeting.quorum
            assert decision.chair_alone or decision.meeting.meets_on <= decision.at.date()

    @invariant()
    def the_story_counts_every_step(self):
        for asked in PaymentRequest.objects.exclude(status="DRAFT"):
            assert list(asked.steps.values_list("number", flat=True)) == list(range(1, asked.row_version + 1))
            assert asked.steps.last().status == asked.status

    @invariant()
    def the_ledger_says_what_the_awards_say(self):
        for allowance in Allowance.objects.all():
            live = Award.objects.filter(allowance=allowance).exclude(state="CANCELLED")
            owed = Instalment.objects.filter(award__in=live)
            paid = sum(one.pence for one in owed if one.state == "PAID")
            assert allowance.spent_pence == paid
            assert allowance.reserved_pence == sum(one.pence for one in owed) - paid
            assert sum(award.pence for award in live) == allowance.reserved_pence + allowance.spent_pence
            assert allowance.left_pence is None or allowance.left_pence >= 0


@pytest.mark.proof
def test_whatever_people_press_the_promises_hold(house):
    duty = staff(Role.DUTY_ADVISER, "Dami")
    other = staff(Role.TEAM_MANAGER, "Tomas", team=house.team)
    grace = staff(Role.PERSONAL_ADVISER, "Grace", team=house.team)
    noor = staff(Role.SERVICE_MANAGER, "Noor")
    people = [house.maya.user, house.sam, house.priya, house.omar, duty, other, noor, grace]
    for user, part in ((noor, "CHAIR"), (house.priya, "MEMBER"), (other, "MEMBER"), (house.omar, "MEMBER")):
        PanelMember.objects.create(user=user, part=part, starts_on=house.now.date() - timedelta(days=90))
    machine = type("Played", (Lifecycle,), {"house": house, "people": people})

    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=200 if FULL_SIZE else 8,
            stateful_step_count=50 if FULL_SIZE else 25,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
