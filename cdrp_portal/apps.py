from django.apps import AppConfig


class PortalConfig(AppConfig):
    name = "cdrp_portal"

    def ready(self) -> None:
        from cdrp_portal import checks  # noqa: F401 - registers the deployment checks
