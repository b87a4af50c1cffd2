"""The questions about bank details, one a page, and the form for the phone call."""

from typing import Any

from django import forms
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from cms.form_fields import DayField, LineField, RadiosField
from portal.finance.models import BankDetails

NUMBERS = {"autocomplete": "off", "inputmode": "numeric", "spellcheck": "false"}
IN_A_NAME = frozenset(" .,'&/-’")


class _Answer(forms.Form):
    """One question; what is typed stays after an error, and the browser keeps nothing of it."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            field.widget.attrs.update({**NUMBERS, **field.widget.attrs})


class SortCodeForm(_Answer):
    """Six numbers, however they are set apart."""

    answer = LineField(
        label=_("What is your sort code?"),
        help_text=_("6 numbers. It is on your card or in your bank's app, like 12-34-56."),
        max_length=20,
        short=True,
        error_messages={"required": _("Type the 6 numbers of your sort code")},
    )

    def clean_answer(self) -> str:
        """Six digits."""
        return _digits(
            self.cleaned_data["answer"], (6,), _("A sort code has 6 numbers. Look at your card again")
        )


class NumberForm(_Answer):
    """Eight numbers; shorter old ones begin with zeros."""

    answer = LineField(
        label=_("What is your account number?"),
        help_text=_("8 numbers. Not the long number on the front of your card."),
        max_length=20,
        short=True,
        error_messages={"required": _("Type the 8 numbers of your account")},
    )

    def clean_answer(self) -> str:
        """Eight digits."""
        words = _("An account number has 8 numbers. Some old ones have 6 or 7: put 0 in front")
        return _digits(self.cleaned_data["answer"], (8,), words)


class NameForm(_Answer):
    """The name as the bank writes it."""

    answer = LineField(
        label=_("What name is on the account?"),
        help_text=_("Write it as it is on your card."),
        max_length=40,
        error_messages={"required": _("Write the name on your account")},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["answer"].widget.attrs["inputmode"] = "text"

    def clean_answer(self) -> str:
        """Letters and the few marks that names have."""
        name = " ".join(self.cleaned_data["answer"].split())
        if not name[:1].isalpha() or not all(mark.isalpha() or mark in IN_A_NAME for mark in name):
            raise forms.ValidationError(_("Use letters only, as on your card"), code="not_a_name")
        return name


STEPS: dict[str, tuple[str, type[_Answer]]] = {
    "sort-code": ("sort_code", SortCodeForm),
    "number": ("number", NumberForm),
    "name": ("name", NameForm),
}


class CallForm(forms.Form):
    """What came of the phone call about new bank details."""

    theirs = RadiosField(
        label=_("Did they know of it?"),
        choices=[
            ("yes", _("Yes: they gave these details, and said the last two numbers themselves")),
            ("no", _("No: they did not give these details. They end now, and their adviser hears today")),
        ],
    )
    rang = RadiosField(
        label=_("Who rang?"),
        choices=[("ADVISER", _("Their adviser, who knows their voice")), ("ME", _("I did"))],
    )
    number = RadiosField(
        label=_("On which number?"),
        help_text=_("One that was known before. Never one that came with the new details."),
        choices=[(value, capfirst(label)) for value, label in BankDetails.Number.choices],
    )
    rang_on = DayField(label=_("On which day?"))


def _digits(typed: str, lengths: tuple[int, ...], words: Any) -> str:
    digits = "".join(letter for letter in typed if letter.isdecimal())
    plain = "".join(str(int(letter)) for letter in digits)
    others = [letter for letter in typed if not letter.isdecimal() and letter not in " -‐‑–.\u00a0"]
    if others or len(plain) not in lengths:
        raise forms.ValidationError(words, code="digits")
    return plain
