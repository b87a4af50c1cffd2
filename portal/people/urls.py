"""Addresses of opening a record that is not yours. The caseload and the record itself are gathered in
`portal/desk/`.
"""

from django.urls import URLPattern, URLResolver, path

from portal.people import staff_views

app_name = "people"
urlpatterns: list[URLPattern | URLResolver] = [
    path("desk/young-people/break-glass/", staff_views.break_glass, name="break_glass"),
]
