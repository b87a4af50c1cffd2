"""Addresses for the machine that runs the portal."""

from django.urls import URLPattern, URLResolver, path

from portal.ops import views

app_name = "ops"
urlpatterns: list[URLPattern | URLResolver] = [
    path("healthz", views.healthz, name="healthz"),
    path("readyz", views.readyz, name="readyz"),
]
