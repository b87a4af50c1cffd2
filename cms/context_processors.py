"""What every page knows: the name on the screen."""

from django.conf import settings
from django.http import HttpRequest


def brand(request: HttpRequest) -> dict[str, object]:
    """The council's chosen names, and whether this is the demo."""
    return {"brand_name": settings.BRAND_NAME, "council_name": settings.COUNCIL_NAME, "in_demo": settings.DEMO}
