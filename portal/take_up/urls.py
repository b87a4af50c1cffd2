"""Addresses of take-up."""

from django.urls import URLPattern, URLResolver, path

from portal.take_up import staff_views

app_name = "take_up"
urlpatterns: list[URLPattern | URLResolver] = [path("desk/insight/", staff_views.insight, name="insight")]
