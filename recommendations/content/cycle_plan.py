"""The action plan of a review cycle: each criterion that is red or amber somewhere, and what answers it.

"An action plan to address any identified areas for development" (report of 29 October 2009).
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import Exists, OuterRef, Q
from django.utils.text import get_text_list

from accounts.models import User
from assessments.models import HealthCheck, Rating, ReviewCycle
from cdrp_portal.status import Status
from recommendations.content.plan import PlannedAction, planned_actions
from recommendations.models import Action, ActionQuerySet, AnsweredRating

NAMED = 3


@dataclass(frozen=True)
class Finding:
    """One red or amber rating, and what answers it."""

    pk: int
    subject: str
    slug: str
    value: Status
    actions: Sequence[PlannedAction]

    @property
    def is_answered(self) -> bool:
        """Whether an open or completed action stands against it."""
        return any(action.is_open or action.is_complete for action in self.actions)


@dataclass(frozen=True)
class Somewhere:
    """One criterion and where it is red or amber."""

    code: str
    title: str
    theme: str
    findings: Sequence[Finding]

    @property
    def name(self) -> str:
        return f"{self.code} {self.title}"

    @property
    def reds(self) -> list[Finding]:
        return [one for one in self.findings if one.value == Status.RED]

    @property
    def ambers(self) -> list[Finding]:
        return [one for one in self.findings if one.value == Status.AMBER]

    @property
    def red_words(self) -> str:
        return subjects_in_words(self.reds)

    @property
    def amber_words(self) -> str:
        return subjects_in_words(self.ambers)


@dataclass(frozen=True)
class Area(Somewhere):
    """One criterion that is red or amber somewhere."""

    @property
    def actions(self) -> list[PlannedAction]:
        return list({action.pk: action for one in self.findings for action in one.actions}.values())

    @property
    def unanswered(self) -> list[Finding]:
        return [one for one in self.findings if not one.is_answered]


def subjects_in_words(findings: Sequence[Finding]) -> str:
    """ "Bromley, Ealing and Hackney"; "Bromley, Ealing and 4 more" where there are many."""
    names = [one.subject for one in findings]
    if len(names) > NAMED + 1:
        names = [*names[:NAMED], f"{len(names) - NAMED} more"]
    return str(get_text_list(names, "and"))


def actions_of_cycle(cycle: ReviewCycle, user: User) -> ActionQuerySet:
    """The actions that answer a rating of the cycle, as far as `user` may read them."""
    answered = AnsweredRating.objects.filter(action=OuterRef("pk"), rating__health_check__cycle=cycle)
    return Action.objects.visible_to(user).filter(Q(rating__health_check__cycle=cycle) | Exists(answered))


def cycle_plan(cycle: ReviewCycle, user: User, *, today: date) -> list[Area]:
    """The areas for development in the framework's order. Only health checks that `user` may read count.

    Five queries, however many boroughs, criteria and actions there are.
    """
    ratings = (
        Rating.objects.filter(
            health_check__in=HealthCheck.objects.visible_to(user).filter(cycle=cycle),
            value__in=(Status.RED, Status.AMBER),
        )
        .select_related("criterion__theme", "health_check__borough")
        .order_by("criterion__position", "health_check__borough__name")
    )
    planned = planned_actions(actions_of_cycle(cycle, user), today, today=today)
    answers = _answers([action for action, _row in planned])
    by_rating: dict[int, list[PlannedAction]] = defaultdict(list)
    for action, row in planned:
        for rating in answers[action.pk]:
            by_rating[rating].append(row)
    areas: dict[tuple[str, str], list[Rating]] = defaultdict(list)
    for found in ratings:
        areas[found.criterion.code, found.criterion.short_title].append(found)
    return [_area(code, title, rows, by_rating) for (code, title), rows in areas.items()]


def _answers(actions: Iterable[Action]) -> dict[int, list[int]]:
    """The keys of the ratings that each action answers: its origin first."""
    answers = {action.pk: [action.rating_id] if action.rating_id else [] for action in actions}
    others = AnsweredRating.objects.filter(action__in=answers).values_list("action", "rating")
    for action, rating in others:
        answers[action].append(rating)
    return answers


def _area(code: str, title: str, ratings: list[Rating], by_rating: dict[int, list[PlannedAction]]) -> Area:
    return Area(
        code=code,
        title=title,
        theme=ratings[0].criterion.theme.title,
        findings=[
            Finding(
                rating.pk,
                rating.health_check.subject_name,
                rating.health_check.subject_slug,
                Status(rating.value),
                by_rating[rating.pk],
            )
            for rating in ratings
        ],
    )


def proposed_text(area: Area, findings: Sequence[Finding]) -> str:
    """What an action is called until somebody words it better."""
    return f"Bring {area.name} to green in {subjects_in_words(findings)}"


def usual_leads(areas: Iterable[Area]) -> dict[str, int]:
    """By the code of a criterion, the unit that leads the newest action about it, of whichever cycle."""
    newest = (
        Action.objects.filter(rating__criterion__code__in=[area.code for area in areas])
        .order_by("rating__criterion__code", "-pk")
        .distinct("rating__criterion__code")
    )
    return dict(newest.values_list("rating__criterion__code", "lead_unit"))


def actions_on(rating: Rating, user: User, *, today: date) -> list[PlannedAction]:
    """The actions that answer one rating, whether they began with it or not."""
    answered = AnsweredRating.objects.filter(action=OuterRef("pk"), rating=rating)
    actions = Action.objects.visible_to(user).filter(Q(rating=rating) | Exists(answered))
    return [row for _action, row in planned_actions(actions, today, today=today)]
