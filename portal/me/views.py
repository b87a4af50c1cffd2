"""A young person's own pages that gather from several rooms."""

from datetime import timedelta

from django.conf import settings as project
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_POST

from cms.languages import speak
from entitlements.for_person import Groups, assess_all
from entitlements.horizon import ahead
from portal.accounts.sessions import OWN, is_away
from portal.ledger.history import had_by
from portal.me import services
from portal.me.forms import LanguageForm
from portal.me.money import left_of
from portal.me.today import can_get, coming, duty_of, happening, worth
from portal.notifications.contact import standing_of
from portal.people.access import young_person_only
from portal.people.recovery import last_change
from portal.people.safety import messages_not_safe
from portal.people.services import ask_duty, say_of_oneself
from portal.take_up.questions import Question, already_said, still_open, what_they_can_get

TOLD = "TOLD"
ASKED_AGAIN, NOT_KNOWN = (
    "asked_again",
    "not_known",
)  # in the sign-in: an answer to change, and what they do not know
ENDS_SOON = timedelta(days=365)
SHOWN_FIRST = 8  # a list to read standing in a queue; the rest is one tap away


@young_person_only
def today(request: HttpRequest) -> HttpResponse:
    """Today: who looks after me, what is happening, what is left, and what else I can get."""
    person, on = request.young_person, request.today  # type: ignore[attr-defined]
    had, allowances = had_by(person)
    fresh, of_all = can_get(person, had, on=on, request=request)
    shown = happening(person, on=on)
    context = {
        "section": "today",
        "person": person,
        "now": request.now,  # type: ignore[attr-defined]
        "adviser": person.adviser_on(on),
        "happening": shown,
        "waiting": any(row.going_on for row in shown),
        "bookings": coming(person, now=request.now),  # type: ignore[attr-defined]
        "money": left_of(allowances, request=request),
        "can_get": fresh,
        "of_all": of_all,
        "reach": standing_of(person.user, now=request.now),  # type: ignore[attr-defined]
    }
    return render(request, "me/today.html", context)


@young_person_only
def adviser(request: HttpRequest) -> HttpResponse:
    """Who looks after me, who covers, and a button for needing somebody today."""
    person, on = request.young_person, request.today  # type: ignore[attr-defined]
    own = person.allocations.filter(acts_as="PERSONAL_ADVISER", ends_on=None).select_related("worker").first()
    adviser = person.adviser_on(on)
    context = {
        "section": "today",
        "adviser": adviser,
        "number": adviser.work_phone_said if adviser else "",
        "own_phone": bool(request.session.get(OWN)),  # by their own word (rules 13 and 20)
        "own_adviser": own.worker if own else None,
        "social_worker": person.social_worker_on(on),
    }
    return render(request, "me/adviser.html", context | duty_of(person, on=on))


@young_person_only
@require_POST
def contact_me_today(request: HttpRequest) -> HttpResponse:
    """I need somebody to contact me today: duty is told, and sees me until somebody has been in touch."""
    try:
        ask_duty(young_person=request.young_person, now=request.now)  # type: ignore[attr-defined]
    except ValidationError as busy:
        messages.error(request, busy.messages[0])
    return redirect("me:adviser")


@young_person_only
@gzip_page  # nothing typed and no token stands in this page, so its length gives no secret away
def entitlements(request: HttpRequest) -> HttpResponse:
    """What I can get: now, maybe, later, used; what I cannot get, with why; and what starts and stops on a birthday."""
    person, on = request.young_person, request.today  # type: ignore[attr-defined]
    had, allowances = had_by(person)
    groups = assess_all(person.facts(on), on, already=had, request=request)
    money = {one.code: one for one in left_of(allowances, request=request)}
    with_money = {name: [(one, money.get(one.code)) for one in found] for name, found in groups}
    now = sorted(with_money["now"], key=lambda pair: (pair[1] is None, not pair[0].can_ask, *worth(pair[0])))
    context = {
        "section": "get",
        "groups": with_money,
        "first": now[:SHOWN_FIRST],
        "rest": now[SHOWN_FIRST:],
        "more": len(now[SHOWN_FIRST:]),
        "soon": on + ENDS_SOON,
        "birthdays": ahead(groups, on=on),
        "questions": bool(still_open(groups)),
    }
    return render(request, "me/entitlements.html", context)


@young_person_only
def about(request: HttpRequest) -> HttpResponse:
    """Questions about my life that settle what I can get: one at a time, kept as I go, and changed when I like."""
    person, on = request.young_person, request.today  # type: ignore[attr-defined]
    groups = what_they_can_get(person, on=on, request=request)
    told = already_said(person, on=on, sources=(TOLD,), request=request)
    again, skipped = request.session.get(ASKED_AGAIN, ""), request.session.get(NOT_KNOWN, [])
    asked = next((Question(one.key, one.words) for one in told if one.key == again), None)
    asked = asked or next((one for one in still_open(groups) if one.key not in skipped), None)
    if request.method != "POST":
        context = {"section": "get", "question": asked, "told": told}
        return render(request, "me/about.html", context)
    if (change := request.POST.get("again", "")) in {one.key for one in told}:
        request.session[ASKED_AGAIN] = change
    elif asked is not None and request.POST.get("key") == asked.key:
        _answered(request, asked, before=groups)
    return redirect("me:about")


def _answered(request: HttpRequest, asked: Question, *, before: Groups) -> None:
    """Keep one answer, and say what it brought."""
    person, on = request.young_person, request.today  # type: ignore[attr-defined]
    answer = request.POST.get("answer")
    if answer not in {"yes", "no"}:
        request.session[NOT_KNOWN] = [*request.session.get(NOT_KNOWN, []), asked.key]
        request.session.pop(ASKED_AGAIN, None)
        return
    try:
        say_of_oneself(young_person=person, answers={asked.key: answer == "yes"}, now=request.now)  # type: ignore[attr-defined]
    except ValidationError as busy:
        messages.error(request, busy.messages[0])
        return
    request.session.pop(ASKED_AGAIN, None)
    had = {one.code for one in before.now}
    after = what_they_can_get(person, on=on, request=request)
    more = [one.summary.title for one in after.now if one.code not in had and not one.summary.quiet]
    if more:
        messages.success(request, _("You can get this too: %(titles)s.") % {"titles": "; ".join(more)})


@young_person_only
def settings(request: HttpRequest) -> HttpResponse:
    """Language, stopping all messages, signing out."""
    return _settings_page(request, LanguageForm(initial={"language": request.user.language}))  # type: ignore[union-attr]


def _settings_page(request: HttpRequest, form: LanguageForm) -> HttpResponse:
    reach = standing_of(request.young_person.user, now=request.now)  # type: ignore[attr-defined]
    context = {
        "form": form,
        "not_safe": reach.not_safe_since is not None,
        "reach": reach,
        "bank_here": project.BANK_DETAILS_ENABLED,
        "has_pin": bool(request.user.pin_hash),  # type: ignore[union-attr]
        "own_phone": bool(request.session.get(OWN)),
        "let_in": last_change(request.young_person, now=request.now),  # type: ignore[attr-defined]
    }
    return render(request, "me/settings.html", context)


@young_person_only
@require_POST
def not_safe(request: HttpRequest) -> HttpResponse:
    """Silence everything, in one tap (rule 24), and the adviser hears. A talk with them ends it: whoever holds the
    phone cannot."""
    try:
        messages_not_safe(young_person=request.young_person, now=request.now)  # type: ignore[attr-defined]
        if is_away(request.session):  # the page with the answer asks for the PIN first
            messages.success(request, _("All messages are stopped"))
    except ValidationError as busy:
        messages.error(request, busy.messages[0])
    return redirect("me:settings")


@young_person_only
@require_POST
def language(request: HttpRequest) -> HttpResponse:
    """The language of messages from now on, and of these pages on this device: on a shared one, until they go."""
    form = LanguageForm(request.POST)
    if not form.is_valid():
        return _settings_page(request, form)
    chosen = form.cleaned_data["language"]
    services.choose_language(user=request.user, language=chosen)  # type: ignore[arg-type]
    return speak(redirect("me:settings"), chosen, kept=bool(request.session.get(OWN)))
