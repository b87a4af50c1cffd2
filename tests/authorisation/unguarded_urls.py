"""A page about somebody whose author forgot every guard: what the matrix must find."""

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.urls import path

from portal.urls import handler400, handler403, handler404, handler500  # noqa: F401
from portal.urls import urlpatterns as real


@login_not_required
def page(request: HttpRequest, ref: str) -> HttpResponse:
    """Shows it to anybody."""
    return HttpResponse(ref)


urlpatterns = [path("desk/young-people/<slug:ref>/", page), *real]
