"""Addresses of this room."""

from django.urls import URLPattern, URLResolver

app_name = "me"
urlpatterns: list[URLPattern | URLResolver] = []
