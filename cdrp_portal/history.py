"""History by database triggers (django-pghistory): who, when, what, before and after (DESIGN §4)."""

from collections.abc import Callable
from typing import Any

import pghistory


def tracked(**options: Any) -> Callable[[type], type]:
    """Record every insert, update and delete of the model in its own append-only event table."""
    return pghistory.track(
        pghistory.InsertEvent(), pghistory.UpdateEvent(), pghistory.DeleteEvent(), **options
    )
