"""Addresses of this room. Neutral ones for a young person's own pages: nothing in their history says what it is."""

from django.urls import URLPattern, URLResolver, path

from portal.complaints import staff_views, views

app_name = "complaints"
urlpatterns: list[URLPattern | URLResolver] = [
    path("help/complain/", views.complain, name="complain"),
    path("help/complain/look/", views.look, name="look"),
    path("me/said/", views.mine, name="mine"),
    path("me/said/<str:ref>/", views.one, name="one"),
    path("desk/complaints/", staff_views.complaints, name="complaints"),
    path("desk/complaints/new/", staff_views.write_down, name="write_down"),
    path("desk/complaints/new/<slug:ref>/", staff_views.write_down, name="write_down_for"),
    path("desk/complaints/from/<str:ref>/", staff_views.from_request, name="from_request"),
    path("desk/complaints/feedback/", staff_views.feedback, name="feedback"),
    path("desk/complaints/<str:ref>/", staff_views.complaint, name="complaint"),
]
