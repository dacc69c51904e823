"""Actions that answer a health check: one red or amber rating, or one criterion in many boroughs."""

from collections.abc import Iterable
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
    same = Action.objects.filter(rating=first, text=text, lead_unit=lead_unit, due_on=due_on).first()
    if same is not None:
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
