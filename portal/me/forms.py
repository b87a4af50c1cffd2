"""What a young person may choose about themselves here."""

from datetime import UTC, datetime, time
from typing import Any

from django import forms
from django.conf import settings
from django.conf.locale import LANG_INFO
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from cms.form_fields import CheckboxesField, RadiosField, SelectField
from portal.notifications import words
from portal.notifications.contact import Standing
from portal.notifications.models import Channel
from portal.notifications.rules import QUIET_FROM, QUIET_UNTIL

EVENINGS = (QUIET_FROM, time(20), time(19), time(18), time(17))
APART, TOGETHER = "\u2068", "\u2069"  # a sentence of another language keeps its own direction
MORNINGS = (QUIET_UNTIL, time(9), time(10), time(11), time(12))


class LanguageForm(forms.Form):
    """The language of texts, emails and pages, each named in its own words."""

    language = forms.ChoiceField(
        label=_("Which language do you want for texts and emails?"),
        help_text=_("These pages follow it too, on this phone."),
        choices=[(code, LANG_INFO[code]["name_local"]) for code, _name in settings.LANGUAGES],
        widget=forms.RadioSelect,
    )


class ContactForm(forms.Form):
    """How messages reach them, how much they say, and when it is quiet. Nothing is ticked but what is on."""

    all_optional = True  # a box that stays empty is an answer here

    ways = CheckboxesField(
        label=_("How may we reach you?"),
        required=False,
        help_text=_("Tick only what nobody else can read."),
    )
    detail = RadiosField(
        label=_("How much may a message say?"),
        choices=[("LEAST", _("As little as can be")), ("MORE", _("A little more"))],
    )
    quiet_from = SelectField(label=_("In the evening, nothing after"))
    quiet_until = SelectField(label=_("In the morning, nothing before"))

    def __init__(self, *args: Any, standing: Standing, language: str, **kwargs: Any) -> None:
        """`language` is that of their messages: each choice shows the words that are sent."""
        quiet = standing.quiet
        kwargs["initial"] = {
            "ways": [
                channel
                for channel, way in ((Channel.SMS, standing.text), (Channel.EMAIL, standing.email))
                if way.on_since
            ],
            "detail": "MORE" if standing.says_more else "LEAST",
            "quiet_from": quiet.starts.isoformat(),
            "quiet_until": quiet.ends.isoformat(),
            **kwargs.get("initial", {}),
        }
        super().__init__(*args, **kwargs)
        ways = []
        if standing.text.shown:
            ways.append(
                (Channel.SMS, _("Text the number ending %(digits)s") % {"digits": standing.text.shown})
            )
        if standing.email.shown:
            ways.append((Channel.EMAIL, _("Email %(address)s") % {"address": standing.email.shown}))
        self.fields["ways"].choices = ways  # type: ignore[attr-defined]
        self.fields["detail"].option_hints = {  # type: ignore[attr-defined]
            name: f"{APART}{words.text('decision_made', language=language, says_more=name == 'MORE')}{TOGETHER}"
            for name in ("LEAST", "MORE")
        }
        for name, hours, now in (
            ("quiet_from", EVENINGS, quiet.starts),
            ("quiet_until", MORNINGS, quiet.ends),
        ):
            self.fields[name].choices = [  # type: ignore[attr-defined]
                (hour.isoformat(), said(hour)) for hour in sorted({*hours, now}, reverse=name == "quiet_from")
            ]

    @property
    def chosen(self) -> dict[str, Any]:
        """What the service takes."""
        return {
            "ways": self.cleaned_data["ways"],
            "says_more": self.cleaned_data["detail"] == "MORE",
            "quiet_from": time.fromisoformat(self.cleaned_data["quiet_from"]),
            "quiet_until": time.fromisoformat(self.cleaned_data["quiet_until"]),
        }


def said(hour: time) -> str:
    """An hour of the London clock as people say it: "9pm"."""
    winter = datetime(2026, 1, 1, hour.hour, hour.minute, tzinfo=UTC)  # London keeps UTC then
    return words.clock_time(winter, get_language() or "en")
