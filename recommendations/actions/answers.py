"""Actions that answer a health check: one red or amber rating, or one criterion in many boroughs."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from django.core.exceptions import PermissionDenied
from django.db import transaction

from accounts.models import User
from accounts.permissions import Permission
from assessments.models import Rating
from cdrp_portal.history import acting
from cdrp_portal.status import Status
from recommendations.models import Action, AnsweredRating, LeadUnit

TO_ANSWER = (Status.RED, Status.AMBER)


class NothingToAnswer(ValueError):
    """There is no red or amber rating to answer; the message says so of which."""


@transaction.atomic
def answer_ratings(
    *, ratings: Iterable[Rating], text: str, lead_unit: LeadUnit, due_on: date | None, by: User
) -> Action:
    """Plan one action for red and amber ratings of one criterion; the first is its origin (DESIGN §4).

    The action is of a borough where all of them are of that one. The same action sent twice is kept once.
    Raises PermissionDenied, or NothingToAnswer where a rating is neither red nor amber by now.
    """
    wanted = [rating.pk for rating in ratings]
    found = Rating.objects.filter(pk__in=wanted).select_for_update(of=("self",)).order_by("pk")
    locked = list(found.select_related("criterion", "health_check__borough", "health_check__cycle"))
    if not locked:
        raise NothingToAnswer("Choose a rating that is red or amber.")
    for rating in locked:
        if not by.may(Permission.RATE, rating.health_check):
            raise PermissionDenied(f"{by} may not plan an action for {rating}.")
        if rating.value not in TO_ANSWER:
            where = f"{rating.criterion} in {rating.health_check.subject_name}"
            raise NothingToAnswer(f"{where} is {Status(rating.value).label.lower()} now: it needs no action.")
    first, *others = locked
    beside = {rating.pk for rating in others}
    for same in Action.objects.filter(rating=first, text=text, lead_unit=lead_unit, due_on=due_on):
        if set(same.answered_ratings.values_list("rating", flat=True)) == beside:
            return same
    boroughs = {rating.health_check.borough for rating in locked}
    with acting(by):
        action = Action.objects.create(
            origin=Action.Origin.RATING,
            rating=first,
            text=text,
            lead_unit=lead_unit,
            due_on=due_on,
            borough=boroughs.pop() if len(boroughs) == 1 else None,
            is_demonstration=first.health_check.cycle.is_demonstration,
        )
        AnsweredRating.objects.bulk_create(AnsweredRating(action=action, rating=rating) for rating in others)
    return action


@dataclass(frozen=True)
class Proposed:
    """An action that is to answer ratings of one criterion, by their primary keys."""

    ratings: Collection[int]
    text: str
    lead_unit: LeadUnit
    due_on: date | None


@transaction.atomic
def answer_each(*, proposed: Sequence[Proposed], by: User) -> list[Action]:
    """All of them or, where one is refused, none. What turned green meanwhile is left out."""
    every = {pk for one in proposed for pk in one.ratings}
    # Held together, in the order in which a change set holds them: neither waits for the other.
    held = Rating.objects.filter(pk__in=every).select_for_update(of=("self",)).order_by("pk")
    open_still = {rating.pk: rating for rating in held if rating.value in TO_ANSWER}
    made = []
    for one in proposed:
        ratings = [open_still[pk] for pk in one.ratings if pk in open_still]
        if ratings:
            made.append(
                answer_ratings(
                    ratings=ratings, text=one.text, lead_unit=one.lead_unit, due_on=one.due_on, by=by
                )
            )
    return made
