"""What a worker types with somebody on the phone: few boxes, numbers first."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from cms.form_fields import AmountField, DayField, LineField, RadiosField, SelectField, WordsField
from portal.spot_help.rules import Finding, How, Need


class FindForm(forms.Form):
    """Whom to help. Nothing is listed: both must be right."""

    family_name = LineField(label=_("Their family name"), max_length=80)
    born_on = DayField(label=_("Their birthday"), help_text=_("Like 27 3 2006"))


class GiveForm(forms.Form):
    """What was given."""

    token = forms.SlugField(widget=forms.HiddenInput, max_length=26)
    need = RadiosField(label=_("What do they need?"), choices=Need.choices)
    how = RadiosField(label=_("How do you help?"), choices=How.choices)
    pence = AmountField(label=_("How much?"), max_pence=100_000)
    proof = LineField(
        label=_("Number on the voucher, slip or receipt"),
        help_text=_("No time? Help first, add it after."),
        max_length=60,
        short=True,
        required=False,
    )


class NumberForm(forms.Form):
    """The number, after."""

    proof = LineField(label=_("Number on the voucher, slip or receipt"), max_length=60, short=True)


class CheckForm(forms.Form):
    """What a second officer found."""

    finding = RadiosField(label=_("What did you find?"), choices=Finding.choices)
    words = WordsField(
        label=_("What must be looked into?"),
        help_text=_("For colleagues. Nothing is taken back from the young person."),
        max_length=300,
        rows=3,
        required=False,
    )


class AuthorityForm(forms.Form):
    """Who may give how much, and where that was decided."""

    user = SelectField(label=_("Who"))
    limit_pence = AmountField(label=_("Up to how much, to one young person in one day"), max_pence=1_000_000)
    decision_reference = LineField(label=_("Where this was decided"), max_length=80, required=False)

    def __init__(self, *args: Any, people: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["user"].choices = [("", _("Choose one")), *people]  # type: ignore[attr-defined]
