"""A framework as its page shows it, and how a version differs from the one before."""

from dataclasses import dataclass

from django.db.models import Count, Q

from assessments.actions.frameworks import Wording
from assessments.content.continuity import continuity
from assessments.models import Criterion, Framework, Theme


@dataclass(frozen=True)
class Line:
    """One criterion of a framework, and what became of the earlier one that it asks on."""

    criterion: Criterion
    earlier: Criterion | None
    is_comparable: bool
    is_first: bool
    is_last: bool

    @property
    def is_new(self) -> bool:
        return self.earlier is None

    @property
    def is_reworded(self) -> bool:
        return self.earlier is not None and _asked(self.criterion) != _asked(self.earlier)

    @property
    def rewordings(self) -> list[tuple[str, str, str]]:
        """What was changed: its name, as it was and as it is."""
        if self.earlier is None:
            return []
        pairs = zip(NAMES, _asked(self.earlier), _asked(self.criterion), strict=True)
        return [(name, was, now) for name, was, now in pairs if was != now]

    @property
    def said(self) -> str:
        """What is different, in words; empty where nothing is."""
        if self.earlier is None:
            return "New"
        said = []
        if self.criterion.code != self.earlier.code:
            said.append(f"was {self.earlier.code}")
        if self.is_reworded:
            said.append("reworded")
        if not self.is_comparable:
            said.append("changed, so not comparable")
        sentence = ", ".join(said)
        return sentence[:1].upper() + sentence[1:]


NAMES = ("Short title", "As it is asked of the Authority", "As it is asked of each borough", "What proves it")


def _asked(criterion: Criterion) -> tuple[str, ...]:
    return (
        criterion.short_title,
        criterion.authority_wording,
        criterion.borough_wording,
        criterion.evidence_expected,
    )


@dataclass(frozen=True)
class ThemeLines:
    theme: Theme
    lines: list[Line]


@dataclass(frozen=True)
class FrameworkPage:
    framework: Framework
    before: Framework | None
    themes: list[ThemeLines]
    dropped: list[Criterion]

    @property
    def lines(self) -> list[Line]:
        return [line for theme in self.themes for line in theme.lines]

    @property
    def of_boroughs(self) -> int:
        return sum(bool(line.criterion.borough_wording) for line in self.lines)

    @property
    def changed(self) -> list[Line]:
        """Those that are new, reworded, renamed or not comparable; none in a first version."""
        return [line for line in self.lines if line.said] if self.before else []


def read_frameworks() -> list[Framework]:
    """Every version: its criteria, those of boroughs among them, and the cycles that asked it, counted."""
    return list(
        Framework.objects.annotate(
            asked=Count("themes__criteria", distinct=True),
            of_boroughs=Count(
                "themes__criteria", filter=~Q(themes__criteria__borough_wording=""), distinct=True
            ),
            cycle_count=Count("cycles", distinct=True),
        ).order_by("name", "-version")
    )


def read_framework(framework: Framework) -> FrameworkPage:
    """Five queries, whatever it holds."""
    versions = Framework.objects.filter(name=framework.name, version__lt=framework.version)
    before = versions.order_by("-version").first()
    earlier = _criteria(before) if before else []
    by_code = {one.code: one for one in earlier}
    rule = continuity(framework.pk, before.pk) if before else None
    criteria = _criteria(framework)
    themes = []
    for theme in framework.themes.order_by("code"):
        asked = [one for one in criteria if one.theme_id == theme.pk]
        lines = []
        for place, one in enumerate(asked):
            was = rule.earlier(one.code) if rule else None
            lines.append(
                Line(
                    criterion=one,
                    earlier=by_code.get(was.code) if was else None,
                    is_comparable=was.is_comparable if was else True,
                    is_first=place == 0,
                    is_last=place == len(asked) - 1,
                )
            )
        themes.append(ThemeLines(theme, lines))
    dropped = set(rule.dropped(list(by_code))) if rule else set()
    return FrameworkPage(framework, before, themes, [one for one in earlier if one.code in dropped])


def _criteria(framework: Framework) -> list[Criterion]:
    return list(
        Criterion.objects.filter(theme__framework=framework)
        .select_related("theme")
        .order_by("position", "pk")
    )


def wording_words(wording: Wording) -> list[tuple[str, str]]:
    """What stands, for whoever met it while they were writing."""
    texts = (
        wording.short_title,
        wording.authority_wording,
        wording.borough_wording,
        wording.evidence_expected,
    )
    said = list(zip(NAMES, texts, strict=True))
    return [*said, ("Comparable with earlier answers", "Yes" if wording.is_comparable else "No")]
