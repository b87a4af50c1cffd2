"""Addresses that are not Wagtail pages."""

from django.urls import URLPattern, URLResolver

app_name = "entitlements"
urlpatterns: list[URLPattern | URLResolver] = []
