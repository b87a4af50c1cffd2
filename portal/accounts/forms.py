"""The questions of signing in."""

from typing import Any

from allauth.account.forms import LoginForm
from django import forms
from django.utils.translation import gettext_lazy as _

from cms.form_fields import LineField, RadiosField
from portal.accounts.destinations import normalise, work_number

DESTINATION = {"autocomplete": "username", "autocapitalize": "none", "spellcheck": "false"}
SPOKEN = {"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"}
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
