"""What the moderator does to a health check: one rating's part of its page, and the page of them all."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.db.models import Count, Q

from accounts.models import User
from accounts.permissions import Permission
from assessments.actions import is_own_work, may_discuss
from assessments.content.comments import Comments, threads_of
from assessments.content.evidence import asks_for_evidence
from assessments.content.health_check import CHOICES, read_page
from assessments.content.last_cycle import move_of, move_words_of
from assessments.content.rows import Row
from assessments.models import HealthCheck, Rating
from cdrp_portal.dates import uk_date
from cdrp_portal.status import Movement, Status

WITH_THE_HEAD = (HealthCheck.State.SUBMITTED, HealthCheck.State.MODERATED)


@dataclass(frozen=True)
class Moderation:
    """One rating to its officer and to the moderator: `officer_value` is None where no value was changed."""

    code: str
    name: str
    url: str
    version: int
    value: Status
    officer_value: Status | None
    reason: str
    by: str
    flag: str
    may_change: bool
    may_flag: bool
    choices: tuple[Status, ...] = CHOICES
    # What was typed and refused, and why.
    error: str = ""
    flag_error: str = ""
    typed_value: str = ""
    typed_reason: str = ""
    typed_flag: str = ""

    @property
    def is_empty(self) -> bool:
        return not (self.officer_value or self.flag or self.may_change or self.may_flag)

    @property
    def shown_value(self) -> str:
        """Which of the four is chosen in the form: what was typed, else what the moderator gave."""
        return self.typed_value or (self.value if self.officer_value else "")

    @property
    def shown_reason(self) -> str:
        return self.typed_reason or self.reason

    @property
    def shown_flag(self) -> str:
        return self.typed_flag or self.flag


def moderation_of(rating: Rating, user: User) -> Moderation | None:
    """None for whoever may neither rate nor moderate there: a moderator's note is not theirs to read."""
    check = rating.health_check
    if not may_discuss(user, check):
        return None
    return _moderation(rating, check, *_may(check, user))


def _may(check: HealthCheck, user: User) -> tuple[bool, bool]:
    """Whether they may change values, and whether they may flag."""
    is_theirs = user.may(Permission.MODERATE, check) and check.cycle.is_open and check.state in WITH_THE_HEAD
    return is_theirs and not is_own_work(check, user), is_theirs


def _moderation(rating: Rating, check: HealthCheck, may_change: bool, may_flag: bool) -> Moderation:
    by = ""
    if rating.moderated_at is not None:
        by = f"{rating.moderated_by}, {uk_date(rating.moderated_at)}"
    return Moderation(
        code=rating.criterion.code,
        name=str(rating.criterion),
        url=f"{check.get_absolute_url()}{rating.criterion.code}/",
        version=rating.version,
        value=Status(rating.value),
        officer_value=Status(rating.officer_value) if rating.officer_value else None,
        reason=rating.moderation_reason,
        by=by,
        flag=rating.flag_note,
        may_change=may_change,
        may_flag=may_flag,
    )


@dataclass(frozen=True)
class ModerationRow:
    """One criterion on the moderation page: the officer's answer, and what the moderator says of it."""

    row: Row
    moderation: Moderation
    comments: Comments
    evidence: int
    # A green with neither evidence nor a promised day, as the submission counts them.
    is_bare: bool

    @property
    def officer_value(self) -> Status:
        return self.moderation.officer_value or self.moderation.value

    @property
    def move(self) -> Movement | None:
        """How the officer's own answer moved, whatever the moderator made of it."""
        return move_of(self.officer_value, self.row.last)

    @property
    def move_words(self) -> str:
        return move_words_of(self.officer_value, self.row.last)

    @property
    def evidence_words(self) -> str:
        if not self.evidence:
            return "No evidence"
        return f"{self.evidence} piece{'' if self.evidence == 1 else 's'} of evidence"


@dataclass(frozen=True)
class ThemeOfRows:
    code: str
    title: str
    rows: list[ModerationRow]


# What can be shown alone: its key in the address, its words, and which rows it keeps.
SHOWN = (
    ("worse", "got worse", lambda one: one.row.move == Movement.WORSE),
    ("red", "red", lambda one: one.moderation.value == Status.RED),
    ("amber", "amber", lambda one: one.moderation.value == Status.AMBER),
    ("bare", "green without evidence", lambda one: one.is_bare),
    ("changed", "changed by a moderator", lambda one: bool(one.moderation.officer_value)),
    ("flagged", "flagged", lambda one: bool(one.moderation.flag)),
    ("discussed", "with an open comment", lambda one: bool(one.comments.open)),
)


@dataclass(frozen=True)
class ModerationPage:
    rows: list[ModerationRow]
    seen: int

    def themes(self, show: str = "") -> list[ThemeOfRows]:
        keeps = {key: keep for key, _words, keep in SHOWN}.get(show, lambda one: True)
        themes: dict[str, ThemeOfRows] = {}
        for one in self.rows:
            theme = ThemeOfRows(one.row.theme_code, one.row.theme_title, [])
            if keeps(one):
                themes.setdefault(theme.code, theme).rows.append(one)
        return list(themes.values())

    def counts(self) -> list[tuple[str, str, int]]:
        """Each part that can be shown alone and has something to show."""
        counted = ((key, words, sum(map(keep, self.rows))) for key, words, keep in SHOWN)
        return [one for one in counted if one[2]]

    @property
    def sentence(self) -> str:
        changed = sum(bool(one.moderation.officer_value) for one in self.rows)
        flagged = sum(bool(one.moderation.flag) for one in self.rows)
        threads = sum(len(one.comments.open) for one in self.rows)
        return (
            f"{len(self.rows)} criteria: {changed} changed by a moderator, {flagged} flagged, "
            f"{threads} open comment{'' if threads == 1 else 's'}."
        )


def read_moderation(check: HealthCheck, *, user: User, today: date) -> ModerationPage:
    """Every criterion with what the moderator needs beside it. Three queries, whatever their number."""
    answers = {row.code: row for row in read_page(check, user=user, today=today).rows}
    ratings = list(_ratings(check))
    threads = threads_of(check, ratings)
    may = _may(check, user)
    rows = [
        ModerationRow(
            row=answers[rating.criterion.code],
            moderation=_moderation(rating, check, *may),
            comments=threads[rating.pk],
            evidence=_pieces(rating),
            is_bare=asks_for_evidence(rating, bool(_pieces(rating))),
        )
        for rating in ratings
    ]
    return ModerationPage(rows, seen=sum(rating.version for rating in ratings))


def _ratings(check: HealthCheck) -> Iterable[Rating]:
    rows = check.ratings.select_related("criterion", "moderated_by").annotate(
        pieces=Count("evidence", filter=Q(evidence__withdrawn_at=None))
    )
    return rows.order_by("criterion__position")


def _pieces(rating: Rating) -> int:
    return getattr(rating, "pieces", 0)
