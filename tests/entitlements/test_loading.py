"""The 59 records become pages once, and what an editor changes afterwards stays."""

import copy

import pytest

from entitlements.content import WORDS, rule_of
from entitlements.loader import load, records, values_of
from entitlements.models import Entitlement, EntitlementVersion
from entitlements.pages import EntitlementPage
from entitlements.rules import from_data, rule_from_record
from entitlements.tokens import Reading
from tests.entitlements.conftest import page_of, publish

RECORDS = {record["code"]: record for record in records()}


def quietly(code: str) -> None:
    """Nobody listens."""


def test_every_record_is_a_published_page_with_a_version(handbook):
    assert len(RECORDS) == 59
    assert handbook.get_children().live().count() == 59
    assert Entitlement.objects.exclude(current=None).count() == 59
    assert set(EntitlementVersion.objects.values_list("number", flat=True)) == {1}


def test_no_word_no_amount_and_no_rule_is_lost_on_the_way(handbook):
    versions = {version.code: version for version in EntitlementVersion.objects.current()}

    for code, record in RECORDS.items():
        version, values = versions[code], values_of(record)
        assert from_data(version.rule).when == rule_from_record(record).when, code
        assert version.status == record["status"].upper(), code
        pounds = record["amount"]["pounds"]
        assert version.amount_pence == (round(float(pounds) * 100) if pounds else None), code
        assert {name: version.words[name] for name in WORDS} == {name: values[name] for name in WORDS}, code
        assert version.words["search_words"] == record["search_words"], code
        assert version.explain["say"] == record["explain"]["say"], code
        answers = [question["answer"] for question in version.explain["check_questions"]]
        assert answers == [question["answer"] for question in record["explain"]["check_questions"]], code
        assert version.evidence == record["evidence"]["items"], code
        assert version.source["name"] == record["source"]["name"], code
        assert version.source["basis"] == record["basis"], code
        assert version.confidence == record["source"]["confidence"].upper(), code


def test_every_mark_in_every_text_is_filled_in(handbook, now):
    versions = {version.code: version for version in EntitlementVersion.objects.current()}

    for code, version in versions.items():
        reading = Reading(version, versions, now.date())
        for text in [version.one_line, *(version.words[name] for name in WORDS), *version.explain["say"]]:
            said = reading.html(text)
            assert "{" not in said, code
            assert "ask your adviser)" not in said, f"{code} links to something that is not there"


def test_loading_again_changes_nothing(handbook):
    before = list(EntitlementVersion.objects.values_list("pk", flat=True))

    again = load(handbook, list(RECORDS.values()), tell=quietly)

    assert (again.made, again.kept, again.changed) == (0, 59, [])
    assert list(EntitlementVersion.objects.values_list("pk", flat=True)) == before


def test_an_editors_change_stays_and_is_not_reported_while_the_file_says_the_same(handbook):
    publish(page_of("laptop"), one_line="A laptop, if your college has none left.")

    again = load(handbook, list(RECORDS.values()), tell=quietly)

    assert again.changed == []
    assert page_of("laptop").one_line == "A laptop, if your college has none left."


@pytest.fixture
def newer() -> list[dict]:
    """The records of a later release: the laptop's amount and one line have changed."""
    later = copy.deepcopy(RECORDS)
    later["laptop"]["amount"]["pounds"] = "350.00"
    later["laptop"]["words"]["one_line"] = "Up to {amount} for a laptop."
    return list(later.values())


def test_a_changed_fact_is_reported_with_both_sides_and_never_overwritten(handbook, newer):
    found = load(handbook, newer, tell=quietly)

    assert {(change.code, change.field) for change in found.changed} == {
        ("laptop", "amount"),
        ("laptop", "one_line"),
    }
    amount = next(change for change in found.changed if change.field == "amount")
    assert (amount.page_says, amount.file_says) == ("300.00", "350.00")
    assert page_of("laptop").amount == 300


def test_on_request_only_fields_no_editor_touched_are_brought_up_to_date(handbook, newer):
    publish(page_of("laptop"), one_line="Our own words.")

    found = load(handbook, newer, update=True, tell=quietly)

    assert found.updated == 1
    assert [change.field for change in found.changed] == ["one_line"]
    assert page_of("laptop").one_line == "Our own words."
    assert page_of("laptop").amount == 350
    assert page_of("laptop").entitlement.current.amount_pence == 35_000
    assert load(handbook, newer, update=True, tell=quietly).updated == 0


def test_the_rule_an_editor_sees_is_the_rule_that_decides(handbook):
    for page in EntitlementPage.objects.select_related("entitlement__current"):
        assert rule_of(page) == from_data(page.entitlement.current.rule)
