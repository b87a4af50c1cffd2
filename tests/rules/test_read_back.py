"""The sentence under the editor for each of the 59 rules. Each was read by eye beside its record."""

# ruff: noqa: E501  one sentence a line reads better than a folded one

from datetime import date

import pytest

from entitlements.readback import read_back, read_rate
from entitlements.rules import (
    Age,
    ApproverBand,
    Children,
    Circumstance,
    Group,
    GroupKind,
    Lives,
    NotWith,
    Overlap,
    OwnQuestion,
    Per,
    Rate,
    Rule,
    State,
    Status,
    Times,
    TriedFirst,
    Turned,
    Weeks,
    Where,
)
from tests.rules.people import ELIGIBLE, FORMER_RELEVANT, handbook

SENTENCES = {
    "apprenticeship-bursary": "Anyone 16 to 24 who is eligible, relevant or former relevant, is an apprentice and has not had the apprentice bursary before.",
    "be-active-gym": "Anyone 16 to 24 who is eligible, relevant or former relevant.",
    "birthday-gift": "Anyone 16 to 21 who is eligible, relevant or former relevant.",
    "care-to-learn": "Anyone 16 to 19 who is eligible, relevant, former relevant or qualifying, has a child living with them and is in further education.",
    "citizenship-fee-free-under-18": "Anyone 16 or 17 who is eligible, is not a British citizen and is in care now.",
    "clothing-allowance-16-17": "Anyone 16 or 17 who is eligible or relevant and lives in semi-independent housing.",
    "council-savings": "Anyone 18 to 24 who is eligible, relevant, former relevant or qualifying and was in care as a child.",
    "council-tax-help-outside-lewisham": "Anyone 18 to 24 who is former relevant, lives outside Lewisham and has to pay council tax.",
    "council-tax-relief-lewisham": "Anyone 18 to 24 who is former relevant, lives in Lewisham and has to pay council tax.",
    "course-and-work-costs": "Anyone 16 to 24 who is relevant or former relevant and is in further education, in higher education, an apprentice or starting work.",
    "custody-money": "Anyone 18 to 20 who is former relevant and is in custody.",
    "driving-lessons": "Anyone 17 to 24 who is relevant or former relevant and has a provisional driving licence.",
    "emergency-clothing": "Anyone 16 to 20 who is relevant or former relevant and lives in a home of their own or in semi-independent housing.",
    "emergency-payment": "Anyone 16 to 24 who is relevant or former relevant and is in a crisis.",
    "festival-payment": "Anyone 16 to 24 who is eligible, relevant or former relevant.",
    "free-nhs-dental-and-eye-care": "Anyone 18 to 24 who is former relevant or qualifying. It has not started yet, so nobody gets a yes.",
    "free-prescriptions-lewisham": "Anyone 18 to 25 who is former relevant, does not get Universal Credit or another listed benefit, does not have an NHS medical or maternity exemption and does not have an NHS low income certificate.",
    "graduation-costs": "Anyone 18 or over who is former relevant and is finishing a degree this year.",
    "gym-outside-lewisham": "Anyone 16 to 24 who is relevant or former relevant and lives outside Lewisham.",
    "health-costs": "Anyone 16 to 24 who is relevant or former relevant.",
    "higher-education-bursary": "Anyone 18 to 24 who is former relevant and is in higher education.",
    "hobbies-and-clubs": "Anyone 16 to 24 who is eligible, relevant or former relevant.",
    "home-at-16-17": "Anyone 16 or 17 who is relevant.",
    "homeless-not-your-fault-rule": "Anyone 16 to 24 who is relevant or former relevant and is homeless or at risk of it. It has not started yet, so nobody gets a yes.",
    "homeless-priority-need": "Anyone 18 to 20 who is former relevant or qualifying, is homeless or at risk of it and is not a student whose holiday housing is a children's services duty.",
    "housing-register-band-1": "Anyone 18 to 24 who is former relevant and is ready for a tenancy in their pathway plan.",
    "immigration-legal-help": "Anyone 16 to 24 who is eligible, relevant or former relevant and either came to the UK alone as a child to seek safety or has no settled right to stay.",
    "interview-and-work-clothes": "Anyone 16 to 24 who is relevant or former relevant and is looking for work or starting work.",
    "junior-isa-or-child-trust-fund": "Anyone 18 or over who is eligible, relevant, former relevant or qualifying and was in care for 12 months or more.",
    "laptop": "Anyone 16 to 24 who is eligible, relevant or former relevant and is in further education, in higher education or an apprentice.",
    "moving-help": "Anyone 16 to 24 who is eligible, relevant or former relevant and is moving home.",
    "one-bedroom-housing-rate": "Anyone 18 to 24 who is former relevant or qualifying, is renting or about to rent privately and is on a low income or looking for work.",
    "passport-and-birth-certificate": "Anyone 16 to 24 who is relevant or former relevant and does not have a passport in date.",
    "personal-adviser-to-25": "Anyone 16 to 24 who is eligible, relevant or former relevant.",
    "provisional-licence-as-id": "Anyone 16 to 24 who is relevant or former relevant and does not have a provisional driving licence.",
    "rent-deposit-and-advance": "Anyone 18 to 24 who is relevant or former relevant and is renting or about to rent privately.",
    "setting-up-home-allowance": "Anyone 16 to 24 who is eligible, relevant or former relevant and is moving into a first tenancy.",
    "setting-up-home-child-top-up": "Anyone 16 to 24 who is relevant or former relevant, has a child living with them and is moving into a first tenancy.",
    "setting-up-home-replacement-items": "Anyone 18 to 24 who is former relevant and lives in a home of their own.",
    "sixteen-to-nineteen-bursary": "Anyone 16 to 19 who is eligible, relevant or former relevant, is in further education and was under 19 on 31 August of the year the course starts.",
    "social-housing-any-area": "Anyone 16 to 24 who is relevant or former relevant.",
    "staying-close-support": "Anyone 18 to 24 who is former relevant. It has not started yet, so nobody gets a yes.",
    "staying-put": "Anyone 18 to 20 who is former relevant and is staying put with a former foster carer.",
    "support-no-public-funds": "Anyone 18 to 24 who is former relevant and either may not claim benefits, has no appeal left with the Home Office or is waiting for a Home Office decision.",
    "supported-lodgings": "Anyone 18 to 20 who is former relevant.",
    "sure-start-maternity-grant": "Anyone 16 or over who is eligible, relevant, former relevant or qualifying, expects or has a baby under six months and gets Universal Credit or another listed benefit.",
    "tfl-half-price-bus-tram": "Anyone 18 to 25 who is former relevant, lives in London and does not have another London travel discount card.",
    "travel-to-education": "Anyone 16 to 24 who is relevant or former relevant, is in further education or on a training course and does not have travel paid by someone else.",
    "travel-to-first-job": "Anyone 16 to 24 who is relevant or former relevant and is starting work.",
    "tv-licence-first-year": "Anyone 18 to 24 who is former relevant and is moving into a first tenancy.",
    "unite-foundation-room": "Anyone 17 to 25 who is eligible, relevant, former relevant or qualifying and is starting or applying to university.",
    "universal-credit-early-start": "Anyone 17 or 18 who is eligible, relevant or former relevant, is within 28 days before turning 18 and is looking for work, in further education or on a low income.",
    "universal-credit-gap-payment": "Anyone 18 to 20 who is former relevant and is waiting for a first benefit payment.",
    "university-holiday-housing": "Anyone 18 to 24 who is former relevant or qualifying, has no home to stay in during the holidays and is in higher education or on a residential college course.",
    "university-weekly-top-up": "Anyone 18 to 24 who is former relevant and is in higher education.",
    "visit-family-travel": "Anyone 16 to 24 who is eligible, relevant or former relevant.",
    "volunteering-allowance": "Anyone 18 to 24 who is former relevant and volunteers five hours a week or more.",
    "weekly-living-allowance-16-17": "Anyone 16 or 17 who is eligible or relevant and lives in semi-independent housing.",
    "your-key-documents": "Anyone 16 to 24 who is eligible, relevant or former relevant.",
}


def every(*conditions):
    return Rule("r", Group(GroupKind.ALL, conditions))


def any_of(*conditions):
    return Group(GroupKind.ANY, conditions)


def none_of(*conditions):
    return Group(GroupKind.NONE, conditions)


DOG = OwnQuestion(
    "dog",
    "Do you look after a dog?",
    "You look after a dog",
    "You do not look after a dog",
    "looks after a dog",
)
OTHERS = [
    (every(), "Anyone."),
    (every(Age(18, 19)), "Anyone aged 18."),
    (every(Age(until_age=25)), "Anyone under 25."),
    (
        every(Status((FORMER_RELEVANT,)), Age(18, 25), Circumstance("moving_to_first_tenancy")),
        "Anyone 18 to 24 who is former relevant and is moving into a first tenancy.",
    ),
    (
        every(Turned(18, date(2023, 4, 1)), Lives(Where.IN_LONDON)),
        "Anyone who turns 18 on or after 1 April 2023 and lives in London.",
    ),
    (
        every(TriedFirst("college", "a grant from your college"), Children(2)),
        "Anyone who has already asked for a grant from your college and has at least 2 children living with them.",
    ),
    (
        every(
            NotWith("b", Overlap.NOT_AS_WELL_AS, "Bursary"), NotWith("c", Overlap.INSTEAD_OF, "Care to Learn")
        ),
        "Anyone who is not getting “Bursary” at the same time and has not had “Care to Learn”.",
    ),
    (
        every(Times(2, Per.ACADEMIC_YEAR), Weeks(12)),
        "Anyone who has had this fewer than 2 times in the academic year and has had this for less than 12 weeks.",
    ),
    (every(Times(1)), "Anyone who has not had this before."),
    (every(Age(18, 21), DOG), "Anyone 18 to 20 who looks after a dog."),
    (every(none_of(DOG)), "Anyone who is not somebody who looks after a dog."),
    (
        every(any_of(Group(GroupKind.ALL, (Status((ELIGIBLE,)), Age(16, 18))), Circumstance("in_custody"))),
        "Anyone who either (is eligible and is 16 or 17) or is in custody.",
    ),
    (
        every(
            none_of(Circumstance("parent"), none_of(Circumstance("in_training"), Circumstance("apprentice")))
        ),
        "Anyone who does not have a child living with them and is on a training course or an apprentice.",
    ),
    (Rule("r", state=State.ANNOUNCED), "Anyone. It has not started yet, so nobody gets a yes."),
    (Rule("r", starts_on=date(2027, 4, 1)), "Anyone. It starts on 1 April 2027."),
]

RATES = [
    (
        Rate(2500, "WEEK", at_most_weeks=12, approver="TEAM_MANAGER"),
        "£25 a week, for at most 12 weeks. Decided by the team manager.",
    ),
    (
        Rate(7193, "WEEK", starts_on=date(2027, 4, 1)),
        "£71.93 a week, when asked for on or after 1 April 2027.",
    ),
    (Rate(50000, per_child=True), "£500 for each child."),
    (Rate(30000, "TERM", attendance_percent=90), "£300 a term, when they went to at least 90% of the term."),
    (
        Rate(5000, inside="setting-up-home-allowance"),
        "£50, taken from what they have for “setting-up-home-allowance”.",
    ),
    (
        Rate(300000, when=Group(GroupKind.ALL, (Turned(18, date(2023, 4, 1)),))),
        "£3,000. Anyone who turns 18 on or after 1 April 2023.",
    ),
    (
        Rate(100, approver="PA", above=(ApproverBand(50000, "PANEL"), ApproverBand(10000, "TEAM_MANAGER"))),
        "£1. Decided by the personal adviser, above £100 by the team manager, above £500 by the panel.",
    ),
]


def test_every_rule_of_the_handbook_has_a_sentence_here():
    assert sorted(SENTENCES) == sorted(handbook())


@pytest.mark.parametrize("code", sorted(SENTENCES))
def test_the_rule_reads_back_as_plain_english(code):
    assert read_back(handbook()[code]) == SENTENCES[code]


@pytest.mark.parametrize(("rule", "expected"), OTHERS)
def test_rules_an_editor_may_build_read_back_too(rule, expected):
    assert read_back(rule) == expected


@pytest.mark.parametrize(("rate", "expected"), RATES)
def test_a_rate_reads_back(rate, expected):
    assert read_rate(rate) == expected
