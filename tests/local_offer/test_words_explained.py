"""Words of the field explain themselves where they stand, without a script."""

import re

import pytest
from django.test import Client, RequestFactory

from cms import content_version
from cms.glossary import MOST, explain
from cms.models import GlossaryTerm
from tests.local_offer.test_editing import signed_in


@pytest.fixture
def explained(library):
    def say(html: str, times: int = 1) -> str:
        request = RequestFactory().get("/")
        return "".join(explain(html, request) for _time in range(times))

    return say


def test_a_word_opens_its_meaning_at_its_first_place_on_the_page(explained):
    html = explained("<p>Your pathway plan says so.</p>", times=2)

    assert html.count('popovertarget="word-') == 1
    assert html.count("A plan you write with your PA.") == 1
    assert ">pathway plan</button>" in html


@pytest.mark.parametrize(
    "html",
    [
        '<p><a href="/x/">Your pathway plan</a></p>',
        "<h2>Pathway plan</h2>",
        "<p>A payment plan and a pathway planner.</p>",
        '<p><img alt="pathway plan"></p>',
        "<p>A pathway p\u017fan, a c\u0131rcumstance: letters that only look alike.</p>",
        "<p>pathway plan\u017f</p>",
    ],
)
def test_links_headings_and_other_words_stay_as_they_are(explained, html):
    assert explained(html) == html


def test_a_page_explains_a_few_words_not_all(explained):
    terms = GlossaryTerm.objects.values_list("term", flat=True)
    assert explained(f"<p>{'. '.join(terms)}</p>").count("<button") == MOST


def test_a_meaning_is_words_and_never_markup(explained):
    GlossaryTerm.objects.filter(term="Pathway plan").update(plain="<script>x</script>")
    content_version.forget()
    assert "<script>" not in explained("<p>Your pathway plan.</p>")


def test_an_editor_changes_a_meaning_and_readers_meet_it(library):
    page = "/offer/home/your-own-place/"
    found = re.search(r'popovertarget="word-(\d+)"', Client().get(page).content.decode())
    assert found, "no word of the page is explained"
    term = GlossaryTerm.objects.get(pk=found.group(1))
    answers = {"term": term.term, "also": term.also, "plain": "Something quite different."}

    signed_in("Editors").post(f"/cms/snippets/cms/glossaryterm/edit/{term.pk}/", answers)

    assert "Something quite different." in Client().get(page).content.decode()
