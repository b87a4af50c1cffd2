"""Whatever happens, in whatever order: after every step counters and history agree, and no cap is passed."""

import os
from datetime import date, timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db import transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from entitlements.models import Entitlement, Per
from portal.accounts.models import User
from portal.ledger import services
from portal.ledger.models import Allowance, Entry
from portal.ledger.rules import Movement, faults, sums_of
from portal.people.models import YoungPerson
from tests.conftest import NOW
from tests.ledger.conftest import publish

pytestmark = [pytest.mark.django_db, pytest.mark.sqlite, pytest.mark.proof]

STEPS, RUNS = (100, 100) if os.environ.get("PROOF") == "1" else (25, 8)
YEAR_END = date(2026, 12, 31)
AMOUNTS = st.one_of(st.integers(1, 60_000), st.sampled_from([1, 99_999, 100_000, 100_001]))
REFUSALS = {"over_cap", "not_reserved", "not_spent"}
VERBS = {
    "reserve": services.reserve,
    "release": services.release,
    "spend": services.spend,
    "unspend": services.unspend,
}


class Money(RuleBasedStateMachine):
    """One young person's year and the next: awards, parts, failures, corrections, exceptions, new versions."""

    @initialize()
    def open_the_book(self):
        self.block = transaction.atomic()
        self.block.__enter__()
        self.person = YoungPerson.objects.create(person_id="P-property", given_name="A", family_name="B")
        self.manager = User.objects.create(first_name="Dee")
        self.entitlement = Entitlement.objects.create(code="property")
        self.version = publish(self.entitlement, cap_pence=100_000, period=Per.YEAR)
        self.on, self.number, self.last = YEAR_END, 0, None

    def teardown(self):
        transaction.set_rollback(True)
        self.block.__exit__(None, None, None)

    def allowance(self) -> Allowance:
        return services.allowance_for(young_person=self.person, version=self.version, on=self.on)

    def do(self, verb, pence, **more):
        self.number += 1
        words = {"pence": pence, "key": f"k{self.number}", "by": self.manager, "now": NOW, **more}
        words["allowance"] = self.allowance()
        try:
            with transaction.atomic():
                verb(**words)
        except ValidationError as refusal:
            if refusal.code not in REFUSALS:
                raise
        else:
            self.last = (verb, words)

    @rule(name=st.sampled_from(sorted(VERBS)), pence=AMOUNTS)
    def move(self, name, pence):
        self.do(VERBS[name], pence)

    @rule(
        pence=AMOUNTS,
        verb=st.sampled_from([services.record_opening, services.record_elsewhere]),
        why=st.booleans(),
    )
    def record(self, pence, verb, why):
        self.do(verb, pence, reason="It was urgent" if why else "")

    @rule(pence=AMOUNTS)
    def except_(self, pence):
        self.do(services.allow_exception, pence, reason="A flood")

    @rule(which=st.integers(0, 5))
    def end_an_exception(self, which):
        found = list(Entry.objects.filter(kind="EXCEPTION"))
        if found:
            services.end_exception(exception=found[which % len(found)], by=self.manager, now=NOW)

    @rule()
    def say_it_again(self):
        if self.last:
            verb, words = self.last
            before = Entry.objects.count()
            assert verb(**words).repeated
            assert Entry.objects.count() == before

    @rule(cap=st.one_of(st.none(), st.integers(0, 200_000)))
    def publish(self, cap):
        self.version = publish(self.entitlement, cap_pence=cap, period=Per.YEAR)

    @rule()
    def the_year_turns(self):
        self.on = YEAR_END + timedelta(days=1) if self.on == YEAR_END else YEAR_END

    @invariant()
    def the_book_is_right(self):
        for allowance in Allowance.objects.all():
            entries = allowance.entries.order_by("pk").values_list("kind", "pence")
            assert faults(allowance.counters, sums_of(Movement(*entry) for entry in entries)) == []


def test_counters_and_history_agree_after_every_step():
    run_state_machine_as_test(
        Money,
        settings=settings(
            max_examples=RUNS,
            stateful_step_count=STEPS,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            database=None,
            print_blob=True,
        ),
    )
