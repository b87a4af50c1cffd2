"""`/me/entitlements/` from the record: people worked out by hand first, then met over HTTP."""

from datetime import date, timedelta

import pytest

from entitlements.facts import CareLeaverStatus
from entitlements.models import Entitlement
from portal.ledger.services import allowance_for, reserve
from portal.people.facts import Reader
from portal.people.services import note_circumstance
from tests.factories import YoungPersonFactory

TODAY = date(2026, 11, 23)
ELIGIBLE, RELEVANT = CareLeaverStatus.ELIGIBLE, CareLeaverStatus.RELEVANT
FORMER, QUALIFYING = CareLeaverStatus.FORMER_RELEVANT, CareLeaverStatus.QUALIFYING
MOVING = {"moving_to_first_tenancy": True, "lives_in_lewisham": True, "parent": False}
NOBODY_SAID: dict[str, bool] = {}

SITUATIONS = [
    # who, born, status, what the record holds, pence had, and then: now, maybe, later, used, never
    (
        "19, moving into a first flat in Lewisham",
        date(2007, 3, 9), FORMER, MOVING, {},
        {"setting-up-home-allowance", "moving-help", "tv-licence-first-year", "birthday-gift"},
        {"council-tax-relief-lewisham"},  # nobody knows whose name is on the bill
        set(),
        set(),
        {"setting-up-home-child-top-up", "gym-outside-lewisham", "home-at-16-17"},
    ),
    (
        "the same, and all of the money to set up home was had",
        date(2007, 3, 9), FORMER, MOVING, {"setting-up-home-allowance": 300_000},
        {"moving-help", "tv-licence-first-year"},
        set(),
        set(),
        {"setting-up-home-allowance"},
        set(),
    ),
    (
        "the same, and a third of it was had",
        date(2007, 3, 9), FORMER, MOVING, {"setting-up-home-allowance": 100_000},
        {"setting-up-home-allowance"},
        set(),
        set(),
        set(),
        set(),
    ),
    (
        "20, this year's birthday money was had",
        date(2006, 3, 9), FORMER, NOBODY_SAID, {"birthday-gift": 3_500},
        {"festival-payment"},
        set(),
        set(),
        {"birthday-gift"},
        set(),
    ),
    (
        "17, still in care, supported housing",
        date(2009, 1, 10), ELIGIBLE, {"living_semi_independently": True}, {},
        {"weekly-living-allowance-16-17", "clothing-allowance-16-17", "personal-adviser-to-25"},
        {"setting-up-home-allowance"},
        {"supported-lodgings", "free-prescriptions-lewisham"},
        set(),
        {"home-at-16-17"},  # still in care, so not relevant
    ),
    (
        "16, left care",
        date(2010, 5, 5), RELEVANT, NOBODY_SAID, {},
        {"home-at-16-17", "health-costs", "social-housing-any-area"},
        {"emergency-payment", "weekly-living-allowance-16-17"},
        {"supported-lodgings", "volunteering-allowance", "driving-lessons"},
        set(),
        {"citizenship-fee-free-under-18"},
    ),
    (
        "21, university in Leeds, nowhere to go in the holidays",
        date(2005, 6, 15), FORMER,
        {"in_higher_education": True, "no_holiday_home": True, "lives_in_london": False}, {},
        {"higher-education-bursary", "university-holiday-housing", "university-weekly-top-up", "laptop"},
        {"graduation-costs"},
        set(),
        set(),
        {"tfl-half-price-bus-tram", "supported-lodgings", "council-tax-relief-lewisham"},
    ),
    (
        "23, a parent on benefits with a new baby",
        date(2003, 7, 30), FORMER,
        {"parent": True, "expecting_or_new_baby": True, "on_qualifying_benefits": True}, {},
        {"sure-start-maternity-grant", "health-costs"},
        {"setting-up-home-child-top-up"},
        set(),
        set(),
        {"free-prescriptions-lewisham", "care-to-learn", "birthday-gift"},
    ),
    (
        "20, in prison by the record",
        date(2006, 9, 1), FORMER, {"in_custody": True}, {},
        {"custody-money", "visit-family-travel"},
        set(),
        set(),
        set(),
        {"weekly-living-allowance-16-17"},
    ),
    (
        "19, waiting for the Home Office",
        date(2007, 1, 1), FORMER, {"waiting_for_home_office_decision": True, "uasc": True}, {},
        {"support-no-public-funds", "immigration-legal-help"},
        set(),
        set(),
        set(),
        {"citizenship-fee-free-under-18"},
    ),
    (
        "24, until tomorrow",
        date(2001, 11, 24), FORMER, {"lives_in_lewisham": True, "named_on_council_tax_bill": True}, {},
        {"council-tax-relief-lewisham", "personal-adviser-to-25"},
        {"free-prescriptions-lewisham"},
        set(),
        set(),
        {"staying-put"},
    ),
    (
        "25 today",
        date(2001, 11, 23), FORMER, {"lives_in_lewisham": True, "named_on_council_tax_bill": True}, {},
        set(),
        {"free-prescriptions-lewisham", "tfl-half-price-bus-tram"},  # both until 26
        set(),
        set(),
        {"council-tax-relief-lewisham", "personal-adviser-to-25"},
    ),
    (
        "19, a shorter time in care, renting",
        date(2007, 4, 2), QUALIFYING, {"renting_privately": True, "low_income": True}, {},
        {"one-bedroom-housing-rate"},
        {"care-to-learn"},
        {"free-nhs-dental-and-eye-care"},  # announced, not begun
        set(),
        {"setting-up-home-allowance", "personal-adviser-to-25", "health-costs"},
    ),
    (
        "19, no status in the record",
        date(2007, 3, 9), "", MOVING, {},
        set(),
        {"setting-up-home-allowance", "birthday-gift", "personal-adviser-to-25"},
        set(),
        set(),
        {"weekly-living-allowance-16-17"},  # whatever the status, 19 is too old
    ),
]  # fmt: skip


def page_of_somebody(client, now, born_on, status, record, had, **more) -> dict[str, list]:
    person = YoungPersonFactory(born_on=born_on, status=status, **more)
    for key, value in record.items():
        note_circumstance(young_person=person, key=key, value=value, source="IMPORTED", by=None, on=TODAY)
    for code, pence in had.items():
        version = Entitlement.objects.select_related("current").get(code=code).current
        allowance = allowance_for(young_person=person, version=version, on=TODAY)
        reserve(allowance=allowance, pence=pence, key=code, by=None, now=now)
    client.force_login(person.user)
    answer = client.get("/me/entitlements/")
    assert answer.status_code == 200
    return {name: [one for one, _left in found] for name, found in answer.context["groups"].items()}


@pytest.mark.parametrize("row", SITUATIONS, ids=[row[0] for row in SITUATIONS])
def test_each_finds_what_was_worked_out_by_hand_and_everything_once(handbook, client, now, row):
    _who, born_on, status, record, had, *expected = row

    groups = page_of_somebody(client, now, born_on, status, record, had)

    found = {name: {one.code for one in each} for name, each in groups.items()}
    for name, codes in zip(("now", "maybe", "later", "used", "never"), expected, strict=True):
        assert codes <= found[name], name
    assert sum(len(each) for each in groups.values()) == len(set().union(*found.values())) == 59


def test_the_last_day_is_told_a_day_before(handbook, client, now):
    groups = page_of_somebody(client, now, date(2001, 11, 24), FORMER, {}, {})

    adviser = next(one for one in groups["now"] if one.code == "personal-adviser-to-25")
    assert adviser.until_on == date(2026, 11, 24)


def test_a_guessed_birthday_that_may_be_25_is_a_maybe(handbook, client, now):
    groups = page_of_somebody(client, now, date(2001, 7, 1), FORMER, {}, {}, born_estimated=True)

    assert "personal-adviser-to-25" in {one.code for one in groups["maybe"]}
    assert "supported-lodgings" in {one.code for one in groups["never"]}


def test_an_answer_that_is_too_old_is_a_maybe_and_never_a_no(handbook, client, now):
    person = YoungPersonFactory(born_on=date(2005, 6, 15))
    for key, value, on in (("looking_for_work", False, date(2026, 3, 1)), ("starting_work", False, TODAY)):
        note_circumstance(young_person=person, key=key, value=value, source="TOLD", by=person.user, on=on)
    client.force_login(person.user)

    groups = client.get("/me/entitlements/").context["groups"]

    assert "interview-and-work-clothes" in {one.code for one, _left in groups["maybe"]}
    assert "travel-to-first-job" in {one.code for one, _left in groups["never"]}


def test_an_answer_to_a_question_of_an_editors_own_is_good_for_a_year():
    reader = Reader(TODAY)

    assert not reader.known("own.dog", True, "TOLD", TODAY - timedelta(days=365), None).stale
    assert reader.known("own.dog", True, "TOLD", TODAY - timedelta(days=366), None).stale
