"""What staff fill in about an award, and what a young person writes to have it looked at again."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from cms.form_fields import AmountField, DayField, LineField, RadiosField, SelectField, WordsField
from portal.payments.regular.rules import ChangeKind, ChangeReason, Every, Schedule
from portal.payments.rules import MAX_PENCE

TO_THEM = _("Say it to the young person")
SHORT = _("Short and kind: what is decided, and what they can do.")


class AgreeForm(forms.Form):
    """Money that comes again and again."""

    seen = forms.IntegerField(widget=forms.HiddenInput, min_value=0)
    each_pence = AmountField(label=_("How much each time?"), max_pence=MAX_PENCE)
    every = RadiosField(label=_("How often?"), choices=Every.choices)
    starts_on = DayField(label=_("First payment"), help_text=_("Like 30 11 2026"))
    ends_on = DayField(label=_("Last day"), help_text=_("The last payment is on this day or before."))
    review_on = DayField(label=_("Look at it again on"), help_text=_("Two weeks before, you are told."))
    words = WordsField(label=_("Words for the young person"), required=False, rows=3)
    override_why = WordsField(label=_("Why you depart from the rule"), required=False, rows=2)
    above_why = WordsField(label=_("Why it is more than was asked for"), required=False, rows=2)

    def decision(self) -> dict[str, Any]:
        """As the service takes it."""
        said = self.cleaned_data
        terms = (said[part] for part in ("every", "each_pence", "starts_on", "ends_on", "review_on"))
        rest = {name: said[name] for name in ("seen", "words", "override_why", "above_why")}
        return {"schedule": Schedule(*terms), **rest}


class _Dated(forms.Form):
    code = SelectField(label=_("Why"), choices=[("", _("Choose one")), *ChangeReason.choices])
    words = WordsField(label=TO_THEM, help_text=SHORT, rows=3)
    starts_on = DayField(label=_("From which day"), help_text=_("Payments due on this day and after."))


class HoldForm(_Dated):
    """Pay nothing for now; the money stays set aside."""


class EndForm(_Dated):
    """No more."""


class ChangeForm(_Dated):
    """Another sum."""

    each_pence = AmountField(label=_("How much each time from then?"), max_pence=MAX_PENCE)


class ResumeForm(forms.Form):
    """It goes on, and what was held is paid."""

    words = WordsField(label=TO_THEM, rows=2, required=False)


class KeepForm(forms.Form):
    """Looked at; it stays."""

    words = WordsField(label=TO_THEM, rows=2, required=False)
    review_on = DayField(label=_("Look at it again on"))


class LookedForm(forms.Form):
    """The second look."""

    stands = RadiosField(
        label=_("Does the decision stand?"),
        choices=[("no", _("No: put it back as it was")), ("yes", _("Yes: it stands"))],
    )
    words = WordsField(label=TO_THEM, help_text=_("What you found."), rows=3)


class OrderForm(forms.Form):
    """What was ordered."""

    what = LineField(label=_("What was ordered"), max_length=120)
    order_number = LineField(label=_("Order number"), max_length=40, required=False, short=True)
    expected_on = DayField(label=_("When it should come"), required=False)


class ReadyForm(forms.Form):
    """It is here."""


class ExceptionForm(forms.Form):
    """More than the cap, for one person."""

    pence = AmountField(label=_("How much more than the cap?"), max_pence=MAX_PENCE)
    reason = LineField(
        label=_("Why they may have more"), help_text=_("For the ledger. Their story does not belong here."),
        max_length=300,
    )  # fmt: skip


class ElsewhereForm(forms.Form):
    """A payment that another door of the council made."""

    code = SelectField(label=_("What for"))
    pence = AmountField(label=_("How much was paid"), max_pence=MAX_PENCE)
    paid_on = DayField(label=_("When"))
    reference = LineField(label=_("Reference of that payment"), max_length=40, short=True)
    reason = LineField(label=_("If it passes the cap: why"), max_length=300, required=False)

    def __init__(self, *args: Any, choices: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["code"].choices = [("", _("Choose one")), *choices]  # type: ignore[attr-defined]


class LookAgainForm(forms.Form):
    """In their own words, or none."""

    words = WordsField(label=_("What should they know?"), required=False, rows=4, max_length=1000)


FORMS: dict[str, type[forms.Form]] = {
    ChangeKind.HOLD: HoldForm,
    ChangeKind.RESUME: ResumeForm,
    ChangeKind.CHANGE: ChangeForm,
    ChangeKind.END: EndForm,
    ChangeKind.KEEP: KeepForm,
    "LOOKED": LookedForm,
    "ORDER": OrderForm,
    "READY": ReadyForm,
}
LABELS = {kind: kind.label for kind in ChangeKind} | {
    "LOOKED": _("Your second look"),
    "ORDER": _("It was ordered"),
    "READY": _("It is here: they can collect it"),
}
WHERE = {  # beside which question a refusal stands
    "no_notice": "starts_on",
    "paper_alone": "code",
    "starts_in_the_past": "starts_on",
    "ends_first": "ends_on",
    "too_far": "ends_on",
    "too_many": "ends_on",
    "review": "review_on",
    "override_needs_why": "override_why",
    "above_asked": "above_why",
}
