"""What a phone needs to put the portal among its apps, and to open some of it without signal (rules 19 and 20)."""

import json
from functools import cache

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.contrib.staticfiles import finders
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.templatetags.static import static
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_http_methods, require_safe

from cms.same_origin import same_origin_posts

# Pages every phone keeps after one visit, together with what draws them.
KEPT = ("/", "/offline/", "/help/urgent/", "/drop-ins/", "/handbook/")


@login_not_required
@cache_control(public=True, max_age=86_400)
def manifest(request: HttpRequest) -> JsonResponse:
    """The web app manifest. It says the name on the screen and nothing about what is inside."""
    words = {
        "name": settings.BRAND_NAME,
        "short_name": settings.BRAND_NAME,
        "id": "/",
        "start_url": "/",
        "scope": "/",
        "display": "standalone",
        "background_color": "#fffcf5",
        "theme_color": "#35257f",
        "icons": [
            {
                "src": static("icon-192.png"),
                "sizes": "192x192",
                "type": "image/png",
                "purpose": "any maskable",
            },
            {
                "src": static("icon-512.png"),
                "sizes": "512x512",
                "type": "image/png",
                "purpose": "any maskable",
            },
            {"src": static("icon.svg"), "sizes": "any", "type": "image/svg+xml"},
        ],
    }
    return JsonResponse(words, content_type="application/manifest+json")


@login_not_required
@require_safe
@cache_control(no_cache=True)
def worker(request: HttpRequest) -> HttpResponse:
    """The script that keeps public pages for when there is no signal. It stands at the root, to answer for the site."""
    return HttpResponse(_script(), content_type="text/javascript; charset=utf-8")


@cache
def _script() -> str:
    file = finders.find("worker.js") or settings.STATIC_ROOT / "worker.js"
    kept = [*KEPT, static("portal.css"), static("portal.js")]
    with open(file, encoding="utf-8") as script:
        return f"var KEPT = {json.dumps(kept)};\n{script.read()}"


@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
@same_origin_posts
def saved(request: HttpRequest) -> HttpResponse:
    """What this phone keeps, and a button that wipes it, with or without script."""
    if request.method == "POST":
        response = redirect("/saved/?done=1")
        response.headers["Clear-Site-Data"] = '"cache", "storage"'
        return response
    return render(request, "cms/saved.html", {"done": "done" in request.GET})
