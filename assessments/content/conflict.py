"""Two people who met on one rating: both texts side by side, or both in one."""

from datetime import date
from typing import Any

from assessments.actions import Answer, RatingConflict
from cdrp_portal.dates import london_date, uk_date, uk_time


def conflict_of(conflict: RatingConflict, *, today: date) -> dict[str, Any]:
    """Two people met on one rating: who, when, and both texts side by side."""
    mine, theirs = conflict.mine, Answer.of(conflict.theirs)
    what = "reason" if mine.value == theirs.value else "rating"
    at = conflict.theirs.rated_at
    when = ""
    if at is not None:
        when = f" at {uk_time(at)}" if london_date(at) == today else f" on {uk_date(at)}"
    who = str(conflict.theirs.rated_by or "Somebody")
    return {
        "heading": f"{who} changed this {what}{when}, while you were writing",
        "their_title": f"{who}, saved",
        "mine": mine,
        "theirs": theirs,
        "seen": conflict.theirs.version,
    }


class TooLong(Exception):
    """Both texts do not fit into one; the message says what to do."""


def both_texts(theirs: str, mine: str, *, limit: int) -> str:
    """One text that holds both, the saved one first; a text is not said twice. Raises TooLong."""
    if mine in theirs:
        return theirs
    text = mine if theirs in mine else f"{theirs}\n\n{mine}"
    if len(text) > limit:
        raise TooLong(f"Both texts together are longer than {limit:,} characters. Shorten yours first.")
    return text
