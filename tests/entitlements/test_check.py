"""`/check/` over HTTP: twelve people worked out by hand first, and what the page must never keep."""

import re

import pytest
from django.contrib.sessions.models import Session

from tests.entitlements.conftest import page_of, publish
from tests.entitlements.test_other_councils import DOG

HEADINGS = {
    "You can get": "now",
    "You might get": "maybe",
    "Later": "later",
    "You have had": "used",
    "Not for you, and why": "never",
}


def ask(client, *answers: str, **posted: str):
    return client.post("/check/", {"a": list(answers), **posted})


def groups(client, *answers: str) -> dict[str, set[str]]:
    """What stands under each heading of the results, by code."""
    html = ask(client, *answers, go="results").content.decode()
    found: dict[str, set[str]] = {}
    for piece in html.split("<h2>")[1:]:
        heading = piece.split("</h2>")[0].rsplit(" (", 1)[0]
        if heading in HEADINGS:
            found[HEADINGS[heading]] = set(re.findall(r"/handbook/([a-z0-9-]+)/", piece))
    return found


CARE, AGE = "care_status=", "born_on="
SITUATIONS = [
    # who, what they answer, what they can get, might get, get later, cannot
    (
        "19, left care, moving into a first flat in Lewisham",
        [
            CARE + "FORMER_RELEVANT",
            AGE + "19",
            "moving_to_first_tenancy=yes",
            "lives_in_lewisham=yes",
            "parent=no",
        ],
        {"setting-up-home-allowance", "moving-help", "tv-licence-first-year", "birthday-gift"},
        {"council-tax-relief-lewisham"},  # not yet known: whose name is on the bill
        set(),
        {"setting-up-home-child-top-up", "gym-outside-lewisham", "home-at-16-17"},
    ),
    (
        "17, still in care, supported housing",
        [CARE + "ELIGIBLE", AGE + "17", "living_semi_independently=yes"],
        {"weekly-living-allowance-16-17", "clothing-allowance-16-17", "personal-adviser-to-25"},
        {"setting-up-home-allowance", "universal-credit-early-start"},
        {"council-tax-relief-lewisham", "supported-lodgings", "free-prescriptions-lewisham"},
        {"home-at-16-17"},  # still in care, so not relevant
    ),
    (
        "16, left care",
        [CARE + "RELEVANT", AGE + "16"],
        {"home-at-16-17", "health-costs", "social-housing-any-area"},
        {"emergency-payment", "weekly-living-allowance-16-17"},
        {"supported-lodgings", "volunteering-allowance", "driving-lessons"},
        {"citizenship-fee-free-under-18"},
    ),
    (
        "21, university in Leeds, nowhere to go in the holidays",
        [
            CARE + "FORMER_RELEVANT",
            AGE + "21",
            "in_higher_education=yes",
            "no_holiday_home=yes",
            "lives_in_london=no",
        ],
        {"higher-education-bursary", "university-holiday-housing", "university-weekly-top-up", "laptop"},
        {"graduation-costs"},
        set(),
        {"tfl-half-price-bus-tram", "supported-lodgings", "custody-money"},
    ),
    (
        "23, a parent on benefits with a new baby",
        [
            CARE + "FORMER_RELEVANT",
            AGE + "23",
            "parent=yes",
            "expecting_or_new_baby=yes",
            "on_qualifying_benefits=yes",
        ],
        {"sure-start-maternity-grant", "health-costs"},
        {"setting-up-home-child-top-up"},
        set(),
        {"free-prescriptions-lewisham", "care-to-learn", "birthday-gift"},
    ),
    (
        "20, in prison",
        [CARE + "FORMER_RELEVANT", AGE + "20", "in_custody=yes"],
        {"custody-money", "visit-family-travel"},
        set(),
        set(),
        {"weekly-living-allowance-16-17"},
    ),
    (
        "19, waiting for the Home Office",
        [CARE + "FORMER_RELEVANT", AGE + "19", "waiting_for_home_office_decision=yes", "uasc=yes"],
        {"support-no-public-funds", "immigration-legal-help"},
        set(),
        set(),
        {"citizenship-fee-free-under-18"},
    ),
    (
        "19, nowhere safe tonight",
        [CARE + "FORMER_RELEVANT", AGE + "19", "in_crisis=yes", "homeless_or_at_risk=yes"],
        {"emergency-payment"},
        {"homeless-priority-need"},  # whether they are a relevant student
        {"homeless-not-your-fault-rule"},  # in law, not begun
        set(),
    ),
    (
        "19, a shorter time in care",
        [CARE + "QUALIFYING", AGE + "19", "renting_privately=yes", "low_income=yes"],
        {"one-bedroom-housing-rate"},
        {"care-to-learn"},
        {"free-nhs-dental-and-eye-care"},  # announced, not begun
        {"setting-up-home-allowance", "personal-adviser-to-25", "health-costs"},
    ),
    (
        "25 or older, left care",
        [CARE + "FORMER_RELEVANT", AGE + "over", "finishing_higher_education=yes"],
        {"graduation-costs"},
        {"free-prescriptions-lewisham"},  # until 26: how old exactly?
        set(),
        {"setting-up-home-allowance", "birthday-gift", "personal-adviser-to-25"},
    ),
    (
        "never in care",
        [CARE + "NONE_OF_THESE", AGE + "19"],
        set(),
        set(),
        set(),
        {"setting-up-home-allowance", "emergency-payment", "birthday-gift"},
    ),
    (
        "knows nothing about their status or age",
        [CARE + "unknown", AGE + "unknown", "moving_to_first_tenancy=yes"],
        set(),
        {"setting-up-home-allowance", "birthday-gift", "personal-adviser-to-25"},
        set(),
        set(),
    ),
    (
        "19, does not know where home is",
        [CARE + "FORMER_RELEVANT", AGE + "19", "lives_in_lewisham=unknown", "named_on_council_tax_bill=yes"],
        {"birthday-gift"},
        {"council-tax-relief-lewisham", "council-tax-help-outside-lewisham", "gym-outside-lewisham"},
        set(),
        set(),
    ),
]


@pytest.mark.parametrize(
    ("answers", "now_", "maybe", "later", "never"),
    [row[1:] for row in SITUATIONS],
    ids=[row[0] for row in SITUATIONS],
)
def test_each_person_finds_what_was_worked_out_by_hand(handbook, client, answers, now_, maybe, later, never):
    found = groups(client, *answers)

    assert now_ <= found.get("now", set())
    assert maybe <= found.get("maybe", set())
    assert later <= found.get("later", set())
    assert never <= found.get("never", set())


@pytest.mark.parametrize("answers", [row[1] for row in SITUATIONS], ids=[row[0] for row in SITUATIONS])
def test_everything_stands_under_exactly_one_heading(handbook, client, answers):
    found = groups(client, *answers)

    assert sum(len(codes) for codes in found.values()) == 59
    assert len(set().union(*found.values())) == 59


def test_what_has_not_started_is_never_something_you_can_get(handbook, client):
    for _who, answers, *_rest in SITUATIONS:
        now_ = groups(client, *answers).get("now", set())
        assert not now_ & {
            "free-nhs-dental-and-eye-care",
            "staying-close-support",
            "homeless-not-your-fault-rule",
        }


def test_the_first_question_is_care_status_and_says_the_adviser_can_confirm_it(handbook, client):
    text = client.get("/check/").content.decode()

    assert "Which of these is you?" in text
    assert "Your adviser can tell you for certain." in text
    assert "I don&#x27;t know" in text


def test_questions_come_one_a_page_and_carry_the_answers_along(handbook, client):
    second = ask(client, key="care_status", answer="FORMER_RELEVANT").content.decode()
    third = ask(client, CARE + "FORMER_RELEVANT", key="born_on", answer="19").content.decode()

    assert "How old are you?" in second
    assert 'value="17"' not in second.split("<form")[-1]  # nobody former relevant is 17
    assert 'name="a" value="care_status=FORMER_RELEVANT"' in second
    assert 'name="a" value="born_on=19"' in third
    assert third.count("<legend") == 1


def test_back_asks_the_last_question_again_and_change_asks_any(handbook, client):
    back = ask(client, CARE + "FORMER_RELEVANT", AGE + "19", go="back").content.decode()
    change = ask(client, CARE + "FORMER_RELEVANT", AGE + "19", change="care_status").content.decode()

    assert "How old are you?" in back
    assert "born_on" not in back.replace('name="key" value="born_on"', "")
    assert "Which of these is you?" in change
    assert 'value="born_on=19"' in change


def test_what_they_do_not_know_is_not_asked_again_nor_turned_round(handbook, client):
    answers = [CARE + "FORMER_RELEVANT", AGE + "19", "lives_in_lewisham=unknown"]
    for _question in range(60):
        html = ask(client, *answers).content.decode()
        key = re.search(r'name="key" value="([^"]+)"', html)
        if key is None:
            break
        assert key[1] not in {"lives_in_lewisham", "lives_outside_lewisham", "care_status", "born_on"}
        answers.append(f"{key[1]}=unknown")
    else:
        pytest.fail("it never stops asking")


def test_a_question_an_editor_wrote_is_asked_answered_and_said_back(handbook, client):
    publish(page_of("birthday-gift"), rule=[("own_question", DOG)])
    key, fixed = "own.do-you-look-after-a-dog", [CARE + "FORMER_RELEVANT", AGE + "19"]

    asked = ask(client, *fixed, change=key).text
    assert "Do you look after a dog?" in asked
    assert "birthday-gift" in groups(client, *fixed)["maybe"]
    assert "birthday-gift" in groups(client, *fixed, f"{key}=yes")["now"]
    assert "birthday-gift" in groups(client, *fixed, f"{key}=no")["never"]
    said = ask(client, *fixed, f"{key}=no", go="results").text
    assert "You do not look after a dog. That means this one is not for you." in said


def test_a_question_an_editor_wrote_says_on_a_page_in_arabic_that_it_is_english(handbook, client):
    publish(page_of("birthday-gift"), rule=[("own_question", DOG)])
    answers = [CARE + "FORMER_RELEVANT", AGE + "19"]

    asked = client.post("/ar/check/", {"a": answers, "change": "own.do-you-look-after-a-dog"}).text

    assert 'dir="rtl"' in asked
    assert '<bdi lang="en">Do you look after a dog?</bdi>' in asked


def test_an_empty_answer_is_asked_for_kindly_and_nothing_is_lost(handbook, client):
    html = ask(client, CARE + "FORMER_RELEVANT", key="born_on").content.decode()

    assert "Choose an answer" in html
    assert 'value="care_status=FORMER_RELEVANT"' in html


def test_nothing_is_kept_anywhere(handbook, client, django_assert_num_queries):
    client.get("/check/")
    with django_assert_num_queries(1) as asked:
        answer = ask(client, CARE + "FORMER_RELEVANT", AGE + "19", "in_custody=yes", go="results")

    assert asked.captured_queries[0]["sql"].startswith("SELECT")
    assert not client.cookies
    assert Session.objects.count() == 0
    assert answer.headers["Cache-Control"] == "no-store"
    assert "Location" not in answer.headers


def test_words_that_are_no_answer_of_ours_never_come_back(handbook, client):
    answer = ask(client, "care_status=<script>", "nothing=yes", "born_on=\x00", key="<b>", answer="yes")

    assert answer.status_code == 200
    assert b"<script>" not in answer.content.split(b"</head>")[1]
    assert b"nothing=yes" not in answer.content


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Sec-Fetch-Site": "same-origin"}, 200),
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Sec-Fetch-Site": "same-site"}, 403),
        ({"Origin": "https://elsewhere.example"}, 403),
        ({"Origin": "http://testserver"}, 200),
        ({"Origin": "null"}, 200),  # an older browser under "no-referrer"
        ({}, 200),
    ],
)
def test_another_site_cannot_post_here(handbook, client, headers, status):
    assert client.post("/check/", {"go": "results"}, headers=headers).status_code == status
