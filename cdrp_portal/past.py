"""The past, from the event tables that the history triggers fill: rows as they stood at a moment."""

import datetime as dt
from typing import Any

from django.db import models


def rows_at(model: type[models.Model], before: dt.datetime, *fields: str, **of: Any) -> list[tuple[Any, ...]]:
    """The fields of a tracked model's rows as they stood just before that moment: one question.

    Of each row the last event by then counts, and a row that was deleted by then is left out. `of` narrows
    to some rows, by fields that never change in a row's life: events are picked by it, not rows.
    """
    # The events' model is made by the history's decorator, which the model's own type knows nothing of.
    events = model.pgh_event_model.objects  # type: ignore[attr-defined]
    last = (
        events.filter(pgh_created_at__lt=before, **of)
        .order_by("pgh_obj_id", "-pgh_id")
        .distinct("pgh_obj_id")
        .values_list("pgh_label", *fields)
    )
    return [tuple(values) for label, *values in last if label != "delete"]
