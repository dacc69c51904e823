"""A cycle's health checks and ratings of any size, with the values that a test asks for."""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass

import pgtrigger
from django.utils import timezone

from accounts.models import User
from assessments.models import Criterion, Framework, HealthCheck, Rating, ReviewCycle, Theme
from boroughs.models import Borough
from cdrp_portal.status import Status
from tests import factories

State = HealthCheck.State
SIZES = [4, 2, 6, 4, 2, 2, 3, 1, 1]


@dataclass(frozen=True)
class Grid:
    cycle: ReviewCycle
    boroughs: list[Borough]
    criteria: list[Criterion]
    checks: list[HealthCheck]

    def ratings(self) -> dict[tuple[str, str], str]:
        """(subject, criterion's code) → value, asked of the database and of nothing in between."""
        rows = Rating.objects.filter(health_check__cycle=self.cycle)
        return {
            (name or "The Authority", code): value
            for name, code, value in rows.values_list(
                "health_check__borough__name", "criterion__code", "value"
            )
        }

    def borough_cells(self) -> dict[tuple[str, str], str]:
        asked = {criterion.code for criterion in self.criteria if criterion.borough_wording}
        return {
            cell: value
            for cell, value in self.ratings().items()
            if cell[0] != "The Authority" and cell[1] in asked
        }


def make_framework(of_boroughs: int, authority_alone: int = 0, titles: list[str] | None = None) -> Framework:
    """Criteria in themes of the real sizes; those asked of the Authority alone come last."""
    framework = factories.FrameworkFactory()
    sizes = iter(SIZES * 9)
    theme, left = None, 0
    for position in range(of_boroughs + authority_alone):
        if left == 0:
            letter = chr(65 + framework.themes.count())
            theme = Theme.objects.create(framework=framework, code=letter, title=f"Theme {letter}")
            left = next(sizes)
        left -= 1
        code = f"{theme.code}{theme.criteria.count() + 1}"
        title = titles[position] if titles else f"Title {code}"
        asked = position < of_boroughs
        factories.CriterionFactory(
            theme=theme,
            code=code,
            position=position,
            short_title=title,
            borough_wording="Asked here" if asked else "",
        )
    return framework


def make_cycle(
    framework: Framework, *, months_ago: int = 0, previous: ReviewCycle | None = None
) -> ReviewCycle:
    opens = timezone.localdate() - dt.timedelta(days=30 + 182 * months_ago)
    return factories.ReviewCycleFactory(
        framework=framework, opens_on=opens, closes_on=opens + dt.timedelta(days=60), previous=previous
    )


def fill(
    cycle: ReviewCycle,
    boroughs: list[Borough],
    value_of: Callable[[Borough | None, Criterion], str],
    *,
    state: str = State.SUBMITTED,
    by: User | None = None,
) -> Grid:
    """Health checks of the boroughs and of the Authority, every criterion rated by `value_of`.

    Without the history triggers: they are tested elsewhere and would cost most of the time here.
    """
    by = by or factories.UserFactory()
    now = timezone.now()
    criteria = list(Criterion.objects.filter(theme__framework=cycle.framework).order_by("position"))
    dates = {
        State.DRAFT: {},
        State.SUBMITTED: {"submitted_at": now, "submitted_by": by},
        State.SIGNED_OFF: {
            "submitted_at": now,
            "submitted_by": by,
            "signed_off_at": now,
            "signed_off_by": by,
        },
    }[State(state)]
    with pgtrigger.ignore():
        checks = HealthCheck.objects.bulk_create(
            HealthCheck(cycle=cycle, borough=borough, state=state, **dates) for borough in [None, *boroughs]
        )
        Rating.objects.bulk_create(
            [
                Rating(
                    health_check=check,
                    criterion=criterion,
                    value=value_of(check.borough, criterion),
                    rationale="Said in the test.",
                    rated_at=now,
                    rated_by=by,
                )
                for check in checks
                for criterion in criteria
                if check.borough is None or criterion.borough_wording
            ],
            batch_size=2_000,
        )
    return Grid(cycle, boroughs, criteria, checks)


def make_boroughs(count: int) -> list[Borough]:
    with pgtrigger.ignore():
        return Borough.objects.bulk_create(factories.BoroughFactory.build_batch(count))


def make_grid(boroughs: int = 2, criteria: int = 3, value: str = Status.GREEN) -> Grid:
    framework = make_framework(criteria)
    return fill(make_cycle(framework), make_boroughs(boroughs), lambda _borough, _criterion: value)
