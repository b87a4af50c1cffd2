"""Addresses of this room."""

from django.urls import URLPattern, URLResolver, path

from portal.payments import award_views, letter_views, panel_views, staff_views, views

app_name = "payments"
urlpatterns: list[URLPattern | URLResolver] = [
    path("me/requests/", views.mine, name="mine"),
    path("me/requests/new/", views.new, name="new"),
    path("me/requests/told-no/", views.told_no, name="told_no"),
    path("me/requests/<str:ref>/", views.tell, name="story"),
    path("me/requests/<str:ref>/ask/<slug:name>/", views.question, name="question"),
    path("me/requests/<str:ref>/check/", views.check, name="check"),
    path("me/requests/<str:ref>/more/", views.more, name="more"),
    path("me/requests/<str:ref>/withdraw/", views.withdraw, name="withdraw"),
    path("me/requests/<str:ref>/review/", views.review, name="review"),
    path("me/requests/<str:ref>/photo/<str:photo>/<int:number>/", views.photo, name="photo"),
    path("me/requests/<str:ref>/photo/<str:photo>/remove/", views.remove_photo, name="remove_photo"),
    path("me/requests/<str:ref>/letter/", letter_views.letter, name="letter"),
    path("me/requests/<str:ref>/letter/file/", letter_views.letter_file, name="letter_file"),
    path("desk/requests/", staff_views.queue, name="queue"),
    path("desk/requests/panel/", panel_views.panel, name="panel"),
    path("desk/requests/new/<str:ref>/", staff_views.raise_for, name="raise_for"),
    path("desk/requests/<str:ref>/", staff_views.decide, name="decide"),
    path("me/requests/<str:ref>/look-again/", award_views.look_again, name="look_again"),
    path("desk/requests/<str:ref>/award/", award_views.award, name="award"),
    path("desk/requests/<str:ref>/exception/", award_views.exception, name="exception"),
    path("desk/requests/elsewhere/<str:ref>/", award_views.elsewhere, name="elsewhere"),
    path("desk/requests/<str:ref>/again/", award_views.agree, name="agree_regular"),
    path("desk/requests/<str:ref>/letter/", letter_views.staff_letter, name="staff_letter"),
    path("desk/requests/<str:ref>/plan/", staff_views.plan, name="plan"),
    path("desk/requests/<str:ref>/photo/<str:photo>/<int:number>/", staff_views.photo, name="staff_photo"),
]
