"""The book that an officer takes away: a row for each rating that is theirs to give now."""

from collections import defaultdict
from typing import Any

from django.db.models import F
from django.utils import timezone

from accounts.models import User
from assessments.actions.sets import shut_to
from assessments.content.last_cycle import CODE as CRITERION_CODE
from assessments.content.last_cycle import FRAMEWORK, LastAnswer, last_answers
from assessments.imports.columns import (
    CODE,
    COLUMNS,
    HIDDEN,
    NEXT_STEP,
    OPEN,
    RATING,
    SHEET,
    WHY,
    WORDS,
    key_of,
    written,
)
from assessments.models import NEXT_STEP_LIMIT, RATIONALE_LIMIT, Criterion, HealthCheck, Rating, ReviewCycle
from cdrp_portal.spreadsheets import Book, Column, Editing, Sheet

HOW = (
    (
        "How to edit",
        f"On the sheet {SHEET} write into Rating, Why and Next step. The rest is locked and not read back. "
        "A rating left blank is taken as Not assessed.",
    ),
    (
        "How to bring it back",
        "Save it as XLSX, ODS or CSV and upload it on the page where it was had. The portal shows every "
        "difference, and changes nothing until it is accepted.",
    ),
    (
        "If others save meanwhile",
        "Two hidden columns say which rating a row is and what it was like. Where somebody else has changed "
        "one that was changed here too, the portal shows both and asks.",
    ),
    ("Rows", "Rows cannot be added. One that is deleted leaves its rating as it is."),
)


def ratings_book(cycle: ReviewCycle, user: User) -> Book:
    """The ratings of the open health checks that `user` may rate; without rows where there are none."""
    checks = _open_checks(cycle, user)
    ratings = list(
        Rating.objects.filter(health_check__in=[check.pk for check in checks])
        .select_related("criterion")
        .order_by(
            F("health_check__borough__name").asc(nulls_first=True), "health_check", "criterion__position"
        )
    )
    by_pk = {check.pk: check for check in checks}
    last = _last(cycle, checks)
    rows, notes = [], dict(_head_notes())
    for number, rating in enumerate(ratings, start=1):
        check, criterion = by_pk[rating.health_check_id], rating.criterion
        answer = last.get((check.pk, criterion.code))
        rows.append(
            (
                check.subject_name,
                criterion.code,
                criterion.short_title,
                str(rating.get_value_display()),
                written(rating.rationale),
                written(rating.next_step),
                answer.value if answer else None,
                key_of(cycle.slug, check.subject_slug, criterion.code),
                rating.version,
            )
        )
        notes[number, CODE.key] = _wording(criterion, is_authority=check.borough_id is None)
    editing = Editing(
        open=frozenset(column.key for column in OPEN),
        choices={RATING.key: WORDS},
        hidden=frozenset(column.key for column in HIDDEN),
        notes=notes,
    )
    return Book(
        title=f"{cycle.name} health check: ratings to edit",
        sheets=[
            Sheet(SHEET, COLUMNS, rows, freeze=(1, 3), editing=editing),
            _criteria({rating.criterion_id: rating.criterion for rating in ratings}),
        ],
        as_at=timezone.now(),
        filters=[("Health checks", ", ".join(check.subject_name for check in checks) or "none")],
        notes=HOW,
        demonstration=cycle.is_demonstration,
    )


def _open_checks(cycle: ReviewCycle, user: User) -> list[HealthCheck]:
    checks = list(cycle.health_checks.select_related("borough"))
    for check in checks:
        check.cycle = cycle
    shut = shut_to(user, checks)
    return [check for check in checks if check.pk not in shut]


def _last(cycle: ReviewCycle, checks: list[HealthCheck]) -> dict[tuple[int, str], LastAnswer]:
    """Last cycle's answers by health check and code."""
    if cycle.previous_id is None:
        return {}
    boroughs = {check.borough_id: check.pk for check in checks}
    rows = Rating.objects.filter(health_check__cycle__in=[cycle.pk, cycle.previous_id]).order_by()
    of: dict[tuple[int, int], list[dict[str, Any]]] = defaultdict(list)
    fields = "health_check__borough_id", "health_check__cycle_id", CRITERION_CODE, FRAMEWORK, "value"
    for row in rows.values(*fields):
        check = boroughs.get(row["health_check__borough_id"])
        if check is not None:
            of[check, row["health_check__cycle_id"]].append(row)
    return {
        (check, code): answer
        for check in boroughs.values()
        for code, answer in last_answers(of[check, cycle.pk], of[check, cycle.previous_id]).items()
    }


def _head_notes() -> list[tuple[tuple[int, str], str]]:
    return [
        (
            (0, RATING.key),
            f"Choose one of the list: {', '.join(WORDS)}. In a CSV the letter is enough.",
        ),
        (
            (0, WHY.key),
            f"Why it is so, up to {RATIONALE_LIMIT:,} characters. Less relevant needs a reason at once, "
            "amber and red before the health check is submitted.",
        ),
        ((0, NEXT_STEP.key), f"What is done next, up to {NEXT_STEP_LIMIT:,} characters. May stay empty."),
    ]


def _wording(criterion: Criterion, *, is_authority: bool) -> str:
    wording = criterion.authority_wording if is_authority else criterion.borough_wording
    proof = f"\nProof: {criterion.evidence_expected}" if criterion.evidence_expected else ""
    return f"{criterion}: {wording}{proof}"


def _criteria(criteria: dict[int, Criterion]) -> Sheet:
    ordered = sorted(criteria.values(), key=lambda criterion: criterion.position)
    return Sheet(
        title="Criteria",
        columns=[
            CODE,
            Column("title", "Criterion", 26),
            Column("borough", "Asked of the borough", 60),
            Column("authority", "Asked of the Authority", 60),
            Column("proof", "Proof", 40),
        ],
        rows=[
            (one.code, one.short_title, one.borough_wording, one.authority_wording, one.evidence_expected)
            for one in ordered
        ],
    )
