"""What is asked when somebody books, changes a booking by its link, or comes through the door."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from cms.form_fields import CheckboxesField, DayField, LineField, RadiosField
from portal.drop_ins import rules
from portal.drop_ins.models import Booking, Session, Weekday
from portal.drop_ins.services import Needs

NEEDS = {
    "needs_interpreter": _("An interpreter"),
    "needs_step_free": _("A way in with no stairs"),
    "brings_child": _("I will bring a child"),
    "needs_fare": _("Help to pay for the bus or train"),
}


class BookingForm(forms.Form):
    """How they will come, what they need, and a word for changing the booking later without signing in."""

    how = RadiosField(
        label=_("How do you want to meet?"), choices=Booking.How.choices, initial=Booking.How.THERE
    )
    needs = CheckboxesField(
        label=_("Do you need any of these?"),
        help_text=_("You can also tell us when you come."),
        choices=list(NEEDS.items()),
        required=False,
    )
    word = LineField(
        label=_("Choose a word"),
        help_text=_(
            "With this word you can move or cancel from the reminder, without signing in. "
            "Pick one only you know. Not your name or your birthday."
        ),
        required=False,
        max_length=rules.WORD_LENGTH[1],
        short=True,
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["word"].widget.attrs |= {
            "autocomplete": "off",
            "autocapitalize": "none",
            "spellcheck": "false",
        }

    def clean_word(self) -> str:
        """An empty word is none; any other has three letters or more."""
        word: str = self.cleaned_data["word"]
        if word:
            rules.check_word(word)
        return word

    def asked_needs(self) -> Needs:
        """The needs as the service takes them."""
        ticked = dict.fromkeys(self.cleaned_data["needs"], True)
        return Needs(how=self.cleaned_data["how"], **ticked)


class ByLinkForm(forms.Form):
    """What to do with one booking, confirmed by its word."""

    CANCEL = "cancel"

    what = RadiosField(label=_("What do you want to do?"))
    word = LineField(label=_("Your word"), help_text=_("The word you chose when you booked."), short=True)

    def __init__(self, *args: Any, others: list[Session], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        moves = [(other.ref, _("Move it to %(when)s") % {"when": other.when}) for other in others]
        _offer(self.fields["what"], [*moves, (self.CANCEL, str(_("Cancel it")))])
        self.fields["word"].widget.attrs |= {
            "autocomplete": "off",
            "autocapitalize": "none",
            "spellcheck": "false",
        }


class MoveForm(forms.Form):
    """Which other day."""

    to = RadiosField(label=_("Which day is better?"))

    def __init__(self, *args: Any, others: list[Session], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _offer(self.fields["to"], [(other.ref, other.when) for other in others])


class WalkInForm(forms.Form):
    """Ten seconds at the door: a name, if they want to give one."""

    name = LineField(label=_("Name"), required=False, max_length=60, short=True)
    token = forms.CharField(max_length=26, required=False, widget=forms.HiddenInput)


class LastDayForm(forms.Form):
    """The last day of something weekly."""

    last_on = DayField(label=_("Which is the last day?"))


class CheckInForm(forms.Form):
    """How one booking turned out."""

    outcome = forms.ChoiceField(choices=[(outcome, outcome) for outcome in sorted(rules.OUTCOMES)])


class SeriesForm(forms.Form):
    """What happens each week."""

    name = LineField(label=_("What is it called?"), max_length=80)
    what = LineField(label=_("One plain sentence about it"), max_length=200, required=False)
    host = LineField(label=_("Who is there?"), max_length=80, required=False)
    weekday = RadiosField(label=_("Which day?"), choices=Weekday.choices)
    opens = forms.TimeField(label=_("When does it open?"), help_text=_("Like 14:00"))
    closes = forms.TimeField(label=_("When does it close?"), help_text=_("Like 17:00"))
    places = forms.IntegerField(
        label=_("How many places can be booked?"),
        help_text=_("Others can always walk in."),
        min_value=0,
        max_value=200,
    )

    def clean_weekday(self) -> int:
        """Monday is 0."""
        return int(self.cleaned_data["weekday"])

    def clean(self) -> dict[str, Any]:
        """It closes after it opens."""
        data: dict[str, Any] = super().clean() or {}
        opens, closes = data.get("opens"), data.get("closes")
        if opens and closes and closes <= opens:
            self.add_error("closes", ValidationError(_("It must close after it opens."), code="closes_first"))
        return data


def _offer(field: forms.Field, choices: list[tuple[str, str]]) -> None:
    assert isinstance(field, RadiosField)  # noqa: S101 (for the type checker)
    field.choices = choices
