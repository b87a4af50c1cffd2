"""How anything is published."""

from django.apps import AppConfig
from django.core.checks import register


class CmsConfig(AppConfig):
    """Starts listening to what editors publish, and says who knows the phone numbers."""

    name = "cms"

    def ready(self) -> None:
        from cms import (  # the hooks register themselves
            catalogues,
            phone_numbers,
            publishing,
            translation_hooks,  # noqa: F401
        )

        register(catalogues.all_ready)
        publishing.listen()
        phone_numbers.let_pages_quote()
