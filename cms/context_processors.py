"""What every page knows: the names on the screen and which part of the house it is in."""

from django.conf import settings
from django.http import HttpRequest
from django.utils.translation import get_language

from cms.languages import ENGLISH, spoken

AREAS = {
    "/me/": "me",
    "/desk/": "desk",
    "/account/": "account",
    "/b/": "booking",
    "/seat/": "seat",
    "/demo/": "demo",
}


def brand(request: HttpRequest) -> dict[str, object]:
    """The council's chosen names, whether this is the demo, and the area (for the navigation).

    Reads the address only, never who is signed in: a public page is the same bytes for everybody.
    """
    area = next((area for start, area in AREAS.items() if request.path.startswith(start)), "public")
    return everywhere() | {
        "area": area,
        "frame": spoken(request),
        "words_language": getattr(request, "words_language", spoken(request)),
    }


def everywhere() -> dict[str, object]:
    """What needs no request, so that error pages can have it too."""
    return {
        "brand_name": settings.BRAND_NAME,
        "council_name": settings.COUNCIL_NAME,
        "in_demo": settings.DEMO,
        "leave_to": settings.LEAVE_TO,
        "area": "public",
        "frame": get_language() or ENGLISH,
        "words_language": get_language() or ENGLISH,
    }
