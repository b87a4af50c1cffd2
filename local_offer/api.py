"""Services as open data: the Open Referral UK profile of the Human Services Data Specification (HSDS-UK) 3.0.

The standard: https://openreferraluk.org and https://github.com/OpenReferralUK/uk-profile (schema/openapi.json and
schema/service.json), read on 21 November 2026. What we use of it, field by field, is in `SHAPES`: our own account of
names, types and what is required, against which the tests check every answer. Ids are stable: made from the address.
No person, no phone number that nobody has rung, and nothing that is not published.
"""

from collections.abc import Sequence
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.http import require_safe
from wagtail.models import Locale

from cms import tokens
from cms.content_version import held
from cms.text import to_plain, to_rich
from local_offer.models import SectionPage, ServicePage

VERSION = "3.0"
PROFILE = "https://github.com/OpenReferralUK/uk-profile"
TAXONOMY = "What you need"
PER_PAGE, MOST_PER_PAGE = 50, 100

# field -> (type, required). Types: uuid, str, url, date, datetime, int, bool, or a shape's name in brackets for a list.
SHAPES: dict[str, dict[str, tuple[str, bool]]] = {
    "about": {"version": ("str", True), "profile": ("url", True), "openapi_url": ("url", True)},
    "page": {
        "total_items": ("int", True),
        "total_pages": ("int", True),
        "page_number": ("int", True),
        "size": ("int", True),
        "first_page": ("bool", True),
        "last_page": ("bool", True),
        "empty": ("bool", True),
        "contents": ("list", True),
    },
    "organization": {
        "id": ("uuid", True),
        "name": ("str", True),
        "description": ("str", True),
        "website": ("url", False),
    },
    "taxonomy": {
        "id": ("uuid", True),
        "name": ("str", True),
        "description": ("str", True),
        "version": ("str", False),
    },
    "taxonomy_term": {
        "id": ("uuid", True),
        "name": ("str", True),
        "term": ("str", False),
        "description": ("str", True),
        "taxonomy": ("str", True),
        "taxonomy_id": ("uuid", False),
        "term_uri": ("url", False),
    },
    "attribute": {
        "id": ("uuid", True),
        "link_entity": ("str", True),
        "link_id": ("uuid", True),
        "taxonomy_term_id": ("uuid", True),
        "taxonomy_term": ("taxonomy_term", False),
    },
    "schedule": {"id": ("uuid", True), "description": ("str", False)},
    "service": {
        "id": ("uuid", True),
        "name": ("str", True),
        "status": ("status", True),
        "url": ("url", True),
        "description": ("str", False),
        "organization": ("organization", False),
        "assured_date": ("date", False),
        "last_modified": ("datetime", False),
        "eligibility_description": ("str", False),
        "application_process": ("str", False),
        "schedules": ("[schedule]", False),
        "attributes": ("[attribute]", False),
    },
}
STATUSES = ("active", "inactive", "defunct", "temporarily closed")


@login_not_required
@require_safe
def about(request: HttpRequest) -> HttpResponse:
    """Which standard this is."""
    base = f"{settings.BASE_URL}/api"
    return _answer({"version": VERSION, "profile": PROFILE, "openapi_url": f"{base}/openapi.json"})


@login_not_required
@require_safe
def openapi(request: HttpRequest) -> HttpResponse:
    """These addresses in a machine's words."""
    kinds = {
        "services": "service",
        "organizations": "organization",
        "taxonomies": "taxonomy",
        "taxonomy_terms": "taxonomy_term",
    }
    paths: dict[str, Any] = {}
    for name, shape in kinds.items():
        ok = {
            "description": f"A page of {name}",
            "content": {"application/json": {"schema": {"$ref": "#/components/schemas/page"}}},
        }
        one = {
            "description": f"One {shape}",
            "content": {"application/json": {"schema": {"$ref": f"#/components/schemas/{shape}"}}},
        }
        params = [{"name": key, "in": "query", "schema": {"type": "integer"}} for key in ("page", "per_page")]
        paths[f"/{name}"] = {
            "get": {"summary": f"List {name}", "parameters": params, "responses": {"200": ok}}
        }
        given = [
            {"name": "id", "in": "path", "required": True, "schema": {"type": "string", "format": "uuid"}}
        ]
        paths[f"/{name}/{{id}}"] = {
            "get": {"summary": f"One {shape}", "parameters": given, "responses": {"200": one}}
        }
    info = {"title": settings.BRAND_NAME, "version": VERSION}
    schemas = {name: _schema(fields) for name, fields in SHAPES.items()}
    return _answer({"openapi": "3.1.0", "info": info, "paths": paths, "components": {"schemas": schemas}})


@login_not_required
@require_safe
def listing(request: HttpRequest, name: str) -> HttpResponse:
    """One page of services, organizations, taxonomies or taxonomy terms."""
    entries = list(_data(request)[name].values())
    if name == "services":
        entries = _asked_for(request, entries)
    return _answer(_page(request, entries))


@login_not_required
@require_safe
def one(request: HttpRequest, name: str, id: str) -> HttpResponse:
    """One service, organization, taxonomy or taxonomy term, whole."""
    entry = _data(request)[name].get(str(id))
    if entry is None:
        raise Http404
    return _answer(entry)


def _answer(data: Any) -> JsonResponse:
    response = JsonResponse(data)
    response["Access-Control-Allow-Origin"] = (
        "*"  # the standard asks for it: open data, no sign-in, no cookie
    )
    response["Cross-Origin-Resource-Policy"] = "cross-origin"
    response["Cache-Control"] = "public, max-age=300"
    return response


def _page(request: HttpRequest, entries: Sequence[Any]) -> dict[str, Any]:
    size = min(_number(request, "per_page", PER_PAGE), MOST_PER_PAGE)
    pages = max(1, -(-len(entries) // size))
    number = _number(request, "page", 1)
    shown = entries[(number - 1) * size : number * size]
    return {
        "total_items": len(entries),
        "total_pages": pages,
        "page_number": number,
        "size": len(shown),
        "first_page": number == 1,
        "last_page": number >= pages,
        "empty": not shown,
        "contents": shown,
    }


def _number(request: HttpRequest, name: str, otherwise: int) -> int:
    given = request.GET.get(name, "")
    return max(1, int(given)) if given.isascii() and given.isdigit() and len(given) < 7 else otherwise


def _asked_for(request: HttpRequest, services: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The standard's filters that mean something here: search words, and a taxonomy term."""
    words, term = request.GET.get("search", "").lower().strip(), request.GET.get("taxonomy_term_id", "")
    if words:
        services = [
            each for each in services if words in f"{each['name']} {each.get('description', '')}".lower()
        ]
    if term:
        services = [
            each for each in services if any(own["taxonomy_term_id"] == term for own in each["attributes"])
        ]
    return services


def _data(request: HttpRequest) -> dict[str, dict[str, Any]]:
    return held(
        "open referral", lambda: _build(request), request=request, also=getattr(request, "today", None)
    )


def _build(request: HttpRequest) -> dict[str, dict[str, Any]]:
    council = {
        "id": _id("/"),
        "name": settings.COUNCIL_NAME,
        "description": "The council whose care leavers this offer is for.",
    }
    taxonomy = {
        "id": _id("/offer/"),
        "name": TAXONOMY,
        "description": "The parts of the local offer, by need.",
        "version": "1",
    }
    english = Locale.get_default()
    sections = SectionPage.objects.live().public().filter(locale=english).order_by("path")
    terms = {section.pk: _term(section, taxonomy) for section in sections}
    services = {}
    pages = ServicePage.objects.live().public().filter(locale=english).order_by("path")
    for page in pages.prefetch_related("sections"):
        entry = _service(page, council, terms, request)
        services[entry["id"]] = entry
    return {
        "services": services,
        "organizations": {council["id"]: council},
        "taxonomies": {taxonomy["id"]: taxonomy},
        "taxonomy_terms": {term["id"]: term for term in terms.values()},
    }


def _term(section: SectionPage, taxonomy: dict[str, str]) -> dict[str, str]:
    address = f"/offer/{section.slug}/"
    return {
        "id": _id(address),
        "name": section.title,
        "term": section.title,
        "description": section.one_line,
        "taxonomy": taxonomy["name"],
        "taxonomy_id": taxonomy["id"],
        "term_uri": settings.BASE_URL + address,
    }


def _service(
    page: ServicePage, council: dict[str, str], terms: dict[int, Any], request: HttpRequest
) -> dict[str, Any]:
    address = f"/services/{page.slug}/"
    own_id = _id(address)
    entry: dict[str, Any] = {
        "id": own_id,
        "name": page.title,
        "status": "active",
        "url": settings.BASE_URL + address,
        "description": _plain(f"{page.one_line}\n\n{page.what}"),
        "organization": council,
        "eligibility_description": _plain(page.who_for),
        "application_process": _plain(page.how_to_contact),
        "schedules": [{"id": _id(f"{address}#when"), "description": _plain(page.when)}] if page.when else [],
        "attributes": [
            {
                "id": _id(f"{address}#{section.slug}"),
                "link_entity": "service",
                "link_id": own_id,
                "taxonomy_term_id": terms[section.pk]["id"],
                "taxonomy_term": terms[section.pk],
            }
            for section in page.sections.all()
            if section.pk in terms
        ],
    }
    if page.last_published_at:
        entry["last_modified"] = page.last_published_at.isoformat()
        entry["assured_date"] = page.last_published_at.date().isoformat()
    return {name: value for name, value in entry.items() if value not in ("", None)}


def _plain(words: str) -> str:
    return to_plain(str(tokens.fill_html(to_rich(words))))


def _id(address: str) -> str:
    """The same id for the same address, for ever."""
    return str(uuid5(NAMESPACE_URL, f"https://open-data.local-offer{address}"))


def _schema(fields: dict[str, tuple[str, bool]]) -> dict[str, Any]:
    formats = {"uuid": "uuid", "url": "uri", "date": "date", "datetime": "date-time"}
    plain = {"str": "string", "int": "integer", "bool": "boolean", "list": "array"}

    def of(kind: str) -> dict[str, Any]:
        if kind in formats:
            return {"type": "string", "format": formats[kind]}
        if kind == "status":
            return {"type": "string", "enum": list(STATUSES)}
        if kind.startswith("["):
            return {"type": "array", "items": {"$ref": f"#/components/schemas/{kind[1:-1]}"}}
        return {"type": plain[kind]} if kind in plain else {"$ref": f"#/components/schemas/{kind}"}

    properties = {name: of(kind) for name, (kind, _required) in fields.items()}
    required = [name for name, (_kind, required) in fields.items() if required]
    return {"type": "object", "properties": properties, "required": required}
