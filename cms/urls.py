"""Addresses that are not Wagtail pages."""

from django.urls import URLPattern, URLResolver, path

from cms import error_views, install_views, views

app_name = "cms"
urlpatterns: list[URLPattern | URLResolver] = [
    path("search/", views.search, name="search"),
    path("search/suggest/", views.suggest, name="suggest"),
    path("language/", views.choose_language, name="language"),
    path("feedback/", views.tell, name="feedback"),
    path("feedback/thanks/", views.thanks, name="feedback_thanks"),
    path("news/feed/", views.news_feed, name="news_feed"),
    path("sitemap.xml", views.sitemap, name="sitemap"),
    path("robots.txt", views.robots, name="robots"),
    path(".well-known/security.txt", views.security, name="security"),
    path("manifest.webmanifest", install_views.manifest, name="manifest"),
    path("worker.js", install_views.worker, name="worker"),
    path("saved/", install_views.saved, name="saved"),
    path("offline/", error_views.offline, name="offline"),
]
