"""What is done to cycles, health checks and ratings.

Whoever writes to a health check or to its ratings first locks the health check's row, so that a save
and a submission, a sign-off or the end of the cycle never pass one another.
"""

from assessments.actions.cycles import close_cycle, open_cycle
from assessments.actions.guards import NotOpen
from assessments.actions.life import NotReady, sign_off, submit, withdraw
from assessments.actions.ratings import (
    SIGN_OFF_NEEDS_REASON,
    SUBMIT_NEEDS_REASON,
    Answer,
    Missing,
    NeedsReason,
    RatingConflict,
    check_version,
    missing_for_sign_off,
    missing_for_submission,
    save_rating,
)
from assessments.actions.sets import (
    Given,
    NothingChanged,
    NotUndone,
    Refusal,
    SetRefused,
    save_set,
    undo_preview,
    undo_set,
)

__all__ = [
    "SIGN_OFF_NEEDS_REASON",
    "SUBMIT_NEEDS_REASON",
    "Answer",
    "Given",
    "Missing",
    "NeedsReason",
    "NotOpen",
    "NotReady",
    "NotUndone",
    "NothingChanged",
    "RatingConflict",
    "Refusal",
    "SetRefused",
    "check_version",
    "close_cycle",
    "missing_for_sign_off",
    "missing_for_submission",
    "open_cycle",
    "save_rating",
    "save_set",
    "sign_off",
    "submit",
    "undo_preview",
    "undo_set",
    "withdraw",
]
