"""The plan of a cycle line by line: an action and the ratings it answers, or ratings without one."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from recommendations.content.cycle_plan import Area, Finding, Somewhere, subjects_in_words
from recommendations.content.plan import PlannedAction

OPEN, NO_ACTION = "open", "none"


@dataclass(frozen=True)
class PlanLine(Somewhere):
    """`findings` are those that the action answers; without one, those that nothing answers."""

    action: PlannedAction | None

    @property
    def subjects(self) -> str:
        return subjects_in_words(self.findings)

    @property
    def is_overdue(self) -> bool:
        return self.action is not None and self.action.is_overdue

    def is_led_by(self, unit: str) -> bool:
        return self.action is not None and self.action.unit == unit

    def is_in_state(self, state: str) -> bool:
        """`state`: one of Progress, or any that is open, or no action at all."""
        if self.action is None:
            return state == NO_ACTION
        return self.action.is_open if state == OPEN else self.action.status == state

    def says(self, words: str) -> bool:
        """Whether each of the words stands somewhere in the line, in whatever case."""
        said = [self.name, self.theme]
        if self.action is not None:
            newest = [self.action.newest.text] if self.action.newest else []
            said += [self.action.text, self.action.lead, *newest]
        text = "\n".join(said).casefold()
        return all(word in text for word in words.casefold().split())

    def within(self, subject: str) -> list["PlanLine"]:
        """The line about that borough alone, or nothing where it is about others."""
        there = [one for one in self.findings if one.slug == subject]
        return [replace(self, findings=there)] if there else []


def lines_of(areas: Iterable[Area]) -> list[PlanLine]:
    """The areas' order, in each its actions first and then what has none."""
    return [line for area in areas for line in _lines(area)]


def _lines(area: Area) -> list[PlanLine]:
    by_action: dict[int, list[Finding]] = {}
    for finding in area.findings:
        for action in finding.actions:
            by_action.setdefault(action.pk, []).append(finding)
    lines = [_line(area, by_action[action.pk], action) for action in area.actions]
    return [*lines, _line(area, area.unanswered, None)] if area.unanswered else lines


def _line(area: Area, findings: Sequence[Finding], action: PlannedAction | None) -> PlanLine:
    return PlanLine(area.code, area.title, area.theme, findings, action)


@dataclass(frozen=True)
class PlanFacets:
    """What a plan can be narrowed to: (value, words) of each choice that some line has."""

    boroughs: Sequence[tuple[str, str]]
    themes: Sequence[str]
    criteria: Sequence[tuple[str, str]]
    units: Sequence[tuple[str, str]]


def plan_facets(lines: Sequence[PlanLine]) -> PlanFacets:
    actions = [line.action for line in lines if line.action is not None]
    return PlanFacets(
        boroughs=_by_words({one.slug: one.subject for line in lines for one in line.findings}),
        themes=list(dict.fromkeys(line.theme for line in lines)),
        criteria=list({line.code: line.name for line in lines}.items()),
        units=_by_words({action.unit: action.lead for action in actions}),
    )


def _by_words(choices: dict[str, str]) -> list[tuple[str, str]]:
    return sorted(choices.items(), key=lambda choice: choice[1])
