"""Words into HTML, facts into words, and how hard words are: no database but for phone numbers."""

from datetime import date

import pytest
from django.test import RequestFactory
from django.utils.safestring import SafeString

from cms import content_version, phones, tokens
from cms.models import Phone
from cms.reading import measure, syllables
from cms.text import to_plain, to_rich


@pytest.fixture(autouse=True)
def _nothing_held():
    content_version.forget()
    yield
    content_version.forget()
    phones.correct([])


def test_paragraphs_points_and_addresses_become_html():
    html = to_rich("First line\nsame paragraph.\n\n- one\n- see https://www.nyas.net.\n\nLast.")

    assert html == (
        "<p>First line same paragraph.</p><ul><li>one</li>"
        '<li>see <a href="https://www.nyas.net">nyas.net</a>.</li></ul><p>Last.</p>'
    )


def test_markup_in_words_is_escaped():
    assert "<script>" not in to_rich("<script>alert(1)</script>")
    assert (
        to_plain(to_rich("Fish & chips <b>")) == "Fish & chips <b>."
    )  # the end of a paragraph is the end of a sentence


@pytest.mark.django_db
def test_a_number_is_quoted_and_can_be_pressed(monkeypatch):
    Phone.objects.create(key="gas", name="Gas", number="0800 111 999", confirmed=True)

    html = tokens.fill_html("<p>Call {phone:gas} now.</p>")

    assert html == '<p>Call <a class="number" href="tel:0800111999"><bdi>0800 111 999</bdi></a> now.</p>'


@pytest.mark.django_db
def test_a_number_nobody_has_rung_says_so_and_a_missing_one_says_how_to_find_it_once():
    Phone.objects.create(key="old", name="Old", number="0808 1", confirmed=False)
    Phone.objects.create(key="duty", name="Duty", how_to_find="Ask at https://lewisham.gov.uk for <duty>.")
    request = RequestFactory().get("/")
    request.today = date(2026, 11, 23)

    assert "not checked this number" in tokens.fill_text("{phone:old}", request=request)
    first = tokens.fill_text("{phone:duty}", request=request)
    assert 'id="phone-duty"' in first
    assert "&lt;duty&gt;" in first
    assert (
        tokens.fill_text("{phone:duty}", request=request)
        == '<a href="#phone-duty">how to reach them is above</a>'
    )


@pytest.mark.django_db
def test_a_fact_nobody_knows_reads_as_words_and_a_tag_is_left_alone():
    assert tokens.fill_text("{link:some-thing-else}") == "some thing else"
    assert tokens.fill_html('<a href="{phone:x}">x</a>') == '<a href="{phone:x}">x</a>'


@pytest.mark.django_db
def test_what_a_loader_gives_is_escaped_unless_it_says_it_is_safe(monkeypatch):
    monkeypatch.setitem(tokens._loaders, "amount", lambda on: {"a": "<b>", "b": SafeString("<b>£5</b>")})

    assert tokens.fill_text("{amount:a} {amount:b}") == "&lt;b&gt; <b>£5</b>"


@pytest.mark.django_db
def test_what_is_held_is_built_again_after_a_change():
    built = []

    def build():
        built.append(1)
        return len(built)

    assert [content_version.held("x", build), content_version.held("x", build)] == [1, 1]
    content_version.changed()
    assert content_version.held("x", build) == 2


@pytest.mark.parametrize(
    ("word", "count"), [("bed", 1), ("home", 1), ("money", 2), ("moved", 1), ("university", 5)]
)
def test_syllables_are_counted_as_people_say_them(word, count):
    assert abs(syllables(word) - count) <= (2 if count > 3 else 0)


def test_plain_words_read_young_and_council_words_read_old():
    plain = measure("You can come back. You do not have to say why. We will call you.")
    hard = measure(
        "Prior to the commencement of provision, statutory eligibility criteria necessitate assessment."
    )

    assert plain.is_easy
    assert plain.age < 9
    assert not hard.is_easy
    assert ("prior to", "before") in hard.jargon
    assert measure("").words == 0


def test_a_long_sentence_is_named():
    assert measure("word " * 30 + ".").long_sentences
