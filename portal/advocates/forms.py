"""Inviting somebody, and adding words."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from cms.form_fields import LineField, PhotosField, RadiosField, WordsField


class InviteForm(forms.Form):
    """Who, and how long."""

    name = LineField(label=_("Their name"), max_length=80, help_text=_("So that you know who looks."))
    days = RadiosField(
        label=_("How long?"),
        choices=[("14", _("2 weeks")), ("30", _("A month")), ("90", _("3 months"))],
        initial="30",
    )

    def clean_days(self) -> int:
        return int(self.cleaned_data["days"])


class WordsForm(forms.Form):
    """Something to add."""

    words = WordsField(label=_("What do you want to add?"), rows=4)


class AnswerForm(forms.Form):
    """An answer for the young person, in words or photos."""

    words = WordsField(label=_("Answer for them"), required=False, rows=4)
    photos = PhotosField(label=_("Photos or PDF"), required=False)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if not self.errors and not cleaned.get("words") and not cleaned.get("photos"):
            self.add_error("words", _("Write an answer or add a photo"))
        return cleaned


class ReviewForm(forms.Form):
    """Ask for a second look for them."""

    words = WordsField(label=_("What should they know?"), required=False, rows=4)


class CodeForm(forms.Form):
    """The code of another invitation."""

    code = LineField(label=_("Do you have a code for another request?"), max_length=20, short=True)
