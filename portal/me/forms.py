"""What a young person may choose about themselves here."""

from django import forms
from django.conf import settings
from django.conf.locale import LANG_INFO
from django.utils.translation import gettext_lazy as _


class LanguageForm(forms.Form):
    """The language of texts, emails and pages, each named in its own words."""

    language = forms.ChoiceField(
        label=_("Which language do you want for texts and emails?"),
        help_text=_("These pages follow it too, on this phone."),
        choices=[(code, LANG_INFO[code]["name_local"]) for code, _name in settings.LANGUAGES],
        widget=forms.RadioSelect,
    )
