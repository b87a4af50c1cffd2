"""The staff pages that gather from several rooms."""

from django.urls import URLPattern, URLResolver, path

from portal.desk import looks_views, views

app_name = "desk"
urlpatterns: list[URLPattern | URLResolver] = [
    path("", views.queue, name="queue"),
    path("young-people/", views.young_people, name="young_people"),
    path("young-people/<slug:ref>/", views.young_person, name="young_person"),
    path("young-people/<slug:ref>/facts/", views.facts, name="facts"),
    path("young-people/<slug:ref>/looks/", looks_views.looks, name="looks"),
    path("handbook/", views.handbook, name="handbook"),
    path("handbook/<slug:code>/", views.card, name="card"),
]
