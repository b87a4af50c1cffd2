"""The least a Django site can answer: hello, and a table of 20 KB drawn from a template."""

from django.http import HttpRequest, HttpResponse
from django.template import engines
from django.urls import path

TEMPLATE = engines["django"].from_string(
    "{% for row in rows %}<tr><th>{{ row.name }}</th><td>{{ row.words }}</td></tr>{% endfor %}"
)
TABLE = [{"name": f"Row {n}", "words": "Some words that stand in a cell of it"} for n in range(270)]


def hello(request: HttpRequest) -> HttpResponse:
    return HttpResponse("hello")


def table(request: HttpRequest) -> HttpResponse:
    return HttpResponse(TEMPLATE.render({"rows": TABLE}))


urlpatterns = [path("hello/", hello), path("table/", table)]
