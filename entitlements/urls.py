"""Addresses that are not Wagtail pages."""

from django.urls import URLPattern, URLResolver, path

from entitlements import api, pdf, views

app_name = "entitlements"
urlpatterns: list[URLPattern | URLResolver] = [
    path("check/", views.check, name="check"),
    path("handbook.pdf", pdf.handbook, name="pdf"),
    path("api/handbook.json", api.handbook, name="json"),
    path("api/handbook.schema.json", api.schema, name="schema"),
]
