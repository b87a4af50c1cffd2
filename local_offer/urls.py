"""Addresses that are not Wagtail pages."""

from django.urls import URLPattern, URLResolver

app_name = "local_offer"
urlpatterns: list[URLPattern | URLResolver] = []
