"""How pages say ratings, movements and dates."""

import datetime as dt
from typing import Any

from django import template
from django.template import Context, NodeList, TemplateSyntaxError
from django.template.base import FilterExpression, Parser, Token, token_kwargs
from django.templatetags.static import static
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from cdrp_portal import dates
from cdrp_portal.status import Movement, Status, movement

register = template.Library()

# Of one place in a template: more than there are cycles and ways of looking at one.
ONCE_LIMIT = 200

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
    def __init__(self, inside: NodeList, values: dict[str, FilterExpression]) -> None:
        self.inside = inside
        self.values = values
        self.drawn: dict[tuple[Any, ...], SafeString] = {}

    def render(self, context: Context) -> SafeString:
        values = {name: value.resolve(context) for name, value in self.values.items()}
        asked = tuple(values.values())
        drawn = self.drawn.get(asked)
        if drawn is None:
            if len(self.drawn) == ONCE_LIMIT:
                self.drawn.clear()
            # Without the page's own context: nothing of one reader can be kept for the next.
            alone = Context(values)
            with alone.bind_template(context.template):  # type: ignore[arg-type]  # drawing binds it
                drawn = self.drawn[asked] = self.inside.render(alone)
        return drawn


@register.tag
def once(parser: Parser, token: Token) -> OnceNode:
    """What is the same on every page, such as addresses of files, is drawn once in a process.

    {% once name=cycle.name may=may_manage %}…{% endonce %} is drawn once for each such name and right. What
    stands inside has those values only; they are text, numbers, true or false, or nothing.
    """
    _tag, *parts = token.split_contents()
    values = token_kwargs(parts, parser)
    if parts:
        raise TemplateSyntaxError(f"once takes values by name, not “{parts[0]}”.")
    inside = parser.parse(["endonce"])
    parser.delete_first_token()
    return OnceNode(inside, values)


@register.simple_tag(takes_context=True)
def script(context: Context, *names: str) -> SafeString:
    """A deferred script element for each file of static/js, with the page's nonce where it has one."""
    nonce = getattr(context.get("request"), "csp_nonce", None)
    # The nonce is made when it is first read; until then it is no truth to ask for.
    attribute = "" if nonce is None else format_html(' nonce="{}"', str(nonce))
    return format_html_join(
        "\n", '<script src="{}" defer{}></script>', ((static(f"js/{name}.js"), attribute) for name in names)
    )


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
