"""Young people as they come through the door, worked out by hand from the handbook and then asked of the rules."""

from datetime import date

import pytest

from entitlements.rules import Answer, Facts, Known, Source, StatusPeriod, evaluate
from tests.rules.people import (
    ELIGIBLE,
    FORMER_RELEVANT,
    NONE_OF_THESE,
    QUALIFYING,
    RELEVANT,
    handbook,
    somebody,
)

YES, NO, NEED_TO_KNOW = Answer.YES, Answer.NO, Answer.NEED_TO_KNOW
TODAY = date(2026, 11, 21)

# Born on 9 March 2007: 19 on the day. Moves into a first flat in Lewisham next week.
moving_in = somebody(
    date(2007, 3, 9),
    FORMER_RELEVANT,
    true=["moving_to_first_tenancy", "lives_in_lewisham"],
    untrue=["parent", "named_on_council_tax_bill"],
)
# Turns 25 on 22 November 2026, tomorrow. Lives on their own in Lewisham and pays council tax.
last_day_at_24 = somebody(
    date(2001, 11, 22),
    FORMER_RELEVANT,
    true=["lives_in_lewisham", "named_on_council_tax_bill", "living_independently"],
    untrue=["in_crisis"],
)
# Seventeen until 10 December 2026, in care, at college, in semi-independent housing.
nearly_18 = somebody(
    date(2008, 12, 10),
    ELIGIBLE,
    true=["living_semi_independently", "in_further_education"],
    untrue=["parent"],
)
# Seventeen, left care last year, nowhere safe tonight. Nobody has written more down.
unsafe_tonight = somebody(date(2009, 2, 1), RELEVANT, true=["in_crisis"], source=Source.TOLD)
# Twenty, at university in Leeds, told us so herself; nowhere to go at Christmas.
student = somebody(
    date(2006, 5, 3),
    FORMER_RELEVANT,
    true=["in_higher_education", "no_holiday_home", "lives_outside_lewisham"],
    source=Source.TOLD,
)
# Twenty-two, a mother of one, on Universal Credit, expecting another.
mother = somebody(
    date(2004, 7, 30),
    FORMER_RELEVANT,
    true=["parent", "expecting_or_new_baby", "on_qualifying_benefits"],
    untrue=["in_further_education", "moving_to_first_tenancy"],
    children=1,
)
# Nineteen; came to the UK alone; the Home Office has not decided.
waiting_to_hear = somebody(
    date(2007, 1, 1), FORMER_RELEVANT, true=["uasc", "waiting_for_home_office_decision"]
)
# Twenty, in prison.
inside = somebody(date(2006, 9, 1), FORMER_RELEVANT, true=["in_custody"])
# Nineteen, qualifying only, about to lose her room; not a student.
qualifying = somebody(date(2007, 4, 2), QUALIFYING, true=["homeless_or_at_risk"], untrue=["relevant_student"])
# Eighteen, an apprentice who had the bursary at another firm.
second_apprenticeship = somebody(
    date(2008, 8, 8), FORMER_RELEVANT, true=["apprentice", "had_apprentice_bursary_before"]
)
# Walked in and said only a birthday.
only_a_birthday = somebody(date(2005, 6, 15))
# Was never in care.
never_in_care = somebody(date(2005, 6, 15), NONE_OF_THESE)
# Said in March that they look for work; that is too long ago to count.
long_ago = Facts(
    date(2005, 6, 15),
    statuses=(StatusPeriod(FORMER_RELEVANT),),
    circumstances={
        "looking_for_work": Known(True, Source.TOLD, date(2026, 3, 1), stale=True),
        "starting_work": Known(False),
    },
)
# The case record holds 1 July 2001, a guess: some day in 2001, so 24 or 25 today.
maybe_25 = somebody(date(2001, 7, 1), FORMER_RELEVANT, born_estimated=True)

SITUATIONS = [
    (moving_in, "setting-up-home-allowance", YES, "STATUS_FITS"),
    (moving_in, "moving-help", YES, "STATUS_FITS"),
    (moving_in, "setting-up-home-child-top-up", NO, "IS_NOT_TRUE"),
    (moving_in, "council-tax-relief-lewisham", NO, "IS_NOT_TRUE"),
    (moving_in, "tfl-half-price-bus-tram", NEED_TO_KNOW, "NOT_KNOWN"),
    (moving_in, "gym-outside-lewisham", NO, "IS_NOT_TRUE"),
    (last_day_at_24, "council-tax-relief-lewisham", YES, "STATUS_FITS"),
    (last_day_at_24, "setting-up-home-replacement-items", YES, "STATUS_FITS"),
    (last_day_at_24, "emergency-payment", NO, "IS_NOT_TRUE"),
    (last_day_at_24, "staying-put", NO, "TOO_OLD"),
    (nearly_18, "weekly-living-allowance-16-17", YES, "STATUS_FITS"),
    (nearly_18, "universal-credit-early-start", YES, "STATUS_FITS"),
    (nearly_18, "festival-payment", YES, "STATUS_FITS"),
    (nearly_18, "council-savings", NO, "TOO_YOUNG"),
    (nearly_18, "home-at-16-17", NO, "STATUS_OTHER"),
    (nearly_18, "citizenship-fee-free-under-18", NEED_TO_KNOW, "NOT_KNOWN"),
    (unsafe_tonight, "emergency-payment", YES, "STATUS_FITS"),
    (unsafe_tonight, "home-at-16-17", YES, "STATUS_FITS"),
    (unsafe_tonight, "homeless-not-your-fault-rule", NO, "NOT_STARTED_YET"),
    (unsafe_tonight, "emergency-clothing", NEED_TO_KNOW, "ONE_OF_THESE_UNKNOWN"),
    (student, "higher-education-bursary", YES, "STATUS_FITS"),
    (student, "university-holiday-housing", YES, "STATUS_FITS"),
    (student, "laptop", YES, "STATUS_FITS"),
    (student, "council-tax-relief-lewisham", NO, "IS_NOT_TRUE"),
    (student, "tfl-half-price-bus-tram", NEED_TO_KNOW, "NOT_KNOWN"),
    (mother, "sure-start-maternity-grant", YES, "STATUS_FITS"),
    (mother, "care-to-learn", NO, "TOO_OLD"),
    (mother, "free-prescriptions-lewisham", NO, "RULED_OUT"),
    (mother, "one-bedroom-housing-rate", NEED_TO_KNOW, "NOT_KNOWN"),
    (waiting_to_hear, "immigration-legal-help", YES, "STATUS_FITS"),
    (waiting_to_hear, "support-no-public-funds", YES, "STATUS_FITS"),
    (inside, "custody-money", YES, "STATUS_FITS"),
    (inside, "personal-adviser-to-25", YES, "STATUS_FITS"),
    (qualifying, "homeless-priority-need", YES, "STATUS_FITS"),
    (qualifying, "emergency-payment", NO, "STATUS_OTHER"),
    (qualifying, "free-nhs-dental-and-eye-care", NO, "NOT_STARTED_YET"),
    (second_apprenticeship, "apprenticeship-bursary", NO, "RULED_OUT"),
    (second_apprenticeship, "course-and-work-costs", YES, "STATUS_FITS"),
    (only_a_birthday, "personal-adviser-to-25", NEED_TO_KNOW, "STATUS_UNKNOWN"),
    (only_a_birthday, "staying-put", NO, "TOO_OLD"),
    (never_in_care, "personal-adviser-to-25", NO, "STATUS_OTHER"),
    (never_in_care, "junior-isa-or-child-trust-fund", NO, "STATUS_OTHER"),
    (long_ago, "interview-and-work-clothes", NEED_TO_KNOW, "ONE_OF_THESE_UNKNOWN"),
    (long_ago, "travel-to-first-job", NO, "IS_NOT_TRUE"),
    (maybe_25, "personal-adviser-to-25", NEED_TO_KNOW, "AGE_ESTIMATED"),
    (maybe_25, "unite-foundation-room", NEED_TO_KNOW, "NOT_KNOWN"),
    (maybe_25, "supported-lodgings", NO, "TOO_OLD"),
]


@pytest.mark.parametrize(("facts", "code", "answer", "reason"), SITUATIONS)
def test_each_young_person_gets_the_answer_worked_out_by_hand(facts, code, answer, reason):
    outcome = evaluate(handbook()[code], facts, TODAY)

    assert outcome.answer is answer
    assert outcome.main_reason.code == reason


def test_on_their_25th_birthday_it_is_over_and_the_day_before_said_so():
    rule = handbook()["council-tax-relief-lewisham"]

    assert evaluate(rule, last_day_at_24, TODAY).until_on == date(2026, 11, 22)
    assert evaluate(rule, last_day_at_24, date(2026, 11, 22)).main_reason.code == "TOO_OLD"


def test_the_answer_says_whom_it_comes_from():
    told = evaluate(handbook()["higher-education-bursary"], student, TODAY)
    recorded = evaluate(handbook()["custody-money"], inside, TODAY)

    assert told.reasons[-1].source is Source.TOLD
    assert recorded.reasons[-1].source is Source.RECORD
