"""What may stand on a locked screen: every kind, language and channel against rule 21."""

from datetime import UTC, datetime, timedelta
from itertools import product

import pytest

from portal.notifications import words

LANGUAGES = ["en", "ar", "ps", "vi"]
KINDS = [*words.KINDS, "a_kind_of_tomorrow"]
# Every weekday, with the longest month, and both the short and the long way to say a time.
MOMENTS = [
    datetime(2027, 9, 20, 13, minute, tzinfo=UTC) + timedelta(days=day)
    for day in range(7)
    for minute in (0, 30)
]
LINK = "https://portal.example.org.uk/b/23456789ABCDEFGHJKMNPQRSTW/"


@pytest.mark.parametrize(("kind", "language", "says_more"), [*product(KINDS, LANGUAGES, [False, True])])
def test_every_text_is_harmless_and_one_segment(kind, language, says_more):
    for about_at, link in product([None, *MOMENTS], ["", LINK]):
        said = words.text(
            kind, language=language, about_at=about_at, says_more=says_more, code="123456", link=link
        )

        assert words.denied(said) == []
        assert words.fits_one_segment(said), (len(said), said)
        assert "{" not in said
        if kind in {"drop_in_tomorrow", "drop_in_soon"} and about_at:
            assert "13:30" in said or "14:" in said or "2" in said, "day and time where there is one"


@pytest.mark.parametrize("kind", [kind for kind in words.KINDS if not words.KINDS[kind].for_staff])
def test_every_sentence_for_a_young_person_exists_in_every_language(kind):
    what = words.KINDS[kind]

    for sentence in filter(None, [what.sentence, what.more]):
        assert set(words.SENTENCES[sentence]) == set(LANGUAGES)


def test_the_reminder_says_day_and_time_in_london_and_nothing_else():
    summer = datetime(2027, 6, 3, 13, 0, tzinfo=UTC)

    assert (
        words.text("drop_in_tomorrow", about_at=summer)
        == "Reminder: you have a booking on Thursday 3 June at 2pm."
    )


def test_the_link_is_left_out_when_its_host_says_too_much_or_the_text_would_be_two():
    about = datetime(2027, 6, 3, 13, 0, tzinfo=UTC)
    telling = "https://careleavers.lewisham.gov.uk/b/23456789ABCDEFGHJKMNPQRSTW/"

    assert words.text("drop_in_soon", about_at=about, link=LINK).endswith(LINK)
    assert "http" not in words.text("drop_in_soon", about_at=about, link=telling)
    assert "http" not in words.text("drop_in_soon", about_at=about, link=LINK, language="ar")
    assert words.text("drop_in_soon", about_at=about, link=LINK, language="ar", channel="EMAIL").endswith(
        LINK
    )
    assert "http" not in words.text("decision_made", link=LINK)


@pytest.mark.parametrize(
    ("said", "found"),
    [
        ("Your personal advisers", ["adviser"]),
        ("GRANTS and allowances", ["grant", "allowance"]),
        ("two crises", ["crisis"]),
        ("abuses", ["abuse"]),
        ("see your PA", ["PA"]),
        ("a Bromley-Road thing", ["Bromley Road"]),
        ("the council's", ["council"]),
        ("be careful on the page", []),
        ("beneficial, carefree, bankrupt, socially", []),
    ],
)
def test_the_deny_list_knows_plurals_and_whole_words(said, found):
    assert words.denied(said) == found


def test_the_council_adds_words_and_the_text_gives_way():
    said = words.text("drop_in_soon", about_at=MOMENTS[0], also_denied=["booking"])

    assert said == words.SENTENCES["update"]["en"]
