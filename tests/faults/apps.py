from django.apps import AppConfig


class FaultsConfig(AppConfig):
    name = "tests.faults"
    label = "faults"

    def ready(self) -> None:
        from tests.faults.kinds import make_renderer_obedient, register
        from tests.faults.points import place

        register()
        make_renderer_obedient()
        place()
