"""The financial entitlements handbook."""

from django.apps import AppConfig


class EntitlementsConfig(AppConfig):
    """Starts listening to what editors publish, and tells other pages what they may quote."""

    name = "entitlements"

    def ready(self) -> None:
        from entitlements import publishing, reading

        publishing.listen()
        reading.let_others_quote()
