"""The kinds of question a form may ask, each with words for what is missing or wrong.

The words can be made to fit by `error_messages={"required": …}`, like "Enter how much you need, like 180 or 24.50".
"""

import re
import unicodedata
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.utils.dates import MONTHS, MONTHS_3
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext, override

Words = str | Promise

MOST_POUNDS = 100_000
AMOUNT = re.compile(r"(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.(\d*))?|\.(\d+)", re.ASCII)
DECIMAL_COMMA = re.compile(r"\d+,\d{1,2}", re.ASCII)
PHOTO_KINDS = ("image/jpeg", "image/png", "image/webp", "image/heic", "image/heif", "application/pdf")
PHOTO_ENDINGS = (".jpg", ".jpeg", ".png", ".webp", ".heic", ".heif", ".pdf")
MOST_PHOTOS, MOST_PHOTO_BYTES = 10, 10 * 1024 * 1024  # rule 41


def _plain_digits(text: str) -> str:
    """Digits of any script as 0 to 9, and the Arabic separators as ours."""
    text = text.translate({0x066B: ".", 0x066C: ",", 0x00A0: " ", 0x202F: " "})
    return "".join(str(unicodedata.decimal(mark, mark)) for mark in text)


class LineField(forms.CharField):
    """A short answer on one line."""

    default_error_messages = {"required": _("Write an answer here")}

    def __init__(self, *, max_length: int = 200, short: bool = False, **kwargs: Any) -> None:
        super().__init__(max_length=max_length, **kwargs)
        self.error_messages.setdefault("max_length", _("Make this shorter"))
        if short:
            self.widget.attrs["class"] = "short"

    def to_python(self, value: Any) -> str:
        """Spaces at the ends gone and letters in their one normal form (rule 43)."""
        return unicodedata.normalize("NFC", super().to_python(value) or "")


class WordsField(forms.CharField):
    """A longer answer in the writer's own words. Nothing is cut off as they write: too much is said kindly."""

    widget = forms.Textarea
    default_error_messages = {"required": _("Write something here. A few words are fine")}

    def __init__(self, *, max_length: int = 2000, rows: int = 5, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        # Ours to check: Django would have the browser cut the text off without a word.
        self.most_letters = self.max_length = max_length
        self.widget.attrs["rows"] = rows

    def to_python(self, value: Any) -> str:
        """One kind of line end, so that letters are counted as the writer sees them; normal form (rule 43)."""
        text = str(super().to_python(value) or "").replace("\r\n", "\n").replace("\r", "\n")
        return unicodedata.normalize("NFC", text)

    def validate(self, value: str) -> None:
        super().validate(value)
        extra = len(value) - self.most_letters
        if extra > 0:
            words = ngettext(
                "That is %(count)d letter too many. Make it a little shorter",
                "That is %(count)d letters too many. Make it a little shorter",
                extra,
            )
            raise ValidationError(words % {"count": extra}, code="too_long")


class AmountField(forms.Field):
    """Money typed as pounds, given as whole pence. Reads "180", "£1,180.50" and "24.5"; exact, never a float.

    Refuses what is not an amount, a comma used for the pence, more than two decimals, less than `min_pence` and more
    than `max_pence`, each with its own words. An initial value is pence too.
    """

    sign = "£"
    default_error_messages = {
        "required": _("Enter how much, like 180 or 24.50"),
        "invalid": _("Write the amount in numbers, like 180 or 24.50"),
        "comma": _("Use a dot before the pence, like 24.50"),
        "decimals": _("Use no more than 2 numbers after the dot, like 24.50"),
        "negative": _("The amount must be more than £0"),
        "too_small": _("The amount must be at least %(limit)s"),
        "too_big": _("The amount must be %(limit)s or less"),
    }

    def __init__(self, *, min_pence: int = 1, max_pence: int = MOST_POUNDS * 100, **kwargs: Any) -> None:
        self.min_pence, self.max_pence = min_pence, max_pence
        super().__init__(**kwargs)

    def widget_attrs(self, widget: forms.Widget) -> dict[str, Any]:
        return {"inputmode": "decimal", "autocomplete": "off", "maxlength": "20"}

    def to_python(self, value: Any) -> int | None:
        """Pence, or None for nothing."""
        text = _plain_digits(str(value or "")).strip()
        text = re.sub(r"\s+", "", text).removeprefix("£").removesuffix("£")
        if not text:
            return None
        if text[0] in "-−–" and AMOUNT.fullmatch(text[1:].removeprefix("£")):
            raise ValidationError(self.error_messages["negative"], code="negative")
        match = AMOUNT.fullmatch(text)
        if not match or len(text) > 20:
            code = "comma" if DECIMAL_COMMA.fullmatch(text) else "invalid"
            raise ValidationError(self.error_messages[code], code=code)
        if len(match[1] or match[2] or "") > 2:
            raise ValidationError(self.error_messages["decimals"], code="decimals")
        return int(Decimal(text.replace(",", "").removesuffix(".")) * 100)

    def validate(self, value: int | None) -> None:
        super().validate(value)
        if value is None:
            return
        if value <= 0 < self.min_pence:
            raise ValidationError(self.error_messages["negative"], code="negative")
        for code, wrong, limit in (
            ("too_small", value < self.min_pence, self.min_pence),
            ("too_big", value > self.max_pence, self.max_pence),
        ):
            if wrong:
                raise ValidationError(
                    self.error_messages[code], code=code, params={"limit": in_pounds(limit)}
                )

    def prepare_value(self, value: Any) -> Any:
        """What is typed stays as typed; pence from the record are written as pounds."""
        return in_pounds(value).removeprefix("£").replace(",", "") if isinstance(value, int) else value


def in_pounds(pence: int) -> str:
    """Pence as "£1,180" or "£24.50"."""
    whole, rest = divmod(pence, 100)
    return f"£{whole:,}.{rest:02}" if rest else f"£{whole:,}"


class DayWidget(forms.MultiWidget):
    """Three boxes: day, month, year."""

    part_labels = (_("Day"), _("Month"), _("Year"))
    use_fieldset = True

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        boxes = [
            forms.TextInput({"inputmode": "numeric", "maxlength": "2", "autocomplete": "off"}),
            forms.TextInput({"maxlength": "12", "autocomplete": "off"}),
            forms.TextInput({"inputmode": "numeric", "maxlength": "4", "autocomplete": "off"}),
        ]
        super().__init__(boxes, attrs)

    def decompress(self, value: date | None) -> list[int | None]:
        return [value.day, value.month, value.year] if value else [None, None, None]


class DayField(forms.MultiValueField):
    """A date in three boxes. The month may be a number or a word ("3", "Mar", "March").

    `not_before` and `not_after` (days, both allowed themselves) may be set on the field in a form's `__init__`.
    """

    widget = DayWidget
    part_of_code = {"no_month": 1, "month": 1, "no_year": 2, "year": 2}
    default_error_messages = {
        "required": _("Enter a day, a month and a year, like 27 3 2027"),
        "no_day": _("Add the day, like 27"),
        "no_month": _("Add the month, like 3 or March"),
        "no_year": _("Add the year, like 2027"),
        "day": _("The day must be a number from 1 to 31"),
        "month": _("The month must be a number from 1 to 12, or its name"),
        "year": _("The year must have 4 numbers, like 2027"),
        "not_real": _("There is no such day in that month. Check the day and the month"),
        "too_early": _("The day must be %(day)s or later"),
        "too_late": _("The day must be %(day)s or earlier"),
    }

    def __init__(
        self, *, not_before: date | None = None, not_after: date | None = None, **kwargs: Any
    ) -> None:
        self.not_before, self.not_after = not_before, not_after
        # The parts are cleaned together, by `clean`, so that one sentence says what is wrong.
        super().__init__([forms.CharField(required=False)] * 3, require_all_fields=False, **kwargs)

    def clean(self, value: Any) -> date | None:
        """The day, or None when all boxes are empty and that is allowed."""
        day, month, year = (_plain_digits(str(part or "")).strip() for part in (value or ("", "", "")))
        if not (day or month or year):
            if self.required:
                raise ValidationError(self.error_messages["required"], code="required")
            return None
        for code, part in (("no_day", day), ("no_month", month), ("no_year", year)):
            if not part:
                raise ValidationError(self.error_messages[code], code=code)
        found = self._real_day(day, _month_number(month), year)
        for code, wrong, limit in (
            ("too_early", self.not_before and found < self.not_before, self.not_before),
            ("too_late", self.not_after and found > self.not_after, self.not_after),
        ):
            if wrong and limit:
                words = {"day": date_format(limit, "j F Y")}
                raise ValidationError(self.error_messages[code], code=code, params=words)
        self.run_validators(found)
        return found

    def _real_day(self, day: str, month: int, year: str) -> date:
        checks = (
            ("day", day.isdecimal() and 1 <= int(day) <= 31),
            ("month", 1 <= month <= 12),
            ("year", year.isdecimal() and len(year) == 4 and int(year) > 0),
        )
        for code, right in checks:
            if not right:
                raise ValidationError(self.error_messages[code], code=code)
        try:
            return date(int(year), month, int(day))
        except ValueError as impossible:
            raise ValidationError(self.error_messages["not_real"], code="not_real") from impossible

    def compress(self, data_list: list[Any]) -> None:
        raise NotImplementedError("clean() reads the three boxes itself.")

    def has_changed(self, initial: Any, data: Any) -> bool:
        try:
            return bool(initial != self.clean(data))
        except ValidationError:
            return True


def _month_number(text: str) -> int:
    """1 to 12 for a number or a month's name, in the reader's language or English; 0 when it is neither."""
    if text.isdecimal() and len(text) <= 2:
        return int(text)
    wanted = text.casefold().rstrip(".")
    with override("en"):
        in_english = _months_by_name()
    return (_months_by_name() | in_english | {"sept": 9}).get(wanted, 0)


def _months_by_name() -> dict[str, int]:
    return {
        str(name).casefold().rstrip("."): number
        for names in (MONTHS, MONTHS_3)
        for number, name in names.items()
    }


class _WithOptionHints:
    option_hints: Mapping[str, Words]


class RadiosField(_WithOptionHints, forms.ChoiceField):
    """Choose one, all choices in sight. `option_hints` says more under a choice, by its value."""

    widget = forms.RadioSelect
    default_error_messages = {"required": _("Choose one"), "invalid_choice": _("Choose one from the list")}

    def __init__(self, *, option_hints: Mapping[str, Words] | None = None, **kwargs: Any) -> None:
        self.option_hints = option_hints or {}
        super().__init__(**kwargs)


class SelectField(forms.ChoiceField):
    """Choose one from a list that is too long to show."""

    default_error_messages = {"required": _("Choose one"), "invalid_choice": _("Choose one from the list")}


class CheckboxesField(_WithOptionHints, forms.MultipleChoiceField):
    """Choose any number. Gives a list of values."""

    widget = forms.CheckboxSelectMultiple
    default_error_messages = {
        "required": _("Choose at least one"),
        "invalid_choice": _("Choose from the list"),
    }

    def __init__(self, *, option_hints: Mapping[str, Words] | None = None, **kwargs: Any) -> None:
        self.option_hints = option_hints or {}
        super().__init__(**kwargs)


class TickField(forms.BooleanField):
    """One box to tick; the label is the sentence agreed to."""

    default_error_messages = {"required": _("Tick the box to carry on")}


class PhotosInput(forms.FileInput):
    """Several files at once; a phone offers its camera."""

    allow_multiple_selected = True

    def value_from_datadict(self, data: Any, files: Any, name: str) -> list[UploadedFile]:
        return (
            list(files.getlist(name)) if hasattr(files, "getlist") else [files[name]] if name in files else []
        )

    def value_omitted_from_data(self, data: Any, files: Any, name: str) -> bool:
        return name not in files


class PhotosField(forms.Field):
    """Photos or PDFs. Gives a list of uploaded files; what is inside them is checked later, away from the web server.

    Refuses too many, too large, empty and files of another kind by their name (rule 41).
    """

    widget = PhotosInput
    default_error_messages = {
        "required": _("Choose at least one photo or PDF"),
        "too_many": _("Choose no more than %(limit)s files"),
        "too_big": _("%(name)s is too big. Each file can be up to %(limit)s MB"),
        "empty": _("%(name)s is empty. Choose it again"),
        "kind": _("%(name)s is not a photo or a PDF. Choose a JPEG, PNG, WebP, HEIC or PDF file"),
    }

    def __init__(self, *, most: int = MOST_PHOTOS, most_bytes: int = MOST_PHOTO_BYTES, **kwargs: Any) -> None:
        self.most, self.most_bytes = most, most_bytes
        super().__init__(**kwargs)

    def widget_attrs(self, widget: forms.Widget) -> dict[str, Any]:
        return {"multiple": self.most > 1, "accept": ",".join(PHOTO_KINDS + PHOTO_ENDINGS)}

    def clean(self, value: Any) -> list[UploadedFile]:
        """The files, in the order they were chosen."""
        chosen: list[UploadedFile] = [each for each in value or [] if each]
        if not chosen:
            if self.required:
                raise ValidationError(self.error_messages["required"], code="required")
            return []
        if len(chosen) > self.most:
            raise ValidationError(
                self.error_messages["too_many"], code="too_many", params={"limit": self.most}
            )
        wrong = [error for each in chosen if (error := self._wrong_with(each))]
        if wrong:
            raise ValidationError(wrong)
        return chosen

    def _wrong_with(self, each: UploadedFile) -> ValidationError | None:
        ending = str(each.name).lower().endswith(PHOTO_ENDINGS)
        name = str(each.name)[:60]
        if not each.size:
            return ValidationError(self.error_messages["empty"], code="empty", params={"name": name})
        if each.size > self.most_bytes:
            limit = self.most_bytes // (1024 * 1024)
            return ValidationError(
                self.error_messages["too_big"], code="too_big", params={"name": name, "limit": limit}
            )
        if not ending:
            return ValidationError(self.error_messages["kind"], code="kind", params={"name": name})
        return None

    def bound_data(self, data: Any, initial: Any) -> Any:
        return initial

    def has_changed(self, initial: Any, data: Any) -> bool:
        return bool(data)
