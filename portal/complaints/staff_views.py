"""Managers' pages: complaints to answer. And for every worker: write down what somebody said."""

from collections.abc import Callable
from typing import Any

from django import forms as django_forms
from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from cms.models import PageFeedback
from portal.accounts.models import Role
from portal.complaints import forms, rules, services
from portal.complaints.models import Complaint, ComplaintQuerySet, Source
from portal.complaints.rules import Action, Stage, State
from portal.payments.models import PaymentRequest
from portal.payments.pages import PortalRequest
from portal.people.access import look, look_at_all, open_record, staff_only
from portal.people.models import YoungPerson

POSTS = require_http_methods(["GET", "HEAD", "POST"])
managers_only = staff_only(Role.TEAM_MANAGER, Role.SERVICE_MANAGER)
ROWS = 100
FEEDBACK_ROWS = 30
WITH_WORDS = {"answer", "longer", "panel_met", "panel_found", "next", "independent"}


@require_GET
@managers_only
def complaints(request: PortalRequest) -> HttpResponse:
    """What is to be answered, soonest promise first; then the newest that were answered."""
    found = _theirs(request).select_related("young_person", "holder")
    open_ones = list(found.open().soonest_first()[:ROWS])
    done = list(found.exclude(state__in=rules.OPEN).order_by("-made_at")[:ROWS])
    named = {one.young_person.pk: one.young_person for one in (*open_ones, *done) if one.young_person}
    look_at_all(named.values(), request=request, part="complaints")
    context = {"section": "complaints", "open": open_ones, "done": done, "today": request.today}
    return render(request, "complaints/desk_list.html", context)


@POSTS
@managers_only
def complaint(request: PortalRequest, ref: str) -> HttpResponse:
    """One complaint: what they said, how they want to hear back, the clock, and what may be done now."""
    found = _theirs(request).select_related("young_person", "holder").filter(ref=ref).first()
    if found is None:
        return _not_theirs(request)
    if found.young_person is not None:
        look(found.young_person, request=request, part="complaint")
    pressed = request.POST.get("do", "") if request.method == "POST" else ""
    choices = _choices(request, found, pressed)
    if pressed:
        if pressed not in choices:
            raise Http404
        _label, form, verb = choices[pressed]
        if form.is_valid():
            try:
                verb(**form.cleaned_data)
            except ValidationError as refusal:
                found.refresh_from_db()  # what it shows next, and the version it was shown in
                form.add_error(None, refusal)
            except Complaint.DoesNotExist:
                return _not_theirs(request)
            else:
                still_theirs = _theirs(request).filter(ref=ref).exists()
                return (
                    redirect("complaints:complaint", ref)
                    if still_theirs
                    else redirect("complaints:complaints")
                )
    else:
        services.opened(ref=ref, by=request.user, now=request.now)
    first = next(iter(choices), "") if found.is_open else ""
    context = {
        "section": "complaints",
        "complaint": found,
        "may_open": found.young_person is not None
        and YoungPerson.objects.visible_to(request.user, on=request.today)
        .filter(pk=found.young_person.pk)
        .exists(),
        "lines": found.steps.select_related("by"),
        "since": [line for line in found.steps.select_related("by") if 0 < _seen(request) < line.number],
        "choices": [
            (name, label, form, name == (pressed or first), verb is not _gone)
            for name, (label, form, verb) in choices.items()
        ],
        "form": choices[pressed][1] if pressed else None,
        "kept": found.kept_from.select_related("user"),
        "last_day": _last_day(found),
        "today": request.today,
        "request_ref": found.about.removeprefix("payment_request:") if found.source == Source.REQUEST else "",
    }
    return render(request, "complaints/desk_one.html", context)


@POSTS
@staff_only()
def write_down(request: PortalRequest, ref: str = "") -> HttpResponse:
    """What somebody said to a worker, as they said it. Every worker may; managers read it."""
    young_person = open_record(request, ref, part="complaint") if ref else None
    form = forms.WrittenDownForm(request.POST or None, known=young_person is not None)
    if request.method == "POST" and form.is_valid():
        made = services.make(
            said=form.said(),
            young_person=young_person,
            by=request.user,
            source=Source.SPOKEN,
            browser=f"staff {request.user.pk}",
            now=request.now,
        )
        context = {"section": "complaints", "complaint": made.complaint, "word": services.in_two(made.word)}
        return render(request, "complaints/desk_written.html", context | {"young_person": young_person})
    context = {"section": "complaints", "form": form, "young_person": young_person}
    return render(request, "complaints/desk_write.html", context)


@POSTS
@staff_only()
def from_request(request: PortalRequest, ref: str) -> HttpResponse:
    """Make something a young person said on a request a complaint, in their own words."""
    seen = PaymentRequest.objects.visible_to(request.user, on=request.today)
    asked = get_object_or_404(
        seen.exclude(young_person__user=request.user).select_related("young_person__user"), ref=ref
    )
    young_person = open_record(request, asked.young_person.ref, part="request")
    said = _said_on(asked)
    form = forms.WhichWordsForm(
        request.POST or None,
        said=[(name, words) for name, words in said.items()],
        initial={"which": next(reversed(said), "")},
    )
    if request.method == "POST" and form.is_valid():
        services.make_from_request(
            asked=asked, words=said[form.cleaned_data["which"]], by=request.user, now=request.now
        )
        return redirect("payments:decide", ref)
    context = {"section": "queue", "form": form, "asked": asked, "young_person": young_person, "said": said}
    return render(request, "complaints/desk_from_request.html", context)


@POSTS
@managers_only
def feedback(request: PortalRequest) -> HttpResponse:
    """What readers said about pages: some of it is a complaint, and becomes one without anybody asking twice."""
    taken = Complaint.objects.filter(source=Source.FEEDBACK).values_list("about", flat=True)
    numbers = [int(about.removeprefix("page_feedback:")) for about in taken]
    found = PageFeedback.objects.exclude(words="").exclude(pk__in=numbers).select_related("page")
    if request.method == "POST":
        number = request.POST.get("which", "")
        which = int(number) if number.isdecimal() and len(number) < 12 else 0
        if which in numbers:  # a colleague, or the first of two presses, was faster
            return redirect("complaints:complaints")
        one = get_object_or_404(found, pk=which)
        services.make(
            said=services.Said(words=one.words),
            by=request.user,
            source=Source.FEEDBACK,
            about=f"page_feedback:{one.pk}",
            browser="page_feedback",
            now=request.now,
        )
        return redirect("complaints:complaints")
    context = {"section": "complaints", "feedback": found.order_by("-given_at")[:FEEDBACK_ROWS]}
    return render(request, "complaints/desk_feedback.html", context)


def _theirs(request: PortalRequest) -> ComplaintQuerySet:
    return services.complaints_for(request.user, on=request.today)


def _choices(
    request: PortalRequest, found: Complaint, pressed: str
) -> dict[str, tuple[str, django_forms.Form, Callable[..., Any]]]:
    """What may be done now: its label, its form, and the verb that takes the form's answers."""
    data = request.POST if request.method == "POST" else None
    told: dict[str, Any] = {"by": request.user, "now": request.now}
    once = told | {"seen": _seen(request)}

    def form(name: str, kind: type[django_forms.Form], **more: Any) -> Any:
        return kind(data if name == pressed else None, prefix=name, **more)

    managers = services.who_may_have(found, on=request.today)
    choices: dict[str, tuple[str, django_forms.Form, Callable[..., Any]]] = {}
    outside = (
        _("Who looks from outside"), form("independent", forms.IndependentForm, stage=found.stage),
        lambda who: services.name_independent(ref=found.ref, who=who, **once),
    )  # fmt: skip
    if rules.needs_independent(found.stage, found.state) and not found.independent:
        choices["independent"] = outside  # first: nothing goes on without
    if found.state in rules.MAY_BE_ANSWERED:
        choices["answer"] = (
            _("Answer"), form("answer", forms.StaffWordsForm),
            lambda words: services.answer(ref=found.ref, words=words, **once),
        )  # fmt: skip
    if _last_day(found):
        choices["longer"] = (
            _("It needs longer"), form("longer", forms.StaffWordsForm),
            lambda words: services.extend(ref=found.ref, words=words, **once),
        )  # fmt: skip
    if found.is_open and found.stage > Stage.FIRST:
        choices.setdefault("independent", outside)
    for state, action in ((State.PANEL_TO_MEET, Action.PANEL_MET), (State.PANEL_TO_FIND, Action.PANEL_FOUND)):
        if found.state == state:
            name = action.lower()
            choices[name] = (
                str(action.label), form(name, forms.StepForm),
                lambda words, action=action: services.panel_step(ref=found.ref, action=action, words=words, **once),
            )  # fmt: skip
    if found.stage < Stage.PANEL and found.state in {State.LOOKING, State.ANSWERED}:
        choices["next"] = (
            _("Move on to the next step, as they asked"), form("next", forms.StepForm),
            lambda words: services.ask_next_step(complaint=found, words=words, by_staff=True, **once),
        )  # fmt: skip
    if found.is_open:
        others = [user for user in managers if user.pk != found.holder_id]
        choices["give"] = (
            _("Give it to"), form("give", forms.WhomForm, managers=others),
            lambda whom: services.give(ref=found.ref, to=whom, **once),
        )  # fmt: skip
        choices["keep"] = (
            _("It is about one of us: keep them out"), form("keep", forms.WhomForm, managers=managers),
            lambda whom: services.keep_out(ref=found.ref, whom=whom, **told),
        )  # fmt: skip
    if pressed in WITH_WORDS and pressed not in choices:
        kept = outside[1] if pressed == "independent" else form(pressed, forms.StepForm)
        choices[pressed] = (_("What you wrote"), kept, _gone)
    return choices


def _seen(request: PortalRequest) -> int:
    """How many steps the screen showed on which they pressed; 0 when it does not say."""
    typed = request.POST.get("seen", "")
    return int(typed) if typed.isdecimal() and len(typed) < 10 else 0


def _not_theirs(request: PortalRequest) -> HttpResponse:
    """There is none, it was given to somebody else, or they are kept out, all told alike. What they wrote is theirs."""
    wrote = request.POST.get(f"{request.POST.get('do', '')}-words", "")
    context = {"section": "complaints", "wrote": wrote[: rules.MOST_LETTERS]}
    return render(request, "complaints/desk_gone.html", context, status=404)


def _gone(words: str = "", who: str = "") -> None:
    """The step was taken since the screen was shown, perhaps by the first of two presses. The words stay on it."""
    raise services.moved_on()


def _last_day(found: Complaint) -> Any:
    """Until when this step may take, or None when it may not take longer."""
    try:
        return rules.extended(
            found.stage,
            found.state,
            began_on=found.stage_began_on,
            due_on=found.due_on or found.stage_began_on,
        )
    except ValidationError:
        return None


def _said_on(asked: PaymentRequest) -> dict[str, str]:
    """Everything the young person wrote on a request, oldest first, by the number of its step."""
    steps = asked.steps.filter(by=asked.young_person.user).exclude(words="")
    added = asked.added_words.filter(by=asked.young_person.user)
    return {str(step.number): step.words for step in steps} | {f"added-{one.pk}": one.words for one in added}
