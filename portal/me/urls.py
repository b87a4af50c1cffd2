"""A young person's own pages that gather from several rooms."""

from django.urls import URLPattern, URLResolver, path

from portal.me import contact_views, private_views, views

app_name = "me"
urlpatterns: list[URLPattern | URLResolver] = [
    path("", views.today, name="today"),
    path("adviser/", views.adviser, name="adviser"),
    path("adviser/today/", views.contact_me_today, name="contact_me_today"),
    path("entitlements/", views.entitlements, name="entitlements"),
    path("entitlements/about/", views.about, name="about"),
    path("settings/", views.settings, name="settings"),
    path("settings/sure/", private_views.sure, name="sure"),
    path("settings/pin/", private_views.pin, name="pin"),
    path("settings/devices/", private_views.devices, name="devices"),
    path("settings/who-looked/", private_views.who_looked, name="who_looked"),
    path("settings/contact/", contact_views.contact, name="contact"),
    path("settings/contact/change/", contact_views.change, name="contact_change"),
    path("settings/contact/no-thanks/", contact_views.no_thanks, name="contact_no_thanks"),
    path("settings/contact/still-mine/", contact_views.still_mine, name="contact_still_mine"),
    path("settings/not-safe/", views.not_safe, name="not_safe"),
    path("settings/language/", views.language, name="language"),
]
