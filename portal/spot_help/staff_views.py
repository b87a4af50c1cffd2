"""Helping somebody now, on a phone, at night; the second look on Monday; and who may."""

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from portal.accounts.models import CASEWORK_ROLES, Role, User
from portal.people.access import look, look_at_all, staff_only
from portal.people.models import YoungPerson
from portal.refs import new_token
from portal.spot_help import services
from portal.spot_help.forms import AuthorityForm, CheckForm, FindForm, GiveForm, NumberForm
from portal.spot_help.models import SpotAuthority, SpotHelp, opened_by_lookup
from portal.spot_help.open_now import lines

helpers_only = staff_only(*services.MAY_GIVE)
POSTS = require_http_methods(["GET", "HEAD", "POST"])
SHOWN = 20


@POSTS
@helpers_only
def desk(request: HttpRequest) -> HttpResponse:
    """Who is open now, whom to help, what one may give, what waits for a second look."""
    user, now, today = request.user, request.now, request.today  # type: ignore[attr-defined]
    form = FindForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            found = services.look_for(**form.cleaned_data, by=user, now=now)  # type: ignore[arg-type]
        except ValidationError as refusal:
            form.add_error(None, refusal)
        else:
            if found is not None:
                return redirect("spot_help:give", found.ref)
            form.add_error(
                None,
                _("We cannot find one person with this name and birthday. Check both. Still nothing? Help them all "
                  "the same, and tell the duty team in the morning."),
            )  # fmt: skip
    waiting = SpotHelp.objects.to_check(user, on=today)  # type: ignore[arg-type]
    to_check = list(waiting.select_related("young_person", "given_by")[:SHOWN])
    look_at_all([one.young_person for one in to_check], request=request, part="spot_help")
    context = {
        "section": "spot-help",
        "form": form,
        "lines": lines(now),
        "opens": settings.OFFICE_OPENS,
        "limit": services.limit_for(user, on=today),  # type: ignore[arg-type]
        "to_check": [(one, one.is_late(today)) for one in to_check],
        "given": SpotHelp.objects.filter(given_by=user)[:SHOWN],  # type: ignore[misc]
        **_who(request),
    }
    return render(request, "spot_help/desk.html", context)


@POSTS
@helpers_only
def give(request: HttpRequest, ref: str) -> HttpResponse:
    """Give it now: four answers and one button."""
    user, now, today = request.user, request.now, request.today  # type: ignore[attr-defined]
    person = _whom(request, ref)
    look(person, request=request, part="spot_help")
    if request.POST.get("do") == "freeze":
        return _shut(request, person)
    form = GiveForm(request.POST if request.method == "POST" else None, initial={"token": new_token()})
    if request.method == "POST" and form.is_valid():
        try:
            given = services.give(young_person=person, by=user, now=now, **form.cleaned_data)  # type: ignore[arg-type]
        except ValidationError as refusal:
            form.add_error({"above_spot": "pence", "proof_used": "proof"}.get(refusal.code or ""), refusal)
        else:
            return redirect("spot_help:one", given.ref)
    limit = services.limit_for(user, on=today)  # type: ignore[arg-type]
    already = SpotHelp.objects.given_pence(by=user, young_person_id=person.pk, on=today)  # type: ignore[arg-type]
    context = {
        "section": "spot-help",
        "form": form,
        "person": person,
        "limit": limit,
        "left": max(0, (limit or 0) - already),
        "lines": lines(now),
        **_who(request),
    }
    return render(request, "spot_help/give.html", context)


def _shut(request: HttpRequest, person: YoungPerson) -> HttpResponse:
    """Somebody else may be in their account: shut it, whoever found them (rule 16)."""
    try:
        services.shut_account(young_person=person, by=request.user, now=request.now)  # type: ignore[arg-type, attr-defined]
    except ValidationError as refusal:
        messages.error(request, refusal.messages[0])
    else:
        messages.success(request, _("Shut. Everybody in it is signed out. Nothing is lost."))
    return redirect("spot_help:give", person.ref)


@POSTS
@helpers_only
def one(request: HttpRequest, ref: str) -> HttpResponse:
    """One help: its number for whoever gave it, the check for whoever else may."""
    user, now, today = request.user, request.now, request.today  # type: ignore[attr-defined]
    seen = SpotHelp.objects.visible_to(user, on=today).exclude(young_person__user=user)  # type: ignore[arg-type, misc]
    given = get_object_or_404(seen.select_related("young_person", "given_by", "checked_by"), ref=ref)
    status = 200
    named = user.holds(*CASEWORK_ROLES, on=today) or _may_open(request, given.young_person)  # type: ignore[union-attr]
    if named:
        look(given.young_person, request=request, part="spot_help")
    may_check = SpotHelp.objects.to_check(user, on=today).filter(pk=given.pk).exists()  # type: ignore[arg-type]
    may_number = given.given_by_id == user.pk and not given.proof
    # What was found is kept on the page also when a colleague has checked it meanwhile.
    checking = may_check or "finding" in request.POST
    form: Any = None
    if checking:
        form = CheckForm(request.POST if request.method == "POST" else None)
    elif may_number:
        form = NumberForm(request.POST if request.method == "POST" else None)
    if request.method == "POST":
        if form is None:
            return redirect("spot_help:one", ref)
        if form.is_valid():
            verb = services.check if checking else services.add_number
            try:
                verb(ref=ref, by=user, now=now, **form.cleaned_data)  # type: ignore[arg-type]
            except ValidationError as refusal:
                form.add_error({"no_words": "words", "proof_used": "proof"}.get(refusal.code or ""), refusal)
                status = 409 if refusal.code == "checked_before" else 200
            else:
                messages.success(request, _("Written down."))
                return redirect(
                    "spot_help:desk" if checking else "spot_help:one", *([] if checking else [ref])
                )
    context = {
        "section": "spot-help", "given": given, "named": named, "form": form, "checking": checking,
        "is_late": given.is_late(today), **_who(request),
    }  # fmt: skip
    return render(request, "spot_help/one.html", context, status=status)


@POSTS
@staff_only(Role.SERVICE_MANAGER)
def authority(request: HttpRequest) -> HttpResponse:
    """Who may give how much on the spot, from when to when."""
    user, now = request.user, request.now  # type: ignore[attr-defined]
    people = _helpers(request)
    form = AuthorityForm(
        request.POST if request.method == "POST" else None,
        people=[(one.username, f"{one}, {_role_of(one, request)}") for one in people],
    )
    if request.method == "POST" and form.is_valid():
        said = {
            **form.cleaned_data,
            "user": next(p for p in people if p.username == form.cleaned_data["user"]),
        }
        try:
            services.give_spot_authority(**said, by=user, now=now)  # type: ignore[arg-type]
        except ValidationError as refusal:
            where = {"above_most": "limit_pence", "no_reference": "decision_reference"}
            form.add_error(where.get(refusal.code or ""), refusal)
        else:
            messages.success(request, _("From now they may give this."))
            return redirect("spot_help:authority")
    context = {
        "section": "spot-help",
        "form": form,
        "rows": SpotAuthority.objects.select_related("user", "given_by"),
        **_who(request),
    }
    return render(request, "spot_help/authority.html", context)


@require_POST
@staff_only(Role.SERVICE_MANAGER)
def end_authority(request: HttpRequest, pk: int) -> HttpResponse:
    """From now they give no more."""
    row = get_object_or_404(SpotAuthority, pk=pk, ends_on=None)
    try:
        services.end_spot_authority(user=row.user, by=request.user, now=request.now)  # type: ignore[arg-type, attr-defined]
    except ValidationError as refusal:
        messages.error(request, refusal.messages[0])
    return redirect("spot_help:authority")


def _may_open(request: HttpRequest, person: YoungPerson) -> bool:
    user, now, today = request.user, request.now, request.today  # type: ignore[attr-defined]
    if person.user_id == user.pk:
        return False
    return (
        YoungPerson.objects.visible_to(user, on=today).filter(pk=person.pk).exists()  # type: ignore[arg-type]
        or opened_by_lookup(user, at=now).filter(pk=person.pk).exists()  # type: ignore[arg-type]
    )


def _whom(request: HttpRequest, ref: str) -> YoungPerson:
    person = get_object_or_404(YoungPerson, ref=ref)
    if not _may_open(request, person):
        raise Http404
    return person


def _who(request: HttpRequest) -> dict[str, Any]:
    """Whether the pages of casework and of authority are theirs too."""
    user, today = request.user, request.today  # type: ignore[attr-defined]
    return {
        "casework": user.holds(*CASEWORK_ROLES, on=today),  # type: ignore[union-attr]
        "gives_authority": user.holds(Role.SERVICE_MANAGER, on=today),  # type: ignore[union-attr]
    }


def _helpers(request: HttpRequest) -> list[User]:
    held = User.objects.filter(is_active=True, roles_held__role__in=services.MAY_GIVE)
    held = held.exclude(pk=request.user.pk)  # type: ignore[misc]
    on = request.today  # type: ignore[attr-defined]
    return [
        user for user in held.distinct().order_by("first_name", "pk") if user.holds(*services.MAY_GIVE, on=on)
    ]


def _role_of(user: User, request: HttpRequest) -> str:
    held = user.roles_on(request.today) & services.MAY_GIVE  # type: ignore[attr-defined]
    return str(Role(min(held)).label).lower()
