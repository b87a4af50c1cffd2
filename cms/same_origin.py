"""A guard for posts on public pages, which hold no token: the browser itself says where a post comes from (rule 20)."""

from collections.abc import Callable
from functools import wraps
from typing import Any
from urllib.parse import urlsplit

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt

View = Callable[..., HttpResponse]
SAFE = frozenset({"GET", "HEAD", "OPTIONS"})


def came_from_here(request: HttpRequest) -> bool:
    """Whether a post comes from one of our own pages. Every browser in use says so in at least one of two headers.

    Our pages send no referrer, which makes older browsers write "null" as the origin: that says nothing either way.
    """
    site = request.headers.get("Sec-Fetch-Site", "")
    if site:
        return site in {"same-origin", "none"}
    origin = request.headers.get("Origin", "")
    return origin in {"", "null"} or urlsplit(origin).netloc == request.get_host()


def same_origin_posts(view: View) -> View:
    """Lets a public view take posts without a cookie or token, and refuses those that another site sends."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.method not in SAFE and not came_from_here(request):
            raise PermissionDenied
        return view(request, *args, **kwargs)

    return csrf_exempt(guarded)
