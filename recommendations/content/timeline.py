"""What happened to a recommendation or an action, newest first."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.utils.text import Truncator

from cdrp_portal.dates import end_of_day, london_date, uk_date
from recommendations.content.plan import stated_words
from recommendations.models import ActionQuerySet, DueDateChange, Position, Recommendation


@dataclass(frozen=True)
class Event:
    on: date
    on_words: str
    text: str


def timeline(recommendation: Recommendation, actions: ActionQuerySet, at: date) -> list[Event]:
    """Everything up to and including the day `at`: two queries."""
    events = [*_decision(recommendation), *_positions(actions), *_moved(actions, at)]
    return sorted((event for event in events if event.on <= at), key=lambda event: event.on, reverse=True)


def _decision(recommendation: Recommendation) -> Iterable[Event]:
    if recommendation.accepted_on:
        on = recommendation.accepted_on
        yield Event(on, uk_date(on), f"{recommendation.get_acceptance_display()} by the full Authority")
    reported_on = recommendation.scrutiny.reported_on
    yield Event(
        reported_on, uk_date(reported_on), f"Recommended in the scrutiny “{recommendation.scrutiny.title}”"
    )


def _positions(actions: ActionQuerySet) -> Iterable[Event]:
    for position in Position.objects.filter(action__in=actions):
        text, word = Truncator(position.text).chars(140), position.get_status_display()
        # A position of the archive may begin with the word itself: "Complete: all three started work".
        said = text if text.lower().startswith(word.lower()) else f"{word}: {text}"
        yield Event(position.stated_on, stated_words(position), said)


def _moved(actions: ActionQuerySet, at: date) -> Iterable[Event]:
    moved = DueDateChange.objects.filter(action__in=actions, changed_at__lt=end_of_day(at))
    for change in moved.order_by("-changed_at", "-pk"):
        on = london_date(change.changed_at)
        yield Event(on, uk_date(on), f"{due_words(change)}: {change.reason}")


def due_words(change: DueDateChange) -> str:
    if change.from_on is None:
        return f"Due date set to {uk_date(change.to_on)}"
    return f"Due date moved from {uk_date(change.from_on)} to {uk_date(change.to_on)}"
