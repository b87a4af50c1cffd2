"""Addresses of this room."""

from django.urls import URLPattern, URLResolver

app_name = "drop_ins"
urlpatterns: list[URLPattern | URLResolver] = []
