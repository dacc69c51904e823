"""Panels: how a lower room's page shows an upper room's facts without importing upwards (DESIGN §3).

The lower room's view asks `panels_for("boroughs.borough", request, borough)` and its template includes each
panel's fragment; the upper room's `apps.ready` imports the module in which its panels are registered.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.http import HttpRequest


@dataclass(frozen=True)
class Panel:
    """A titled fragment of a page; `template` is rendered with `context` beside the page's own."""

    title: str
    template: str
    context: Mapping[str, Any] = field(default_factory=dict)


Source = Callable[[HttpRequest, Any], Panel | None]

# By place, then by the source's own name, so that a module imported twice does not show its panel twice.
_sources: dict[str, dict[str, tuple[int, Source]]] = {}


def register(place: str, *, order: int) -> Callable[[Source], Source]:
    """Show what the decorated function returns at `place`, lowest `order` first; None shows nothing."""

    def keep(source: Source) -> Source:
        _sources.setdefault(place, {})[f"{source.__module__}.{source.__qualname__}"] = (order, source)
        return source

    return keep


def panels_for(place: str, request: HttpRequest, subject: Any) -> list[Panel]:
    """The panels that have something to say of the subject to whoever asks, in their order."""
    sources = sorted(_sources.get(place, {}).items(), key=lambda item: (item[1][0], item[0]))
    panels = (source(request, subject) for _name, (_order, source) in sources)
    return [panel for panel in panels if panel is not None]
