"""What is done to the plan: positions given on its actions, and actions that answer a health check."""

from recommendations.actions.answers import NothingToAnswer, Proposed, answer_each, answer_ratings
from recommendations.actions.positions import EARLIEST, PositionError, add_position, check_stated_on

__all__ = [
    "EARLIEST",
    "NothingToAnswer",
    "PositionError",
    "Proposed",
    "add_position",
    "answer_each",
    "answer_ratings",
    "check_stated_on",
]
