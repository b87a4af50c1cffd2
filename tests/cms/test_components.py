"""The house rules of templates: pieces name their attributes, and no page carries script or style of its own."""

import re
from pathlib import Path

import pytest
from django.conf import settings
from django.template import engines
from django_cotton.compiler_regex import CottonCompiler

TEMPLATES = Path(settings.BASE_DIR) / "templates"
COMPONENTS = sorted((TEMPLATES / "cotton").glob("*.html"))


def drawn(text: str, **words: object) -> str:
    return engines["django"].from_string(CottonCompiler().process(text)).render(words).strip()


@pytest.mark.parametrize("component", COMPONENTS, ids=lambda path: path.stem)
def test_a_component_opens_by_naming_its_attributes(component):
    assert component.read_text().startswith("<c-vars")


@pytest.mark.parametrize(
    "path", sorted(TEMPLATES.rglob("*.html")), ids=lambda path: str(path.relative_to(TEMPLATES))
)
def test_no_template_has_script_or_style_in_the_page(path):
    if path.parts[-2] == "admin" or path.stem.endswith("_pdf"):
        return  # the page editor's own pages, and what becomes paper

    assert not re.search(
        r"<script(?![^>]*\bsrc=)|<style|\sstyle=[\"']|\son(click|submit|change|load|input)=", path.read_text()
    )


def test_a_component_knows_only_what_it_was_given():
    assert "secret" not in drawn('<c-card title="A"></c-card>', slot="secret", href="secret", tag="secret")


def test_names_and_words_are_escaped_in_every_way_they_can_be_given():
    bad = '"><b>x'

    for text in (
        '<c-person name="{{ bad }}" role="{{ bad }}" />',
        '<c-person :name="bad" :role="bad" />',
        '<c-card title="{{ bad }}" href="{{ bad }}">{{ bad }}</c-card>',
        '<c-card :title="bad" :href="bad" />',
        '<c-button :href="bad">{{ bad }}</c-button>',
        '<c-button name="{{ bad }}" :value="bad">{{ bad }}</c-button>',
        '<c-summary-row :key="bad" change_href="/x" :change_label="bad">{{ bad }}</c-summary-row>',
        '<c-steps :steps="steps" />',
        '<c-progress :parts="parts" />',
        '<c-table :caption="bad"></c-table>',
    ):
        page = drawn(
            text,
            bad=bad,
            steps=[{"label": bad, "state": "now"}],
            parts=[{"label": bad, "size": 1, "tone": "go"}],
        )
        assert "<b>" not in page, text
        assert "&amp;lt;" not in page, f"{text} escapes twice"


def test_a_bar_is_drawn_to_scale_and_said_in_words():
    parts = [
        {"label": "£1 spent", "size": 100, "tone": "go"},
        {"label": "nothing waits", "size": 0, "tone": "wait"},
        {"label": "£3 left", "size": 300, "tone": "plain"},
    ]

    page = drawn('<c-progress :parts="parts" />', parts=parts)

    assert 'class="go" x1="0" x2="250"' in page
    assert 'class="plain" x1="250" x2="1000"' in page
    assert page.count("<line") == 2
    assert "£1 spent" in page


def test_a_bar_of_nothing_is_empty_and_not_an_error():
    assert "<line" not in drawn('<c-progress :parts="parts" />', parts=[])


@pytest.mark.parametrize(
    ("pence", "text", "exact"),
    [(118_000, "£1,180", "£1,180.00"), (2_450, "£24.50", "£24.50"), (5, "£0.05", "£0.05"), (0, "£0", "£0.00"),
     (-1_200, "−£12", "−£12.00"), (None, "", "")],
)  # fmt: skip
def test_money_is_written_as_people_read_it(pence, text, exact):
    assert drawn("{% load look %}{{ pence|pounds }}", pence=pence) == text
    assert drawn("{% load look %}{{ pence|pounds:'exact' }}", pence=pence) == exact


def test_staff_see_what_turns_or_hides_words_as_marks_and_other_writing_as_it_is():
    typed = "a\u202e\u200b<b>\n\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645 \U0001f469\u200d\U0001f467"

    shown = drawn("{% load look %}{{ typed|marks }}", typed=typed)

    assert shown == typed.replace("\u202e\u200b<b>", "[U+202E][U+200B]&lt;b&gt;")
