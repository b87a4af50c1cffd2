"""What finance types: a total from their own screen, a file, a note."""

from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext_lazy as _

from cms.form_fields import AmountField, LineField, RadiosField
from portal.finance.models import Receipt
from portal.finance.remittance_file import MOST_BYTES

MOST_PENCE = 100_000_000_000  # a thousand million pounds: no batch comes near it


class CloseForm(forms.Form):
    """The total as finance's own system shows it, typed by hand and never pasted for them."""

    total = AmountField(
        label=_("Total in your payment system"),
        help_text=_("Load the file first. Then type the total your system shows."),
        max_pence=MOST_PENCE,
    )


class RemittanceForm(forms.Form):
    """The answer of finance's system, as it came."""

    file = forms.FileField(
        label=_("Remittance file"),
        help_text=_("A CSV file of up to 5 MB, with the columns Reference, Amount and Outcome."),
        allow_empty_file=True,
        error_messages={"required": _("Choose a file")},
    )

    def clean_file(self) -> UploadedFile[Any]:
        """Refuse what is too large before reading it."""
        file: UploadedFile[Any] = self.cleaned_data["file"]
        if (file.size or 0) > MOST_BYTES:
            raise forms.ValidationError(_("Choose a file of 5 MB or less"), code="too_large")
        return file


class HandOverForm(forms.Form):
    """How help reached somebody, and the number that proves it."""

    instalment = forms.SlugField(widget=forms.HiddenInput)
    how = RadiosField(label=_("What happened?"), choices=Receipt.How.choices)
    proof = LineField(
        label=_("Number on the voucher, receipt or slip"),
        help_text=_("The number alone. No names."),
        max_length=60,
        short=True,
    )


class NoteForm(forms.Form):
    """What somebody found out about a line."""

    note = LineField(
        label=_("What you found out"),
        help_text=_("For colleagues. Names and stories do not belong here."),
        max_length=300,
    )
