"""One rating as its own page and the matrix's panel show it, and whether it can be changed."""

from dataclasses import dataclass

from assessments.content.health_check import Page
from assessments.content.rows import Row
from assessments.models import HealthCheck, Rating

CLOSED = "This review cycle is closed."
NOT_THEIRS = "Only its own officer and the head of partnerships can change it."
STANDS = {
    HealthCheck.State.SUBMITTED: "It has been submitted. Take it back to change it.",
    HealthCheck.State.MODERATED: "It has been moderated. Ask for it to be returned.",
    HealthCheck.State.SIGNED_OFF: "It has been signed off.",
}


def why_read_only(state: str, *, is_open: bool, may_rate: bool) -> str:
    """Why a health check's answers cannot be changed now, for whoever asks; empty where they can."""
    if not is_open:
        return CLOSED
    if not may_rate:
        return NOT_THEIRS
    return STANDS.get(HealthCheck.State(state), "")


@dataclass(frozen=True)
class RatingPage:
    """A rating, its criterion in full, and the criteria on either side of it."""

    rating: Rating
    row: Row
    before: Row | None
    after: Row | None

    @property
    def place(self) -> str:
        return f"{self.rating.health_check.subject_name} · {self.row.theme_code} {self.row.theme_title}"

    @property
    def is_carried(self) -> bool:
        """Whether what stands is last cycle's answer; of one that was refused its writer has seen this."""
        return self.rating.is_carried and self.row.save_kind != "failed"


def read_rating(rating: Rating, page: Page, row: Row) -> RatingPage:
    """`row` is the rating's own on `page`, or as its writer has typed it."""
    codes = [one.code for one in page.rows]
    at = codes.index(row.code)
    return RatingPage(
        rating=rating,
        row=row,
        before=page.rows[at - 1] if at else None,
        after=page.rows[at + 1] if at + 1 < len(codes) else None,
    )
