"""Addresses that are not Wagtail pages."""

from django.urls import URLPattern, URLResolver, path

from cms import error_views, install_views, views

app_name = "cms"
urlpatterns: list[URLPattern | URLResolver] = [
    path("search/", views.search, name="search"),
    path("search/suggest/", views.suggest, name="suggest"),
    path("manifest.webmanifest", install_views.manifest, name="manifest"),
    path("offline/", error_views.offline, name="offline"),
]
