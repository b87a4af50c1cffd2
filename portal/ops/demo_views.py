"""The demo's own pages about the portal itself: every piece of the look, in every state."""

from datetime import date, timedelta

from django import forms
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

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

WAYS = [("call", "Call me"), ("text", "Text me"), ("adviser", "Tell my adviser")]
THINGS = [("bed", "A bed"), ("cooker", "A cooker"), ("fridge", "A fridge"), ("other", "Something else")]
PLACES = [
    ("", "Choose one"),
    ("own", "My own flat"),
    ("shared", "A shared house"),
    ("carer", "With my carer"),
]
BAR = [
    {"label": "£1,180 spent", "size": 118_000, "tone": "go"},
    {"label": "£180 waiting for a yes", "size": 18_000, "tone": "wait"},
    {"label": "£1,640 left", "size": 164_000, "tone": "plain"},
]
STEPS = [
    {"label": "Sent on Friday", "state": "done"},
    {"label": "Sam said yes", "state": "done"},
    {"label": "Priya is deciding", "state": "now"},
    {"label": "The money comes", "state": "todo"},
]


class EveryFieldForm(forms.Form):
    """One of each kind of question."""

    title = LineField(
        label="What do you need?",
        help_text="A few words, like “a bed for my flat”.",
        error_messages={"required": "Enter what you need, like a bed"},
    )
    amount = AmountField(
        label="How much does it cost?",
        help_text="Like 180 or 24.50. A guess is fine.",
        max_pence=300_000,
        error_messages={"required": "Enter how much you need, like 180 or 24.50"},
    )
    needed_by = DayField(label="When do you need it?", help_text="Like 27 3 2027")
    reach = RadiosField(
        label="How can we reach you?",
        choices=WAYS,
        help_text="Choose what is safe for you.",
        option_hints={"text": "We never say what it is about."},
        error_messages={"required": "Choose how we can reach you"},
    )
    things = CheckboxesField(
        label="What will you buy?", choices=THINGS, help_text="Choose all that you need."
    )
    home = SelectField(label="Where do you live?", choices=PLACES, help_text="Where you sleep most nights.")
    story = WordsField(
        label="Tell us why you need it",
        help_text="Write in any language. Short is fine.",
        max_length=300,
        error_messages={"required": "Write why you need it. A few words are fine"},
    )
    photos = PhotosField(
        label="Add a photo of the price", help_text="A photo, a screenshot or a PDF, up to 10 MB each."
    )
    nickname = LineField(label="What should we call you?", required=False, short=True)
    sure = TickField(
        label="What I wrote is true", error_messages={"required": "Tick the box to say that it is true"}
    )


@login_not_required
def components(request: HttpRequest) -> HttpResponse:
    """Every component and every kind of field: empty, then filled or wrong once the form is sent to itself.

    `?dir=rtl` mirrors the page; `?area=me` adds a young person's navigation;
    `?state=filled` shows the fields filled in.
    """
    filled = {
        "title": "A bed for my flat",
        "amount": 18_050,
        "needed_by": request.today + timedelta(days=10),  # type: ignore[attr-defined]
        "reach": "text",
        "things": ["bed", "other"],
        "home": "own",
        "story": "I move in on Friday and the flat is empty.",
        "sure": True,
    }
    if request.method == "POST":
        form = EveryFieldForm(request.POST, request.FILES)
    else:
        form = EveryFieldForm(initial=filled if request.GET.get("state") == "filled" else None)
    page = {
        "form": form,
        "area": "me" if request.GET.get("area") == "me" else "demo",
        "section": "requests",
        "direction": "rtl" if request.GET.get("dir") == "rtl" else "",
        "day": date(2026, 11, 25),
        "bar": BAR,
        "steps": STEPS,
        "sent": request.method == "POST" and form.is_valid(),
    }
    return render(request, "demo/components.html", page)
