"""Addresses of opening a record that is not yours, and of letting somebody in. The caseload and the record itself are
gathered in `portal/desk/`.
"""

from django.urls import URLPattern, URLResolver, path

from portal.people import staff_views

app_name = "people"
urlpatterns: list[URLPattern | URLResolver] = [
    path("desk/young-people/break-glass/", staff_views.break_glass, name="break_glass"),
    path("desk/young-people/new-phones/", staff_views.new_phones, name="new_phones"),
    path("desk/young-people/<slug:ref>/invite/", staff_views.invite, name="invite"),
    path("desk/young-people/<slug:ref>/new-phone/", staff_views.new_phone, name="new_phone"),
]
