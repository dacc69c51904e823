"""One health check as its page shows it: each criterion's answer beside last cycle's."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import partial
from itertools import groupby
from typing import Any

from django.db.models import Exists, OuterRef, QuerySet

from accounts.models import User
from assessments.content.doubts import Doubts
from assessments.content.evidence import NOTED, note_of, pieces, pieces_of
from assessments.content.last_cycle import LastAnswer, last_answers
from assessments.content.progress import Line, Progress
from assessments.content.rows import Row
from assessments.models import Evidence, HealthCheck, Rating
from cdrp_portal.dates import london_date, uk_date, uk_time
from cdrp_portal.prepared import Prepared
from cdrp_portal.status import Status

CHOICES = (Status.GREEN, Status.AMBER, Status.RED, Status.LESS_RELEVANT)


@dataclass(frozen=True)
class ThemeRows:
    code: str
    title: str
    rows: list[Row]
    answered: int
    total: int
    is_current: bool


@dataclass(frozen=True)
class Page(Progress):
    """A health check's rows, and the figures that its page says of them."""

    rows: Sequence[Row]
    last_submitted_on: date | None

    @property
    def carriable(self) -> int:
        """How many unanswered criteria could stand on what the cycle before said."""
        return sum(
            row.value == Status.NOT_ASSESSED and row.last is not None and row.last.is_comparable
            for row in self.rows
        )

    @property
    def doubts(self) -> Doubts:
        return Doubts(
            carried=self.carried,
            lapsed=sum(row.has_lapsed for row in self.rows),
            waiting=sum(row.awaits_proof for row in self.rows),
        )

    @property
    def has_been_carried(self) -> bool:
        """Whether there is a carried answer to confirm, or a confirmation to take back."""
        return any(row.is_carried or row.was_carried for row in self.rows)

    def row(self, code: str) -> Row | None:
        return next((row for row in self.rows if row.code == code), None)

    def with_row(self, row: Row) -> "Page":
        return replace(self, rows=[row if one.code == row.code else one for one in self.rows])

    def themes(self, show: str = "") -> list[ThemeRows]:
        """The rows by theme, only those rated `show` when it is given; the tallies count every row."""
        current = next((row.theme_code for row in self.rows if not row.is_answered), "")
        themes = []
        for (code, title), group in groupby(self.rows, key=lambda row: (row.theme_code, row.theme_title)):
            rows = list(group)
            themes.append(
                ThemeRows(
                    code=code,
                    title=title,
                    rows=[row for row in rows if show in ("", row.value)],
                    answered=sum(row.is_answered for row in rows),
                    total=len(rows),
                    is_current=code == current,
                )
            )
        return themes

    def counts(self) -> list[tuple[Status, int]]:
        return [(status, sum(row.value == status for row in self.rows)) for status in Status]


# These the tables of today and those of the history have alike (`past_health_check`).
FIELDS = (
    "id",
    "criterion__code",
    "criterion__short_title",
    "criterion__theme__code",
    "criterion__theme__title",
    "criterion__theme__framework_id",
    "criterion__position",
    "criterion__borough_wording",
    "criterion__authority_wording",
    "criterion__evidence_expected",
    "value",
    "officer_value",
    "rationale",
    "next_step",
    "version",
    "is_carried",
    "rated_at",
    "rated_by__name",
    "health_check_id",
)


LINE_FIELDS = (
    "criterion__code",
    "criterion__theme__code",
    "criterion__theme__title",
    "value",
    "next_step",
    "is_carried",
)
SAVED_FIELDS = ("health_check_id", "criterion__theme__framework_id", *LINE_FIELDS, *NOTED, "has_evidence")


def _saved(cycle: int, earlier: int, rating: int, **subject: Any) -> QuerySet[Rating, tuple[Any, ...]]:
    checks = {f"health_check__{name}": value for name, value in subject.items()}
    # Of the one rating that was saved, beside every line: PostgreSQL looks it up once, not for each.
    evidence = Evidence.objects.standing().filter(rating=rating)
    return (
        Rating.objects.filter(health_check__cycle__in=[cycle, earlier], **checks)
        .annotate(has_evidence=Exists(evidence))
        .order_by("criterion__position")
        .values_list(*SAVED_FIELDS)
    )


# Every save of a rating asks one of the two.
SAVED_OF_BOROUGH = Prepared(_saved, cycle=-1, earlier=-2, rating=-3, borough=-4)
SAVED_OF_AUTHORITY = Prepared(partial(_saved, borough=None), cycle=-1, earlier=-2, rating=-3)


def read_page(check: HealthCheck, *, user: User, today: date) -> Page:
    """Both cycles' answers in one query. Last cycle's stay out where `user` may not see them."""
    checks = HealthCheck.objects.visible_to(user).filter(
        cycle__in=[check.cycle_id, check.cycle.previous_id], borough=check.borough_id
    )
    ratings = Rating.objects.filter(health_check__in=checks.values("pk")).order_by("criterion__position")
    told = ratings.annotate(pieces=pieces(), was_carried=_was_carried())
    found = list(told.values(*FIELDS, *NOTED, "health_check__submitted_at", "pieces", "was_carried"))
    before = [one for one in found if one["health_check_id"] != check.pk]
    submitted_at = before[0]["health_check__submitted_at"] if before else None
    return page_of(check, found, last_submitted_at=submitted_at, today=today)


def _was_carried() -> Exists:
    before = {name: OuterRef(name) for name in ("value", "rationale", "next_step")}
    events = Rating.pgh_event_model.objects.filter(  # type: ignore[attr-defined]
        pgh_obj=OuterRef("pk"), version=OuterRef("version") - 1, is_carried=True, **before
    )
    return Exists(events)


def page_of(
    check: HealthCheck, found: Sequence[Mapping[str, Any]], *, last_submitted_at: datetime | None, today: date
) -> Page:
    """The page from the FIELDS of its ratings and of last cycle's, in the order of the criteria."""
    now = [one for one in found if one["health_check_id"] == check.pk]
    last = last_answers(now, [one for one in found if one["health_check_id"] != check.pk])
    wording = "criterion__borough_wording" if check.borough_id else "criterion__authority_wording"
    return Page(
        rows=[_row(one, wording=wording, last=last.get(one["criterion__code"]), today=today) for one in now],
        last_submitted_on=london_date(last_submitted_at) if last_submitted_at else None,
    )


def read_saved(check: HealthCheck, rating: Rating, *, by: User, today: date) -> tuple[Row, Progress]:
    """The row that was just saved, and how far the health check is now: less than the page, for each save.

    Whoever may rate a borough may read its drafts (permissions.GRANTS), so nothing is withheld here.
    """
    asked_of = {
        "cycle": check.cycle_id,
        "earlier": check.cycle.previous_id or check.cycle_id,
        "rating": rating.pk,
    }
    if check.borough_id is None:
        found = SAVED_OF_AUTHORITY.rows(**asked_of)
    else:
        found = SAVED_OF_BOROUGH.rows(**asked_of, borough=check.borough_id)
    lines = [dict(zip(SAVED_FIELDS, one, strict=True)) for one in found]
    asked = [one for one in lines if one["health_check_id"] == check.pk]
    now = Progress([Line(*(one[name] for name in LINE_FIELDS)) for one in asked])
    last = last_answers(asked, [one for one in lines if one["health_check_id"] != check.pk]).get(
        rating.criterion.code
    )
    mine = next(one for one in asked if one["criterion__code"] == rating.criterion.code)
    value = Status(rating.value)
    kind, text = save_state(value, rating.rated_at, last, today)
    row = Row(
        pk=rating.pk,
        code=rating.criterion.code,
        title=rating.criterion.short_title,
        theme_code=next(line.theme_code for line in now.rows if line.code == rating.criterion.code),
        theme_title="",
        wording="",
        proof="",
        value=value,
        rationale=rating.rationale,
        next_step=rating.next_step,
        version=rating.version,
        rated_at=rating.rated_at,
        rated_by=str(by),
        last=last,
        save_kind=kind,
        save_text=text,
        evidence_note=note_of(value, mine, today, has_evidence=mine["has_evidence"]),
    )
    return row, now


def _row(one: Mapping[str, Any], *, wording: str, last: LastAnswer | None, today: date) -> Row:
    value = Status(one["value"])
    kind, text = save_state(value, one["rated_at"], last, today, is_carried=one["is_carried"])
    # As at a past day nothing is asked of evidence: `pieces` is told of today alone.
    told = pieces_of(one["pieces"]) if "pieces" in one else None
    return Row(
        pk=one["id"],
        code=one["criterion__code"],
        title=one["criterion__short_title"],
        theme_code=one["criterion__theme__code"],
        theme_title=one["criterion__theme__title"],
        wording=one[wording],
        proof=one["criterion__evidence_expected"],
        value=value,
        rationale=one["rationale"],
        next_step=one["next_step"],
        version=one["version"],
        rated_at=one["rated_at"],
        rated_by=one["rated_by__name"] or "",
        last=last,
        officer_value=Status(one["officer_value"]) if one["officer_value"] else None,
        save_kind=kind,
        save_text=text,
        is_carried=one["is_carried"],
        was_carried=not one["is_carried"] and one.get("was_carried", False),
        evidence=told or (),
        evidence_note="" if told is None else note_of(value, one, today, has_evidence=bool(told)),
        has_lapsed=told is not None and bool(one["evidence_until"]) and one["evidence_until"] < today,
        awaits_proof=told is not None and bool(one["proof_due_on"]) and one["proof_confirmed_at"] is None,
    )


def save_state(
    value: Status,
    rated_at: datetime | None,
    last: LastAnswer | None,
    today: date,
    *,
    is_carried: bool = False,
) -> tuple[str, str]:
    """The kind and the words of a row's save state: "Saved at 14:32", of another day with its date."""
    if is_carried:
        return "none", "Carried forward, not re-confirmed"
    if rated_at is None:
        return "none", "Not answered yet"
    verb = "Re-confirmed" if last is not None and last.value == value else "Saved"
    day = london_date(rated_at)
    when = f"at {uk_time(rated_at)}" if day == today else f"on {uk_date(day)}"
    return "saved", f"{verb} {when}"
