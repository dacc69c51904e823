"""One rating as it stood at the end of a day: its answer, its evidence and its changes until then."""

from collections.abc import Sequence
from dataclasses import dataclass
from operator import itemgetter

from accounts.models import User
from assessments.content.history import TOLD, reads_drafts
from assessments.content.past import Past
from assessments.content.past_health_check import HealthCheckThen, read_then
from assessments.content.rows import Row
from assessments.models import Evidence, HealthCheck, Rating
from cdrp_portal.dates import uk_date
from cdrp_portal.history import Change, changes_of
from cdrp_portal.past import rows_at

LATEST_CHANGES = 5


@dataclass(frozen=True)
class PieceThen:
    """A piece of evidence that stood on that day, in words: what the file itself was is today's to open."""

    title: str
    about: str


@dataclass(frozen=True)
class RatingThen:
    """`row` is the answer, between the criteria on either side; `changes` are the latest, newest first."""

    then: HealthCheckThen
    row: Row
    before: Row | None
    after: Row | None
    evidence: Sequence[PieceThen]
    changes: Sequence[Change]

    @property
    def check(self) -> HealthCheck:
        return self.then.check

    @property
    def place(self) -> str:
        return f"{self.check.subject_name} · {self.row.theme_code} {self.row.theme_title}"


def read_rating_then(check: HealthCheck, code: str, *, user: User, past: Past) -> RatingThen | None:
    """None where the criterion is not asked here. Raises NothingThen. Eight queries, or nine."""
    then = read_then(check, user=user, past=past)
    codes = [row.code for row in then.page.rows]
    if code not in codes:
        return None
    at = codes.index(code)
    row = then.page.rows[at]
    return RatingThen(
        then=then,
        row=row,
        before=then.page.rows[at - 1] if at else None,
        after=then.page.rows[at + 1] if at + 1 < len(codes) else None,
        evidence=_evidence(row.pk, past),
        changes=_changes(row.pk, past) if reads_drafts(then.check, user) else [],
    )


def _evidence(rating: int, past: Past) -> list[PieceThen]:
    fields = ("dated_on", "id", "title", "look_again_on", "withdrawn_at", "file_name")
    found = sorted(rows_at(Evidence, past.end, *fields, rating=rating), key=itemgetter(0, 1), reverse=True)
    pieces = []
    for dated_on, _pk, title, look_again_on, withdrawn_at, file_name in found:
        if withdrawn_at is None:
            held = f", holds until {uk_date(look_again_on)}" if look_again_on else ""
            pieces.append(
                PieceThen(title, f"{'File' if file_name else 'Link'}, of {uk_date(dated_on)}{held}")
            )
    return pieces


def _changes(rating: int, past: Past) -> list[Change]:
    until = [one for one in changes_of(Rating(pk=rating), fields=TOLD) if one.field and one.at < past.end]
    return until[:LATEST_CHANGES]
