"""What people type into a form, and what we make of it or say about it."""

from datetime import date

import pytest
from django import forms
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils.datastructures import MultiValueDict
from django.utils.translation import override
from hypothesis import given
from hypothesis import strategies as st

from cms.form_fields import (
    MOST_PHOTO_BYTES,
    AmountField,
    CheckboxesField,
    DayField,
    LineField,
    PhotosField,
    RadiosField,
    SelectField,
    TickField,
    WordsField,
)


def refused(field: forms.Field, typed: object) -> str:
    with pytest.raises(ValidationError) as refusal:
        field.clean(typed)
    return refusal.value.messages[0]


# ---- money


@pytest.mark.parametrize(
    ("typed", "pence"),
    [
        ("180", 18_000),
        ("180.5", 18_050),
        ("180.50", 18_050),
        ("180.", 18_000),
        (".50", 50),
        ("£1,180.50", 118_050),
        ("£ 1 180.50", 118_050),
        ("  24.50  ", 2_450),
        ("24.50£", 2_450),
        ("007", 700),
        ("١٨٠٫٥٠", 18_050),
        ("１８０", 18_000),
        ("0.01", 1),
        ("100000", 10_000_000),
    ],
)
def test_an_amount_is_read_however_it_is_usually_written(typed, pence):
    assert AmountField().clean(typed) == pence


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("", "Enter how much, like 180 or 24.50"),
        ("   ", "Enter how much, like 180 or 24.50"),
        ("a bed", "Write the amount in numbers, like 180 or 24.50"),
        ("1.2.3", "Write the amount in numbers, like 180 or 24.50"),
        ("1e5", "Write the amount in numbers, like 180 or 24.50"),
        ("NaN", "Write the amount in numbers, like 180 or 24.50"),
        ("Infinity", "Write the amount in numbers, like 180 or 24.50"),
        ("1,18,0", "Write the amount in numbers, like 180 or 24.50"),
        ("$20", "Write the amount in numbers, like 180 or 24.50"),
        ("½", "Write the amount in numbers, like 180 or 24.50"),
        ("9" * 400, "Write the amount in numbers, like 180 or 24.50"),
        (".", "Write the amount in numbers, like 180 or 24.50"),
        ("24,50", "Use a dot before the pence, like 24.50"),
        ("24.505", "Use no more than 2 numbers after the dot, like 24.50"),
        ("-5", "The amount must be more than £0"),
        ("−£5", "The amount must be more than £0"),
        ("0", "The amount must be more than £0"),
        ("0.00", "The amount must be more than £0"),
        ("100000.01", "The amount must be £100,000 or less"),
    ],
)
def test_an_amount_that_cannot_be_meant_is_refused_in_clear_words(typed, said):
    assert refused(AmountField(), typed) == said


def test_an_amount_keeps_to_the_limits_of_its_question():
    field = AmountField(min_pence=500, max_pence=300_000)

    assert field.clean("5") == 500
    assert field.clean("3000") == 300_000
    assert refused(field, "4.99") == "The amount must be at least £5"
    assert refused(field, "3000.01") == "The amount must be £3,000 or less"


def test_an_amount_that_may_be_left_out_is_none():
    assert AmountField(required=False).clean("") is None


def test_an_amount_of_nothing_is_allowed_where_it_is_asked_for():
    assert AmountField(min_pence=0).clean("0") == 0


@given(st.integers(min_value=1, max_value=10_000_000))
def test_every_amount_comes_back_exactly_as_it_went_out(pence):
    field = AmountField()

    assert field.clean(field.prepare_value(pence)) == pence
    assert field.clean(f"£{pence // 100:,}.{pence % 100:02}") == pence


# ---- days


@pytest.mark.parametrize(
    ("typed", "day"),
    [
        (["27", "3", "2027"], date(2027, 3, 27)),
        (["27", "03", "2027"], date(2027, 3, 27)),
        ([" 1 ", "march", "2027"], date(2027, 3, 1)),
        (["1", "Sept.", "2027"], date(2027, 9, 1)),
        (["1", "Mar", "2027"], date(2027, 3, 1)),
        (["29", "2", "2028"], date(2028, 2, 29)),
        (["٢٧", "٣", "٢٠٢٧"], date(2027, 3, 27)),
    ],
)
def test_a_day_is_read_from_its_three_boxes(typed, day):
    assert DayField().clean(typed) == day


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        (["", "", ""], "Enter a day, a month and a year, like 27 3 2027"),
        (None, "Enter a day, a month and a year, like 27 3 2027"),
        (["", "3", "2027"], "Add the day, like 27"),
        (["27", "", "2027"], "Add the month, like 3 or March"),
        (["27", "3", ""], "Add the year, like 2027"),
        (["32", "3", "2027"], "The day must be a number from 1 to 31"),
        (["x", "3", "2027"], "The day must be a number from 1 to 31"),
        (["²", "3", "2027"], "The day must be a number from 1 to 31"),
        (["27", "13", "2027"], "The month must be a number from 1 to 12, or its name"),
        (["27", "Marchember", "2027"], "The month must be a number from 1 to 12, or its name"),
        (["27", "3", "27"], "The year must have 4 numbers, like 2027"),
        (["27", "3", "0000"], "The year must have 4 numbers, like 2027"),
        (["29", "2", "2027"], "There is no such day in that month. Check the day and the month"),
        (["31", "4", "2027"], "There is no such day in that month. Check the day and the month"),
    ],
)
def test_a_day_that_is_not_one_is_refused_with_what_is_wrong(typed, said):
    assert refused(DayField(), typed) == said


def test_a_day_keeps_to_the_days_that_make_sense():
    field = DayField(not_before=date(2026, 11, 23), not_after=date(2026, 12, 31))

    assert field.clean(["23", "11", "2026"]) == date(2026, 11, 23)
    assert refused(field, ["22", "11", "2026"]) == "The day must be 23 November 2026 or later"
    assert refused(field, ["1", "1", "2027"]) == "The day must be 31 December 2026 or earlier"


def test_a_day_that_may_be_left_out_is_none_but_half_a_day_is_still_refused():
    field = DayField(required=False)

    assert field.clean(["", "", ""]) is None
    assert refused(field, ["27", "", ""]) == "Add the month, like 3 or March"


def test_a_month_may_be_written_in_the_readers_language_or_in_english():
    with override("vi"):
        field = DayField()

        assert field.clean(["27", "Tháng 3", "2027"]) == date(2027, 3, 27)
        assert field.clean(["27", "March", "2027"]) == date(2027, 3, 27)


# ---- words


def test_words_are_counted_as_the_writer_sees_them_and_never_cut_off():
    field = WordsField(max_length=5)

    assert field.clean("a\r\nb\r\nc") == "a\nb\nc"
    assert refused(field, "abcdef") == "That is 1 letter too many. Make it a little shorter"
    assert refused(field, "abcdefg") == "That is 2 letters too many. Make it a little shorter"
    assert "maxlength" not in str(_form(words=field)["words"])


def test_words_come_in_one_normal_form_and_a_nul_is_refused():
    assert WordsField().clean("e\u0301") == "é"
    assert LineField().clean("  e\u0301 ") == "é"
    assert "null" in refused(WordsField(), "a\x00b").lower()


def test_what_is_missing_is_said_for_each_kind():
    choices = [("a", "A")]

    assert refused(LineField(), "") == "Write an answer here"
    assert refused(WordsField(), "  ") == "Write something here. A few words are fine"
    assert refused(RadiosField(choices=choices), "") == "Choose one"
    assert refused(SelectField(choices=choices), "b") == "Choose one from the list"
    assert refused(CheckboxesField(choices=choices), []) == "Choose at least one"
    assert refused(TickField(), False) == "Tick the box to carry on"


# ---- photos


def photo(name: str = "price.jpg", content: bytes = b"x") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content, content_type="image/jpeg")


def test_several_photos_are_given_in_the_order_they_were_chosen():
    form = _form(
        {},
        MultiValueDict({"photos": [photo("a.jpg"), photo("b.HEIC"), photo("c.pdf")]}),
        photos=PhotosField(),
    )

    assert form.is_valid()
    assert [each.name for each in form.cleaned_data["photos"]] == ["a.jpg", "b.HEIC", "c.pdf"]


def test_photos_that_cannot_be_taken_are_named():
    field = PhotosField(most=2)

    assert refused(field, []) == "Choose at least one photo or PDF"
    assert refused(field, [photo()] * 3) == "Choose no more than 2 files"
    assert refused(field, [photo(content=b"")]) == "price.jpg is empty. Choose it again"
    assert refused(field, [photo("virus.exe")]).startswith("virus.exe is not a photo or a PDF")
    large = photo()
    large.size = MOST_PHOTO_BYTES + 1
    assert refused(field, [large]) == "price.jpg is too big. Each file can be up to 10 MB"
    assert field.clean([photo("n" * 90 + ".jpg")])


def test_photos_may_be_left_out_where_they_may():
    assert PhotosField(required=False).clean([]) == []


# ---- how a field is drawn


def _form(data: object = None, files: object = None, **fields: forms.Field) -> forms.Form:
    return type("AForm", (forms.Form,), fields)(data, files)


def test_the_hint_comes_first_then_the_error_and_both_are_joined_to_the_input():
    form = _form({"much": "-1"}, much=AmountField(label="How much?", help_text="Like 180"))

    drawn = form["much"].as_field_group()

    assert drawn.index('id="id_much-hint"') < drawn.index('id="id_much-error"') < drawn.index("<input")
    assert 'aria-describedby="id_much-hint id_much-error"' in drawn
    assert 'aria-invalid="true"' in drawn
    assert 'value="-1"' in drawn
    assert " required" not in drawn


def test_without_hint_or_error_nothing_is_described():
    assert "aria-describedby" not in _form(line=LineField())["line"].as_field_group()


def test_what_people_type_is_escaped_wherever_it_is_drawn():
    form = _form({"line": '"><script>x</script>'}, line=LineField(max_length=3))

    assert "<script>" not in form["line"].as_field_group()


def test_the_summary_leads_to_the_part_of_the_day_that_is_wrong():
    def target(*typed: str) -> str:
        data = {f"day_{part}": text for part, text in enumerate(typed)}
        return _form(data, day=DayField())["day"].error_target

    assert target("", "", "") == "id_day_0"
    assert target("1", "", "2027") == "id_day_1"
    assert target("1", "2", "27") == "id_day_2"


def test_the_page_editor_draws_its_own_fields_as_django_does():
    form = _form({"line": ""}, line=LineField(help_text="Help"))

    assert 'aria-describedby="id_line_helptext id_line_error"' in str(form["line"])
