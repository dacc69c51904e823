"""Which criterion of an earlier framework a later one asks on, and whether their answers can be compared.

The one rule for every movement: the matrix, a health check, the comparison of two cycles, and the brief.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from assessments.models import Criterion


class Earlier(NamedTuple):
    """The criterion that stood in the earlier framework for a later one."""

    code: str
    is_comparable: bool


@dataclass(frozen=True)
class Continuity:
    """From a later framework's codes to the earlier's; `pairs` is None where the two are one framework."""

    pairs: Mapping[str, Earlier] | None = None

    def earlier(self, code: str) -> Earlier | None:
        """None: the earlier framework did not ask it."""
        return Earlier(code, is_comparable=True) if self.pairs is None else self.pairs.get(code)

    def dropped(self, codes: list[str]) -> list[str]:
        """Those of the earlier framework's codes that the later one asks no more."""
        if self.pairs is None:
            return []
        kept = {earlier.code for earlier in self.pairs.values()}
        return [code for code in codes if code not in kept]


class _Asked(NamedTuple):
    pk: int
    code: str
    continues: int | None
    is_comparable: bool
    framework: int
    name: str
    version: int


@dataclass(frozen=True)
class _Frameworks:
    """Every criterion of every framework: some thirty for each version."""

    every: list[_Asked]
    by_key: dict[int, _Asked] = field(init=False)
    by_code: dict[tuple[int, str], _Asked] = field(init=False)
    versions: dict[str, dict[int, int]] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "by_key", {one.pk: one for one in self.every})
        object.__setattr__(self, "by_code", {(one.framework, one.code): one for one in self.every})
        versions: dict[str, dict[int, int]] = {}
        for one in self.every:
            versions.setdefault(one.name, {})[one.version] = one.framework
        object.__setattr__(self, "versions", versions)

    def before(self, one: _Asked, was: int) -> _Asked | None:
        """What it continues; if that is not said, the one of its code in the version before or in `was`."""
        if one.continues is not None:
            return self.by_key.get(one.continues)
        lower = [version for version in self.versions[one.name] if version < one.version]
        found = self.by_code.get((self.versions[one.name][max(lower)], one.code)) if lower else None
        return found or self.by_code.get((was, one.code))

    def earlier(self, one: _Asked, was: int) -> Earlier | None:
        is_comparable, seen = True, {one.pk}
        here: _Asked | None = one
        while here is not None and here.framework != was:
            is_comparable = is_comparable and here.is_comparable
            here = self.before(here, was)
            if here is not None and here.pk in seen:
                return None
            seen |= {here.pk} if here else set()
        return Earlier(here.code, is_comparable) if here else None


def continuity(now: int, was: int) -> Continuity:
    """Between two frameworks, by their keys. One query where they differ, else none."""
    return continuities(now, [was])[was]


def continuities(now: int, earlier: Iterable[int]) -> dict[int, Continuity]:
    """From one framework to each of the earlier ones, by their keys. One query, or none."""
    others = set(earlier) - {now}
    found = {now: Continuity()}
    if not others:
        return found
    rows = Criterion.objects.order_by("position").values_list(
        "pk",
        "code",
        "continues_id",
        "is_comparable",
        "theme__framework_id",
        "theme__framework__name",
        "theme__framework__version",
    )
    frameworks = _Frameworks([_Asked(*row) for row in rows])
    asked = [one for one in frameworks.every if one.framework == now]
    for was in others:
        pairs = {one.code: frameworks.earlier(one, was) for one in asked}
        found[was] = Continuity({code: earlier for code, earlier in pairs.items() if earlier})
    return found
