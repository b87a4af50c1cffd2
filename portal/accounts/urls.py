"""Addresses of signing in and out. The few of django-allauth that staff need are in `staff_urls.py`."""

from django.urls import URLPattern, URLResolver, path

from portal.accounts import views

app_name = "accounts"
urlpatterns: list[URLPattern | URLResolver] = [
    path("login/", views.login, name="login"),
    path("code/", views.code, name="code"),
    path("own-phone/", views.own_phone, name="own_phone"),
    path("invite/", views.invite, name="invite"),
    path("home/", views.home, name="home"),
    path("work-phone/", views.work_phone, name="work_phone"),
    path("leave/", views.leave, name="leave"),
    path("left/", views.left, name="left"),
    path("logout/", views.logout, name="logout"),
]
