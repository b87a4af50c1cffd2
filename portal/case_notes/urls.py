"""Addresses of this room: one person's notes, and the files for the case record."""

from django.urls import URLPattern, URLResolver, path

from portal.case_notes import staff_views

app_name = "case_notes"
urlpatterns: list[URLPattern | URLResolver] = [
    path("desk/young-people/<slug:ref>/notes/", staff_views.notes, name="notes"),
    path("desk/imports/notes/", staff_views.files, name="files"),
    path("desk/imports/notes/<slug:ref>/file/", staff_views.file, name="file"),
    path("desk/imports/notes/unmatched/<int:pk>/", staff_views.unmatched, name="unmatched"),
]
