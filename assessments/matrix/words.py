"""The small parts of the matrix page: a choice of a filter, a linked figure, an answer in a list."""

from dataclasses import dataclass

from cdrp_portal.status import Status


@dataclass(frozen=True, slots=True)
class Choice:
    value: str
    label: str
    is_chosen: bool


@dataclass(frozen=True, slots=True)
class Link:
    text: str
    url: str


@dataclass(frozen=True, slots=True)
class TablePage:
    """One page of the table's rows. `rows` are their names, by which the script finds what is elsewhere."""

    url: str
    words: str
    is_current: bool
    rel: str
    first: str
    last: str
    rows: str


@dataclass(frozen=True, slots=True)
class Answer:
    """One criterion of a borough's list."""

    code: str
    title: str
    url: str
    status: Status
    move_words: str
    move_class: str
