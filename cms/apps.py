"""How anything is published."""

from django.apps import AppConfig


class CmsConfig(AppConfig):
    """Starts listening to what editors publish, and says who knows the phone numbers."""

    name = "cms"

    def ready(self) -> None:
        from cms import phone_numbers, publishing

        publishing.listen()
        phone_numbers.let_pages_quote()
