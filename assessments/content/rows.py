"""One criterion of a health check as its page shows it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from assessments.actions import SUBMIT_NEEDS_REASON
from assessments.content.evidence import Piece
from assessments.content.last_cycle import LastAnswer, move_of, move_words_of
from cdrp_portal.status import Movement, Status


@dataclass(frozen=True)
class Offer:
    """What the reader had typed in a row and not saved."""

    url: str
    when: str
    value: Status | None
    rationale: str
    next_step: str
    has_moved: bool


@dataclass(frozen=True)
class Row:
    """One criterion of a health check."""

    pk: int
    code: str
    title: str
    theme_code: str
    theme_title: str
    wording: str
    proof: str
    value: Status
    rationale: str
    next_step: str
    version: int
    rated_at: datetime | None
    rated_by: str
    last: LastAnswer | None
    # The rating that a moderator changed; its reason above is still the officer's.
    officer_value: Status | None = None
    # What the page shows of a save that was refused.
    error: str = ""
    conflict: Mapping[str, Any] | None = None
    save_text: str = ""
    save_kind: str = "none"
    is_carried: bool = False
    # Whether its latest save did nothing but confirm what was carried: what can be undone.
    was_carried: bool = False
    draft: Offer | None = None
    evidence: Sequence[Piece] = ()
    evidence_note: str = ""
    has_lapsed: bool = False
    awaits_proof: bool = False

    @property
    def is_answered(self) -> bool:
        return self.value != Status.NOT_ASSESSED and not self.is_carried

    @property
    def name(self) -> str:
        return f"{self.code} {self.title}"

    @property
    def version_before(self) -> int:
        return self.version - 1

    @property
    def why(self) -> str:
        return "The officer’s reason" if self.officer_value else why_words(self.value)

    @property
    def move(self) -> Movement | None:
        return move_of(self.value, self.last)

    @property
    def move_words(self) -> str:
        return move_words_of(self.value, self.last)

    @property
    def needs_reason(self) -> bool:
        return self.value in SUBMIT_NEEDS_REASON and not self.rationale

    @property
    def lacks_next_step(self) -> bool:
        return self.value in (Status.AMBER, Status.RED) and not self.next_step


def why_words(value: Status) -> str:
    return f"Why {value.label.lower()}" if value != Status.NOT_ASSESSED else "Why"
