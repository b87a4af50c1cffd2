"""What duty writes down after a call."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from cms.form_fields import RadiosField
from portal.coming_back.models import Outcome


class DoneForm(forms.Form):
    """What came of it."""

    outcome = RadiosField(
        label=_("What came of it?"),
        choices=Outcome.choices,
        error_messages={"required": _("Choose what came of it")},
    )

    def __init__(self, *args: Any, may_give_up: bool, **kwargs: Any) -> None:
        """`may_give_up`: they were tried often enough to say that they could not be reached."""
        super().__init__(*args, **kwargs)
        if not may_give_up:
            kept = [one for one in Outcome.choices if one[0] != Outcome.NOT_REACHED]
            self.fields["outcome"].choices = kept  # type: ignore[attr-defined]
