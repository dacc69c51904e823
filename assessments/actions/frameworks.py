"""A framework's next version: written as a draft, changed criterion by criterion, and published."""

import hashlib
import re
from collections.abc import Iterable
from dataclasses import asdict, astuple, dataclass
from typing import TypeVar

from django.db import transaction
from django.db.models import Model, QuerySet
from django.utils import timezone

from accounts.models import User
from accounts.permissions import Permission
from assessments.actions.guards import require
from assessments.models import Criterion, Framework, ReviewCycle, Theme
from cdrp_portal.history import acting

Row = TypeVar("Row", bound=Model)


class FrameworkRefused(Exception):
    """The framework cannot be changed so; the message says why."""


class CriterionConflict(Exception):
    """Somebody changed this criterion after `mine` was begun: `theirs` stands. Nothing was overwritten."""

    def __init__(self, mine: "Wording", theirs: "Wording") -> None:
        super().__init__("Somebody changed this criterion while you were writing.")
        self.mine = mine
        self.theirs = theirs


class ThemeConflict(Exception):
    """Somebody renamed this theme after it was opened: `theirs` stands. Nothing was overwritten."""

    def __init__(self, mine: str, theirs: str) -> None:
        super().__init__("Somebody renamed this theme while you were writing.")
        self.mine = mine
        self.theirs = theirs


@dataclass(frozen=True)
class Wording:
    """What one criterion asks, and which earlier one it asks on."""

    short_title: str
    authority_wording: str
    borough_wording: str
    evidence_expected: str
    continues_id: int | None
    is_comparable: bool

    @classmethod
    def of(cls, criterion: Criterion) -> "Wording":
        return cls(
            criterion.short_title,
            criterion.authority_wording,
            criterion.borough_wording,
            criterion.evidence_expected,
            criterion.continues_id,
            criterion.is_comparable,
        )

    @property
    def stamp(self) -> str:
        """Stands for it in a page, to tell whether it is still what its reader saw."""
        return hashlib.sha256(repr(astuple(self)).encode()).hexdigest()


@transaction.atomic
def start_version(*, framework: Framework, by: User) -> Framework:
    """A draft with all that `framework` asks, each criterion asking on its own. One draft at a time."""
    require(by, Permission.MANAGE_FRAMEWORKS)
    versions = list(Framework.objects.select_for_update().filter(name=framework.name).order_by("-version"))
    if versions[0].is_draft:
        raise FrameworkRefused(f"{versions[0]} is being written already.")
    with acting(by):
        draft = Framework.objects.create(
            name=framework.name,
            version=versions[0].version + 1,
            published_on=timezone.localdate(),
            is_draft=True,
        )
        themes = list(framework.themes.all())
        copies = Theme.objects.bulk_create(
            Theme(framework=draft, code=theme.code, title=theme.title) for theme in themes
        )
        theme_of = {theme.pk: copy for theme, copy in zip(themes, copies, strict=True)}
        Criterion.objects.bulk_create(
            Criterion(
                theme=theme_of[old.theme_id],
                code=old.code,
                position=old.position,
                short_title=old.short_title,
                authority_wording=old.authority_wording,
                borough_wording=old.borough_wording,
                evidence_expected=old.evidence_expected,
                derived_from=old.derived_from,
                continues=old,
            )
            for old in Criterion.objects.filter(theme__framework=framework)
        )
    return draft


@transaction.atomic
def add_theme(*, framework: Framework, title: str, by: User) -> Theme:
    """A theme at the end, under the letter after the last that any version has had."""
    _draft(framework, by)
    codes = Theme.objects.filter(framework__name=framework.name).values_list("code", flat=True)
    last = max((ord(code) for code in codes if len(code) == 1), default=ord("A") - 1)
    if last >= ord("Z"):
        raise FrameworkRefused("There is no letter left for another theme.")
    with acting(by):
        return Theme.objects.create(framework=framework, code=chr(last + 1), title=title)


@transaction.atomic
def rename_theme(*, theme: Theme, title: str, seen: str, by: User) -> Theme:
    """`seen` is the title that its writer saw. Raises FrameworkRefused, or ThemeConflict where it is not."""
    _draft(theme.framework, by)
    theme = _still(Theme.objects.filter(pk=theme.pk))
    if theme.title == title:
        return theme
    if theme.title != seen:
        raise ThemeConflict(title, theme.title)
    theme.title = title
    with acting(by):
        theme.save(update_fields=["title"])
    return theme


@transaction.atomic
def drop_theme(*, theme: Theme, by: User) -> None:
    _draft(theme.framework, by)
    if theme.criteria.exists():
        raise FrameworkRefused(f"{theme} still has criteria. Drop them first.")
    with acting(by):
        theme.delete()


@transaction.atomic
def add_criterion(*, theme: Theme, wording: Wording, by: User) -> Criterion:
    """Ask something more at the end of its theme, under a code that no version has had."""
    _draft(theme.framework, by)
    _still(Theme.objects.filter(pk=theme.pk))
    _require_free(theme.framework, wording)
    used = Criterion.objects.filter(theme__framework__name=theme.framework.name, theme__code=theme.code)
    numbers = [
        int(found.group()) for code in used.values_list("code", flat=True) if (found := _NUMBER.search(code))
    ]
    code = f"{theme.code}{max(numbers, default=0) + 1}"
    with acting(by):
        criterion = Criterion.objects.create(theme=theme, code=code, position=0, **asdict(wording))
        _renumber(_in_order(theme.framework, last=criterion))
    return criterion


_NUMBER = re.compile(r"\d+$")


@transaction.atomic
def reword_criterion(*, criterion: Criterion, wording: Wording, seen: str, by: User) -> Criterion:
    """Change what is asked. `seen` is the stamp of what its writer saw.

    Raises FrameworkRefused, or CriterionConflict where it is not as it was seen.
    """
    _draft(criterion.theme.framework, by)
    criterion = _still(Criterion.objects.select_related("theme__framework").filter(pk=criterion.pk))
    standing = Wording.of(criterion)
    if standing == wording:
        return criterion
    if standing.stamp != seen:
        raise CriterionConflict(wording, standing)
    _require_free(criterion.theme.framework, wording, but=criterion)
    for name, value in asdict(wording).items():
        setattr(criterion, name, value)
    with acting(by):
        criterion.save(update_fields=[name.removesuffix("_id") for name in asdict(wording)])
    return criterion


@transaction.atomic
def drop_criterion(*, criterion: Criterion, by: User) -> None:
    """Ask it no more. What was answered in earlier cycles stays."""
    _draft(criterion.theme.framework, by)
    with acting(by):
        criterion.delete()


@transaction.atomic
def move_criterion(*, criterion: Criterion, up: bool, by: User) -> None:
    """One place up or down within its theme; at the theme's end it stays."""
    framework = criterion.theme.framework
    _draft(framework, by)
    _still(Criterion.objects.filter(pk=criterion.pk))
    order = _in_order(framework)
    place = next(number for number, one in enumerate(order) if one.pk == criterion.pk)
    other = place - 1 if up else place + 1
    if 0 <= other < len(order) and order[other].theme_id == criterion.theme_id:
        order[place], order[other] = order[other], order[place]
        with acting(by):
            _renumber(order)


@transaction.atomic
def publish(*, framework: Framework, by: User) -> Framework:
    """End the draft: cycles can ask it from now on, and nobody can change it."""
    framework = _draft(framework, by)
    criteria = Criterion.objects.filter(theme__framework=framework)
    if not criteria.asked_of_boroughs().exists():
        raise FrameworkRefused("Ask at least one criterion of the boroughs first.")
    empty = framework.themes.exclude(criteria__in=criteria).first()
    if empty is not None:
        raise FrameworkRefused(f"{empty} has no criterion. Add one, or drop the theme.")
    framework.is_draft, framework.published_on = False, timezone.localdate()
    with acting(by):
        framework.save(update_fields=["is_draft", "published_on"])
    return framework


@transaction.atomic
def discard(*, framework: Framework, by: User) -> None:
    """Throw a draft away. Its history stays."""
    framework = _draft(framework, by)
    with acting(by):
        Criterion.objects.filter(theme__framework=framework).delete()
        framework.themes.all().delete()
        framework.delete()


def _draft(framework: Framework, by: User) -> Framework:
    """The draft, locked: of two changes to one framework the second waits for the first."""
    require(by, Permission.MANAGE_FRAMEWORKS)
    found = _still(Framework.objects.select_for_update().filter(pk=framework.pk))
    if not found.is_draft or ReviewCycle.objects.filter(framework=found).exists():
        raise FrameworkRefused(f"{found} is published and cannot be changed. Start a new version.")
    return found


def _still(rows: QuerySet[Row]) -> Row:
    """The one row, if nobody has dropped it while it was waited for."""
    found = rows.first()
    if found is None:
        raise FrameworkRefused("Somebody has dropped this meanwhile.")
    return found


def _require_free(framework: Framework, wording: Wording, but: Criterion | None = None) -> None:
    """An earlier criterion is asked on by one: two would each carry its answer."""
    if wording.continues_id is None:
        return
    others = Criterion.objects.filter(theme__framework=framework, continues=wording.continues_id)
    if but is not None:
        others = others.exclude(pk=but.pk)
    if (other := others.first()) is not None:
        raise FrameworkRefused(f"{other} asks that one on already. Choose another, or change {other.code}.")


def _in_order(framework: Framework, last: Criterion | None = None) -> list[Criterion]:
    """By theme, then by place; `last` at the end of its theme."""
    rows = Criterion.objects.filter(theme__framework=framework).select_related("theme")
    return sorted(rows, key=lambda one: (one.theme.code, one == last, one.position, one.pk))


def _renumber(criteria: Iterable[Criterion]) -> None:
    moved = []
    for position, criterion in enumerate(criteria, start=1):
        if criterion.position != position:
            criterion.position = position
            moved.append(criterion)
    Criterion.objects.bulk_update(moved, ["position"])
