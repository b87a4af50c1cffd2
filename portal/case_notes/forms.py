"""What the data officer brings back: the case record's answer."""

from django import forms
from django.utils.translation import gettext_lazy as _

from portal.integrations.answer_file import AnswerFileField
from portal.integrations.notes_file import MOST_BYTES


class AnswerForm(forms.Form):
    """The answer of the case record, as it came."""

    file = AnswerFileField(
        label=_("The case record's answer"),
        help_text=_("A CSV file of up to 5 MB, with a column NoteReference."),
        max_bytes=MOST_BYTES,
    )
