"""A young person's own pages that gather from several rooms."""

from django.urls import URLPattern, URLResolver, path

from portal.me import private_views, views

app_name = "me"
urlpatterns: list[URLPattern | URLResolver] = [
    path("", views.today, name="today"),
    path("adviser/", views.adviser, name="adviser"),
    path("adviser/today/", views.contact_me_today, name="contact_me_today"),
    path("entitlements/", views.entitlements, name="entitlements"),
    path("entitlements/about/", views.about, name="about"),
    path("settings/", views.settings, name="settings"),
    path("settings/sure/", private_views.sure, name="sure"),
    path("settings/who-looked/", private_views.who_looked, name="who_looked"),
    path("settings/not-safe/", views.not_safe, name="not_safe"),
    path("settings/language/", views.language, name="language"),
]
