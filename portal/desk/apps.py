"""The staff pages; when the service starts they tell the editor's impact preview where people and requests are."""

from django.apps import AppConfig


class DeskConfig(AppConfig):
    """Hands the impact preview its people."""

    name = "portal.desk"

    def ready(self) -> None:
        from entitlements import impact
        from portal.desk import population  # models are ready only now

        impact.register(people=population.everybody, open_requests=population.open_requests)
