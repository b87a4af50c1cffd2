"""Birthdays, leap days, guessed birth dates, dated statuses and every rarer kind of condition, as tables."""

from datetime import date

import pytest

from entitlements.facts import age_on, birthday_on, born_between_for_age, with_expected_status
from entitlements.rules import (
    Age,
    Answer,
    ApproverBand,
    Award,
    Children,
    Circumstance,
    Facts,
    Group,
    GroupKind,
    Known,
    NotWith,
    Overlap,
    Per,
    Rate,
    Rule,
    Source,
    State,
    Status,
    StatusPeriod,
    Times,
    TriedFirst,
    Turned,
    Weeks,
    condition_from_data,
    evaluate,
    from_data,
    to_data,
)
from tests.rules.people import ELIGIBLE, FORMER_RELEVANT, NONE_OF_THESE, RELEVANT, handbook, somebody

YES, NO, NEED_TO_KNOW = Answer.YES, Answer.NO, Answer.NEED_TO_KNOW
TODAY = date(2026, 11, 21)


def rule(*conditions, **more):
    return Rule("this", Group(GroupKind.ALL, conditions), **more)


def ask(condition, facts, on=TODAY):
    outcome = evaluate(rule(condition), facts, on)
    return outcome.answer, outcome.reasons[0].code


@pytest.mark.parametrize(
    ("born_on", "on", "age"),
    [
        (date(2008, 5, 3), date(2026, 5, 2), 17),
        (date(2008, 5, 3), date(2026, 5, 3), 18),
        (date(2008, 2, 29), date(2026, 2, 28), 17),
        (date(2008, 2, 29), date(2026, 3, 1), 18),
        (date(2008, 2, 29), date(2028, 2, 28), 19),
        (date(2008, 2, 29), date(2028, 2, 29), 20),
        (date(2008, 12, 31), date(2026, 12, 30), 17),
        (date(2009, 1, 1), date(2026, 12, 31), 17),
    ],
)
def test_people_turn_a_year_older_on_their_birthday(born_on, on, age):
    assert age_on(born_on, on) == age


@pytest.mark.parametrize(
    ("born_on", "age", "birthday"),
    [
        (date(2008, 5, 3), 18, date(2026, 5, 3)),
        (date(2008, 2, 29), 18, date(2026, 3, 1)),
        (date(2008, 2, 29), 20, date(2028, 2, 29)),
        (date(2004, 2, 29), 25, date(2029, 3, 1)),
    ],
)
def test_a_leap_day_birthday_is_1_march_in_common_years(born_on, age, birthday):
    assert birthday_on(born_on, age) == birthday
    assert age_on(born_on, birthday) == age


@pytest.mark.parametrize(
    "on", [TODAY, date(2028, 2, 29), date(2027, 2, 28), date(2027, 3, 1), date(2027, 1, 1)]
)
@pytest.mark.parametrize("age", [16, 20, 24])
def test_somebody_who_tells_an_age_was_born_in_exactly_that_year_of_days(on, age):
    first, last = born_between_for_age(age, on)

    assert age_on(first, on) == age_on(last, on) == age
    assert age_on(date.fromordinal(first.toordinal() - 1), on) == age + 1
    assert age_on(date.fromordinal(last.toordinal() + 1), on) == age - 1


ADULT = Age(18, 25)


@pytest.mark.parametrize(
    ("facts", "on", "expected"),
    [
        (somebody(date(2008, 11, 22)), TODAY, (NO, "TOO_YOUNG")),
        (somebody(date(2008, 11, 21)), TODAY, (YES, "AGE_FITS")),
        (somebody(date(2001, 11, 22)), TODAY, (YES, "AGE_FITS")),
        (somebody(date(2001, 11, 21)), TODAY, (NO, "TOO_OLD")),
        (somebody(date(2004, 2, 29)), date(2029, 2, 28), (YES, "AGE_FITS")),
        (somebody(date(2004, 2, 29)), date(2029, 3, 1), (NO, "TOO_OLD")),
        (somebody(), TODAY, (NEED_TO_KNOW, "AGE_UNKNOWN")),
        (somebody(date(1900, 1, 1)), TODAY, (NEED_TO_KNOW, "AGE_UNKNOWN")),
        (somebody(date(2008, 6, 1), born_estimated=True), TODAY, (NEED_TO_KNOW, "AGE_ESTIMATED")),
        (somebody(date(2007, 6, 1), born_estimated=True), TODAY, (YES, "AGE_FITS")),
        (somebody(date(2009, 6, 1), born_estimated=True), TODAY, (NO, "TOO_YOUNG")),
        (somebody(date(2001, 6, 1), born_estimated=True), TODAY, (NEED_TO_KNOW, "AGE_ESTIMATED")),
        (somebody(date(2000, 6, 1), born_estimated=True), TODAY, (NO, "TOO_OLD")),
        (somebody(born_between=(date(2008, 1, 1), date(2008, 11, 21))), TODAY, (YES, "AGE_FITS")),
        (
            somebody(born_between=(date(2008, 1, 1), date(2008, 11, 22))),
            TODAY,
            (NEED_TO_KNOW, "AGE_ESTIMATED"),
        ),
    ],
)
def test_ages_at_their_edges_and_when_the_birthday_is_a_guess(facts, on, expected):
    assert ask(ADULT, facts, on) == expected


def test_a_guessed_birthday_widens_from_and_until_to_the_whole_year():
    outcome = evaluate(rule(ADULT), somebody(date(2005, 6, 1), born_estimated=True), TODAY)

    assert [(span.from_on, span.answer) for span in outcome.spans] == [
        (None, NO),
        (date(2023, 1, 1), NEED_TO_KNOW),
        (date(2023, 12, 31), YES),
        (date(2030, 1, 1), NEED_TO_KNOW),
        (date(2030, 12, 31), NO),
    ]
    assert (outcome.from_on, outcome.until_on) == (date(2023, 12, 31), date(2030, 1, 1))


@pytest.mark.parametrize(
    ("born_on", "expected"),
    [
        (date(2005, 3, 31), (NO, "TURNED_TOO_EARLY")),
        (date(2005, 4, 1), (YES, "TURNED_FITS")),
        (date(2007, 3, 31), (YES, "TURNED_FITS")),
        (date(2007, 4, 1), (NO, "TURNED_TOO_LATE")),
        (None, (NEED_TO_KNOW, "AGE_UNKNOWN")),
    ],
)
def test_a_window_of_18th_birthdays(born_on, expected):
    assert ask(Turned(18, date(2023, 4, 1), date(2025, 4, 1)), somebody(born_on)) == expected


def test_a_guessed_birthday_across_the_edge_of_a_window_needs_to_be_known():
    facts = somebody(date(2005, 7, 1), born_estimated=True)

    assert ask(Turned(18, date(2023, 4, 1)), facts) == (NEED_TO_KNOW, "AGE_ESTIMATED")


@pytest.mark.parametrize(
    ("on", "answer"),
    [
        (date(2026, 11, 11), NO),
        (date(2026, 11, 12), YES),
        (date(2026, 12, 9), YES),
        (date(2026, 12, 10), NO),
    ],
)
def test_the_28_days_before_18_come_from_the_calendar(on, answer):
    told_otherwise = somebody(date(2008, 12, 10), untrue=["near_18th_birthday"])

    assert ask(Circumstance("near_18th_birthday"), told_otherwise, on)[0] is answer


def test_without_a_birthday_the_28_days_are_what_they_told_us():
    assert ask(Circumstance("near_18th_birthday"), somebody(true=["near_18th_birthday"]))[0] is YES
    outcome = evaluate(rule(Circumstance("near_18th_birthday")), somebody(), TODAY)
    assert outcome.questions == ("born_on",)


CHANGING = Facts(
    statuses=(
        StatusPeriod(ELIGIBLE, date(2024, 5, 3), date(2025, 1, 31)),
        StatusPeriod(RELEVANT, date(2025, 2, 1), date(2026, 5, 2)),
        StatusPeriod(FORMER_RELEVANT, date(2026, 5, 3), date(2033, 5, 2)),
    )
)


@pytest.mark.parametrize(
    ("on", "answer", "code"),
    [
        (date(2024, 5, 2), NEED_TO_KNOW, "STATUS_UNKNOWN"),
        (date(2025, 1, 31), NO, "STATUS_OTHER"),
        (date(2025, 2, 1), YES, "STATUS_FITS"),
        (date(2026, 5, 2), YES, "STATUS_FITS"),
        (date(2026, 5, 3), NO, "STATUS_OTHER"),
        (date(2033, 5, 3), NO, "STATUS_OTHER"),
    ],
)
def test_the_status_is_the_one_held_on_the_day(on, answer, code):
    assert ask(Status((RELEVANT,)), CHANGING, on) == (answer, code)


def test_a_status_with_an_end_gives_the_answer_an_end():
    outcome = evaluate(rule(Status((RELEVANT,))), CHANGING, date(2025, 6, 1))

    assert (outcome.from_on, outcome.until_on) == (date(2025, 2, 1), date(2026, 5, 3))
    assert outcome.next_change.answer is NO


def test_before_the_first_recorded_status_nobody_has_said():
    outcome = evaluate(rule(Status((ELIGIBLE,))), CHANGING, date(2024, 6, 1))

    assert [(span.from_on, span.answer) for span in outcome.spans] == [
        (None, NEED_TO_KNOW),
        (date(2024, 5, 3), YES),
        (date(2025, 2, 1), NO),
    ]


def test_a_status_also_settles_what_it_means():
    assert ask(Circumstance("in_care_now"), somebody(status=ELIGIBLE)) == (YES, "IS_TRUE")
    assert ask(Circumstance("in_care_now"), somebody(status=FORMER_RELEVANT)) == (NO, "IS_NOT_TRUE")
    assert ask(Circumstance("in_care_now"), somebody(status=NONE_OF_THESE)) == (NEED_TO_KNOW, "NOT_KNOWN")


def test_what_if_another_status_is_asked_without_changing_the_record():
    eighteen = somebody(date(2008, 5, 3), RELEVANT)
    savings = handbook()["council-savings"]

    assert (
        evaluate(handbook()["higher-education-bursary"], eighteen, TODAY).main_reason.code == "STATUS_OTHER"
    )
    assert evaluate(savings, eighteen, TODAY, status=NONE_OF_THESE).answer is NO


def test_what_is_likely_at_18_is_shown_as_later_and_never_decides():
    seventeen = somebody(date(2009, 3, 9), ELIGIBLE, true=["in_higher_education"])
    bursary = handbook()["higher-education-bursary"]

    assert not evaluate(bursary, seventeen, TODAY).starts_later
    later = evaluate(bursary, with_expected_status(seventeen), TODAY)
    assert (later.answer, later.from_on, later.until_on) == (NO, date(2027, 3, 9), date(2034, 3, 9))


@pytest.mark.parametrize(
    ("more", "on", "expected"),
    [
        ({"state": State.ANNOUNCED}, TODAY, (NO, "NOT_STARTED_YET")),
        ({"state": State.PROSPECTIVE, "starts_on": date(2020, 1, 1)}, TODAY, (NO, "NOT_STARTED_YET")),
        ({"starts_on": date(2026, 11, 22)}, TODAY, (NO, "NOT_STARTED_YET")),
        ({"starts_on": TODAY}, TODAY, (YES, "IN_FORCE")),
        ({"ends_on": TODAY}, TODAY, (YES, "IN_FORCE")),
        ({"ends_on": date(2026, 11, 20)}, TODAY, (NO, "ENDED")),
    ],
)
def test_what_has_not_started_or_has_ended_is_never_a_yes(more, on, expected):
    outcome = evaluate(rule(ADULT, **more), somebody(date(2006, 1, 1)), on)

    assert (outcome.answer, outcome.reasons[0].code) == expected


def test_what_starts_next_spring_is_later_from_that_day():
    outcome = evaluate(rule(ADULT, starts_on=date(2027, 4, 1)), somebody(date(2006, 1, 1)), TODAY)

    assert outcome.starts_later
    assert (outcome.from_on, outcome.until_on) == (date(2027, 4, 1), date(2031, 1, 1))


@pytest.mark.parametrize(
    ("facts", "condition", "expected"),
    [
        (somebody(true=["lives_in_lewisham"]), Circumstance("lives_in_london"), (YES, "IS_TRUE")),
        (somebody(true=["lives_in_lewisham"]), Circumstance("lives_outside_lewisham"), (NO, "IS_NOT_TRUE")),
        (somebody(untrue=["lives_outside_lewisham"]), Circumstance("lives_in_london"), (YES, "IS_TRUE")),
        (
            somebody(untrue=["lives_in_lewisham"]),
            Circumstance("lives_in_london"),
            (NEED_TO_KNOW, "NOT_KNOWN"),
        ),
        (somebody(children=2), Circumstance("parent"), (YES, "IS_TRUE")),
        (somebody(children=0), Circumstance("parent"), (NO, "IS_NOT_TRUE")),
        (somebody(children=2), Children(2), (YES, "CHILDREN_ENOUGH")),
        (somebody(children=1), Children(2), (NO, "CHILDREN_FEWER")),
        (somebody(true=["parent"]), Children(1), (YES, "CHILDREN_ENOUGH")),
        (somebody(true=["parent"]), Children(2), (NEED_TO_KNOW, "CHILDREN_UNKNOWN")),
        (somebody(untrue=["parent"]), Children(1), (NO, "CHILDREN_FEWER")),
        (somebody(), TriedFirst("college", "a grant"), (NEED_TO_KNOW, "NOT_KNOWN")),
        (somebody(true=["tried.college"]), TriedFirst("college", "a grant"), (YES, "IS_TRUE")),
        (somebody(untrue=["tried.college"]), TriedFirst("college", "a grant"), (NO, "IS_NOT_TRUE")),
    ],
)
def test_one_answer_settles_what_follows_from_it(facts, condition, expected):
    assert ask(condition, facts) == expected


def test_what_was_said_counts_before_what_follows():
    facts = somebody(true=["lives_in_lewisham"], untrue=["lives_in_london"])

    assert ask(Circumstance("lives_in_london"), facts) == (NO, "IS_NOT_TRUE")


def test_an_old_answer_counts_as_none():
    stale = Facts(circumstances={"lives_in_lewisham": Known(True, Source.TOLD, stale=True)})

    assert ask(Circumstance("lives_in_lewisham"), stale) == (NEED_TO_KNOW, "OUT_OF_DATE")
    assert ask(Circumstance("lives_in_london"), stale) == (NEED_TO_KNOW, "NOT_KNOWN")


def had(*awards, code="this"):
    return Facts(awards={code: awards})


IN_MAY = Award(date(2026, 5, 10))
RUNNING = Award(date(2026, 11, 2), date(2026, 11, 29))


@pytest.mark.parametrize(
    ("condition", "facts", "expected"),
    [
        (Times(1), Facts(), (NEED_TO_KNOW, "TIMES_NOT_KNOWN")),
        (Times(1), had(), (YES, "TIMES_LEFT")),
        (Times(1), had(IN_MAY), (NO, "TIMES_USED")),
        (Times(2), had(IN_MAY), (YES, "TIMES_LEFT")),
        (Times(1, Per.YEAR), had(IN_MAY), (NO, "TIMES_USED")),
        (Times(1, Per.ACADEMIC_YEAR), had(IN_MAY), (YES, "TIMES_LEFT")),
        (Times(1, Per.FINANCIAL_YEAR), had(IN_MAY), (NO, "TIMES_USED")),
        (Times(1, Per.TERM), had(IN_MAY), (YES, "TIMES_LEFT")),
        (Times(1, code="other"), had(IN_MAY, code="other"), (NO, "TIMES_USED")),
        (Weeks(3), had(RUNNING), (NO, "WEEKS_USED")),
        (Weeks(4), had(RUNNING), (YES, "WEEKS_LEFT")),
        (Weeks(4), Facts(), (NEED_TO_KNOW, "WEEKS_NOT_KNOWN")),
        (NotWith("other"), had(RUNNING, code="other"), (NO, "HAS_OTHER")),
        (NotWith("other"), had(IN_MAY, code="other"), (YES, "OTHER_NOT_HAD")),
        (NotWith("other", Overlap.INSTEAD_OF), had(IN_MAY, code="other"), (NO, "HAS_OTHER")),
        (NotWith("other", Overlap.INSTEAD_OF), had(code="other"), (YES, "OTHER_NOT_HAD")),
        (NotWith("other"), Facts(), (NEED_TO_KNOW, "OTHER_NOT_KNOWN")),
    ],
)
def test_what_they_had_before(condition, facts, expected):
    assert ask(condition, facts) == expected


def test_twelve_weeks_end_after_twelve_weeks():
    volunteer = had(Award(date(2026, 9, 7), date(2027, 3, 1)))

    outcome = evaluate(rule(Weeks(12)), volunteer, TODAY)

    assert outcome.answer is YES
    assert outcome.until_on == date(2026, 11, 24)


def test_a_new_year_brings_it_back():
    outcome = evaluate(rule(Times(1, Per.YEAR)), had(IN_MAY), TODAY)

    assert (outcome.answer, outcome.from_on) == (NO, date(2027, 1, 1))


# Rates.

OLD = Rate(200000, ends_on=date(2027, 3, 31))
NEW = Rate(300000, starts_on=date(2027, 4, 1))
YOUNGER = Rate(6000, "WEEK", when=Group(GroupKind.ALL, (Age(until_age=18),)))
OLDER = Rate(7193, "WEEK", when=Group(GroupKind.ALL, (Age(18),)))


def amount(rates, facts, on=TODAY):
    return evaluate(Rule("this", rates=rates), facts, on).amount


def test_an_uplift_prepared_in_advance_counts_from_its_day():
    assert amount((OLD, NEW), somebody(), date(2027, 3, 31)).pence == 200000
    assert amount((OLD, NEW), somebody(), date(2027, 4, 1)).pence == 300000
    assert amount((Rate(1), NEW), somebody(), date(2027, 4, 1)).rate == NEW


def test_a_rate_can_depend_on_age_and_says_so_when_it_is_unknown():
    assert amount((YOUNGER, OLDER), somebody(date(2009, 1, 1))).pence == 6000
    assert amount((YOUNGER, OLDER), somebody(date(2007, 1, 1))).pence == 7193
    unknown = amount((YOUNGER, OLDER), somebody())
    assert (unknown.rate, unknown.possible, unknown.questions) == (None, (YOUNGER, OLDER), ("born_on",))


def test_a_rate_for_each_child_waits_for_their_number():
    each = (Rate(50000, per_child=True),)

    assert amount(each, somebody(children=3)).pence == 150000
    assert amount(each, somebody()).questions == ("children",)


def test_no_rate_in_force_is_no_amount():
    assert amount((NEW,), somebody()).rate is None


@pytest.mark.parametrize(
    ("pence", "approver"), [(10000, "pa"), (10001, "team_manager"), (50000, "team_manager"), (50001, "panel")]
)
def test_a_larger_sum_is_decided_higher_up(pence, approver):
    rate = Rate(0, approver="pa", above=(ApproverBand(50000, "panel"), ApproverBand(10000, "team_manager")))

    assert rate.approver_for(pence) == approver


# Plain data.


def test_data_of_an_unknown_shape_is_refused():
    with pytest.raises(ValueError, match="shape 99"):
        from_data(to_data(rule()) | {"version": 99})
    with pytest.raises(ValueError, match="no condition called 'MOON'"):
        condition_from_data({"is": "MOON"})
    with pytest.raises(ValueError, match="AGE has no colour"):
        condition_from_data({"is": "AGE", "colour": "red"})


def test_an_outcome_can_be_kept_as_plain_data():
    kept = evaluate(
        handbook()["festival-payment"], somebody(date(2006, 1, 1), FORMER_RELEVANT), TODAY
    ).to_data()

    assert kept == {
        "code": "festival-payment",
        "on": "2026-11-21",
        "answer": "YES",
        "reasons": [
            {
                "code": "STATUS_FITS",
                "answer": "YES",
                "condition": {"is": "STATUS", "any_of": ["ELIGIBLE", "RELEVANT", "FORMER_RELEVANT"]},
                "source": "RECORD",
            },
            {
                "code": "AGE_FITS",
                "answer": "YES",
                "condition": {"is": "AGE", "from_age": 16, "until_age": 25},
                "source": "RECORD",
            },
        ],
        "questions": [],
        "from_on": "2022-01-01",
        "until_on": "2031-01-01",
    }
