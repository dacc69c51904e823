"""Addresses of static files, each worked out once in a process."""

from django.conf import settings
from whitenoise.storage import CompressedManifestStaticFilesStorage


class StaticFiles(CompressedManifestStaticFilesStorage):
    """A page names some twenty files, and each address takes as long as a small template.

    The manifest they come from is read when a process starts and does not change while it runs.
    """

    def __init__(self, *args: object, **options: object) -> None:
        super().__init__(*args, **options)
        self._addresses: dict[tuple[str, bool, bool], str] = {}

    def url(self, name: str, force: bool = False) -> str:
        asked = (name, force, settings.DEBUG)
        found = self._addresses.get(asked)
        if found is None:
            found = self._addresses[asked] = super().url(name, force)
        return found
