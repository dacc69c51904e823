"""What the reader asked of the matrix: from an address, into an address, and in words."""

import datetime as dt
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self
from urllib.parse import urlencode

from django.db import models
from django.utils import timezone

from cdrp_portal.dates import DateError, parse_as_at, uk_date
from cdrp_portal.status import Movement, Status


class BadFilter(ValueError):
    """A filter that cannot be applied. The message says which, and what may be written instead."""


class Show(models.TextChoices):
    """Which ratings a borough must have to be shown. Its other ratings stay beside them.

    A criterion that nobody has answered yet this cycle is not "changed".
    """

    ALL = "all", "All"
    WORSE = "worse", "Only worse"
    RED = "red", "Only red"
    CHANGED = "changed", "Only changed"
    BETTER = "better", "Only better"
    GREEN = "green", "Only green"
    AMBER = "amber", "Only amber"
    LESS_RELEVANT = "less_relevant", "Only less relevant"
    NOT_ASSESSED = "not_assessed", "Only not assessed"
    NOT_RECONFIRMED = "not_reconfirmed", "Not re-confirmed"

    @property
    def compares(self) -> bool:
        return self in (Show.WORSE, Show.CHANGED, Show.BETTER)

    def selects(self, value: str, move: Movement | None, stale: bool) -> bool:
        match self:
            case Show.ALL:
                return True
            case Show.NOT_RECONFIRMED:
                return stale
            case Show.CHANGED:
                return move not in (None, Movement.SAME, Movement.NO_LONGER_ASSESSED)
            case Show.BETTER | Show.WORSE:
                return move == self.value
        return value == self.value


class Cells(models.TextChoices):
    LETTERS = "letters", "Letters"
    WORDS = "words", "Words"


class View(models.TextChoices):
    """The page's two forms; without one the window's width decides."""

    EITHER = "", "By the width of the window"
    TABLE = "table", "The whole matrix as a table"
    LIST = "list", "One borough as a list"


SLUG = re.compile(r"[-a-z0-9_]{1,60}", re.IGNORECASE)
CODE = re.compile(r"[A-Z][A-Z0-9]{0,3}")
OFFICER = re.compile(r"[0-9]{1,9}")
PAGE = re.compile(r"[1-9][0-9]{0,3}")
SHAPES = {
    "theme": (CODE, "a theme’s letter, such as E"),
    "criterion": (CODE, "a criterion’s code, such as E1"),
    "officer": (OFFICER, "the number of an officer from the list"),
    "since": (SLUG, "the name of an earlier review cycle in its address, such as spring-2010"),
    "borough": (SLUG, "a borough’s name in its address, such as camden"),
    "page": (PAGE, "the number of a page, such as 2"),
}
CHOICES: dict[str, type[models.TextChoices]] = {"show": Show, "cells": Cells, "view": View}
# Every parameter, with what the page opens with.
OPENING = {
    "theme": "",
    "criterion": "",
    "officer": "",
    "show": Show.ALL.value,
    "since": "",
    "as_at": "",
    "cells": Cells.LETTERS.value,
    "view": View.EITHER.value,
    "borough": "",
    "page": "",
}
# What decides the values; the rest only decides how they are drawn.
DATA = ("theme", "criterion", "officer", "show", "since", "as_at")
# What leaves no borough and no criterion out.
NARROWS_NOTHING = frozenset({"since", "as_at"})


@dataclass(frozen=True)
class MatrixFilters:
    """The filters of one matrix; empty means "all", and an empty `since` means the previous cycle.

    The last three names are filled in by `load_matrix`, which knows the rows that the codes stand for.
    """

    theme: str = ""
    criterion: str = ""
    officer: str = ""
    show: str = Show.ALL.value
    since: str = ""
    as_at: str = ""
    cells: str = Cells.LETTERS.value
    view: str = View.EITHER.value
    borough: str = ""
    page: str = ""
    named_theme: str = ""
    named_criterion: str = ""
    named_officer: str = ""
    named_since: str = ""

    @classmethod
    def from_query(cls, query: Mapping[str, str]) -> Self:
        """The filters of an address. Other parameters are not ours to judge; raises BadFilter."""
        given = {name: query.get(name, "").strip() for name in (*SHAPES, *CHOICES)}
        for name, (shape, example) in SHAPES.items():
            if given[name] and not shape.fullmatch(given[name]):
                raise BadFilter(f"“{given[name][:60]}” cannot be a filter for {name}. Write {example}.")
        for name, choices in CHOICES.items():
            if given[name] and given[name] not in choices.values:
                allowed = ", ".join(value for value in choices.values if value)
                raise BadFilter(
                    f"“{given[name][:60]}” cannot be chosen for {name}. Choose one of: {allowed}."
                )
        try:
            day = parse_as_at(query.get("as_at", "").strip(), today=timezone.localdate())
        except DateError as error:
            raise BadFilter(str(error)) from error
        as_at = day.isoformat() if day else ""
        return cls(as_at=as_at, **{name: value for name, value in given.items() if value})

    @property
    def day(self) -> dt.date | None:
        """The day at whose end the ratings are asked for; None is now."""
        return dt.date.fromisoformat(self.as_at) if self.as_at else None

    @property
    def day_query(self) -> str:
        """What an address of another page needs to show the same day."""
        return f"?as_at={self.as_at}" if self.as_at else ""

    @property
    def is_narrowed(self) -> bool:
        """Whether boroughs or criteria may be missing from what is shown."""
        return not self.chosen(data_only=True).keys() <= NARROWS_NOTHING

    def chosen(self, *, data_only: bool = False) -> dict[str, str]:
        """The parameters that differ from the page as it opens, in a fixed order."""
        values = self.__dict__
        return {
            name: value
            for name, opening in OPENING.items()
            if (value := values[name]) != opening and (not data_only or name in DATA)
        }

    def as_query(self, *, data_only: bool = False, **changes: str) -> str:
        """The query of an address, with its "?"; empty when nothing was chosen.

        Where it changes what is shown, it begins with the first page again.
        """
        chosen = self.chosen(data_only=data_only)
        if not changes.keys().isdisjoint(DATA):
            chosen.pop("page", None)
        chosen |= changes
        pairs = [(name, chosen[name]) for name in OPENING if chosen.get(name, OPENING[name]) != OPENING[name]]
        return f"?{urlencode(pairs)}" if pairs else ""

    def described(self) -> tuple[tuple[str, str], ...]:
        """Pairs of a filter and what was chosen, in words; only what was chosen."""
        pairs = (
            ("Theme", self.named_theme or self.theme),
            ("Criterion", self.named_criterion or self.criterion),
            ("Officer", self.named_officer or self.officer),
            ("Show", Show(self.show).label if self.show != Show.ALL else ""),
            ("Movement since", self.named_since or self.since),
            ("As at", uk_date(self.day) if self.day else ""),
        )
        return tuple((name, chosen) for name, chosen in pairs if chosen)

    def as_sentence(self) -> str:
        """ "Theme: E Information. Show: Only red." or "Every borough and criterion."."""
        narrowing = [pair for pair in self.described() if pair[0] not in ("Movement since", "As at")]
        if not narrowing:
            return "Every borough and criterion."
        return " ".join(f"{name}: {chosen}." for name, chosen in narrowing)


def was_in_words(status: str) -> str:
    """A rating inside a sentence: the colours keep their capital, the two others do not."""
    label = str(Status(status).label)
    return label if Status(status).rank else label.lower()
