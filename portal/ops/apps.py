"""The room that runs things; its checks keep the demo away from real people."""

from django.apps import AppConfig


class OpsConfig(AppConfig):
    """Registers the system checks."""

    name = "portal.ops"

    def ready(self) -> None:
        from portal.ops import checks  # noqa: F401  (importing it registers them; models must be ready first)
