"""The questions about opening a record."""

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from cms.form_fields import LineField, WordsField
from portal.people.models import SHORTEST_REASON, YoungPerson


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
