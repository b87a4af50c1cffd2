"""Addresses of the drop-ins: for everybody, for a young person, for whoever holds a link, for the desk."""

from django.urls import URLPattern, URLResolver, path

from portal.drop_ins import staff_views, views

app_name = "drop_ins"
urlpatterns: list[URLPattern | URLResolver] = [
    path("drop-ins/", views.timetable, name="timetable"),
    path("drop-ins/<slug:ref>/", views.session_page, name="session"),
    path("me/bookings/", views.bookings, name="bookings"),
    path("me/bookings/new/<slug:ref>/", views.new, name="new"),
    path("me/bookings/wait/<slug:ref>/", views.wait, name="wait"),
    path("me/bookings/waiting/<slug:ref>/leave/", views.leave, name="leave"),
    path("me/bookings/offers/<slug:ref>/no/", views.decline, name="decline"),
    path("me/bookings/<slug:ref>/", views.booking, name="booking"),
    path("me/bookings/<slug:ref>/move/", views.move, name="move"),
    path("me/bookings/<slug:ref>/cancel/", views.cancel, name="cancel"),
    path("me/bookings/<slug:ref>/appointment.ics", views.calendar_entry, name="calendar_entry"),
    path("b/<slug:token>/", views.by_link, name="by_link"),
    path("desk/drop-ins/", staff_views.timetable, name="desk_timetable"),
    path("desk/drop-ins/new/", staff_views.new_series, name="new_series"),
    path("desk/drop-ins/weekly/<int:pk>/", staff_views.end_series, name="end_series"),
    path("desk/drop-ins/<slug:ref>/", staff_views.register, name="register"),
    path("desk/drop-ins/<slug:ref>/called-off/", staff_views.call_off, name="call_off"),
    path("desk/drop-ins/<slug:ref>/<slug:booking_ref>/", staff_views.check_in, name="check_in"),
]
