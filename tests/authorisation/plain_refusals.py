"""The service's addresses with refusals of one word. The pages that say no kindly are tested in tests/cms: here several
thousand refusals are only counted, and drawing each took a third of the time."""

from django.http import HttpRequest, HttpResponse

from portal.urls import handler500, urlpatterns

__all__ = ["handler500", "urlpatterns"]


def handler403(request: HttpRequest, exception: Exception) -> HttpResponse:
    return HttpResponse("no", status=403)


def handler404(request: HttpRequest, exception: Exception) -> HttpResponse:
    return HttpResponse("no", status=404)
