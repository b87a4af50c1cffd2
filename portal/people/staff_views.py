"""Opening a record that is not yours: the reason comes first."""

from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from portal.people import services
from portal.people.access import staff_only
from portal.people.forms import BreakGlassForm


@staff_only()
@require_http_methods(["GET", "HEAD", "POST"])
def break_glass(request: HttpRequest) -> HttpResponse:
    """Say whose record and why; then it can be read for an hour, and the manager knows."""
    form = BreakGlassForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        young_person = form.cleaned_data["young_person"]
        try:
            services.break_glass(
                young_person=young_person,
                reason=form.cleaned_data["reason"],
                by=request.user,  # type: ignore[arg-type]
                now=request.now,  # type: ignore[attr-defined]
            )
        except ValidationError as refusal:
            form.add_error(None, refusal)
        else:
            return redirect(f"/desk/young-people/{young_person.ref}/")
    return render(request, "people/break_glass.html", {"form": form, "section": "people"})
