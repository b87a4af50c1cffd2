"""Who can help now, for anybody; and the help somebody was given, for themselves."""

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from portal.people.access import young_person_only
from portal.spot_help.models import SpotHelp
from portal.spot_help.open_now import lines


@login_not_required
@never_cache
@require_safe
def who_is_open(request: HttpRequest) -> HttpResponse:
    """No food, no heat, no way to cook: who answers now comes first."""
    context = {
        "lines": lines(request.now),  # type: ignore[attr-defined]
        "opens": settings.OFFICE_OPENS,
    }
    return render(request, "spot_help/who_is_open.html", context)


@young_person_only
@require_safe
def mine(request: HttpRequest, ref: str) -> HttpResponse:
    """One help I was given: what, by whom, and that nobody takes it back."""
    person = request.young_person  # type: ignore[attr-defined]
    given = get_object_or_404(
        SpotHelp.objects.select_related("given_by").filter(young_person=person), ref=ref
    )
    return render(request, "spot_help/mine.html", {"section": "requests", "given": given})
