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
    OwnQuestion,
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
PROOF = bool(os.environ.get("PROOF"))
many = settings(max_examples=10_000 if PROOF else 200, deadline=None, database=None, derandomize=not PROOF)

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
    st.builds(
        OwnQuestion,
        st.just("dog"),
        st.sampled_from(["Do you look after a dog?", "Do you have a dog?"]),  # two editors, one answer
        st.just("You look after a dog"),
        st.just("You do not look after a dog"),
        st.just("looks after a dog"),
    ),
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


masks = st.integers(0, 2**16 - 1)
award_lists = st.lists(
    st.builds(lambda on, length: Award(on, on + timedelta(days=length)), days, st.integers(0, 60)), max_size=3
).map(tuple)
BY_STATUS = {key for status in CareLeaverStatus for key in catalogue().by_status[status]}


def told_without_contradiction(values, sources, children):
    """What is said of each circumstance: a birthday and a status decide some, and those are left to them."""
    told = {"parent": children > 0, "tried.college": bool(values & 1), "own.dog": bool(values & 2)}
    for place, key in enumerate(KEYS):
        if key == "near_18th_birthday" or key in BY_STATUS or key in told:
            continue
        value = bool(values >> place & 1)
        follows = catalogue().settled_by(key, value).items()
        follows = {other: then for other, then in follows if other not in BY_STATUS}
        if all(told.get(other, then) is then for other, then in follows.items()):
            told |= {key: value, **follows}
        else:
            told[key] = not value
    every = list(Source)
    return {
        key: Known(value, every[(sources >> place) % 4]) for place, (key, value) in enumerate(told.items())
    }


@st.composite
def lives_known_in_full(draw):
    """Somebody about whom everything is known, and nothing contradicts anything else."""
    first = draw(days)
    starts = [first, *(first + timedelta(days=more) for more in (400, 900)[: draw(st.integers(0, 2))])]
    ends = [*(day - DAY for day in starts[1:]), draw(st.sampled_from([None, first + timedelta(days=2500)]))]
    turn = draw(st.integers(0, 4))
    statuses = [list(CareLeaverStatus)[(turn + place) % 5] for place in range(len(starts))]
    children = draw(st.integers(0, 3))
    return Facts(
        draw(st.dates(BORN_FROM, BORN_UNTIL)),
        statuses=tuple(map(StatusPeriod, statuses, starts, ends)),
        circumstances=told_without_contradiction(draw(masks), draw(masks), children),
        children=children,
        awards={code: draw(award_lists) for code in CODES},
    )


def known_less(facts, kept, stale, born):
    """The same person, about whom we know less: a bit for each thing that is still known."""
    window = (facts.born_on - timedelta(days=40), facts.born_on + timedelta(days=3))
    circumstances = enumerate(facts.circumstances.items())
    return replace(
        facts,
        born_on=None if born == "missing" else facts.born_on,
        born_estimated=born == "estimated",
        born_between=window if born == "between" else None,
        circumstances={
            key: fact._replace(stale=bool(stale >> place & 1))
            for place, (key, fact) in circumstances
            if kept >> place & 1
        },
        statuses=facts.statuses if kept & 1 << 12 else None,
        children=facts.children if kept & 1 << 13 else None,
        awards={
            code: had for place, (code, had) in enumerate(facts.awards.items()) if kept >> 14 + place & 1
        },
    )


def less_known(facts):
    births = st.sampled_from(["known", "estimated", "between", "missing"])
    return st.builds(known_less, st.just(facts), masks, masks, births)


lives = lives_known_in_full()
partly = lives.flatmap(less_known)


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
