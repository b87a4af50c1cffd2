"""The sixty searches, on whatever database the suite runs on."""

from datetime import datetime

import pytest

from cms.pages import index
from tests.search.sixty import SIXTY
from tests.search.thirty import THIRTY
from tests.search.twenty import MORE, TWENTY


@pytest.fixture
def ranks(library, now) -> dict[str, int]:
    return ranks_of(SIXTY, now)


def ranks_of(searches: list[tuple[str, str]], now: datetime) -> dict[str, int]:
    searched = index(on=now.date())
    found = {}
    for query, right in searches:
        addresses = [hit.document.address for hit in searched.search(query).hits]
        found[query] = addresses.index(right) + 1 if right in addresses else 99
    return found


def test_sixty_different_searches_were_written_down():
    assert len({query for query, _right in SIXTY}) == 60


def test_the_right_page_is_first_for_nine_in_ten_and_in_the_first_three_for_all(ranks):
    not_first = {query: rank for query, rank in ranks.items() if rank != 1}
    print(f"\nFirst: {60 - len(not_first)} of 60. Not first: {not_first}")

    assert len(not_first) <= 6, not_first
    assert all(rank <= 3 for rank in ranks.values()), not_first


def test_thirty_more_that_nobody_had_looked_at_are_in_the_first_three(library, now):
    found = ranks_of(THIRTY, now)
    print(f"\nFirst: {sum(rank == 1 for rank in found.values())} of 30. Not first: {found}")

    assert {query: rank for query, rank in found.items() if rank > 3} == {}


def test_twenty_of_the_hungry_and_the_frightened_are_first(library, now):
    """Slang, fear, hunger, other languages. "I want to die" once led to graduation costs: this one may never slip."""
    found = ranks_of(TWENTY, now)

    assert {query: rank for query, rank in found.items() if rank > 1} == {"baliffs": 3}


def test_words_without_their_marks_and_what_nobody_likes_to_type_find_the_right_page_first(library, now):
    found = ranks_of(MORE, now)

    assert {query: rank for query, rank in found.items() if rank > 1} == {}
