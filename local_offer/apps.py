"""The Care Leaver Local Offer."""

from django.apps import AppConfig


class LocalOfferConfig(AppConfig):
    """Says which of its pages show others."""

    name = "local_offer"

    def ready(self) -> None:
        from cms import fingerprint
        from local_offer.models import services_by_section

        fingerprint.register(
            "services",
            lambda request, on: sorted(
                (section, [card.page_id for card in cards])
                for section, cards in services_by_section(request).items()
            ),
        )
