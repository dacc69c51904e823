from django.apps import AppConfig


class FaultsConfig(AppConfig):
    name = "tests.faults"
    label = "faults"

    def ready(self) -> None:
        from tests.faults.kinds import make_renderer_obedient, register

        register()
        make_renderer_obedient()
