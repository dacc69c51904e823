"""Several cells that are to be rated at once: what is chosen, what stands there, what stays out."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from itertools import groupby

from django.db.models import F
from django.utils.text import get_text_list

from accounts.models import User
from assessments.actions import Answer, Given, Refusal
from assessments.actions.sets import shut_to
from assessments.content.sets import Said
from assessments.models import (
    Criterion,
    CriterionQuerySet,
    HealthCheck,
    Rating,
    RatingQuerySet,
    ReviewCycle,
)
from cdrp_portal.status import Status

NAMED = 3


class BadChoice(Exception):
    """The address names a borough or a criterion that is not in this cycle; the message says which."""


@dataclass(frozen=True)
class Cell:
    """One rating that is to be changed."""

    pk: int
    version: int
    code: str
    name: str
    value: Status


@dataclass(frozen=True)
class Subject:
    """The chosen cells of one borough, or of the Authority."""

    name: str
    cells: list[Cell]


@dataclass(frozen=True)
class Chosen:
    """Which cells would be changed, and which are left out and why."""

    subjects: list[Subject]
    left_out: list[str]

    @property
    def total(self) -> int:
        return sum(len(subject.cells) for subject in self.subjects)

    @property
    def cells(self) -> str:
        """As the form sends them back: each with the version that is on the page."""
        return " ".join(f"{cell.pk}.{cell.version}" for subject in self.subjects for cell in subject.cells)

    @property
    def counts(self) -> list[tuple[Status, int]]:
        values = [cell.value for subject in self.subjects for cell in subject.cells]
        return [(status, values.count(status)) for status in Status if status in values]

    @property
    def words(self) -> str:
        """ "12 ratings in Camden and Islington"."""
        return f"{self.total} rating{'' if self.total == 1 else 's'} in {_listed(self.subjects)}"


@dataclass(frozen=True)
class Option:
    """One box of the page's two lists."""

    value: str
    label: str
    is_ticked: bool


@dataclass(frozen=True)
class Met:
    """A cell that somebody else changed meanwhile: both answers, and what to send to use one's own."""

    name: str
    cell: str
    heading: str
    mine: Said
    theirs: Said


def read_chosen(
    cycle: ReviewCycle, user: User, *, boroughs: Collection[str], criteria: Collection[str]
) -> Chosen:
    """Every chosen borough by every chosen criterion; one list left empty means all of it."""
    if not boroughs and not criteria:
        return Chosen([], [])
    every = _checks(cycle)
    known = {check.subject_slug: check for check in every}
    codes = set(_criteria(cycle).values_list("code", flat=True))
    for word in (*(set(boroughs) - set(known)), *(set(criteria) - codes)):
        raise BadChoice(f"“{word}” is not in {cycle}.")
    chosen = [check for check in every if not boroughs or check.subject_slug in boroughs]
    shut = shut_to(user, chosen)
    ratings = _ratings(cycle, user).filter(
        health_check__in=[check.pk for check in chosen if check.pk not in shut],
        criterion__code__in=criteria or codes,
    )
    return Chosen(
        _subjects(ratings),
        [_left_out(check.subject_name, shut[check.pk]) for check in chosen if check.pk in shut],
    )


def read_cells(cycle: ReviewCycle, user: User, pks: Collection[int]) -> Chosen:
    return Chosen(_subjects(_ratings(cycle, user).filter(pk__in=pks)), [])


def _left_out(subject: str, why: str) -> str:
    return why if subject in why else f"{subject}: {why}"


def given(
    cycle: ReviewCycle, user: User, cells: Mapping[int, int], *, value: str, rationale: str
) -> list[Given]:
    """The one answer for each cell. Their next steps stay, and their reasons where none is given."""
    return [
        Given(
            rating.pk,
            cells[rating.pk],
            Answer(Status(value), rationale or rating.rationale, rating.next_step),
        )
        for rating in _ratings(cycle, user).filter(pk__in=cells)
    ]


def set_title(value: str, chosen: Chosen) -> str:
    """ "Amber in Camden and Islington", or for one criterion "Amber for E1 Data, Camden"."""
    label, where = Status(value).label, _listed(chosen.subjects)
    names = {cell.name for subject in chosen.subjects for cell in subject.cells}
    return f"{label} for {names.pop()}, {where}" if len(names) == 1 else f"{label} in {where}"


def _listed(subjects: list[Subject]) -> str:
    names = [subject.name for subject in subjects]
    return get_text_list(names, "and") if len(names) <= NAMED else f"{len(names)} boroughs"


def met(refusals: Iterable[Refusal]) -> list[Met]:
    return [
        Met(
            name=f"{one.rating.health_check.subject_name}, {one.rating.criterion}",
            cell=f"{one.rating.pk}.{one.rating.version}",
            heading=f"{one.rating.rated_by or 'Somebody'}, saved",
            mine=_said(one.mine),
            theirs=_said(Answer.of(one.rating)),
        )
        for one in refusals
        if one.mine is not None
    ]


def _said(answer: Answer) -> Said:
    return Said(answer.value, answer.rationale, answer.next_step, is_carried=False)


def refused_words(refusals: Iterable[Refusal]) -> list[str]:
    """Why the others were refused, once for each borough and reason."""
    told = (_left_out(one.rating.health_check.subject_name, one.why) for one in refusals if one.mine is None)
    return list(dict.fromkeys(told))


def boroughs_to_tick(cycle: ReviewCycle, user: User, ticked: Collection[str]) -> list[Option]:
    """The boroughs, and the Authority, that `user` may rate now."""
    every = _checks(cycle)
    shut = shut_to(user, every)
    return [
        Option(check.subject_slug, check.subject_name, check.subject_slug in ticked)
        for check in every
        if check.pk not in shut
    ]


def criteria_to_tick(cycle: ReviewCycle, ticked: Collection[str]) -> list[Option]:
    return [
        Option(criterion.code, str(criterion), criterion.code in ticked) for criterion in _criteria(cycle)
    ]


def _criteria(cycle: ReviewCycle) -> CriterionQuerySet:
    return Criterion.objects.filter(theme__framework=cycle.framework_id).order_by("position")


def _checks(cycle: ReviewCycle) -> list[HealthCheck]:
    """By name, whoever may see what is in them: which boroughs there are is no secret."""
    checks = list(cycle.health_checks.select_related("borough"))
    for check in checks:
        check.cycle = cycle
    return checks


def _ratings(cycle: ReviewCycle, user: User) -> RatingQuerySet:
    return (
        Rating.objects.visible_to(user)
        .filter(health_check__cycle=cycle)
        .select_related("criterion", "health_check__borough")
        .order_by(
            F("health_check__borough__name").asc(nulls_first=True), "health_check", "criterion__position"
        )
    )


def _subjects(ratings: Iterable[Rating]) -> list[Subject]:
    return [
        Subject(
            check.subject_name,
            [
                Cell(
                    rating.pk,
                    rating.version,
                    rating.criterion.code,
                    str(rating.criterion),
                    Status(rating.value),
                )
                for rating in group
            ],
        )
        for check, group in groupby(ratings, key=lambda rating: rating.health_check)
    ]
