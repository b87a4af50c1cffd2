"""What the handbook adds to the page editor."""

from django.urls import URLPattern, path
from wagtail import hooks

from entitlements import editor_views


@hooks.register("register_admin_urls")
def editor_urls() -> list[URLPattern]:
    """Two addresses under `/cms/`: the rule in words, and what a change would do."""
    return [
        path("entitlements/read-back/", editor_views.read_back, name="read_back"),
        path("entitlements/impact/<int:page_id>/", editor_views.impact, name="impact"),
    ]
