"""`/api/handbook.json` and its schema, `/handbook.pdf`."""

import re
from datetime import date
from typing import Any

import pypdfium2
import pytest
from django.core.cache import cache

from entitlements.pdf import DRAWING, KEPT, draw, refresh
from tests.entitlements.conftest import page_of
from tests.factories import UserFactory

TYPES = {"string": str, "integer": int, "boolean": bool, "null": type(None), "object": dict, "array": list}


def faults(value: Any, schema: dict[str, Any], at: str = "") -> list[str]:
    """Where a value breaks the parts of JSON Schema we use."""
    if "enum" in schema:
        return [] if value in schema["enum"] else [f"{at}: {value!r} is not one of the choices"]
    if "const" in schema:
        return [] if value == schema["const"] else [f"{at}: {value!r}"]
    names = schema["type"] if isinstance(schema["type"], list) else [schema["type"]]
    if not any(
        isinstance(value, TYPES[name]) and (name == "boolean" or not isinstance(value, bool))
        for name in names
    ):
        return [f"{at}: {value!r} is not {names}"]
    if value is None:
        return []
    found = []
    if isinstance(value, dict) and "properties" in schema:
        found += [f"{at}: {name} is missing" for name in schema["required"] if name not in value]
        found += [f"{at}: {name} is not in the schema" for name in value if name not in schema["properties"]]
        for name, part in schema["properties"].items():
            found += faults(value[name], part, f"{at}.{name}") if name in value else []
    if isinstance(value, list):
        found += [
            fault
            for number, item in enumerate(value)
            for fault in faults(item, schema["items"], f"{at}[{number}]")
        ]
    if "pattern" in schema and not re.search(schema["pattern"], value):
        found.append(f"{at}: {value!r} does not fit {schema['pattern']}")
    if schema.get("format") == "date":
        date.fromisoformat(value)
    if "minimum" in schema and value < schema["minimum"]:
        found.append(f"{at}: {value} is too small")
    return found


def test_the_answer_is_what_the_schema_says(handbook, client):
    schema = client.get("/api/handbook.schema.json").json()
    answer = client.get("/api/handbook.json")

    assert faults(answer.json(), schema) == []
    assert len(answer.json()["entitlements"]) == 59


def test_labels_are_as_honest_as_the_pages(handbook, client):
    entries = {entry["code"]: entry for entry in client.get("/api/handbook.json").json()["entitlements"]}

    assert [label["code"] for label in entries["birthday-gift"]["labels"]] == ["EXAMPLE"]
    assert entries["birthday-gift"]["confirmed"] is False
    assert [label["code"] for label in entries["free-nhs-dental-and-eye-care"]["labels"]] == ["NOT_STARTED"]
    assert entries["setting-up-home-allowance"]["labels"] == []
    assert entries["setting-up-home-allowance"]["amount"]["pence"] == 300_000
    assert not any("{" in text for entry in entries.values() for text in entry["words"].values())


def test_what_is_withdrawn_leaves_the_data(handbook, client):
    page_of("laptop").unpublish()
    codes = {entry["code"] for entry in client.get("/api/handbook.json").json()["entitlements"]}
    assert "laptop" not in codes


def test_while_the_printed_handbook_is_drawn_others_are_given_the_old_one_and_nobody_draws_twice(
    handbook, client, now
):
    cache.set(KEPT, ("an old day", b"%PDF old"), None)
    cache.add(DRAWING, True, 60)

    assert client.get("/handbook.pdf").content == b"%PDF old"
    assert not refresh(today=now.date())
    cache.delete_many([KEPT, DRAWING])


def test_a_drawn_pdf_is_tagged_and_named():
    pdf = draw(
        '<html lang="en"><head><title>Handbook</title></head><body><h1>Handbook</h1><p>Words</p></body></html>'
    )

    if pdf is None:
        pytest.skip("pango is not installed here")
    document = pypdfium2.PdfDocument(pdf)
    assert pypdfium2.raw.FPDFCatalog_IsTagged(document)
    assert document.get_metadata_value("Title") == "Handbook"


def test_a_change_is_in_the_feed_with_the_label_it_must_carry(handbook, client):
    assert "<item>" not in client.get("/news/feed/").text  # what a command loaded is not news
    draft = page_of("laptop").get_latest_revision_as_object()
    draft.one_line = "Money towards a laptop."
    draft.save_revision(user=UserFactory()).publish()

    feed = client.get("/news/feed/").text

    assert feed.count("<item>") == 1
    assert "<title>Changed: A laptop for your course</title>" in feed
    assert "/handbook/laptop/</link>" in feed
    assert "<description>Money towards a laptop. · Example amount</description>" in feed
