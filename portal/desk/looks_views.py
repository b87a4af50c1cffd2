"""A manager keeps a worker's looks out of "Who looked" for a while, and shows them again (rule 7)."""

from typing import cast

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy as _

from cms.form_fields import DayField, RadiosField, WordsField
from portal.accounts.models import User
from portal.people.access import open_record, staff_only
from portal.people.withholding import MANAGERS, show_again, who_may_be_chosen, withheld_now, withhold

LONGEST_NUMBER = 19  # digits that a row may have


class WithholdForm(forms.Form):
    """Whose looks, from which day, until which review, and why."""

    worker = RadiosField(label=_("Whose looks?"), choices=[])
    since_on = DayField(label=_("From which day?"), help_text=_("Today or before"))
    review_on = DayField(
        label=_("On which day do you look at it again?"),
        help_text=_("Within 90 days. On that day they are shown."),
    )
    reason = WordsField(
        label=_("Why would showing them put somebody at risk?"),
        help_text=_("At least 20 characters. It stays in the trail with your name."),
        max_length=500,
        rows=3,
    )

    def __init__(self, *args: object, workers: list[User], **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        cast(RadiosField, self.fields["worker"]).choices = [(str(one.pk), str(one)) for one in workers]


@staff_only(*MANAGERS)
def looks(request: HttpRequest, ref: str) -> HttpResponse:
    """What is kept out of this person's list now, and a form to keep something out."""
    person = open_record(request, ref, part="overview")
    user, now, on = cast(User, request.user), request.now, request.today  # type: ignore[attr-defined]
    workers = who_may_be_chosen(person, by=user, now=now)
    show = request.POST.get("show", "")
    form = WithholdForm(request.POST if request.method == "POST" and not show else None, workers=workers)
    try:
        if show.isascii() and show.isdecimal() and len(show) < LONGEST_NUMBER:
            show_again(young_person=person, withheld=int(show), by=user, now=now)
            return redirect("desk:looks", ref)
        if form.is_valid():
            answers = dict(form.cleaned_data)
            chosen = answers.pop("worker")
            worker = next(one for one in workers if str(one.pk) == chosen)
            withhold(young_person=person, worker=worker, by=user, now=now, **answers)
            return redirect("desk:looks", ref)
    except ValidationError as refusal:
        messages.error(request, refusal.messages[0])
    out = list(withheld_now(person, on=on).order_by("review_on", "pk"))
    names = User.objects.in_bulk({one.actor_id for one in out} | {one.decided_by_id for one in out})
    rows = [(one, names.get(one.actor_id), names.get(one.decided_by_id)) for one in out]
    return render(
        request,
        "desk/looks.html",
        {"section": "people", "person": person, "form": form, "rows": rows, "workers": workers},
    )
