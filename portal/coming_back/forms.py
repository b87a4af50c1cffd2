"""A way to reach somebody; everything else may stay empty."""

from django import forms
from django.utils.translation import gettext_lazy as _

from cms.form_fields import LineField, RadiosField, WordsField
from portal.coming_back.rules import Reach
from portal.coming_back.services import Said


class ComingBackForm(forms.Form):
    """How we reach them, and how that is safe. Nothing that has to be proved is asked here."""

    reach = RadiosField(
        label=_("How do we reach you?"),
        choices=Reach.choices,
        error_messages={"required": _("Choose one way")},
    )
    reach_at = LineField(
        label=_("Number, email or person"),
        error_messages={"required": _("Write a number, an email or a person, so that we can reach you")},
    )
    reach_when = LineField(
        label=_("When is it safe?"),
        required=False,
        help_text=_("For example: after 4, and do not leave a message."),
    )
    name = LineField(label=_("What do we call you?"), required=False, help_text=_("You can make one up."))
    words = WordsField(
        label=_("What do you need?"),
        help_text=_("Only if you want to say. Any language is fine."),
        required=False,
        rows=3,
        max_length=2000,
    )

    def said(self) -> Said:
        return Said(**self.cleaned_data)
