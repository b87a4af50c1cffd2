"""The checker asks little, asks what matters, and asks the quiet things last."""

from dataclasses import replace
from datetime import date

from entitlements.circumstances import catalogue
from entitlements.questions import next_question, pending, settled_by
from entitlements.rules import Answer, CareLeaverStatus, Facts, Known, Rulebook, StatusPeriod, evaluate
from tests.rules.people import FORMER_RELEVANT, NONE_OF_THESE, handbook, somebody

TODAY = date(2026, 11, 21)
BOOK = Rulebook(handbook().values())
QUIET = {key for key in catalogue().entries if catalogue().is_quiet(key)}


def asked_of(facts, answer=lambda key: False, order=None):
    """Every question in turn, as the checker asks them, with the answers given."""
    asked = []
    while True:
        if order is None:
            key = next_question(BOOK, facts, TODAY)
        else:
            waiting = pending(BOOK, facts, TODAY)
            key = next((key for key in order if key in waiting), None)
        if key is None:
            return asked
        asked.append(key)
        if key == "care_status":
            facts = facts.with_status(FORMER_RELEVANT)
        elif key == "born_on":
            facts = replace(facts, born_on=date(2006, 5, 3))
        else:
            facts = facts.with_told(key, answer(key))


def test_care_status_first_then_the_birthday():
    assert asked_of(Facts())[:2] == ["care_status", "born_on"]


def test_somebody_never_in_care_is_asked_nothing_more():
    assert next_question(BOOK, somebody(status=NONE_OF_THESE), TODAY) is None


def test_quiet_questions_come_last():
    asked = asked_of(Facts())
    first_quiet = next(place for place, key in enumerate(asked) if key in QUIET)

    assert set(asked[first_quiet:]) <= QUIET


def test_what_does_not_matter_is_never_asked():
    no_rule_left = {"living_semi_independently", "in_care_now", "was_in_care_as_child", "near_18th_birthday"}

    assert not no_rule_left.intersection(asked_of(somebody(date(2004, 5, 3), FORMER_RELEVANT)))


def test_nobody_over_18_is_asked_about_being_16_or_17():
    without_a_birthday = asked_of(somebody(status=FORMER_RELEVANT))

    assert "living_semi_independently" not in without_a_birthday
    assert "living_semi_independently" not in asked_of(somebody(date(2007, 5, 3), FORMER_RELEVANT))


def test_where_they_live_is_one_question():
    asked = asked_of(somebody(date(2006, 5, 3), FORMER_RELEVANT))
    where = {"lives_in_lewisham", "lives_outside_lewisham", "lives_in_london"}

    assert len(where.intersection(asked)) == 1


def test_it_asks_no_more_than_going_down_the_list_would():
    person = somebody(date(2006, 5, 3), FORMER_RELEVANT)

    for answer in (lambda key: False, lambda key: True, lambda key: len(key) % 2 == 0):
        chosen = asked_of(person, answer)
        down_the_list = asked_of(person, answer, order=list(catalogue().entries))
        assert len(chosen) <= len(down_the_list)


def test_half_the_questions_settle_most_of_it():
    person = somebody(date(2006, 5, 3), FORMER_RELEVANT)
    unsettled = BOOK.answers(person, TODAY).count(Answer.NEED_TO_KNOW)
    total = len(asked_of(person))

    for _question in range(total // 2):
        person = person.with_told(next_question(BOOK, person, TODAY), False)

    assert BOOK.answers(person, TODAY).count(Answer.NEED_TO_KNOW) < unsettled * 0.5


def test_i_do_not_know_is_not_asked_again():
    person = somebody(date(2006, 5, 3), FORMER_RELEVANT)
    first = next_question(BOOK, person, TODAY)

    assert next_question(BOOK, person, TODAY, skipped=[first]) not in (first, None)
    assert next_question(BOOK, Facts(), TODAY, skipped=["care_status"]) == "born_on"


def test_a_birthday_they_could_only_guess_is_not_asked_again():
    guessed = somebody(date(2001, 7, 1), FORMER_RELEVANT, born_estimated=True)

    assert "born_on" in pending(BOOK, guessed, TODAY)
    assert next_question(BOOK, guessed, TODAY) != "born_on"


def test_each_question_says_which_entitlements_wait_for_it():
    person = somebody(date(2006, 5, 3), FORMER_RELEVANT)

    waiting = pending(BOOK, person, TODAY)

    assert waiting["moving_to_first_tenancy"] == (
        "setting-up-home-allowance",
        "setting-up-home-child-top-up",
        "tv-licence-first-year",
    )
    assert all(
        key in evaluate(handbook()[code], person, TODAY).questions for key in waiting for code in waiting[key]
    )


def test_an_answer_says_what_it_would_settle():
    person = somebody(date(2006, 5, 3), FORMER_RELEVANT, true=["named_on_council_tax_bill"])

    settled = settled_by(BOOK, person, TODAY, "lives_in_lewisham", True)

    assert settled["council-tax-relief-lewisham"] is Answer.YES
    assert settled["council-tax-help-outside-lewisham"] is Answer.NO


def test_fewer_than_35_questions_settle_all_59_for_anybody_who_answers():
    for status in CareLeaverStatus:
        person = Facts(
            date(2008, 3, 9), statuses=(StatusPeriod(status),), circumstances={"parent": Known(False)}
        )
        assert len(asked_of(person)) < 35
