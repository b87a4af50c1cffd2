"""The living access matrix (safety rule 2)."""

import pytest
from django.http import HttpResponse
from django.urls import get_resolver, path

from tests.authorisation import walk
from tests.authorisation.table import ABOUT, AUDIENCES, GROUPS, PERSONS, ROWS, Row
from tests.authorisation.world import OBJECTS, make_world

ADDRESSES = {address.route: address for address in walk.addresses(get_resolver().url_patterns)}
ONE_BY_ONE = sorted(route for route in ADDRESSES if route in ROWS)
IN_GROUPS = sorted(
    route for route, address in ADDRESSES.items() if route not in ROWS and walk.row_for(address)
)


PARTS = ("account/", "me/", "desk/finance/", "desk/", "cms/", "demo/")


@pytest.fixture
def signed_in_by_cookie(settings):
    """Who somebody is stands in their cookie: one question less in each of some eight thousand answers."""
    settings.SESSION_ENGINE = "django.contrib.sessions.backends.signed_cookies"


def _part_of(route):
    return next((part for part in PARTS if route.startswith(part)), "")


def test_every_address_has_a_row():
    assert walk.missing(get_resolver().url_patterns) == [], (
        "add a line for each to tests/authorisation/table.py"
    )


def test_every_row_has_an_address():
    assert walk.left_over(get_resolver().url_patterns) == [], "take these out of tests/authorisation/table.py"


def test_every_row_names_an_audience_and_an_object_that_exist():
    for row in [*ROWS.values(), *GROUPS.values()]:
        assert {row.get, row.post or row.get} <= {*AUDIENCES, *ABOUT}
        assert not row.about or row.about in OBJECTS
        assert bool(row.about) == bool({row.get, row.post or row.get} & {*ABOUT}), row
    for audience in AUDIENCES.values():
        assert audience <= set(PERSONS)


@pytest.mark.django_db
@pytest.mark.usefixtures("signed_in_by_cookie")
@pytest.mark.urls("tests.authorisation.plain_refusals")
@pytest.mark.parametrize("part", [*PARTS, ""])
def test_each_address_lets_in_whom_the_table_says_and_nobody_else(part):
    world = make_world()
    found = []
    for route in ONE_BY_ONE:
        if _part_of(route) == part:
            found += walk.wrong(ADDRESSES[route], ROWS[route], world)

    assert found == []


@pytest.mark.django_db
@pytest.mark.usefixtures("signed_in_by_cookie")
@pytest.mark.urls("tests.authorisation.plain_refusals")
def test_no_caseworker_and_no_young_person_enters_the_page_editor():
    world = make_world()
    found = []
    for route in IN_GROUPS:
        row = walk.row_for(ADDRESSES[route])
        found += walk.wrong_for_the_kept_out(ADDRESSES[route], row, world)

    assert found == []


def _unguarded(request, **parts):
    return HttpResponse("everybody sees this")


def test_twin_an_address_that_is_added_without_a_row_is_missed():
    patterns = [*get_resolver().url_patterns, path("desk/new-page/", _unguarded)]

    newly = set(walk.missing(patterns)) - set(walk.missing(get_resolver().url_patterns))

    assert newly == {"desk/new-page/"}


@pytest.mark.django_db
def test_twin_a_page_that_forgot_its_guard_is_found(settings):
    settings.ROOT_URLCONF = "tests.authorisation.unguarded_urls"
    address = walk.Address("desk/young-people/<slug:ref>/")

    found = walk.wrong(address, Row("may see", about="young_person", post="may change"), make_world())

    assert len(found) > 60
    assert any("the stranger's personal adviser: no entry expected, page met" in line for line in found)
