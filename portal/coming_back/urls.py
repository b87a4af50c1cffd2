"""Addresses of this room."""

from django.urls import URLPattern, URLResolver, path

from portal.coming_back import staff_views, views

app_name = "coming_back"
urlpatterns: list[URLPattern | URLResolver] = [
    path("help/back/", views.back, name="back"),
    path("desk/coming-back/", staff_views.waiting, name="waiting"),
    path("desk/coming-back/<str:ref>/", staff_views.one, name="one"),
]
