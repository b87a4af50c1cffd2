"""Staff pages: the queue, and one request to decide."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from cms.reading import Reading, measure
from entitlements.models import Entitlement
from portal.case_notes.models import CaseNote
from portal.ledger.services import money_left
from portal.payments import authority, evidence, forms, panels, rules, services, story
from portal.payments.holding import who_is
from portal.payments.models import Decision, EvidencePage, PanelMeeting, PanelMember, PaymentRequest
from portal.payments.pages import PortalRequest
from portal.payments.rules import Action, HowHelped, Status, Who
from portal.people.access import SHOWING, look_at_all, open_record, staff_only
from portal.people.models import BREAK_GLASS, YoungPerson
from portal.refs import new_token

ROWS = 25
SOMETHING_ELSE = "something-else"
SHOWS = {"mine", "waiting", "late", "asked", "done"}
MEETINGS_SHOWN = 12
NOT_BY_BANK = frozenset(HowHelped) - {HowHelped.BANK}
ENOUGH_TO_HIDE = 5  # decisions about fewer people than this could tell who
SIMILAR_READ, SIMILAR_SHOWN = 40, 8


@dataclass(frozen=True, slots=True)
class Choice:
    """One thing a member of staff may do here, with its form and whether it is read over first."""

    action: Action
    form: type[forms.StaffForm]
    verb: Callable[..., Any]
    previewed: bool = False


CHOICES = {
    Action.RECOMMEND: Choice(Action.RECOMMEND, forms.RecommendForm, services.recommend),
    Action.APPROVE: Choice(Action.APPROVE, forms.ApproveForm, services.approve),
    Action.PART_APPROVE: Choice(Action.PART_APPROVE, forms.PartForm, services.part_approve, previewed=True),
    Action.ASK_MORE: Choice(Action.ASK_MORE, forms.AskMoreForm, services.ask_more, previewed=True),
    Action.GO_ON: Choice(Action.GO_ON, forms.GoOnForm, services.go_on),
    Action.DECLINE: Choice(Action.DECLINE, forms.DeclineForm, services.decline, previewed=True),
    Action.SEND_TO_PANEL: Choice(Action.SEND_TO_PANEL, forms.PanelForm, services.send_to_panel),
    Action.CHANGE: Choice(
        Action.CHANGE,
        forms.ChangeForm,
        lambda **said: services.decide_review(changed=True, **said),
        previewed=True,
    ),
    Action.KEEP: Choice(
        Action.KEEP,
        forms.KeepForm,
        lambda **said: services.decide_review(changed=False, **said),
        previewed=True,
    ),
}


@require_GET
@staff_only()
def queue(request: PortalRequest) -> HttpResponse:
    """Requests of the young people one may see: oldest promise first, filters kept in the address."""
    show = request.GET.get("show", "mine")
    show = show if show in SHOWS else "mine"
    start = _whole(request.GET.get("from"))
    today = request.today
    found = PaymentRequest.objects.visible_to(request.user, on=today).exclude(young_person__user=request.user)
    narrowed = {
        "mine": found.first_for(request.user, many=start + ROWS + 1),
        "waiting": found.waiting(),
        "late": found.waiting().filter(decide_by__lt=today),
        "asked": found.filter(status=Status.MORE_WANTED),
        "done": found.filter(status__in=rules.DECIDED),
    }[show]
    ordered = narrowed.order_by("-decided_at", "-pk") if show == "done" else narrowed.oldest_promise_first()
    rows = list(ordered.select_related("young_person", "version", "holder")[start : start + ROWS + 1])
    look_at_all([asked.young_person for asked in rows[:ROWS]], request=request, part="requests")
    context = {
        "section": "queue",
        "rows": rows[:ROWS],
        "show": show,
        "today": today,
        "older": urlencode({"show": show, "from": start + ROWS}) if len(rows) > ROWS else "",
        "newer": urlencode({"show": show, "from": max(0, start - ROWS)}) if start else "",
    }
    return render(request, "payments/queue.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@staff_only()
def decide(request: PortalRequest, ref: str) -> HttpResponse:
    """One request with everything a fair decision needs. POST takes a step; an old screen gets the difference."""
    asked = _one(request, ref)
    seen = open_record(request, asked.young_person.ref, part="request")
    look_only = getattr(seen, "seen_as", "") == BREAK_GLASS
    may = [] if look_only else _may(request, asked)
    if request.method != "POST":
        services.opened(ref=ref, by=request.user, now=request.now)
        context = _everything(request, asked, may, {}) | {"look_only": look_only}
        return render(request, "payments/decide.html", context)
    pressed = _action(request)
    if pressed is None or pressed not in CHOICES:
        raise Http404
    choice = CHOICES[pressed]
    form = choice.form(
        request.POST, prefix=choice.action.lower(), **_panel_part(request, asked).given(choice.form)
    )
    if not form.is_valid() or "preview" in request.POST:
        said = form.cleaned_data.get("code", "") if form.is_valid() else ""
        shown = {
            "preview": form.is_valid() and choice.action,
            "preview_reason": story.code_words(said),
            "opened": choice.action,
        }
        return render(
            request, "payments/decide.html", _everything(request, asked, may, {choice.action: form}) | shown
        )
    try:
        choice.verb(ref=ref, by=request.user, now=request.now, **form.said())
    except services.Stale as stale:
        return _moved_on(request, stale.asked, stale.since, form)
    except ValidationError as refusal:
        if refusal.code == "not_now":
            return _moved_on(
                request, asked, list(asked.steps.select_related("by").filter(number__gt=_seen(form))), form
            )
        form.add_error(None, refusal)
        context = _everything(request, _one(request, ref), may, {choice.action: form}) | {
            "opened": choice.action
        }
        return render(request, "payments/decide.html", context, status=409 if refusal.code == "busy" else 200)
    return redirect("payments:decide", ref)


@require_http_methods(["GET", "HEAD", "POST"])
@staff_only()
def raise_for(request: PortalRequest, ref: str) -> HttpResponse:
    """Ask for a young person one looks after. Somebody else decides, and they are told."""
    young_person = open_record(request, ref, part="request")
    if young_person.user_id == request.user.pk:
        raise Http404
    listed = (
        Entitlement.objects.filter(current__isnull=False).select_related("current").order_by("current__title")
    )
    choices = [(one.code, one.current.title) for one in listed if one.current]
    form = forms.RaiseForm(request.POST or None, choices=[(SOMETHING_ELSE, _("Something else")), *choices])
    once = forms.TokenForm(request.POST or None, initial={"token": new_token()})
    context = {"section": "people", "form": form, "once": once, "young_person": young_person}
    if request.method == "POST" and form.is_valid() and once.is_valid():
        try:
            asked = services.raise_for(
                young_person=young_person,
                entitlement=listed.filter(code=form.cleaned_data["code"]).first(),
                answers=form.answers(),
                token=once.cleaned_data["token"],
                by=request.user,
                now=request.now,
            )
        except ValidationError as refusal:
            form.add_error(None, refusal)
            return render(request, "payments/raise_for.html", context, status=409)
        return redirect("payments:decide", asked.ref)
    return render(request, "payments/raise_for.html", context)


@require_POST
@staff_only()
def plan(request: PortalRequest, ref: str) -> HttpResponse:
    """Record whether the pathway plan promises this."""
    asked = _one(request, ref)
    open_record(request, asked.young_person.ref, part="request")
    form = forms.PlanForm(request.POST)
    if form.is_valid():
        try:
            services.set_in_plan(ref=ref, by=request.user, now=request.now, **form.cleaned_data)
        except ValidationError:
            return _moved_on(request, asked, [], form)
    return redirect("payments:decide", ref)


@require_GET
@staff_only()
def photo(request: PortalRequest, ref: str, photo: str, number: int) -> HttpResponse:
    """One picture of a request, for those who decide. Finance never sees evidence: it has no casework role."""
    asked = _one(request, ref)
    page = get_object_or_404(EvidencePage, evidence__asked=asked, evidence__ref=photo, number=number)
    open_record(request, asked.young_person.ref, part="evidence")
    return evidence.file_of(page)


def _one(request: PortalRequest, ref: str) -> PaymentRequest:
    """A request of somebody one may see, and not one's own: whoever asks has pages of their own."""
    showing = (
        request.now if request.method in SHOWING else None
    )  # what break-glass opened is looked at, never changed
    found = PaymentRequest.objects.visible_to(request.user, on=request.today, at=showing).exclude(
        young_person__user=request.user
    )
    asked: PaymentRequest = get_object_or_404(
        found.select_related(
            "young_person__user", "version", "holder", "entitlement", "raised_by", "meeting"
        ),
        ref=ref,
    )
    return asked


def _may(request: PortalRequest, asked: PaymentRequest) -> list[Action]:
    if not PaymentRequest.objects.visible_to(request.user, on=request.today).filter(pk=asked.pk).exists():
        return []  # opened by break-glass
    who = who_is(request.user, asked, on=request.today)
    return [action for action in rules.steps_from(asked.status, who=who) if action in CHOICES]


@dataclass(frozen=True, slots=True)
class PanelPart:
    """What the panel means for the forms of one request."""

    decides: bool
    may_write: bool
    is_chair: bool
    seats: list[tuple[str, str]]
    meetings: list[tuple[str, str]]

    def given(self, form: type[forms.StaffForm]) -> dict[str, Any]:
        """What a form needs besides what was typed."""
        if issubclass(form, forms.PanelForm):
            return {"meetings": self.meetings}
        if issubclass(form, forms.DecidingForm):
            return {"seats": self.seats if self.decides else None, "chair": self.is_chair}
        return {}


def _panel_part(request: PortalRequest, asked: PaymentRequest) -> PanelPart:
    again = asked.status == Status.REVIEW_ASKED
    decides = asked.status == Status.WITH_PANEL or (
        again and asked.decisions.filter(round=1, level=rules.Level.PANEL).exists()
    )
    meetings = []
    if Action.SEND_TO_PANEL in rules.steps_from(asked.status, who=set(Who)):
        planned = PanelMeeting.objects.taking_papers(on=request.today)[:MEETINGS_SHOWN]
        meetings = [(one.ref, story.day(one.meets_on)) for one in planned]
    if not decides:
        return PanelPart(False, False, False, [], meetings)
    seats = panels.seats_on(request.today)
    deciding = [one for one in seats if one.part != PanelMember.Part.CLERK]
    return PanelPart(
        True,
        panels.may_write(request.user, seats=seats, on=request.today),
        panels.chair_of(seats) == request.user.pk,
        [(str(one.user_id), f"{one.user} ({one.get_part_display()})") for one in deciding],
        meetings,
    )


def _everything(
    request: PortalRequest, asked: PaymentRequest, may: list[Action], filled: dict[Action, Any]
) -> dict[str, Any]:
    today = request.today
    young_person = YoungPerson.objects.with_advisers().get(pk=asked.young_person_id)
    told = story.tell(asked)
    needed = authority.level_needed(asked, pence=asked.asked_pence, on=today)
    own = authority.authority_of(request.user, young_person=young_person, on=today)
    start = {"seen": asked.row_version, "pence": _recommended(told) or asked.asked_pence}
    panel = _panel_part(request, asked)
    can = panel.may_write if panel.decides else _may_decide(own, needed, asked)
    to_panel = panel.decides if asked.status == Status.REVIEW_ASKED else _may_go_to_panel(own, needed)
    earlier = PaymentRequest.objects.filter(young_person=asked.young_person, agreed_pence__gt=0).exclude(
        pk=asked.pk
    )
    return {
        "section": "queue",
        "preview": "",
        "preview_reason": "",
        "look_only": False,
        "opened": "",
        "asked": asked,
        "told": told,
        "lines": told.lines(viewer=None),
        "photos": evidence.pages_for(asked),
        "choices": [
            (
                CHOICES[action],
                filled.get(action)
                or CHOICES[action].form(
                    initial=start, prefix=action.lower(), **panel.given(CHOICES[action].form)
                ),
            )
            for action in _in_order(may, can=can, to_panel=to_panel)
        ],
        "may_decide": can,
        "panel": panel,
        "plan_form": forms.PlanForm(initial={"in_plan": asked.in_plan}),
        "left": money_left(young_person=asked.young_person, version=asked.version, on=today, item=asked.ref),
        "earlier": earlier.exclude(status=Status.WITHDRAWN)
        .select_related("version")
        .order_by("-decided_at")[:5],
        "recent_pence": PaymentRequest.objects.agreed_pence(
            young_person_id=asked.young_person_id, on=today, but=asked.pk
        ),
        "similar": _similar(asked),
        "needed": needed,
        "needed_words": _("their social worker")
        if needed == rules.Level.ADVISER and young_person.is_child_on(today)
        else LEVEL_WORDS[needed],
        "own": own,
        "has_letter": told.decided is not None,
        "notes": _notes(asked),
        "hand_over": asked.agreed_pence is not None and asked.how_helped in NOT_BY_BANK,
        "reading": _reading(filled),
        "can_be_money": asked.version is None or asked.version.is_confirmed,
        "today": today,
    }


def _notes(asked: PaymentRequest) -> dict[str, list[CaseNote]]:
    """What the case record shall hold about it: what is not there yet, and what is."""
    notes = list(
        asked.young_person.case_notes.filter(about=asked.ref).select_related("arrived__by", "carried__file")
    )
    return {
        "waiting": [note for note in reversed(notes) if getattr(note, "arrived", None) is None],
        "arrived": [note for note in notes if getattr(note, "arrived", None) is not None],
    }


def _may_decide(own: rules.Authority | None, needed: rules.Level, asked: PaymentRequest) -> bool:
    return (own is not None and own.level >= needed) or asked.status == Status.REVIEW_ASKED


LEVEL_WORDS = {
    rules.Level.ADVISER: _("an adviser"),
    rules.Level.TEAM_MANAGER: _("a team manager"),
    rules.Level.SERVICE_MANAGER: _("a service manager"),
    rules.Level.PANEL: _("the panel"),
}


def _reading(filled: dict[Action, Any]) -> Reading | None:
    """How hard the words are that somebody is about to send."""
    said = [form.cleaned_data.get("words", "") for form in filled.values() if form.is_valid()]
    return measure(said[0]) if said and said[0] else None


DECIDING = (Action.APPROVE, Action.PART_APPROVE, Action.DECLINE)


def _may_go_to_panel(own: rules.Authority | None, needed: rules.Level) -> bool:
    """What only a panel may decide; and a manager may always ask for one."""
    return needed == rules.Level.PANEL or (own is not None and own.level > rules.Level.ADVISER)


def _in_order(may: list[Action], *, can: bool, to_panel: bool) -> list[Action]:
    """The likeliest step first; no button for a decision that is somebody more senior's."""
    may = [action for action in may if to_panel or action != Action.SEND_TO_PANEL]
    first = (Action.APPROVE, Action.PART_APPROVE, Action.RECOMMEND) if can else (Action.RECOMMEND,)
    order = [
        *first,
        Action.ASK_MORE,
        Action.GO_ON,
        Action.DECLINE,
        Action.SEND_TO_PANEL,
        Action.CHANGE,
        Action.KEEP,
    ]
    return [action for action in order if action in may and (can or action not in DECIDING)]


def _similar(asked: PaymentRequest) -> list[Decision]:
    """Earlier decisions about the same thing for others, without a name or a day, in no order that tells when.

    None while they are about fewer than five people, nor for what turns on immigration, custody or crisis.
    """
    if asked.version is None or asked.version.quiet:
        return []
    others = Decision.objects.filter(asked__entitlement=asked.entitlement_id).exclude(
        asked__young_person=asked.young_person_id
    )
    found = list(others.select_related("asked").order_by("-at")[:SIMILAR_READ])
    one_each = {decision.asked.young_person_id: decision for decision in reversed(found)}
    if len(one_each) < ENOUGH_TO_HIDE:
        return []
    return sorted(one_each.values(), key=lambda one: (-(one.pence or 0), one.outcome))[:SIMILAR_SHOWN]


def _recommended(told: story.Story) -> int | None:
    return next((step.pence for step in reversed(told.steps) if step.action == Action.RECOMMEND), None)


def _moved_on(request: PortalRequest, asked: PaymentRequest, since: list[Any], form: Any) -> HttpResponse:
    """409: what happened since the screen was opened, by whom, and what was typed so that it is not lost."""
    asked = _one(request, asked.ref)
    told = story.Story(asked, since)
    context = {
        "section": "queue",
        "asked": asked,
        "since": told.lines(viewer=None),
        "typed": [(field.label, form.cleaned_data.get(field.name)) for field in form.visible_fields()],
    }
    return render(request, "payments/moved_on.html", context, status=409)


def _action(request: PortalRequest) -> Action | None:
    pressed = request.POST.get("action", "")
    return Action(pressed) if pressed in Action.values else None


def _seen(form: Any) -> int:
    return int(form.cleaned_data.get("seen") or 0)


def _whole(text: str | None) -> int:
    return int(text) if text and text.isdecimal() and len(text) < 7 else 0
