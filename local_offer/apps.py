"""The Care Leaver Local Offer."""

from django.apps import AppConfig


class LocalOfferConfig(AppConfig):
    """Sections by need, pages that explain, services and people who help."""

    name = "local_offer"
