"""Every reason and question becomes a short, kind sentence, in whatever language gettext gives."""

import re
import subprocess
from datetime import date

import pytest

from entitlements.circumstances import Catalogue, CircumstanceWords, catalogue
from entitlements.facts import Award, CareLeaverStatus, Facts, Source
from entitlements.management.commands.makemessages import words_as_code
from entitlements.rules import (
    Age,
    Answer,
    Children,
    Circumstance,
    Group,
    GroupKind,
    Known,
    NotWith,
    OwnQuestion,
    Rule,
    Status,
    StatusPeriod,
    Times,
    TriedFirst,
    Turned,
    Weeks,
    evaluate,
)
from entitlements.wording import CODES, messages, question, sentence, staff_messages
from tests.rules.people import ELIGIBLE, FORMER_RELEVANT, QUALIFYING, handbook, somebody

TODAY = date(2026, 11, 21)


def said(condition, facts):
    return sentence(evaluate(Rule("this", Group(GroupKind.ALL, (condition,))), facts, TODAY).reasons[0])


def none_of(*conditions):
    return Group(GroupKind.NONE, conditions)


def any_of(*conditions):
    return Group(GroupKind.ANY, conditions)


MOVING = Circumstance("moving_to_first_tenancy")
TRIED = TriedFirst("college", "a grant from your college")
DOG = OwnQuestion(
    "dog",
    "Do you look after a dog?",
    "You look after a dog",
    "You do not look after a dog",
    "looks after a dog",
)


@pytest.mark.parametrize(
    ("condition", "facts", "expected"),
    [
        (Age(18, 25), somebody(date(2010, 1, 1)), "You need to be 18 or over."),
        (Age(18, 25), somebody(date(2000, 1, 1)), "This stops on your birthday when you turn 25."),
        (Age(18, 25), somebody(), "We need to know your date of birth."),
        (Age(18, 25), somebody(date(2006, 1, 1)), "You are the right age."),
        (
            Status((FORMER_RELEVANT, QUALIFYING)),
            somebody(status=ELIGIBLE),
            "This is for young people who are over 18 and were in care long enough or had a shorter time in care.",
        ),
        (
            Status((FORMER_RELEVANT,)),
            somebody(),
            "We need to know your care leaver status. Your adviser can tell you.",
        ),
        (
            MOVING,
            somebody(untrue=["moving_to_first_tenancy"]),
            "You are not moving into your first home of your own. "
            "You would need to be moving into your first home of your own.",
        ),
        (
            MOVING,
            somebody(true=["moving_to_first_tenancy"], source=Source.TOLD),
            "You are moving into your first home of your own. You told us this.",
        ),
        (
            MOVING,
            somebody(true=["moving_to_first_tenancy"], source=Source.ADVISER),
            "You are moving into your first home of your own. Your adviser told us this.",
        ),
        (MOVING, somebody(), "We need to know: Are you moving into your first home of your own?"),
        (
            MOVING,
            Facts(circumstances={"moving_to_first_tenancy": Known(True, stale=True)}),
            "We need to ask again: Are you moving into your first home of your own?",
        ),
        (
            none_of(Circumstance("has_valid_passport")),
            somebody(true=["has_valid_passport"]),
            "You have a passport that is in date. That means this one is not for you.",
        ),
        (
            none_of(Circumstance("has_valid_passport")),
            somebody(untrue=["has_valid_passport"]),
            "You do not have a passport that is in date.",
        ),
        (
            Circumstance("lives_in_london"),
            somebody(true=["lives_in_lewisham"]),
            "Your home is in London. We worked this out from what we know.",
        ),
        (
            any_of(Circumstance("looking_for_work"), Circumstance("starting_work")),
            somebody(untrue=["looking_for_work", "starting_work"]),
            "None of these fits: You are not looking for work. You would need to be out of work and looking for "
            "a job. You do not have a new job or the offer of one. You would need to have a job offer, or have "
            "started work in the last month.",
        ),
        (
            Turned(18, date(2023, 4, 1)),
            somebody(date(2004, 1, 1)),
            "This is for people who turned 18 on or after 1 April 2023.",
        ),
        (TRIED, somebody(), "We need to know: have you asked for a grant from your college first?"),
        (
            TRIED,
            somebody(untrue=["tried.college"]),
            "Ask for a grant from your college first. Then come back to this.",
        ),
        (DOG, somebody(), "We need to know: Do you look after a dog?"),
        (DOG, somebody(true=["own.dog"]), "You look after a dog."),
        (
            DOG,
            somebody(untrue=["own.dog"]),
            "You do not look after a dog. That means this one is not for you.",
        ),
        (
            none_of(DOG),
            somebody(true=["own.dog"]),
            "You look after a dog. That means this one is not for you.",
        ),
        (none_of(DOG), somebody(untrue=["own.dog"]), "You do not look after a dog."),
        (Children(2), somebody(children=1), "You would need to have 2 or more children living with you."),
        (Times(1), Facts(awards={"this": (Award(TODAY),)}), "You have had this as often as you can for now."),
        (Weeks(1), Facts(awards={"this": (Award(date(2026, 11, 1)),)}), "You have had this for all 1 weeks."),
        (
            NotWith("bursary", title="the bursary"),
            Facts(awards={"bursary": (Award(TODAY),)}),
            "You cannot have this as well as the bursary.",
        ),
    ],
)
def test_a_reason_in_words(condition, facts, expected):
    assert said(condition, facts) == expected


def test_what_has_not_started_says_so():
    outcome = evaluate(
        handbook()["staying-close-support"], somebody(date(2006, 1, 1), FORMER_RELEVANT), TODAY
    )

    assert sentence(outcome.main_reason) == "This has not started yet."


@pytest.mark.parametrize("code", sorted(handbook()))
@pytest.mark.parametrize("value", [True, False, None])
def test_every_reason_of_every_rule_has_words_and_a_known_code(code, value):
    circumstances = {} if value is None else {key: Known(value) for key in catalogue().entries}
    facts = Facts(date(2008, 11, 30), statuses=(StatusPeriod(FORMER_RELEVANT),), circumstances=circumstances)

    for reason in evaluate(handbook()[code], facts, TODAY).reasons:
        assert {reason.code, *(part.code for part in reason.parts)} <= CODES.keys()
        words = sentence(reason)
        assert words[0].isupper()
        assert words[-1] in ".?"
        assert ".." not in words


def test_every_sentence_goes_through_gettext():
    reasons = [
        *evaluate(handbook()["emergency-clothing"], somebody(), TODAY).reasons,
        *evaluate(
            handbook()["laptop"], somebody(date(2000, 1, 1), ELIGIBLE, true=["apprentice"]), TODAY
        ).reasons,
    ]

    for reason in reasons:
        assert sentence(reason, gettext=lambda text: f"«{text}»").startswith("«")


@pytest.mark.parametrize(
    ("key", "expected"),
    [
        ("care_status", "What is your care leaver status?"),
        ("born_on", "What is your date of birth?"),
        ("children", "How many children live with you?"),
        ("parent", "Do you have a child who lives with you?"),
        ("tried.college", "Have you asked for this first?"),
        ("had.laptop", "Have you had this before?"),
    ],
)
def test_every_key_has_a_question(key, expected):
    assert question(key) == expected


def test_the_words_of_circumstances_are_complete_and_kind():
    entries = catalogue().entries.values()

    assert len(entries) == 49
    for entry in entries:
        assert entry.question.endswith(("?", "."))
        for text in (entry.told_yes, entry.told_no, entry.needs):
            assert text[0].isupper()
            assert text[-1].isalnum() or text[-1] == ")"
    assert not [text for text in messages() if "uasc" in text.lower() or "client" in text.lower()]


def test_every_circumstance_of_the_handbook_is_in_the_list():
    def keys(condition):
        if isinstance(condition, Group):
            return {key for part in condition.of for key in keys(part)}
        return {condition.key} if isinstance(condition, Circumstance) else set()

    used = {key for rule in handbook().values() for key in keys(rule.when)}

    assert used <= catalogue().entries.keys()


def test_quiet_ones_are_those_about_immigration_custody_and_crisis():
    assert {key for key in catalogue().entries if catalogue().is_quiet(key)} == {
        "in_crisis",
        "not_british",
        "uasc",
        "insecure_immigration_status",
        "no_recourse_to_public_funds",
        "appeal_rights_exhausted",
        "waiting_for_home_office_decision",
        "in_custody",
    }


def test_a_list_that_contradicts_itself_is_refused():
    def entry(key, **more):
        return CircumstanceWords(key, "", "", "", "", "", "", "", 0, **more)

    with pytest.raises(ValueError, match="both true and not true"):
        Catalogue({"a": entry("a", implies=("b",), excludes=("b",)), "b": entry("b")})


@pytest.mark.parametrize("status", [s for s in CareLeaverStatus if s != "NONE_OF_THESE"])
def test_every_status_says_they_were_in_care(status):
    assert catalogue().by_status[status]["was_in_care_as_child"] is True
    assert Answer.YES.opposite is Answer.NO


def test_the_translators_get_every_word_that_stands_in_data(tmp_path):
    module, catalog = tmp_path / "words.py", tmp_path / "words.po"
    every = {*messages(), *staff_messages()}
    with words_as_code(module, every):
        gather = ["xgettext", "--language=Python", "--keyword=gettext_noop", "--from-code=UTF-8", "--no-wrap"]
        subprocess.run([*gather, f"--output={catalog}", module], check=True)

    found = set(re.findall(r'^msgid "(.+)"$', catalog.read_text(encoding="utf-8"), re.MULTILINE))
    assert {text.replace('"', '\\"') for text in every} == found
    assert not module.exists()


@pytest.mark.parametrize("key", list(catalogue().entries))
def test_a_question_and_its_reasons_are_said_in_the_readers_language(key):
    """Whatever gettext gives is what is read: no word goes round it."""
    told = [somebody(), somebody(true=[key]), somebody(untrue=[key])]
    wholes = (Group(GroupKind.ALL, (Circumstance(key),)), none_of(Circumstance(key)))
    reasons = [evaluate(Rule("this", when), facts, TODAY).reasons[0] for facts in told for when in wholes]
    shown = [question(key, gettext=in_brackets), *(sentence(one, gettext=in_brackets) for one in reasons)]

    for text in shown:
        while "[" in text:
            text = re.sub(r"\[[^][]*\]", "", text)
        assert not text.strip(" .")


def in_brackets(text: str) -> str:
    return f"[{text}]"
