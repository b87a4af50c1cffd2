"""One box that must be filled, and others that may."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from cms.form_fields import LineField, RadiosField, SelectField, TickField, WordsField
from portal.accounts.models import User
from portal.complaints.rules import MOST_LETTERS, Reach, Stage
from portal.complaints.services import Said


class ComplainForm(forms.Form):
    """Any words. Everything else is asked kindly and may stay empty."""

    words = WordsField(
        label=_("What went wrong?"),
        help_text=_("A few words are enough. Any language is fine."),
        error_messages={"required": _("Write what happened. A few words are fine")},
        max_length=MOST_LETTERS,
        rows=5,
    )
    put_right = WordsField(label=_("What would put it right?"), required=False, rows=2)
    reach = RadiosField(label=_("How can we answer you safely?"), required=False)
    reach_at = LineField(
        label=_("Number, email or person"),
        required=False,
        help_text=_("Only if you want us to use it."),
    )
    reach_when = LineField(
        label=_("When is it safe?"),
        required=False,
        help_text=_("For example: after 4, and do not leave a message."),
    )
    name = LineField(
        label=_("Your name"), required=False, help_text=_("Only if you want to. You can make one up.")
    )
    keep_from = LineField(
        label=_("Should somebody not read this?"),
        required=False,
        help_text=_("Write their name. Whoever it is about does not answer it."),
    )
    wants_advocate = TickField(
        label=_("I would like an advocate: somebody on my side who does not work for you"), required=False
    )
    without_my_name = TickField(
        label=_("Send it without my name"),
        help_text=_("Then we are not told who you are, and it is not on your page."),
        required=False,
    )

    def __init__(self, *args: Any, signed_in: bool, **kwargs: Any) -> None:
        """`signed_in`: we know who it is, unless they would rather not say, and they have a page to answer on."""
        super().__init__(*args, **kwargs)
        del self.fields["name" if signed_in else "without_my_name"]
        ways = [Reach.HERE, *([Reach.USUAL] if signed_in else []), Reach.REACH_ME, Reach.SOMEBODY]
        self.fields["reach"].choices = [(way.value, way.label) for way in (*ways, Reach.NEVER)]  # type: ignore[attr-defined]
        self.fields["words"].max_length = None  # type: ignore[attr-defined]  # far more than anybody writes: not counted
        self.fields["reach"].option_hints = {  # type: ignore[attr-defined]
            Reach.HERE: _("You get a number and a word to look it up.")
        }

    def clean(self) -> dict[str, Any]:
        """Without a name there is nobody to send a message to: said now, not after waiting for it."""
        told = self.cleaned_data
        if told.get("without_my_name") and told.get("reach") == Reach.USUAL:
            self.add_error(
                "reach",
                _(
                    "Without your name we cannot send you a message. Choose another way, or send it with your name"
                ),
            )
        return told

    def said(self) -> Said:
        return Said(**{name: told for name, told in self.cleaned_data.items() if name != "without_my_name"})


class LookForm(forms.Form):
    """The number and the word."""

    ref = LineField(label=_("Your number"), max_length=20, short=True)
    word = LineField(label=_("Your word"), max_length=20, short=True)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            field.widget.attrs |= {
                "autocomplete": "off",
                "autocapitalize": "characters",
                "spellcheck": "false",
            }


class MoreForm(forms.Form):
    """Something to add."""

    words = WordsField(label=_("Do you want to add something?"), rows=3)


class NextForm(forms.Form):
    """The next step, in two taps: the words may stay empty."""

    words = WordsField(label=_("What is still wrong?"), required=False, rows=3)


class WrittenDownForm(forms.Form):
    """A complaint said to a member of staff, in the words it was said in."""

    words = WordsField(
        label=_("What they said, in their words"), max_length=MOST_LETTERS, rows=6,
        error_messages={"required": _("Write down what they said")},
    )  # fmt: skip
    put_right = WordsField(label=_("What would put it right, they say"), required=False, rows=2)
    name = LineField(label=_("Their name, if they want to give it"), required=False)
    reach = RadiosField(label=_("How they want to hear back"), required=False)
    reach_at = LineField(label=_("Number, email or person"), required=False)
    reach_when = LineField(label=_("When it is safe"), required=False)
    keep_from = LineField(label=_("Who should not read it"), required=False)
    wants_advocate = TickField(label=_("They would like an advocate"), required=False)

    def __init__(self, *args: Any, known: bool, **kwargs: Any) -> None:
        """`known`: it is about a young person whose page this was opened from. Nobody else has a usual way."""
        super().__init__(*args, **kwargs)
        ways = [way for way in Reach if known or way != Reach.USUAL]
        self.fields["reach"].choices = [(way.value, way.label) for way in ways]  # type: ignore[attr-defined]
        if known:
            del self.fields["name"]

    def said(self) -> Said:
        return Said(**self.cleaned_data)


class StaffWordsForm(forms.Form):
    """Words whoever complained reads."""

    words = WordsField(
        label=_("Say it to them"), max_length=MOST_LETTERS, rows=5,
        help_text=_("Short and kind. They read it as it is."),
    )  # fmt: skip


class StepForm(forms.Form):
    """A step with a few words, which may stay empty."""

    words = WordsField(label=_("Words for them"), required=False, rows=3)


class IndependentForm(forms.Form):
    """Who looks from outside. Whoever complained reads it."""

    who = LineField(label=_("Who are they?"), max_length=300)

    def __init__(self, *args: Any, stage: int, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["who"].help_text = (
            _("Three names, and where they are from. None works for the council or looked at this before.")
            if stage == Stage.PANEL
            else _("A name, and where they are from. They do not work for the council.")
        )


class WhomForm(forms.Form):
    """One of the managers."""

    whom = SelectField(label=_("Who?"))

    def __init__(self, *args: Any, managers: list[User], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.managers = {str(user.pk): user for user in managers}
        names = [(pk, str(user)) for pk, user in self.managers.items()]
        self.fields["whom"].choices = [("", _("Choose one")), *names]  # type: ignore[attr-defined]

    def clean_whom(self) -> User:
        return self.managers[self.cleaned_data["whom"]]


class WhichWordsForm(forms.Form):
    """Which of their words are the complaint."""

    which = RadiosField(label=_("Which of their words?"))

    def __init__(self, *args: Any, said: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["which"].choices = said  # type: ignore[attr-defined]
