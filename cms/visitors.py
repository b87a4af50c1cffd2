"""Where a request comes from, as far as our own proxies can tell. For limits alone: kept nowhere as it is."""

from django.conf import settings
from django.http import HttpRequest


def caller(request: HttpRequest) -> str:
    """The network address that asked, as our own proxies saw it: what a browser puts in the header itself
    is not read.
    """
    trusted = settings.TRUSTED_PROXY_COUNT
    seen = [part.strip() for part in request.headers.get("X-Forwarded-For", "").split(",") if part.strip()]
    if trusted and len(seen) >= trusted:
        return seen[-trusted]
    return str(request.META.get("REMOTE_ADDR", ""))
