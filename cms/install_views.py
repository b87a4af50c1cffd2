"""What a phone needs to put the portal among its apps: a neutral name and icon (rule 19)."""

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, JsonResponse
from django.templatetags.static import static
from django.views.decorators.cache import cache_control


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
