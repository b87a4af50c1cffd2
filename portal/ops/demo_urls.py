"""The demo's front page, outbox and components; these addresses do not exist when the demo is off."""

from django.urls import URLPattern, URLResolver, path

from portal.ops import demo_door, demo_views

app_name = "demo"
urlpatterns: list[URLPattern | URLResolver] = [
    path("", demo_door.people, name="people"),
    path("be/<slug:key>/", demo_door.be, name="be"),
    path("outbox/", demo_door.outbox, name="outbox"),
    path("clock/", demo_door.move_clock, name="move_clock"),
    path("components/", demo_views.components, name="components"),
]
