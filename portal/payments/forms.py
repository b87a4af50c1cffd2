"""The questions, one a page, and what staff fill in."""

from datetime import date, timedelta
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from cms.form_fields import (
    AmountField,
    CheckboxesField,
    DayField,
    LineField,
    PhotosField,
    RadiosField,
    SelectField,
    TickField,
    WordsField,
)
from portal.payments.models import CameAs, InPlan, PanelMember
from portal.payments.panels import Panelled
from portal.payments.rules import MAX_PENCE, QUORUM, HowHelped, MoreWanted, Reason

Answers = dict[str, Any]


class WhatForm(forms.Form):
    """What it is for, in their own words."""

    title = LineField(
        label=_("What do you need?"), max_length=80, help_text=_("For example: a bike to get to work.")
    )
    story = WordsField(
        label=_("Tell us a bit more"),
        help_text=_("What is it for? One or two sentences are fine. Any language is fine."),
        error_messages={"required": _("Tell us what it is for. A few words are fine")},
        rows=4,
    )

    def __init__(self, *args: Any, named: bool, **kwargs: Any) -> None:
        """`named`: the page they came from already says what it is."""
        super().__init__(*args, **kwargs)
        if named:
            del self.fields["title"]
            self.fields["story"].label = _("What do you need it for?")
            self.fields["story"].help_text = _("One or two sentences are fine. Any language is fine.")

    def answers(self) -> Answers:
        return {name: self.cleaned_data[name] for name in self.fields}


class AmountForm(forms.Form):
    """How much, or that they do not know."""

    pence = AmountField(
        label=_("How much does it cost?"),
        required=False,
        max_pence=MAX_PENCE,
        help_text=_("Your best guess is fine. Add delivery if there is any."),
    )
    not_known = TickField(label=_("I do not know the price"), required=False)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if not self.errors and not cleaned.get("pence") and not cleaned.get("not_known"):
            self.add_error("pence", _("Enter how much, like 180 or 24.50. Or tick that you do not know"))
        return cleaned

    def answers(self) -> Answers:
        known = not self.cleaned_data["not_known"] or self.cleaned_data["pence"]
        return {"pence": self.cleaned_data["pence"] if known else None, "amount_said": True}


class WhenForm(forms.Form):
    """When it is needed. Only they say that it is urgent."""

    URGENT, DAY, ANY = "URGENT", "DAY", "ANY"
    when = RadiosField(
        label=_("When do you need it?"),
        choices=[
            (ANY, _("There is no special day")),
            (DAY, _("By a certain day")),
            (URGENT, _("It cannot wait")),
        ],
        option_hints={URGENT: _("You have no food, heat or way to cook, or you are not safe.")},
    )
    needed_by = DayField(
        label=_("Which day?"), required=False, help_text=_("Only if you chose a certain day.")
    )

    def __init__(self, *args: Any, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["needed_by"].not_before = today  # type: ignore[attr-defined]
        self.fields["needed_by"].not_after = today + timedelta(days=730)  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if not self.errors and cleaned.get("when") == self.DAY and not cleaned.get("needed_by"):
            self.add_error("needed_by", _("Enter the day, like 27 3 2027"))
        return cleaned

    def answers(self) -> Answers:
        when, day = self.cleaned_data["when"], self.cleaned_data["needed_by"]
        return {
            "when": when,
            "urgent": when == self.URGENT,
            "needed_by": day.isoformat() if day and when == self.DAY else None,
        }


class HowForm(forms.Form):
    """How they want to be helped."""

    how = RadiosField(
        label=_("How should we help?"),
        choices=HowHelped.choices,
        option_hints={
            HowHelped.BANK: _("We pay the account we know of. You do not type it here."),
            HowHelped.WE_BUY_IT: _("We order it and have it sent to you."),
        },
    )

    def answers(self) -> Answers:
        return {"how": self.cleaned_data["how"]}


class PhotoForm(forms.Form):
    """A photo, or why there is none."""

    photos = PhotosField(
        label=_("Photos or PDF"),
        required=False,
        help_text=_("Up to 10 files, 10 MB each. We remove where it was taken."),
    )
    no_evidence_why = WordsField(
        label=_("No photo? Tell us why"),
        required=False,
        rows=3,
        max_length=500,
        help_text=_("“I do not have it yet” is fine. We still look at your request."),
    )

    def __init__(self, *args: Any, has_some: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.has_some = has_some

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if not self.errors and not (cleaned.get("photos") or cleaned.get("no_evidence_why") or self.has_some):
            self.add_error("photos", _("Add a photo, or tell us below why you cannot"))
        return cleaned

    def answers(self) -> Answers:
        return {"no_evidence_why": self.cleaned_data["no_evidence_why"], "photos_said": True}


class SendForm(forms.Form):
    """Check answers, then send."""

    talk_first = TickField(
        label=_("I would like to talk to someone about this"),
        help_text=_(
            "Maybe someone is telling you to ask, or you are not sure. It does not slow anything down."
        ),
        required=False,
    )
    token = forms.CharField(widget=forms.HiddenInput, max_length=26)
    shown = forms.CharField(widget=forms.HiddenInput, max_length=64)


class MoreForm(forms.Form):
    """An answer to a question, in words or photos."""

    words = WordsField(label=_("Your answer"), required=False, rows=4)
    photos = PhotosField(label=_("Photos or PDF"), required=False)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if not self.errors and not cleaned.get("words") and not cleaned.get("photos"):
            self.add_error("words", _("Write an answer or add a photo"))
        return cleaned


class SeenForm(forms.Form):
    """How old the page is that somebody presses on."""

    seen = forms.IntegerField(widget=forms.HiddenInput, min_value=0, required=False)


class ReviewForm(forms.Form):
    """Two taps: the words may stay empty."""

    words = WordsField(
        label=_("What should they know?"),
        required=False,
        rows=4,
        help_text=_("You can say why you do not agree."),
    )


class ToldNoForm(forms.Form):
    """A refusal somebody heard, or an answer that never came, on one page."""

    came_as = RadiosField(
        label=_("What happened?"),
        choices=[
            (CameAs.TOLD_NO, CameAs.TOLD_NO.label),
            (CameAs.NOBODY_ANSWERED, CameAs.NOBODY_ANSWERED.label),
        ],
    )
    code = SelectField(label=_("What did you ask for?"))
    story = WordsField(
        label=_("What did you need, and what were you told?"),
        help_text=_("You do not need to say who. Nobody is in trouble because you ask."),
        rows=4,
    )
    pence = AmountField(
        label=_("How much?"), required=False, max_pence=MAX_PENCE, help_text=_("If you know it.")
    )
    how = RadiosField(label=_("How should we help?"), choices=HowHelped.choices)

    def __init__(self, *args: Any, choices: list[tuple[str, Any]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["code"].choices = [("", _("Choose one")), *choices]  # type: ignore[attr-defined]

    def answers(self) -> Answers:
        return {name: self.cleaned_data[name] for name in ("story", "pence", "how")}


class RaiseForm(forms.Form):
    """A member of staff asks for somebody, on one page."""

    code = SelectField(label=_("What is it?"))
    story = WordsField(
        label=_("What is it for?"),
        rows=4,
        help_text=_("The young person reads this. Write it as you would say it."),
    )
    pence = AmountField(label=_("How much?"), required=False, max_pence=MAX_PENCE)
    how = RadiosField(label=_("How should we help?"), choices=HowHelped.choices)
    urgent = TickField(label=_("It cannot wait: no food, heat or way to cook, or not safe"), required=False)
    no_evidence_why = WordsField(label=_("What shows the price, or why nothing does"), required=False, rows=2)

    def __init__(self, *args: Any, choices: list[tuple[str, Any]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["code"].choices = [("", _("Choose one")), *choices]  # type: ignore[attr-defined]

    def answers(self) -> Answers:
        return {name: said for name, said in self.cleaned_data.items() if name != "code"}


class TokenForm(forms.Form):
    """One form, one request."""

    token = forms.CharField(widget=forms.HiddenInput, max_length=26)


class StaffForm(forms.Form):
    """What every staff form carries: how old the screen is."""

    seen = forms.IntegerField(widget=forms.HiddenInput, min_value=0)

    def said(self) -> dict[str, Any]:
        """What the service is told."""
        return self.cleaned_data


class DecidingForm(StaffForm):
    """A decision; where a panel makes it, also who was there, or that its chair decided alone."""

    present = CheckboxesField(label=_("Who was at the panel?"), required=False)
    chair_alone = TickField(label=_("The chair decides alone, between panels"), required=False)
    panel_why = WordsField(
        label=_("Why the chair decides alone, or what the panel said"), required=False, rows=2
    )

    def __init__(
        self, *args: Any, seats: list[tuple[str, str]] | None = None, chair: bool = False, **kwargs: Any
    ) -> None:
        """`seats`: the panel's members, when a panel decides; `chair`: whether its chair is filling this in."""
        super().__init__(*args, **kwargs)
        self.fields["present"].choices = seats or []  # type: ignore[attr-defined]
        if seats is None:
            for name in ("present", "chair_alone", "panel_why"):
                del self.fields[name]
            return
        if not chair:
            self.fields["present"].required = True
            del self.fields["chair_alone"]
            self.fields["panel_why"].label = _("What the panel said")
        self.order_fields(["present", "chair_alone", "panel_why"])

    def said(self) -> dict[str, Any]:
        said = dict(self.cleaned_data)
        there, alone = said.pop("present", []), said.pop("chair_alone", False)
        panel = Panelled(frozenset(map(int, there)), alone, said.pop("panel_why", ""))
        return {**said, "panel": panel}


class RecommendForm(StaffForm):
    pence = AmountField(label=_("How much do you recommend?"), max_pence=MAX_PENCE)
    staff_words = WordsField(label=_("Note for whoever decides"), required=False, rows=3)


class ApproveForm(DecidingForm):
    pence = AmountField(label=_("How much?"), max_pence=MAX_PENCE)
    words = WordsField(label=_("Words for the young person"), required=False, rows=3)
    override_why = WordsField(label=_("Why you depart from the rule"), required=False, rows=2)
    above_why = WordsField(label=_("Why it is more than was asked for"), required=False, rows=2)


class PartForm(DecidingForm):
    pence = AmountField(label=_("How much?"), max_pence=MAX_PENCE)
    code = SelectField(label=_("Why not all of it"), choices=[("", _("Choose one")), *Reason.choices])
    words = WordsField(
        label=_("Say it to the young person"),
        rows=4,
        help_text=_("Short and kind: what you found, and what to do next."),
    )
    override_why = WordsField(label=_("Why you depart from the rule"), required=False, rows=2)


class DeclineForm(DecidingForm):
    code = SelectField(label=_("Why"), choices=[("", _("Choose one")), *Reason.choices])
    words = WordsField(
        label=_("Say it to the young person"),
        rows=4,
        help_text=_("Short and kind: what you found, and what to do next."),
    )


class AskMoreForm(StaffForm):
    code = SelectField(label=_("What do you need?"), choices=[("", _("Choose one")), *MoreWanted.choices])
    words = WordsField(label=_("Say it to the young person"), rows=3)


class GoOnForm(StaffForm):
    words = WordsField(
        label=_("What they told you, or why you do not wait"),
        help_text=_("The young person reads this."),
        rows=3,
    )


class ChangeForm(DecidingForm):
    pence = AmountField(label=_("How much in all?"), max_pence=MAX_PENCE)
    words = WordsField(label=_("What you found"), rows=4)
    override_why = WordsField(label=_("Why you depart from the rule"), required=False, rows=2)


class KeepForm(DecidingForm):
    code = SelectField(label=_("Why"), choices=[("", _("Choose one")), *Reason.choices])
    words = WordsField(label=_("What you found"), rows=4)


class PanelForm(StaffForm):
    meeting = SelectField(label=_("Which panel?"))
    words = WordsField(
        label=_("Why the panel decides this"), rows=3, help_text=_("The young person reads this.")
    )

    def __init__(self, *args: Any, meetings: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["meeting"].choices = meetings  # type: ignore[attr-defined]


class MeetingForm(forms.Form):
    """A day for the panel."""

    meets_on = DayField(label=_("When does the panel meet?"))
    papers_by = DayField(
        label=_("Last day for papers"), required=False, help_text=_("Empty: five working days before.")
    )
    quorum = forms.IntegerField(
        label=_("How many members must be there?"),
        min_value=2,
        max_value=20,
        initial=QUORUM,
        widget=forms.NumberInput({"class": "short"}),
    )


class CallOffForm(forms.Form):
    """A panel that does not meet. Its prefix is the meeting's reference, so that several stand on one page."""

    why = LineField(
        label=_("Why it does not meet"),
        max_length=200,
        help_text=_("Young people whose request waits for it read this."),
    )


class LeaveForm(forms.Form):
    """A seat that ends."""

    seat = forms.IntegerField(widget=forms.HiddenInput, min_value=1)


class SeatForm(forms.Form):
    """A seat on the panel."""

    user = SelectField(label=_("Who?"))
    part = RadiosField(label=_("What do they do?"), choices=PanelMember.Part.choices)

    def __init__(self, *args: Any, people: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["user"].choices = [("", _("Choose one")), *people]  # type: ignore[attr-defined]


class PlanForm(forms.Form):
    in_plan = RadiosField(label=_("Is it in the pathway plan?"), choices=InPlan.choices)
