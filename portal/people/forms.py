"""The questions about opening a record."""

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from cms.form_fields import LineField, RadiosField, WordsField
from portal.accounts.destinations import normalise
from portal.people.models import SHORTEST_REASON, Recovery, YoungPerson


class BreakGlassForm(forms.Form):
    """Whose record, and why. Cleaned to `young_person` and `reason`."""

    person = LineField(
        label=_("Their number in the case record, or their reference here"),
        max_length=40,
        short=True,
        error_messages={"required": _("Enter the number of the person")},
    )
    reason = WordsField(
        label=_("Why do you need to open it?"),
        help_text=_("At least 20 characters. Your manager is told now, and the young person can read it."),
        max_length=500,
        rows=3,
        error_messages={"required": _("Say why you need to open it")},
    )

    def clean_person(self) -> str:
        typed = self.cleaned_data["person"].strip()
        found = YoungPerson.objects.filter(ref=typed.upper()) | YoungPerson.objects.filter(person_id=typed)
        young_person = found.first()
        if young_person is None:
            raise ValidationError(
                _("Nobody here has this number. Check it with the case record."), code="unknown"
            )
        self.cleaned_data["young_person"] = young_person
        return typed

    def clean_reason(self) -> str:
        reason = " ".join(self.cleaned_data["reason"].split())
        if len(reason) < SHORTEST_REASON:
            raise ValidationError(_("Say a little more: at least 20 characters."), code="reason_too_short")
        return reason


class NewPhoneForm(forms.Form):
    """How a worker made sure who it is. Cleaned to `how`, `said`, and `new_way` (normalised; empty when not known)."""

    how = RadiosField(label=_("How did you make sure that it is them?"), choices=Recovery.How.choices)
    said = WordsField(
        label=_("What you did, where and when"),
        help_text=_(
            "At least 20 characters. Never ask about their past or their family: others may know the answers."
        ),
        max_length=500,
        rows=3,
        error_messages={"required": _("Say what you did")},
    )
    new_way = LineField(
        label=_("Their new number or email, if you know it"),
        help_text=_("They type it themself, later. We tell you if it was another one."),
        max_length=254,
        required=False,
    )

    def clean_said(self) -> str:
        said = " ".join(self.cleaned_data["said"].split())
        if len(said) < SHORTEST_REASON:
            raise ValidationError(_("Say a little more: at least 20 characters."), code="too_short")
        return said

    def clean_new_way(self) -> str:
        typed = self.cleaned_data["new_way"]
        return normalise(typed)[1] if typed else ""


class UndoForm(NewPhoneForm):
    """The same, to put back the old number or address: there is no new one to name."""

    new_way = None  # type: ignore[assignment]

    def clean_new_way(self) -> str:
        return ""
