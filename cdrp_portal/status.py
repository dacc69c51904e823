from enum import StrEnum
from functools import cache

from django.db.models import TextChoices


class Status(TextChoices):
    """The five ratings of DOMAIN.md section 4, in the order in which the Authority printed them.

    A colour is never shown alone: each rating also has a letter, a shape (in the stylesheet) and
    a short word for narrow columns.
    """

    GREEN = "green", "Green"
    AMBER = "amber", "Amber"
    RED = "red", "Red"
    LESS_RELEVANT = "less_relevant", "Less relevant"
    NOT_ASSESSED = "not_assessed", "Not assessed"

    @property
    def letter(self) -> str:
        return LETTER[self]

    @property
    def short(self) -> str:
        return SHORT[self]

    @property
    def rank(self) -> int | None:
        return RANK[self]

    @property
    def css_class(self) -> str:
        return f"s-{self.letter.lower()}"


LETTER: dict[Status, str] = {
    Status.GREEN: "G",
    Status.AMBER: "A",
    Status.RED: "R",
    Status.LESS_RELEVANT: "L",
    Status.NOT_ASSESSED: "N",
}

SHORT: dict[Status, str] = {
    Status.GREEN: "Green",
    Status.AMBER: "Amber",
    Status.RED: "Red",
    Status.LESS_RELEVANT: "Less rel.",
    Status.NOT_ASSESSED: "Not rated",
}

# "Less relevant" and "not assessed" are neither better nor worse than a colour.
RANK: dict[Status, int | None] = {
    Status.GREEN: 3,
    Status.AMBER: 2,
    Status.RED: 1,
    Status.LESS_RELEVANT: None,
    Status.NOT_ASSESSED: None,
}

RATED: tuple[Status, ...] = (Status.GREEN, Status.AMBER, Status.RED)


class Movement(StrEnum):
    BETTER = "better"
    WORSE = "worse"
    SAME = "same"
    NEWLY_ASSESSED = "newly_assessed"
    NOT_COMPARABLE = "not_comparable"
    NO_LONGER_ASSESSED = "no_longer_assessed"

    # An enumeration's own is asked of Python, and what is kept by a row's movements asks it of each.
    __hash__ = str.__hash__


# A few dozen answers, asked for thousands of cells.
@cache
def movement(now: str | None, was: str | None, *, comparable: bool = True) -> Movement:
    """How a rating moved between two cycles; None means the criterion was not asked.

    `comparable` is False where the criterion was changed so much that two answers say nothing together.

    Only the three colours rank against one another. "Less relevant" is a judgement, so a move
    to or from it is "not comparable"; "not assessed" is the absence of one.
    """
    current = Status(now) if now else Status.NOT_ASSESSED
    earlier = Status(was) if was else Status.NOT_ASSESSED
    if not comparable and Status.NOT_ASSESSED not in (current, earlier):
        return Movement.NOT_COMPARABLE
    if current == earlier:
        return Movement.SAME
    if earlier == Status.NOT_ASSESSED:
        return Movement.NEWLY_ASSESSED
    if current == Status.NOT_ASSESSED:
        return Movement.NO_LONGER_ASSESSED
    current_rank, earlier_rank = RANK[current], RANK[earlier]
    if current_rank is None or earlier_rank is None:
        return Movement.NOT_COMPARABLE
    return Movement.BETTER if current_rank > earlier_rank else Movement.WORSE
