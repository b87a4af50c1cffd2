"""How anything is published."""

from django.apps import AppConfig


class CmsConfig(AppConfig):
    """Starts listening to what editors publish, and says who knows the phone numbers."""

    name = "cms"

    def ready(self) -> None:
        from cms import fingerprint, phone_numbers, publishing, translations

        publishing.listen()
        fingerprint.register(
            "translations",
            lambda request, on: sorted(translations.states(request).items(), key=lambda one: one[0]),
        )
        phone_numbers.let_pages_quote()
