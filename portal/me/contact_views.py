"""How we may reach a young person: what is on today, turning it on behind the question whether it is really them, and
turning it off without any (rules 9 and 22 to 25)."""

from datetime import datetime, timedelta

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import get_language_info
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from portal.accounts import sure
from portal.me import services
from portal.me.forms import ContactForm, said
from portal.notifications import words
from portal.notifications.contact import standing_of
from portal.notifications.models import Channel
from portal.notifications.rules import LONDON
from portal.people.access import when_sure, young_person_only

TICKED = "contact_ticked"  # in the sign-in: what they chose when we had to ask again whether it is them
FIELDS = ("ways", "detail", "quiet_from", "quiet_until")
OFF = {"text": Channel.SMS, "email": Channel.EMAIL}


@young_person_only
@require_http_methods(["GET", "HEAD", "POST"])
def contact(request: HttpRequest) -> HttpResponse:
    """What is on, and the whole text that is sent. To turn something off takes one press and no code."""
    person, now = request.young_person, request.now  # type: ignore[attr-defined]
    if request.method == "POST":
        try:
            if (channel := OFF.get(request.POST.get("off", ""))) is not None:
                services.stop_contact(young_person=person, channel=channel, now=now)
            elif request.POST.get("off") == "more":
                services.say_less(young_person=person, now=now)
        except ValidationError as busy:
            messages.error(request, busy.messages[0])
        return redirect("me:contact")
    reach = standing_of(person.user, now=now)
    language = person.user.language
    coming = person.bookings.coming(now=now).select_related("session").first()
    booked = coming.session.starts_at if coming else _an_afternoon(now)
    context = {
        "section": "today",
        "reach": reach,
        "quiet_from": said(reach.quiet.starts),
        "quiet_until": said(reach.quiet.ends),
        "reminder": words.text("drop_in_tomorrow", language=language, about_at=booked),
        "with_link": coming is not None and bool(coming.word_hash),
        "news": words.text("decision_made", language=language, says_more=reach.says_more),
        "spoken": get_language_info(language),
    }
    return render(request, "me/contact.html", context)


def change(request: HttpRequest) -> HttpResponse:
    """Turn messages on, and choose what they say and when. What was ticked waits while we ask if it is them."""
    if request.method == "POST" and not sure.is_sure(request.session, now=request.now):  # type: ignore[attr-defined]
        request.session[TICKED] = {name: request.POST.getlist(name)[:5] for name in FIELDS}
    return _change(request)


@when_sure
@require_http_methods(["GET", "HEAD", "POST"])
def _change(request: HttpRequest) -> HttpResponse:
    person, now = request.young_person, request.now  # type: ignore[attr-defined]
    reach = standing_of(person.user, now=now)
    if reach.is_stopped:
        return redirect("me:contact")
    before = request.session.pop(TICKED, {}) if request.method != "POST" else {}
    initial = {name: found if name == "ways" else found[0] for name, found in before.items() if found}
    form = ContactForm(
        request.POST if request.method == "POST" else None,
        standing=reach,
        language=person.user.language,
        initial=initial,
    )
    if form.is_valid():
        try:
            services.choose_contact(young_person=person, now=now, **form.chosen)
        except ValidationError as refusal:
            form.add_error(None, refusal)
        else:
            messages.success(request, _("Saved."))
            return redirect("me:contact")
    return render(request, "me/contact_change.html", {"section": "today", "form": form, "reach": reach})


@young_person_only
@require_POST
def no_thanks(request: HttpRequest) -> HttpResponse:
    """They were asked whether they want messages, and said no: back to the page they were on."""
    try:
        services.no_messages_thanks(young_person=request.young_person, now=request.now)  # type: ignore[attr-defined]
    except ValidationError as busy:
        messages.error(request, busy.messages[0])
    back = request.POST.get("back", "")
    ours = back.startswith("/me/") and url_has_allowed_host_and_scheme(back, allowed_hosts=None)
    return redirect(back if ours else "me:contact")


@young_person_only
@require_POST
def still_mine(request: HttpRequest) -> HttpResponse:
    """Is it still yours alone? No: nothing goes there from now on (rule 23)."""
    theirs = request.POST.get("theirs") == "yes"
    try:
        services.say_whether_theirs(young_person=request.young_person, theirs=theirs, now=request.now)  # type: ignore[attr-defined]
    except ValidationError as busy:
        messages.error(request, busy.messages[0])
        return redirect("me:today")
    return redirect("me:today" if theirs else "me:contact")


def _an_afternoon(now: datetime) -> datetime:
    """A day and time for the example: two in the afternoon, a week from today."""
    day = now.astimezone(LONDON) + timedelta(days=7)
    return day.replace(hour=14, minute=0, second=0, microsecond=0)
