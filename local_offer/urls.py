"""Addresses that are not Wagtail pages: the services as open data, in the addresses its standard sets."""

from django.urls import URLPattern, URLResolver, path, register_converter

from local_offer import api


class KindConverter:
    """The four lists of the standard that we give."""

    regex = "services|organizations|taxonomies|taxonomy_terms"

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value


register_converter(KindConverter, "kind")

app_name = "local_offer"
urlpatterns: list[URLPattern | URLResolver] = [
    path("api/", api.about, name="api"),
    path("api/openapi.json", api.openapi, name="openapi"),
    path("api/<kind:name>", api.listing, name="listing"),
    path("api/<kind:name>/<uuid:id>", api.one, name="one"),
]
