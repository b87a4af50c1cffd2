"""Addresses of this room."""

from django.urls import path

from portal.spot_help import staff_views, views

app_name = "spot_help"
urlpatterns = [
    path("help/now/", views.who_is_open, name="who_is_open"),
    path("me/requests/help/<str:ref>/", views.mine, name="mine"),
    path("desk/spot-help/", staff_views.desk, name="desk"),
    path("desk/spot-help/authority/", staff_views.authority, name="authority"),
    path("desk/spot-help/authority/<int:pk>/end/", staff_views.end_authority, name="end_authority"),
    path("desk/spot-help/new/<str:ref>/", staff_views.give, name="give"),
    path("desk/spot-help/<str:ref>/", staff_views.one, name="one"),
]
