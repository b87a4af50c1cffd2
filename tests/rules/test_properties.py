"""What must be true of every rule and every person, whatever they are. `PROOF=1` tries far more of them."""

import json
import os
from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from entitlements.circumstances import catalogue
from entitlements.questions import next_question
from entitlements.rules import (
    Age,
    Answer,
    ApproverBand,
    Award,
    CareLeaverStatus,
    Children,
    Circumstance,
    Facts,
    Governs,
    Group,
    GroupKind,
    Known,
    Lives,
    NotWith,
    Overlap,
    Per,
    Rate,
    Rule,
    Rulebook,
    Source,
    State,
    Status,
    StatusPeriod,
    Times,
    TriedFirst,
    Turned,
    Weeks,
    Where,
    evaluate,
    from_data,
    to_data,
)
from tests.rules.people import handbook

pytestmark = pytest.mark.proof
many = settings(max_examples=10_000 if os.environ.get("PROOF") else 200, deadline=None, database=None)

YES, NO, NEED_TO_KNOW = Answer.YES, Answer.NO, Answer.NEED_TO_KNOW
DAY = timedelta(days=1)
BORN_FROM, BORN_UNTIL = date(1999, 1, 1), date(2012, 12, 31)
CODES = ("a", "b")
KEYS = (
    "parent",
    "in_care_now",
    "was_in_care_as_child",
    "near_18th_birthday",
    "lives_in_lewisham",
    "lives_outside_lewisham",
    "lives_in_london",
    "living_independently",
    "staying_put",
    "insecure_immigration_status",
    "not_british",
    "a_key_nobody_wrote_down",
)

days = st.dates(date(2015, 1, 1), date(2037, 12, 31))
singles = st.one_of(
    st.builds(Age, st.none() | st.integers(15, 20), st.none() | st.integers(18, 26)),
    st.builds(
        Status, st.lists(st.sampled_from(CareLeaverStatus), min_size=1, max_size=3, unique=True).map(tuple)
    ),
    st.builds(Circumstance, st.sampled_from(KEYS)),
    st.builds(Lives, st.sampled_from(Where)),
    st.builds(Turned, st.sampled_from([18, 21]), st.none() | days, st.none() | days),
    st.builds(TriedFirst, st.just("college"), st.just("a grant")),
    st.builds(Children, st.integers(1, 3)),
    st.builds(NotWith, st.sampled_from(CODES), st.sampled_from(Overlap), st.just("B")),
    st.builds(Times, st.integers(1, 3), st.sampled_from(Per), st.sampled_from(("", *CODES))),
    st.builds(Weeks, st.integers(1, 6), st.sampled_from(("", *CODES))),
)


inner = st.builds(Group, st.sampled_from(GroupKind), st.lists(singles, min_size=1, max_size=3).map(tuple))
middle = st.builds(
    Group, st.sampled_from(GroupKind), st.lists(singles | inner, min_size=1, max_size=2).map(tuple)
)
wholes = st.builds(
    Group, st.sampled_from(GroupKind), st.lists(singles | inner | middle, max_size=4).map(tuple)
)
started = st.builds(Rule, st.just("a"), wholes)
rates = st.builds(
    Rate,
    st.integers(1, 500_000),
    st.sampled_from(["ONCE", "WEEK"]),
    st.none() | days,
    st.none() | days,
    st.sampled_from(Governs),
    wholes,
    st.booleans(),
    st.none() | st.integers(1, 52),
    st.none() | st.integers(1, 100),
    st.sampled_from(["", "b"]),
    st.sampled_from(["", "panel"]),
    st.lists(st.builds(ApproverBand, st.integers(1, 9999), st.just("panel")), max_size=2).map(tuple),
)
states = st.sampled_from([State.IN_FORCE, State.IN_FORCE, State.ANNOUNCED])
rules = st.builds(Rule, st.just("a"), wholes, states, st.none() | days, st.none() | days)
rules_with_rates = st.builds(replace, rules, rates=st.lists(rates, min_size=1, max_size=2).map(tuple))


@st.composite
def lives_known_in_full(draw):
    """Somebody about whom everything is known, and nothing contradicts anything else."""
    born_on = draw(st.dates(BORN_FROM, BORN_UNTIL))
    first = draw(days)
    changes = sorted(draw(st.lists(days.filter(lambda day: day > first), max_size=2, unique=True)))
    statuses = draw(
        st.lists(st.sampled_from(CareLeaverStatus), min_size=len(changes) + 1, max_size=len(changes) + 1)
    )
    ends = [*(day - DAY for day in changes), draw(st.none() | st.dates(date(2038, 1, 1), date(2039, 1, 1)))]
    periods = tuple(map(StatusPeriod, statuses, [first, *changes], ends))
    children = draw(st.integers(0, 3))
    by_status = {key for status in CareLeaverStatus for key in catalogue().by_status[status]}
    told = {"parent": children > 0}
    for key in KEYS:
        # A birthday decides this one, and a status those: what is said beside them could only contradict them.
        if key == "near_18th_birthday" or key in by_status or key in told:
            continue
        value = draw(st.booleans())
        follows = {
            other: then
            for other, then in catalogue().settled_by(key, value).items()
            if other not in by_status
        }
        if all(told.get(other, then) is then for other, then in follows.items()):
            told |= {key: value, **follows}
        else:
            told |= {key: not value}
    told["tried.college"] = draw(st.booleans())
    source = st.sampled_from(Source)
    awards = st.lists(
        st.builds(lambda on, length: Award(on, on + timedelta(days=length)), days, st.integers(0, 60)),
        max_size=4,
    )
    return Facts(
        born_on,
        statuses=periods,
        circumstances={key: Known(value, draw(source)) for key, value in told.items()},
        children=children,
        awards={code: tuple(draw(awards)) for code in CODES},
    )


@st.composite
def less_known(draw, facts):
    """The same person, about whom we know less."""
    kept = {
        key: fact._replace(stale=draw(st.booleans()))
        for key, fact in facts.circumstances.items()
        if draw(st.booleans())
    }
    born = draw(st.sampled_from(["known", "estimated", "between", "missing"]))
    window = (facts.born_on - timedelta(days=40), facts.born_on + timedelta(days=3))
    return replace(
        facts,
        born_on=None if born == "missing" else facts.born_on,
        born_estimated=born == "estimated",
        born_between=window if born == "between" else None,
        statuses=facts.statuses if draw(st.booleans()) else None,
        circumstances=kept,
        children=facts.children if draw(st.booleans()) else None,
        awards={code: had for code, had in facts.awards.items() if draw(st.booleans())},
    )


lives = lives_known_in_full()
partly = lives.flatmap(lambda facts: less_known(facts))


@many
@given(rules, lives, st.data(), days)
def test_learning_more_settles_answers_and_never_turns_them_round(rule, facts, data, on):
    less = data.draw(less_known(facts))

    before = evaluate(rule, less, on).answer
    after = evaluate(rule, facts, on).answer

    assert before in (NEED_TO_KNOW, after)


@many
@given(started, days)
def test_knowing_nothing_is_never_a_no(rule, on):
    assert evaluate(rule, Facts(), on).answer is not NO


@many
@given(rules, partly, days, days)
def test_spans_say_what_asking_on_any_day_says(rule, facts, on, another):
    outcome = evaluate(rule, facts, on)

    for span in outcome.spans:
        inside = [span.from_on, span.until_on and span.until_on - DAY]
        assert all(evaluate(rule, facts, day).answer is span.answer for day in inside if day)
    for day in (on, another):
        (covering,) = [span for span in outcome.spans if span.covers(day)]
        assert evaluate(rule, facts, day).answer is covering.answer
    assert all(a.answer is not b.answer for a, b in zip(outcome.spans, outcome.spans[1:], strict=False))


@many
@given(rules, partly, days)
def test_from_and_until_are_the_days_on_which_it_changes(rule, facts, on):
    outcome = evaluate(rule, facts, on)

    if outcome.from_on:
        assert evaluate(rule, facts, outcome.from_on).answer is not NO
        before = evaluate(rule, facts, outcome.from_on - DAY).answer
        assert before is not evaluate(rule, facts, outcome.from_on).answer
    if outcome.until_on:
        assert outcome.until_on > on
        last = evaluate(rule, facts, outcome.until_on - DAY).answer
        assert last is outcome.window.answer
        assert last is not evaluate(rule, facts, outcome.until_on).answer
    if outcome.next_change:
        assert evaluate(rule, facts, outcome.next_change.from_on - DAY).answer is outcome.answer
        assert evaluate(rule, facts, outcome.next_change.from_on).answer is outcome.next_change.answer


@many
@given(rules, partly, days, st.randoms(use_true_random=False))
def test_the_order_of_conditions_never_matters(rule, facts, on, chance):
    outcome = evaluate(rule, facts, on)
    shuffled = evaluate(replace(rule, when=_shuffled(rule.when, chance)), facts, on)

    assert shuffled.answer is outcome.answer
    assert sorted(shuffled.questions) == sorted(outcome.questions)
    assert sorted(reason.code for reason in shuffled.reasons) == sorted(r.code for r in outcome.reasons)


def _shuffled(condition, chance):
    if not isinstance(condition, Group):
        return condition
    parts = [_shuffled(part, chance) for part in condition.of]
    chance.shuffle(parts)
    return Group(condition.kind, tuple(parts))


@many
@given(st.lists(rules, min_size=1, max_size=4), partly, days, st.none() | st.sampled_from(CareLeaverStatus))
def test_the_quick_answer_is_the_explained_answer_alone_or_together(several, facts, on, status):
    book = Rulebook(several)

    quick = book.answers(facts, on, status=status)
    explained = [outcome.answer for outcome in book.outcomes(facts, on, status=status)]
    alone = [evaluate(rule, facts, on, status=status).answer for rule in several]

    assert quick == explained == alone


@many
@given(rules, partly, days)
def test_the_answer_follows_from_its_reasons(rule, facts, on):
    outcome = evaluate(rule, facts, on)

    assert outcome.answer is min((reason.answer for reason in outcome.reasons), default=YES)
    assert (outcome.answer is NEED_TO_KNOW) == bool(outcome.questions)


@many
@given(started, partly, days)
def test_groups_mean_what_they_say(rule, facts, on):
    assert evaluate(rule, facts, on).answer is _by_hand(rule.when, facts, on)


def _by_hand(condition, facts, on):
    """The meaning of all, any and none, from asking each condition on its own."""
    if not isinstance(condition, Group):
        return evaluate(Rule("a", Group(GroupKind.ALL, (condition,))), facts, on).answer
    parts = [_by_hand(part, facts, on) for part in condition.of]
    if not parts:
        return YES
    if condition.kind is GroupKind.ALL:
        return min(parts)
    return max(parts) if condition.kind is GroupKind.ANY else max(parts).opposite


@many
@given(rules_with_rates)
def test_a_rule_survives_being_written_down(rule):
    assert from_data(json.loads(json.dumps(to_data(rule)))) == rule


@settings(many, max_examples=many.max_examples // 10)
@given(lives, st.sampled_from(CareLeaverStatus), days)
def test_the_checker_settles_everything_and_asks_nothing_twice(facts, status, on):
    book = Rulebook(handbook().values())
    person = replace(facts, circumstances={}).with_status(status)
    asked = []

    while key := next_question(book, person, on):
        assert key not in asked
        asked.append(key)
        if key in facts.circumstances:
            person = person.with_told(key, facts.circumstances[key].value)
        else:
            person = person.with_told(key, False)

    assert NEED_TO_KNOW not in book.answers(person, on)
