"""The search page through HTTP."""

import pytest
from django.test import Client

from cms.models import SearchMiss, SynonymGroup


@pytest.fixture
def visitor() -> Client:
    return Client()


def test_the_answer_comes_first_with_its_amount(library, visitor):
    page = visitor.get("/search/", {"q": "bed money"}).content.decode()

    answer = page[page.index("Best answer") : page.index("More that may help")]
    assert "/handbook/setting-up-home-allowance/" in answer
    assert "£3,000" in answer


def test_a_misspelt_search_says_how_it_was_read(library, visitor):
    assert "driving lessons" in visitor.get("/search/", {"q": "driving lesons"}).content.decode()


def test_a_search_asks_the_database_at_most_four_times_and_sets_no_cookie(
    library, visitor, django_assert_max_num_queries
):
    visitor.get("/search/", {"q": "bed"})

    with django_assert_max_num_queries(4):
        response = visitor.get("/search/", {"q": "bus pass"})

    assert not response.cookies
    assert b"csrf" not in response.content


def test_what_was_typed_is_escaped(library, visitor):
    page = visitor.get("/search/", {"q": '"><script>alert(1)</script>'}).content

    assert b"<script>alert" not in page


def test_nothing_found_helps_and_is_counted_without_the_person(library, visitor, now):
    page = visitor.get("/search/", {"q": "Quzzle Wuzzle"}).content.decode()
    visitor.get("/search/", {"q": "quzzle wuzzle"})

    assert "We found nothing" in page
    assert "/help/urgent/" in page
    miss = SearchMiss.objects.get()
    assert (miss.words, miss.visitors, miss.last_on) == ("quzzle wuzzle", 1, now.date())
    assert {field.name for field in SearchMiss._meta.fields} == {"id", "words", "visitors", "last_on"}


def test_another_visitor_counts_again(library, visitor):
    for number in range(5):
        visitor.get("/search/", {"q": "wuzzlefruit"}, headers={"user-agent": f"phone {number}"})

    assert SearchMiss.objects.get().visitors == 5


def test_words_that_look_like_a_phone_number_or_an_address_are_never_kept(library, visitor):
    visitor.get("/search/", {"q": "07700900123"})
    visitor.get("/search/", {"q": "zzyzx@qqq.zz"})

    assert not SearchMiss.objects.exists()


def test_a_new_synonym_works_with_the_next_search(library, visitor):
    from cms.content_version import changed

    assert "We found nothing" in visitor.get("/search/", {"q": "kippage"}).content.decode()

    SynonymGroup.objects.create(words="kippage\nmattress")
    changed()

    assert (
        "/handbook/setting-up-home-allowance/" in visitor.get("/search/", {"q": "kippage"}).content.decode()
    )


def test_suggestions_are_pages_to_press(library, visitor):
    pages = visitor.get("/search/suggest/", {"q": "driv"}).json()["pages"]

    assert {"title": "Learning to drive", "address": "/handbook/driving-lessons/"} in pages
