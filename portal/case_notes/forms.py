"""What the data officer brings back: the case record's answer."""

from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext_lazy as _

from portal.integrations.notes_file import MOST_BYTES


class AnswerForm(forms.Form):
    """The answer of the case record, as it came."""

    file = forms.FileField(
        label=_("The case record's answer"),
        help_text=_("A CSV file of up to 5 MB, with a column NoteReference."),
        allow_empty_file=True,
        error_messages={"required": _("Choose a file")},
    )

    def clean_file(self) -> UploadedFile[Any]:
        """Refuse what is too large before reading it."""
        file: UploadedFile[Any] = self.cleaned_data["file"]
        if (file.size or 0) > MOST_BYTES:
            raise forms.ValidationError(_("Choose a file of 5 MB or less"), code="too_large")
        return file
