"""How pages say ratings, movements and dates."""

import datetime as dt
from typing import Any

from django import template
from django.template import Context, NodeList
from django.template.base import Parser, Token
from django.utils.safestring import SafeString

from cdrp_portal import dates
from cdrp_portal.status import Movement, Status, movement

register = template.Library()

SORT_WORDS = {
    "ascending": "sorted, lowest first",
    "descending": "sorted, highest first",
    "none": "not sorted",
}


@register.inclusion_tag("includes/_status.html")
def status(value: str | None, count: int | None = None) -> dict[str, Any]:
    """The chip of a rating. A criterion that nobody has answered is "Not assessed"."""
    return {"status": Status(value or Status.NOT_ASSESSED), "count": count}


@register.inclusion_tag("includes/_movement.html", name="movement")
def movement_tag(now: str | None, was: str | None, cycle: str = "") -> dict[str, Any]:
    """ "Worse: was Green", and "in Spring 2010" where the cycle is given."""
    return {"words": movement_words(now, was), "move": movement(now, was), "cycle": cycle}


@register.filter
def status_of(value: str | None) -> Status:
    return Status(value or Status.NOT_ASSESSED)


def movement_words(now: str | None, was: str | None, *, comparable: bool = True) -> str:
    """A movement as a sentence's beginning; empty when nothing moved."""
    earlier = Status(was or Status.NOT_ASSESSED).label
    return {
        Movement.BETTER: f"Better: was {earlier}",
        Movement.WORSE: f"Worse: was {earlier}",
        Movement.SAME: "",
        Movement.NEWLY_ASSESSED: "Newly assessed",
        Movement.NOT_COMPARABLE: f"Not comparable: was {earlier}",
        Movement.NO_LONGER_ASSESSED: f"No longer assessed: was {earlier}",
    }[movement(now, was, comparable=comparable)]


@register.filter
def uk_date(day: dt.date | None) -> str:
    return dates.uk_date(day) if day else ""


@register.filter
def uk_time(moment: dt.datetime | None) -> str:
    return dates.uk_time(moment) if moment else ""


@register.filter
def uk_moment(moment: dt.datetime | None) -> str:
    return dates.uk_moment(moment) if moment else ""


@register.filter
def sort_state(column: Any) -> str:
    """The `aria-sort` of a django-tables2 column."""
    if not column.is_ordered:
        return "none"
    return "descending" if column.order_by_alias.is_descending else "ascending"


@register.filter
def sort_words(column: Any) -> str:
    return SORT_WORDS[sort_state(column)]


class OnceNode(template.Node):
    def __init__(self, inside: NodeList) -> None:
        self.inside = inside
        self.drawn: SafeString | None = None

    def render(self, context: Context) -> SafeString:
        if self.drawn is None:
            # Without the page's own context: nothing of one reader can be kept for the next.
            empty = Context()
            with empty.bind_template(context.template):  # type: ignore[arg-type]  # drawing binds it
                self.drawn = self.inside.render(empty)
        return self.drawn


@register.tag
def once(parser: Parser, token: Token) -> OnceNode:
    """What is the same on every page, such as addresses of files, is drawn once in a process."""
    inside = parser.parse(["endonce"])
    parser.delete_first_token()
    return OnceNode(inside)


class KeepNode(template.Node):
    def __init__(self, inside: NodeList, name: str) -> None:
        self.inside = inside
        self.name = name

    def render(self, context: Context) -> str:
        context[self.name] = self.inside.render(context)
        return ""


@register.tag
def keep(parser: Parser, token: Token) -> KeepNode:
    """{% keep frame_menu %}…{% endkeep %} draws what stands twice on the page, for {{ frame_menu }}."""
    _tag, name = token.split_contents()
    inside = parser.parse(["endkeep"])
    parser.delete_first_token()
    return KeepNode(inside, name)
