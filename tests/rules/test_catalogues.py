"""The catalogues: nothing a reader sees is missing, and every line can be filled in."""

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import polib
import pytest
from django.utils.translation.template import templatize

from cms.catalogues import LOCALE, compile_all
from entitlements.wording import messages
from portal.spot_help.rules import How, Need

ROOT = Path(__file__).parent.parent.parent
FORMS = {"ar": 6, "ps": 2, "vi": 1}
# What only staff see stays English (docs/decisions/0012): screens of the desk and of the page editor.
STAFF = re.compile(
    r"templates/(desk|finance|case_notes|mfa|socialaccount|take_up|demo|people|ops|account|entitlements/admin)/|/desk_|_desk\b"
    r"|staff|elevation_stamp|check_translation|templates/cms/(hand_over|things_to_do|what_is_wrong|what_to_quote|blocks/picture_preview)"
    r"|templates/accounts/(second_factor|work_phone)|templates/entitlements/found"
    r"|templates/drop_ins/(register|call_off|end_series|new_series)|templates/spot_help/(desk|authority|give|one|frame|lines)"
    r"|templates/payments/(decide|panel|queue|raise_for|reading|elsewhere|exception|agree_regular|moved_on|decision_words)"
)
CODE = (
    "cms/feedback.py", "cms/form_fields.py", "cms/phone_numbers.py", "cms/tokens.py", "cms/views.py",
    "entitlements/amounts.py", "entitlements/check.py", "entitlements/for_person.py", "entitlements/reading.py",
    "entitlements/tokens.py", "entitlements/views.py", "entitlements/wording.py",
    "local_offer/models.py", "portal/verbs.py",
    *(f"portal/accounts/{name}.py" for name in ("destinations", "devices", "forms", "models")),
    *(f"portal/accounts/{name}.py" for name in ("pins", "rules", "services")),
    *(f"portal/advocates/{name}.py" for name in ("forms", "services")),
    *(f"portal/coming_back/{name}.py" for name in ("forms", "rules", "views")),
    *(f"portal/complaints/{name}.py" for name in ("forms", "models", "rules", "services", "views")),
    *(f"portal/drop_ins/{name}.py" for name in ("forms", "models", "rules", "services", "views")),
    *(f"portal/me/{name}.py" for name in ("contact_views", "forms", "looks", "money", "private_views", "services")),
    "portal/me/views.py", "portal/notifications/contact.py",
    *(f"portal/payments/{name}.py" for name in ("asking", "evidence", "forms", "letters", "models", "rules")),
    "portal/payments/story.py", "portal/payments/views.py", "portal/spot_help/models.py", "portal/spot_help/views.py",
)  # fmt: skip
PIECES = re.compile(r"%\(\w+\)[sd]|\{\w+(?::\w+)?\}|%%|</?\w+>")
SAID = re.compile(
    r"\b(gettext|ngettext|_)\((u?'(?:[^'\\]|\\.)*'|u?\"(?:[^\"\\]|\\.)*\")"
    r"(?:,\s*(u?'(?:[^'\\]|\\.)*'|u?\"(?:[^\"\\]|\\.)*\"))?",
    re.S,
)
CALLS = {"_", "gettext", "gettext_lazy", "gettext_noop", "ngettext", "ngettext_lazy"}


def of_template(text: str) -> Iterator[str]:
    for found in SAID.finditer(templatize(text)):
        yield ast.literal_eval(found[2])


def of_code(text: str) -> Iterator[str]:
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Call) and node.args and isinstance(node.args[0], ast.Constant):
            name = getattr(node.func, "id", getattr(node.func, "attr", ""))
            if name in CALLS and isinstance(node.args[0].value, str):
                yield node.args[0].value


@cache
def said_to_readers() -> dict[str, str]:
    """Every piece of text that a reader who is not staff may see, with where it stands."""
    found = dict.fromkeys(messages(), "entitlements/data")
    for path in sorted((ROOT / "templates").rglob("*.html")):
        where = str(path.relative_to(ROOT))
        if not STAFF.search(where):
            found |= dict.fromkeys(of_template(path.read_text()), where)
    for where in CODE:
        found |= dict.fromkeys(of_code((ROOT / where).read_text()), where)
    return found | dict.fromkeys((*Need.labels, *How.labels), "portal/spot_help/rules.py")


@cache
def catalogue(language: str) -> polib.POFile:
    return polib.pofile(str(LOCALE / language / "LC_MESSAGES" / "django.po"))


@pytest.mark.parametrize("language", FORMS)
def test_nothing_a_reader_sees_is_missing(language):
    there = {entry.msgid for entry in catalogue(language) if entry.translated()}

    missing = {words: where for words, where in said_to_readers().items() if words not in there}

    assert len(said_to_readers()) > 1200
    assert missing == {}


@pytest.mark.parametrize("language", FORMS)
def test_each_line_has_the_pieces_of_its_english_and_all_its_forms(language):
    assert f"nplurals={FORMS[language]};" in catalogue(language).metadata["Plural-Forms"]
    for entry in catalogue(language):
        if entry.msgid_plural:
            assert sorted(entry.msgstr_plural) == list(range(FORMS[language])), entry.msgid
        for words in entry.msgstr_plural.values() if entry.msgid_plural else [entry.msgstr]:
            english = entry.msgid_plural or entry.msgid
            assert sorted(PIECES.findall(words)) == sorted(PIECES.findall(english)), entry.msgid
            assert words.strip() == words, entry.msgid


def test_a_piece_that_is_missing_is_found():
    assert "Hello" in set(of_template("{% load i18n %}{% translate 'Hello' %}"))
    assert "Hello" in set(of_code("_('Hello')"))
    assert PIECES.findall("%(day)s {n} <b>%%") == ["%(day)s", "{n}", "<b>", "%%"]


def test_a_catalogue_is_made_once_and_again_only_when_it_changed(tmp_path):
    folder = tmp_path / "ar" / "LC_MESSAGES"
    folder.mkdir(parents=True)
    (folder / "django.po").write_text((LOCALE / "ar" / "LC_MESSAGES" / "django.po").read_text())

    assert compile_all(tmp_path) == [folder / "django.mo"]
    assert compile_all(tmp_path) == []
    assert sorted(path.name for path in folder.iterdir()) == ["django.mo", "django.po"]
