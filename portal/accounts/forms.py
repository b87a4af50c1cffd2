"""The questions of signing in."""

from datetime import date
from typing import Any

from allauth.account.forms import LoginForm
from django import forms
from django.utils.translation import gettext_lazy as _

from cms.form_fields import LineField, RadiosField
from portal.accounts.destinations import normalise, work_number
from portal.accounts.rules import check_pin, digits_of

# Numbers and addresses run from left to right, also where the words around them do not.
DESTINATION = {"autocomplete": "username", "autocapitalize": "none", "spellcheck": "false", "dir": "ltr"}
SPOKEN = {"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false", "dir": "ltr"}
ONE_TIME = {"autocomplete": "one-time-code", "inputmode": "numeric"}


class DestinationForm(forms.Form):
    """Where to send a code. Cleaned to `channel` and `destination`."""

    where = LineField(
        label=_("Your email or mobile number"),
        max_length=254,
        error_messages={"required": _("Enter your email or your mobile number")},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["where"].widget.attrs.update(DESTINATION)

    def clean_where(self) -> str:
        self.cleaned_data["channel"], self.cleaned_data["destination"] = normalise(self.cleaned_data["where"])
        return str(self.cleaned_data["where"])


class CodeForm(forms.Form):
    """The six digits."""

    code = LineField(
        label=_("Your code"),
        help_text=_("6 numbers. It works for 10 minutes."),
        max_length=20,
        short=True,
        error_messages={"required": _("Enter the 6 numbers we sent you")},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["code"].widget.attrs.update(ONE_TIME)


class InvitationForm(DestinationForm):
    """The code an adviser gave, and where codes should go from now on."""

    invitation = LineField(
        label=_("The code you were given"),
        help_text=_("10 letters and numbers. Big or small letters are both fine."),
        max_length=20,
        short=True,
        error_messages={"required": _("Enter the code you were given")},
    )
    field_order = ["invitation", "where"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["invitation"].widget.attrs.update(SPOKEN)
        self.fields["where"].help_text = _("We send 6 numbers there now. Use one that only you can see.")


class OwnPhoneForm(forms.Form):
    """Is it theirs alone? Shared is the safe answer."""

    own = RadiosField(
        label=_("Is this your own phone?"),
        choices=[("no", _("No, or I share it")), ("yes", _("Yes, it is only mine"))],
        option_hints={
            "no": _("We sign you out after 15 minutes."),
            "yes": _("You stay signed in for 14 days."),
        },
        error_messages={"required": _("Choose one")},
    )


class SixNumbersField(LineField):
    """A PIN as it is typed: hidden on the screen, never sent back to it, and not offered to the phone's own memory."""

    widget = forms.PasswordInput

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=20, short=True, **kwargs)
        self.widget.attrs |= ONE_TIME | {"autocomplete": "off"}

    def to_python(self, value: Any) -> str:
        """Digits of any script as 0 to 9; anything else stays, to be refused."""
        typed = super().to_python(value).replace(" ", "")
        return digits_of(typed) if typed.isdecimal() else typed


class PinForm(forms.Form):
    """The PIN, wherever it is asked: its name is nobody else's, because it may come together with another form."""

    NAME = "your_pin"

    your_pin = SixNumbersField(
        label=_("Your PIN"),
        help_text=_("The 6 numbers that only you know."),
        error_messages={"required": _("Enter your PIN")},
    )


class ChoosePinForm(forms.Form):
    """A new PIN, twice. Cleaned to `pin`; `born_on` and `number` are what it must not be."""

    pin = SixNumbersField(
        label=_("Choose 6 numbers"),
        help_text=_("Not your birthday, not your phone number, and not numbers in a row. Tell nobody."),
        error_messages={"required": _("Choose 6 numbers")},
    )
    again = SixNumbersField(
        label=_("The same 6 numbers again"), error_messages={"required": _("Enter the same 6 numbers again")}
    )

    def __init__(self, *args: Any, born_on: date | None, number: str | None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.born_on, self.number = born_on, number

    def clean_pin(self) -> str:
        check_pin(self.cleaned_data["pin"], born_on=self.born_on, number=self.number)
        return str(self.cleaned_data["pin"])

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if {"pin", "again"} <= cleaned.keys() and cleaned["pin"] != cleaned["again"]:
            self.add_error("again", _("These are not the same 6 numbers"))
        return cleaned


class ChangePinForm(ChoosePinForm):
    """The one they have, and a new one twice."""

    old = SixNumbersField(
        label=_("The PIN you have now"), error_messages={"required": _("Enter the PIN you have now")}
    )
    field_order = ["old", "pin", "again"]


class WorkPhoneForm(forms.Form):
    """The number on which young people reach a worker."""

    number = LineField(
        label=_("Number"),
        help_text=_(
            "The young people you look after see it. Give a work number, never your own. Empty: no number."
        ),
        max_length=30,
        required=False,
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["number"].widget.attrs.update({"inputmode": "tel", "autocomplete": "off"})

    def clean_number(self) -> str:
        typed = self.cleaned_data["number"]
        return work_number(typed) if typed else ""


class StaffSignInForm(LoginForm):
    """Staff email and password; the second factor comes on the next page."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, label in {"login": _("Work email"), "password": _("Password")}.items():
            field = self.fields[name]
            field.label, field.help_text = label, ""
            field.widget.attrs.pop("placeholder", None)
