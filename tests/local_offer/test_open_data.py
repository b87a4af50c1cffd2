"""Services as open data: every answer against our account of the standard (`local_offer.api.SHAPES`)."""

from datetime import date, datetime
from uuid import UUID

import pytest
from django.test import Client

from local_offer.api import SHAPES, STATUSES
from local_offer.models import ServicePage


@pytest.fixture
def visitor() -> Client:
    return Client()


def wrong(entry: dict, shape: str, at: str = "") -> list[str]:
    """What of an answer is not as the standard says."""
    fields = SHAPES[shape]
    found = [f"{at}{name}: not in the standard" for name in entry if name not in fields]
    for name, (kind, required) in fields.items():
        if name not in entry:
            found += [f"{at}{name}: required"] if required else []
        else:
            found += of_kind(entry[name], kind, f"{at}{name}")
    return found


def of_kind(value, kind: str, at: str) -> list[str]:
    if kind.startswith("["):
        return [
            fault
            for number, each in enumerate(value)
            for fault in wrong(each, kind[1:-1], f"{at}[{number}].")
        ]
    if kind in SHAPES:
        return wrong(value, kind, f"{at}.")
    try:
        right = {
            "uuid": lambda: str(UUID(value)) == value,
            "str": lambda: isinstance(value, str) and value.strip() != "",
            "url": lambda: value.startswith(("http://", "https://")),
            "date": lambda: bool(date.fromisoformat(value)),
            "datetime": lambda: datetime.fromisoformat(value).tzinfo is not None,
            "int": lambda: type(value) is int,
            "bool": lambda: type(value) is bool,
            "list": lambda: isinstance(value, list),
            "status": lambda: value in STATUSES,
        }[kind]()
    except (ValueError, AttributeError, TypeError):
        right = False
    return [] if right else [f"{at}: not a {kind}: {value!r}"]


def test_the_feed_says_which_standard_it_is(library, visitor):
    answer = visitor.get("/api/")

    assert wrong(answer.json(), "about") == []
    assert answer["Access-Control-Allow-Origin"] == "*"
    assert not answer.cookies


@pytest.mark.parametrize(
    ("name", "shape", "count"),
    [
        ("services", "service", 34),
        ("organizations", "organization", 1),
        ("taxonomies", "taxonomy", 1),
        ("taxonomy_terms", "taxonomy_term", 9),
    ],
)
def test_every_list_and_every_entry_has_the_standards_shape(library, visitor, name, shape, count):
    page = visitor.get(f"/api/{name}").json()

    assert wrong(page, "page") == []
    assert page["total_items"] == len(page["contents"]) == count
    assert [fault for entry in page["contents"] for fault in wrong(entry, shape)] == []
    for entry in page["contents"]:
        assert visitor.get(f"/api/{name}/{entry['id']}").json() == entry


def test_pages_of_a_list_come_one_after_another(library, visitor):
    first = visitor.get("/api/services?per_page=20").json()
    second = visitor.get("/api/services?per_page=20&page=2").json()
    after = visitor.get("/api/services?per_page=20&page=3").json()

    assert (first["first_page"], first["last_page"], first["total_pages"], first["size"]) == (
        True,
        False,
        2,
        20,
    )
    assert (second["first_page"], second["last_page"], second["size"]) == (False, True, 14)
    assert (after["empty"], after["contents"]) == (True, [])
    ids = [entry["id"] for entry in first["contents"] + second["contents"]]
    assert len(set(ids)) == 34


@pytest.mark.parametrize(
    "query", ["page=0", "page=-1", "page=x", "per_page=0", "per_page=99999999999", "page=١"]
)
def test_odd_numbers_never_break_it(library, visitor, query):
    assert visitor.get(f"/api/services?{query}").status_code == 200


def test_services_can_be_asked_for_by_words_and_by_need(library, visitor):
    home = next(
        term for term in visitor.get("/api/taxonomy_terms").json()["contents"] if term["name"] == "Home"
    )

    by_need = visitor.get(f"/api/services?taxonomy_term_id={home['id']}").json()["contents"]
    by_word = visitor.get("/api/services?search=coram").json()["contents"]

    assert {"Supported lodgings", "Cooking group"} <= {entry["name"] for entry in by_need}
    assert [entry["name"] for entry in by_word] == ["Coram Voice and Always Heard"]


def test_an_unpublished_service_leaves_the_feed_and_an_unknown_one_is_not_found(library, visitor):
    ServicePage.objects.get(slug="insight").unpublish()

    assert visitor.get("/api/services").json()["total_items"] == 33
    assert visitor.get("/api/services/00000000-0000-4000-8000-000000000000").status_code == 404


def test_the_machine_description_names_every_address(library, visitor):
    described = visitor.get("/api/openapi.json").json()

    assert {"/services", "/services/{id}", "/taxonomies", "/taxonomy_terms"} <= set(described["paths"])
    assert described["components"]["schemas"]["service"]["required"] == ["id", "name", "status", "url"]
