"""How ready a cycle is to be closed: each health check, each officer, and what is still to do."""

import datetime as dt
from collections import defaultdict
from dataclasses import dataclass

from django.db.models import Count, F

from accounts.models import User
from accounts.permissions import Permission, Scope
from assessments.actions.carrying import carried_from
from assessments.content.cycles import People, read_people
from assessments.content.figures import PARTS, Figure, conditions, figures
from assessments.models import OPEN_STATES, HealthCheck, Rating, ReviewCycle
from cdrp_portal.status import Status

COUNTS = ("asked", *(part.key for part in PARTS))
# Handed to the head, or further: not a state, but what a form may ask for as one.
FINISHED = "finished"
# Who is responsible, where it is no officer.
NOBODY, THE_HEAD = "0", "head"


@dataclass(frozen=True)
class ReadyRow:
    """One health check: what is answered, and what keeps it from being signed off."""

    check: HealthCheck
    name: str
    url: str
    officer_key: str
    officer: str
    # Responsible in this cycle, and not linked to the borough: cannot rate it.
    is_stranger: bool
    asked: int
    answered: int
    carried: int
    without_next_step: int
    flags: int
    lapsed: int
    # Greens whose promised proof has not been shown by its day.
    proofs_late: int
    state: str
    days_left: int

    @property
    def figures(self) -> list[Figure]:
        counts = {part.key: getattr(self, part.key) for part in PARTS}
        return figures(self.check.cycle, counts, asked=self.asked, subject=self.check.subject_slug)

    @property
    def is_signed_off(self) -> bool:
        return self.check.state == HealthCheck.State.SIGNED_OFF

    @property
    def is_finished(self) -> bool:
        return self.check.state not in OPEN_STATES

    @property
    def left_words(self) -> str:
        """ "6 days", "last day", "2 days late"; nothing is left to do once it is signed off."""
        if self.is_signed_off:
            return ""
        if self.days_left == 0:
            return "Last day"
        days = abs(self.days_left)
        return f"{days} day{'' if days == 1 else 's'}{'' if self.days_left > 0 else ' late'}"


@dataclass(frozen=True)
class Load:
    """One officer's share of the cycle, or the whole of it; `key` is that of its rows."""

    key: str
    officer: str
    cycle: ReviewCycle
    rows: list[ReadyRow]

    @property
    def total(self) -> int:
        return len(self.rows)

    @property
    def submitted(self) -> int:
        return sum(row.is_finished for row in self.rows)

    @property
    def signed_off(self) -> int:
        return sum(row.is_signed_off for row in self.rows)

    @property
    def answered(self) -> int:
        return self._sum("answered")

    @property
    def asked(self) -> int:
        return self._sum("asked")

    @property
    def carried(self) -> int:
        return self._sum("carried")

    @property
    def figures(self) -> list[Figure]:
        counts = {part.key: self._sum(part.key) for part in PARTS}
        return figures(self.cycle, counts, asked=self.asked, officer=self.key)

    def _sum(self, key: str) -> int:
        total: int = sum(getattr(row, key) for row in self.rows)
        return total


@dataclass(frozen=True)
class Readiness:
    cycle: ReviewCycle
    rows: list[ReadyRow]

    @property
    def whole(self) -> Load:
        return Load("", "", self.cycle, self.rows)

    @property
    def loads(self) -> list[Load]:
        """By officer's name; what nobody is responsible for comes last."""
        by_officer = defaultdict(list)
        for row in self.rows:
            by_officer[row.officer_key, row.officer].append(row)
        loads = [Load(key, name, self.cycle, rows) for (key, name), rows in by_officer.items()]
        return sorted(loads, key=lambda load: (load.key in (NOBODY, THE_HEAD), load.officer))

    @property
    def officers(self) -> list[tuple[str, str]]:
        """Whom a form may ask for: everyone who is responsible for something."""
        return [(load.key, load.officer) for load in self.loads]

    @property
    def subjects(self) -> list[tuple[str, str]]:
        return [(row.check.subject_slug, row.name) for row in self.rows]

    @property
    def not_signed_off(self) -> list[ReadyRow]:
        return [row for row in self.rows if not row.is_signed_off]

    def shown(self, officer: str = "", state: str = "", subject: str = "") -> list[ReadyRow]:
        return [
            row
            for row in self.rows
            if officer in ("", row.officer_key)
            and (state in ("", row.check.state) or (state == FINISHED and row.is_finished))
            and subject in ("", row.check.subject_slug)
        ]


def read_readiness(cycle: ReviewCycle, *, on: dt.date) -> Readiness:
    """The Authority first, then the boroughs by name. Two queries."""
    order = F("borough__name").asc(nulls_first=True)
    checks = (
        cycle.health_checks.select_related("borough", "officer")
        .order_by(order)
        .annotate(
            asked=Count("ratings"),
            **{name: Count("ratings", filter=condition) for name, condition in conditions(on).items()},
        )
    )
    people, url = read_people(on), cycle.get_absolute_url()
    return Readiness(cycle, [_row(check, cycle, people, url, on) for check in checks])


def _row(check: HealthCheck, cycle: ReviewCycle, people: People, url: str, on: dt.date) -> ReadyRow:
    officer: User | None = check.officer or people.officer(check.borough_id)
    raters = people.raters.get(check.borough_id or 0, frozenset())
    due = cycle.submission_day if check.state in OPEN_STATES else cycle.moderation_day
    return ReadyRow(
        check=check,
        name=check.subject_name,
        url=f"{url}{check.subject_slug}/",
        officer_key=str(officer.pk) if officer else NOBODY if check.borough_id else THE_HEAD,
        officer=officer.name if officer else "Nobody" if check.borough_id else "The head",
        is_stranger=bool(check.officer) and check.officer_id not in raters and not _rates_everywhere(officer),
        **{name: getattr(check, name) for name in COUNTS},
        state=str(check.get_state_display()),
        days_left=(due - on).days,
    )


def _rates_everywhere(person: User | None) -> bool:
    return person is not None and person.scope(Permission.RATE) is Scope.ANY


def carriable(cycle: ReviewCycle) -> int:
    """How many answers of the cycle before could be carried into what nobody has answered yet."""
    if cycle.previous is None or not cycle.is_open:
        return 0
    answers = carried_from(cycle.framework_id, cycle.previous)
    empty = Rating.objects.filter(
        health_check__cycle=cycle, health_check__state__in=OPEN_STATES, value=Status.NOT_ASSESSED
    )
    return sum(key in answers for key in empty.values_list("health_check__borough_id", "criterion__code"))
