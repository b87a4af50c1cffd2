"""Opening a page about somebody: who may, and the audit row that is written before anything is shown."""

from collections.abc import Callable, Iterable
from datetime import date
from functools import wraps
from typing import Any, Protocol
from urllib.parse import quote

from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse

from cms import content_version
from portal.accounts import sure
from portal.accounts.models import CASEWORK_ROLES, User
from portal.audit.services import record, record_many
from portal.people.models import BREAK_GLASS, BreakGlass, TeamMembership, YoungPerson, held_on

View = Callable[..., HttpResponse]
SHOWING = frozenset({"GET", "HEAD"})


class Listed(Protocol):
    """A young person on a page that lists people, as far as the trail needs to know them."""

    @property
    def pk(self) -> int: ...
    @property
    def user_id(self) -> int | None: ...
    @property
    def ref(self) -> str: ...


def young_person_only(view: View) -> View:
    """For pages under /me/: the signed-in person must be a young person. Sets `request.young_person`; else 404.

    The number of the published content comes along, which nearly all of these pages need.
    """

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        theirs = YoungPerson.objects.filter(user=request.user)  # type: ignore[misc]
        known = theirs.select_related("user__contact_choice")
        young_person = known.annotate(content=content_version.as_a_column()).first()
        if young_person is None:
            raise Http404
        content_version.note(request, young_person.content)
        request.young_person = young_person  # type: ignore[attr-defined]
        return view(request, *args, **kwargs)

    return guarded


def when_sure(view: View) -> View:
    """For what a borrowed sign-in must not do (rule 9): a young person who has just shown that it is them; else to the
    page that asks it, and from there back to the address they wanted."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not sure.is_sure(request.session, now=request.now):  # type: ignore[attr-defined]
            return redirect(f"{reverse('me:sure')}?next={quote(request.path)}")
        return view(request, *args, **kwargs)

    return young_person_only(guarded)


def staff_only(*roles: str) -> Callable[[View], View]:
    """For pages under /desk/: any of these roles held today (casework roles when none are named); else 404."""
    allowed = frozenset(roles) or CASEWORK_ROLES

    def decorate(view: View) -> View:
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if not request.user.holds(*allowed, on=request.today):  # type: ignore[union-attr, attr-defined]
                raise Http404
            return view(request, *args, **kwargs)

        return guarded

    return decorate


def open_record(request: HttpRequest, ref: str, *, part: str) -> YoungPerson:
    """The young person behind a reference, for a staff page that shows them; else 404.

    The audit row is committed before this returns: who, in which role and team, whom, which part, and the break-glass
    reason if that is what opened it. If it cannot be written the error goes up and nothing is shown (rule 5); inside a
    transaction it refuses to run at all, because the row could still be undone. What break-glass opened may be looked
    at, never changed: on POST such a record is a 404. The role it was opened by is on `.seen_as`.
    """
    user: User = request.user  # type: ignore[assignment]
    today, now = request.today, request.now  # type: ignore[attr-defined]
    showing = now if request.method in SHOWING else None
    young_person = get_object_or_404(YoungPerson.objects.seen_by(user, on=today, at=showing), ref=ref)
    look(young_person, request=request, part=part)
    return young_person


def look(young_person: YoungPerson, *, request: HttpRequest, part: str) -> None:
    """Write down that the signed-in person is shown this part of somebody's record, for pages that found them otherwise
    (a queue, a request). Looking at one's own record leaves no row."""
    user: User = request.user  # type: ignore[assignment]
    today, now = request.today, request.now  # type: ignore[attr-defined]
    if young_person.user_id == user.pk:
        return
    seen_as = getattr(young_person, "seen_as", None)
    if seen_as is None:
        found = YoungPerson.objects.seen_by(user, on=today, at=now).filter(pk=young_person.pk).first()
        seen_as = getattr(found, "seen_as", "") or min(user.roles_on(today), default="")
    reason = ""
    if seen_as == BREAK_GLASS:
        opened = BreakGlass.objects.filter(
            young_person=young_person, user=user, opened_at__lte=now, ends_at__gt=now
        )
        reason = opened.values_list("reason", flat=True).latest("opened_at")
    with transaction.atomic(durable=True):
        record(
            "record_opened",
            by=user,
            now=now,
            young_person_id=young_person.pk,
            subject=f"young_person:{young_person.ref}",
            part=part,
            role=seen_as,
            team=_team_of(user, on=today),
            reason=reason,
        )


def look_at_all(young_people: Iterable[Listed], *, request: HttpRequest, part: str) -> None:
    """The same for a page that lists people: a line for each of them, in one statement, committed before the answer."""
    user: User = request.user  # type: ignore[assignment]
    today, now = request.today, request.now  # type: ignore[attr-defined]
    shown = {one.pk: one for one in young_people if one.user_id != user.pk}
    if not shown:
        return
    team = _team_of(user, on=today)
    roles = user.roles_on(today)
    otherwise = min(roles, default="")
    seen_as: dict[int, str] = {}
    if len(roles & CASEWORK_ROLES) > 1:  # with one role there is only one way they can be seen
        ways = YoungPerson.objects.seen_by(user, on=today).filter(pk__in=shown)
        seen_as = {one.pk: getattr(one, "seen_as", "") for one in ways}
    with transaction.atomic(durable=True):
        record_many(
            "list_opened",
            by=user,
            now=now,
            part=part,
            team=team,
            whom=[(pk, f"young_person:{one.ref}", seen_as.get(pk) or otherwise) for pk, one in shown.items()],
        )


def _team_of(user: User, *, on: date) -> str:
    """The team somebody works in on a day, as the young person will read it; empty when none."""
    teams = TeamMembership.objects.filter(held_on(on), user=user).order_by("pk")
    return teams.values_list("team__name", flat=True).first() or ""
