"""What managers see of take-up: by entitlement, for their teams or for all."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from portal.accounts.models import Role
from portal.people.access import staff_only
from portal.take_up.overview import by_entitlement


@staff_only(Role.TEAM_MANAGER, Role.SERVICE_MANAGER)
def insight(request: HttpRequest) -> HttpResponse:
    """Who is missing out: four counts by entitlement, as they were counted last night."""
    lines, counted_on = by_entitlement(request.user, on=request.today, request=request)  # type: ignore[arg-type, attr-defined]
    context = {"section": "insight", "lines": lines, "counted_on": counted_on}
    return render(request, "take_up/insight.html", context)
