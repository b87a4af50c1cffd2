"""What finance types: a total from their own screen, a file, a note."""

from typing import Any

from django import forms
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from cms.form_fields import AmountField, LineField, RadiosField, SelectField, TickField
from portal.finance.models import PayeeKind, Receipt
from portal.finance.remittance_file import MOST_BYTES, FailureReason
from portal.integrations.answer_file import AnswerFileField
from portal.people.models import YoungPerson

RETURNED_BECAUSE = [
    (FailureReason.ACCOUNT_CLOSED.value, _("the account is closed")),
    (FailureReason.WRONG_DETAILS.value, _("the details did not match")),
    (FailureReason.REFUSED.value, _("the bank refused it")),
    (FailureReason.OTHER.value, _("another reason")),
]
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

    file = AnswerFileField(
        label=_("Remittance file"),
        help_text=_("A CSV file of up to 5 MB, with the columns Reference, Amount and Outcome."),
        max_bytes=MOST_BYTES,
    )


class HandOverForm(forms.Form):
    """How help reached somebody, and the number that proves it."""

    instalment = forms.SlugField(widget=forms.HiddenInput)
    how = RadiosField(
        label=_("What happened?"), choices=[(value, capfirst(label)) for value, label in Receipt.How.choices]
    )
    proof = LineField(
        label=_("Number on the voucher, receipt or slip"),
        help_text=_("The number alone. No names."),
        max_length=60,
        short=True,
    )


class CallOffForm(forms.Form):
    """Undoing a batch that nobody loaded."""

    why = LineField(label=_("Why it is called off"), max_length=200)
    not_loaded = TickField(label=_("I have made sure that nobody loaded this file into the payment system"))


class ReturnForm(forms.Form):
    """What the bank sent back, told by letter or phone."""

    reference = LineField(
        label=_("Our payment reference"), help_text=_("Ten letters and numbers."), max_length=10, short=True
    )
    pence = AmountField(label=_("Amount that came back"), max_pence=MOST_PENCE)
    reason = SelectField(label=_("Why"), choices=[("", _("Choose one")), *RETURNED_BECAUSE])


class PayeeForm(forms.Form):
    """Somebody else who is paid for a young person."""

    kind = SelectField(
        label=_("Who is it?"),
        choices=[("", _("Choose one")), *(c for c in PayeeKind.choices if c[0] != PayeeKind.YOUNG_PERSON)],
    )
    name = LineField(label=_("Name"), max_length=120)
    vendor_number = LineField(label=_("Vendor number"), help_text=_("For a supplier."), max_length=40, short=True,
                              required=False)  # fmt: skip
    person_id = LineField(
        label=_("The young person's number in the case record"), help_text=_("For all others."), max_length=40,
        short=True, required=False,
    )  # fmt: skip

    def clean_person_id(self) -> str:
        typed: str = self.cleaned_data["person_id"]
        self.cleaned_data["young_person"] = (
            YoungPerson.objects.filter(person_id=typed).first() if typed else None
        )
        if typed and self.cleaned_data["young_person"] is None:
            raise forms.ValidationError(
                _("Nobody here has this number. Check it with the case record."), code="unknown"
            )
        return typed


class PayToForm(forms.Form):
    """Whom an award is paid to."""

    payee = SelectField(label=_("Paid to"))
    order_number = LineField(label=_("Order number"), max_length=40, short=True, required=False)

    def __init__(self, *args: Any, payees: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        themselves = (PayeeKind.YOUNG_PERSON.value, _("The young person"))
        self.fields["payee"].choices = [themselves, *payees]  # type: ignore[attr-defined]

    def clean_payee(self) -> str:
        """The reference of a payee; empty for the young person."""
        chosen: str = self.cleaned_data["payee"]
        return "" if chosen == PayeeKind.YOUNG_PERSON else chosen


class NoteForm(forms.Form):
    """What somebody found out about a line."""

    note = LineField(
        label=_("What you found out"),
        help_text=_("For colleagues. Names and stories do not belong here."),
        max_length=300,
    )
