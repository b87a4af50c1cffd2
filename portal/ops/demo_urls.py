"""The demo's front page and outbox; these addresses do not exist when the demo is off."""

from django.urls import URLPattern, URLResolver

app_name = "demo"
urlpatterns: list[URLPattern | URLResolver] = []
