"""Addresses of this room."""

from django.urls import URLPattern, URLResolver, path

from portal.advocates import views

app_name = "advocates"
urlpatterns: list[URLPattern | URLResolver] = [
    path("me/requests/<str:ref>/say/", views.say, name="say"),
    path("me/requests/<str:ref>/with-me/", views.invite, name="invite"),
    path("me/requests/<str:ref>/with-me/<str:seat>/end/", views.end, name="end"),
    path("seat/", views.seats, name="seats"),
    path("seat/<str:ref>/", views.seat, name="seat"),
    path("seat/<str:ref>/photo/<str:photo>/<int:number>/", views.photo, name="photo"),
]
