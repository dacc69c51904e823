"""What is done to cycles, health checks and ratings.

Whoever writes to a health check or to its ratings first locks the health check's row, so that a save
and a submission, a sign-off or the end of the cycle never pass one another.
"""

from assessments.actions.comments import may_discuss, reopen_thread, resolve_thread, write_comment
from assessments.actions.cycles import close_cycle, open_cycle
from assessments.actions.guards import NotOpen
from assessments.actions.life import (
    ChangedMeanwhile,
    NotReady,
    OwnWork,
    before_sign_off,
    is_own_work,
    mark_moderated,
    moderate_again,
    reopen,
    return_to_officer,
    seen_of,
    sign_off,
    submit,
    withdraw,
)
from assessments.actions.moderation import (
    ModerationConflict,
    flag_rating,
    flags_of,
    moderate_rating,
    undo_moderation,
    unflag_rating,
)
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
    "ChangedMeanwhile",
    "Given",
    "Missing",
    "ModerationConflict",
    "NeedsReason",
    "NotOpen",
    "NotReady",
    "NotUndone",
    "NothingChanged",
    "OwnWork",
    "RatingConflict",
    "Refusal",
    "SetRefused",
    "before_sign_off",
    "check_version",
    "close_cycle",
    "flag_rating",
    "flags_of",
    "is_own_work",
    "mark_moderated",
    "may_discuss",
    "missing_for_sign_off",
    "missing_for_submission",
    "moderate_again",
    "moderate_rating",
    "open_cycle",
    "reopen",
    "reopen_thread",
    "resolve_thread",
    "return_to_officer",
    "save_rating",
    "save_set",
    "seen_of",
    "sign_off",
    "submit",
    "undo_moderation",
    "undo_preview",
    "undo_set",
    "unflag_rating",
    "withdraw",
    "write_comment",
]
