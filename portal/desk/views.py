"""The staff pages that gather: what is waiting, the caseload, one young person."""

from collections.abc import Callable
from typing import Any, cast

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import Count, Exists, Min, OuterRef
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from entitlements.facts import CareLeaverStatus
from entitlements.horizon import ahead
from entitlements.readback import STATUS_NAMES
from entitlements.reading import by_section
from portal.accounts.models import User
from portal.complaints.services import MANAGERS, complaints_for
from portal.desk import check_up
from portal.desk.at_once import at_once
from portal.desk.cards import card_of
from portal.desk.forms import FactsForm
from portal.desk.people import caseload, page_of
from portal.drop_ins.models import Booking
from portal.drop_ins.services import asked_after
from portal.finance import services as bank
from portal.ledger.models import Allowance
from portal.notifications.contact import standing_of
from portal.notifications.models import Notification
from portal.payments.models import Instalment, PaymentRequest, PaymentRequestQuerySet
from portal.payments.story import TO_COME
from portal.people import safety, withholding
from portal.people.access import Listed, look_at_all, open_record, staff_only
from portal.people.models import BREAK_GLASS, AskedDuty, Circumstance, YoungPerson
from portal.people.services import been_in_touch, confirm
from portal.take_up.questions import already_said, still_open, what_they_can_get

QUEUE_SHOWS = 25
LOOKED_FOR = "looked_for"


@staff_only()
def queue(request: HttpRequest) -> HttpResponse:
    """What is waiting for me, oldest promise first."""
    user: User = request.user  # type: ignore[assignment]
    today = request.today  # type: ignore[attr-defined]
    seen = PaymentRequest.objects.visible_to(user, on=today).exclude(young_person__user=user)
    first = seen.first_for(user, many=QUEUE_SHOWS + 1).oldest_promise_first()
    mine = list(first.select_related("young_person", "version", "holder")[: QUEUE_SHOWS + 1])
    theirs = YoungPerson.objects.visible_to(user, on=today).exclude(user=user)
    urgent = at_once(user, theirs, on=today, now=request.now)  # type: ignore[attr-defined]
    shown: list[Listed] = [*urgent.matters, *(asked.young_person for asked in mine[:QUEUE_SHOWS])]
    look_at_all(shown, request=request, part="queue")
    context = {
        "section": "queue",
        "mine": mine[:QUEUE_SHOWS],
        "urgent": urgent,
        "more": len(mine) > QUEUE_SHOWS,
        "today": today,
        "complaints": complaints_for(user, on=today).open().count() if user.holds(*MANAGERS, on=today) else 0,
        "manages": user.holds(*MANAGERS, on=today),
        "elsewhere": None if mine else _with_colleagues(seen),
    }
    return render(request, "desk/queue.html", context)


def _with_colleagues(seen: PaymentRequestQuerySet) -> dict[str, Any]:
    """How many of those I may see wait for somebody else, and by when the first of them is promised an answer."""
    return seen.open().aggregate(n=Count("pk"), first=Min("decide_by"))


def _not_told(person: YoungPerson) -> list[Notification]:
    """What could reach one young person by no message and nobody has told them yet, the longest waiting first.

    `about_request`: the reference of the request it is about, where it is about one.
    """
    waiting = Notification.objects.for_a_person().filter(to__young_person=person)
    found = list(waiting.order_by("task_opened_at", "pk")[:QUEUE_SHOWS])
    for message in found:
        what, _colon, ref = message.subject.partition(":")
        message.about_request = ref if what == "request" else ""  # type: ignore[attr-defined]
    return found


@staff_only()
def young_people(request: HttpRequest) -> HttpResponse:
    """The young people I may see today, whoever waits longest first.

    The name somebody looks for is kept in their sign-in: in an address it would stay in histories and logs (rule 19).
    """
    if request.method == "POST":
        request.session[LOOKED_FOR] = request.POST.get("q", "").strip()[:80]
        return redirect(f"{request.path}?mine=1" if request.POST.get("mine") else request.path)
    if "everyone" in request.GET:
        request.session.pop(LOOKED_FOR, None)
    words, mine = request.session.get(LOOKED_FOR, ""), request.GET.get("mine") == "1"
    people = caseload(request.user, on=request.today, words=words, mine=mine)  # type: ignore[arg-type, attr-defined]
    page = page_of(people, request.GET.get("page"))
    for person in page:
        person.adviser_today = person.holder_name_on(request.today)  # type: ignore[attr-defined]
    look_at_all(page, request=request, part="caseload")
    context = {"section": "people", "page": page, "q": words, "mine": mine, "today": request.today}  # type: ignore[attr-defined]
    return render(request, "desk/young_people.html", context)


@staff_only()
def young_person(request: HttpRequest, ref: str) -> HttpResponse:
    """One young person: what they asked for, what is left, and what they can get."""
    person, user = open_record(request, ref, part="overview"), cast(User, request.user)
    today = request.today  # type: ignore[attr-defined]
    pressed = PRESSED.get(request.POST.get("do", ""))
    if pressed is not None:
        return _press(request, person, *pressed)
    waiting = AskedDuty.objects.waiting(on=today)
    status = person.status_periods.order_by("-starts_on").first()
    pays = Instalment.objects.filter(award__asked=OuterRef("pk"))
    requests = (
        person.payment_requests.exclude(submitted_at=None)
        .annotate(is_owed=Exists(pays.filter(state__in=TO_COME)), is_sent=Exists(pays.filter(state="PAID")))
        .select_related("version")
        .order_by("-submitted_at")
    )
    groups = check_up.for_adviser(person, on=today, request=request)
    reach = standing_of(person.user, now=request.now) if person.user else None  # type: ignore[attr-defined]
    context = {
        "section": "people",
        "person": person,
        "today": today,
        "asked_for_contact": waiting.filter(young_person=person).exclude(young_person__user=user).first(),
        "did_not_come": Booking.objects.to_ask_after()
        .filter(young_person=person)
        .select_related("session")
        .first(),
        "to_tell": _not_told(person),
        "reach": reach,
        "not_safe_since": reach.not_safe_since if reach else None,
        "account": person.user,
        "keeps_looks_out": user.holds(*withholding.MANAGERS, on=today),
        "opens_again": user.holds(*safety.OPENS_AGAIN, on=today),
        "look_only": getattr(person, "seen_as", "") == BREAK_GLASS,
        "alarm": bank.alarms(YoungPerson.objects.filter(pk=person.pk), now=request.now),  # type: ignore[attr-defined]
        "adviser": person.adviser_on(today),
        "social_worker": person.social_worker_on(today),
        "status": STATUS_NAMES[CareLeaverStatus(status.status)] if status else "",
        "circumstances": check_up.told_and_confirmed(person, on=today),
        "requests": requests[:20],
        "allowances": Allowance.objects.filter(young_person=person).select_related("entitlement__current"),
        "groups": groups,
        "birthdays": ahead(groups, on=today),
        "notes_waiting": person.case_notes.not_yet().count(),
        "review": person.plan_reviews.filter(done_on=None).order_by("due_on").first(),
    }
    return render(request, "desk/young_person.html", context)


@staff_only()
def facts(request: HttpRequest, ref: str) -> HttpResponse:
    """What would settle what somebody can get: ask them, write it down, confirm what they said themselves."""
    person = open_record(request, ref, part="facts")
    today = request.today  # type: ignore[attr-defined]
    known = already_said(person, on=today, sources=Circumstance.Source.values, request=request)
    to_confirm = [one for one in known if one.stale or one.source != Circumstance.Source.CONFIRMED]
    to_ask = still_open(what_they_can_get(person, on=today, request=request))
    keys = {one.key for one in to_confirm}
    to_ask = [one for one in to_ask if one.key not in keys]
    form = FactsForm(request.POST or None, said=to_confirm, open_=to_ask)
    if request.method == "POST" and form.is_valid():
        try:
            confirm(young_person=person, answers=form.answers, by=request.user, now=request.now)  # type: ignore[arg-type, attr-defined]
        except ValidationError as refusal:
            form.add_error(None, refusal)
        else:
            if form.answers:
                messages.success(request, _("Written down. What they can get counts it from now."))
            return redirect("desk:young_person", person.ref)
    return render(request, "desk/facts.html", {"section": "people", "person": person, "form": form})


PRESSED: dict[str, tuple[list[Callable[..., Any]], str]] = {
    "in_touch": ([been_in_touch, asked_after], gettext_noop("Written down: you have been in touch.")),
    "told": ([safety.told_another_way], gettext_noop("Written down: you have told them.")),
    "safe": ([safety.messages_safe_again], gettext_noop("Messages go again, by the ways they chose.")),
    "freeze": ([safety.shut_account], gettext_noop("Shut. Everybody in it is signed out. Nothing is lost.")),
    "unfreeze": ([safety.open_account], gettext_noop("Open again. They sign in with a new code.")),
}


def _press(
    request: HttpRequest, person: YoungPerson, verbs: list[Callable[..., Any]], done: str
) -> HttpResponse:
    """One of the buttons of a person's page; each says itself who may press it."""
    said: dict[str, Any] = {"young_person": person, "by": request.user, "now": request.now}  # type: ignore[attr-defined]
    try:
        for verb in verbs:
            verb(**said)
    except ValidationError as refusal:
        messages.error(request, refusal.messages[0])
    else:
        messages.success(request, _(done))
    return redirect("desk:young_person", person.ref)


@staff_only()
def handbook(request: HttpRequest) -> HttpResponse:
    """Every entitlement with the sentence to explain it by."""
    return render(request, "desk/handbook.html", {"section": "handbook", "sections": by_section(request)})


@staff_only()
def card(request: HttpRequest, code: str) -> HttpResponse:
    """One entitlement as it is to be explained: what to say, what to ask, a yes, a no, common mistakes."""
    found = card_of(code, on=request.today, request=request)  # type: ignore[attr-defined]
    if found is None:
        raise Http404
    return render(request, "desk/card.html", {"section": "handbook", "card": found})
