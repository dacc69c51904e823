from datetime import date

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from cdrp_portal.dates import uk_date
from recommendations.models import Action, Position, Progress

# The Authority's first day: nothing was reported to it before.
EARLIEST = date(2000, 7, 3)


class PositionError(ValueError):
    """The position cannot be taken; the message says what to write instead."""


def check_stated_on(stated_on: date, *, today: date) -> None:
    """A position says how things stood on a day that has come, within the Authority's time."""
    if stated_on > today:
        raise PositionError(f"{uk_date(stated_on)} has not come yet. Give the position at {uk_date(today)}.")
    if stated_on < EARLIEST:
        raise PositionError(f"Give a date from {uk_date(EARLIEST)}, when the Authority began.")


@transaction.atomic
def add_position(*, action: Action, stated_on: date, text: str, status: str, by: User) -> Position:
    """Add one to the action's series; the action takes its status where no later-dated position stands.

    The same position sent twice by the same person is kept once. Raises PositionError.
    """
    text = text.strip()
    if not text:
        raise PositionError("Say in a sentence how the action stands.")
    if status not in Progress.values:
        raise PositionError("Choose how far the action is.")
    check_stated_on(stated_on, today=timezone.localdate())
    locked = Action.objects.select_for_update().get(pk=action.pk)
    said = {"stated_on": stated_on, "text": text, "status": status, "given_by": by}
    last_given = locked.positions.order_by("-pk").first()
    if last_given is not None and said == {name: getattr(last_given, name) for name in said}:
        return last_given
    position = locked.positions.create(**said)
    if not locked.positions.filter(stated_on__gt=stated_on).exists():
        locked.status = status
        locked.version += 1
        locked.save(update_fields=["status", "version"])
    action.status, action.version = locked.status, locked.version
    return position
