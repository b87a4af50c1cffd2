"""Opening a page about somebody: who may, and the audit row that is written before anything is shown."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404

from portal.accounts.models import CASEWORK_ROLES
from portal.audit.services import record
from portal.people.models import YoungPerson

View = Callable[..., HttpResponse]


def young_person_only(view: View) -> View:
    """For pages under /me/: the signed-in person must be a young person. Sets `request.young_person`; else 404."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        young_person = YoungPerson.objects.filter(user=request.user).first()
        if young_person is None:
            raise Http404
        request.young_person = young_person  # type: ignore[attr-defined]
        return view(request, *args, **kwargs)

    return guarded


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

    The audit row is written first: if it cannot be, nothing is shown (rule 5).
    """
    young_person = get_object_or_404(
        YoungPerson.objects.visible_to(request.user, on=request.today), ref=ref  # type: ignore[attr-defined]
    )
    record(
        "record_opened",
        by=request.user,  # type: ignore[arg-type]
        now=request.now,  # type: ignore[attr-defined]
        young_person_id=young_person.pk,
        subject=f"young_person:{young_person.ref}",
        part=part,
    )
    return young_person
