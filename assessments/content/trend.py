"""How many ratings were green, amber and red in each cycle: of London, a borough, a theme or a criterion."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from urllib.parse import urlencode

from django.db.models import Count

from accounts.models import User
from assessments.content.continuity import Continuity, continuities
from assessments.models import HealthCheck, Rating, ReviewCycle
from cdrp_portal.charts import Series, line_chart
from cdrp_portal.status import RATED, Status

# Not a column: `with_visibility` adds it.
IS_VISIBLE = "is_visible"


@dataclass(frozen=True)
class Figure:
    """A number, and the address of the rows behind it; empty where there are none."""

    status: Status
    count: int
    url: str


@dataclass(frozen=True)
class Point:
    """One cycle. `counted` of `boroughs` health checks may be read; `asked`: whether any of it was."""

    cycle: ReviewCycle
    url: str
    counted: int
    boroughs: int
    asked: bool
    counts: Mapping[Status, int]

    @property
    def is_known(self) -> bool:
        return self.asked and self.counted > 0

    @property
    def figures(self) -> list[Figure]:
        return [Figure(status, self.counts.get(status, 0), self._url(status)) for status in Status]

    @property
    def why_not(self) -> str:
        return "" if self.is_known else "Not asked in these words" if self.counted else "Not signed off"

    @property
    def colours(self) -> str:
        """ "551 green, 180 amber and 57 red"."""
        green, amber, red = (self.counts.get(status, 0) for status in RATED)
        return f"{green:,} green, {amber:,} amber and {red:,} red"

    def _url(self, status: Status) -> str:
        if not self.counts.get(status):
            return ""
        joined = "&" if "?" in self.url else "?"
        return f"{self.url}{joined}{urlencode({'show': status.value})}"


@dataclass(frozen=True)
class Trend:
    """Oldest cycle first. `subject` is whose ratings they are: "London", "Camden", "E Information"."""

    subject: str
    points: list[Point]

    @cached_property
    def known(self) -> list[Point]:
        return [point for point in self.points if point.is_known]

    @property
    def sentence(self) -> str:
        if not self.known:
            return f"No rating of {self.subject} may be shown yet."
        last = self.known[-1]
        words = f"{self.subject} in {last.cycle}: {last.colours}{self._of(last)}."
        if len(self.known) == 1:
            return f"{words} No earlier cycle can be set beside it."
        before = self.known[-2]
        words += f" In {before.cycle}: {before.colours}{self._of(before)}."
        return f"{words} {self._reds(last, before)}"

    @property
    def chart(self) -> dict[str, Any]:
        series = [
            Series(
                str(status.label),
                [point.counts.get(status, 0) if point.is_known else None for point in self.points],
                status=status,
            )
            for status in RATED
        ]
        return line_chart([point.cycle.name for point in self.points], series, label=self.sentence)

    @property
    def counts_boroughs(self) -> bool:
        """Whether how many boroughs are counted says anything: it does not of one alone."""
        return any(point.boroughs > 1 for point in self.points)

    def _of(self, point: Point) -> str:
        return f", of {point.counted} of {point.boroughs} boroughs" if point.boroughs > 1 else ""

    def _reds(self, last: Point, before: Point) -> str:
        if not last.boroughs == last.counted == before.counted == before.boroughs:
            return "They are not of the same boroughs, so the lines do not say what got better or worse."
        more = last.counts.get(Status.RED, 0) - before.counts.get(Status.RED, 0)
        if more == 0:
            return "As many are red as before."
        return f"{abs(more):,} {'more' if more > 0 else 'fewer'} red."


def read_trend(
    *,
    cycle: ReviewCycle,
    cycles: Iterable[ReviewCycle],
    user: User,
    subject: str = "London",
    codes: Collection[str] | None = None,
    query: Mapping[str, str] | None = None,
    check: HealthCheck | None = None,
) -> Trend:
    """To `cycle` from the earlier ones. Two queries, and one more where the framework has changed.

    `codes` are criteria of the cycle's framework: in an earlier one the criterion that each continues is
    counted, unless its answers cannot be compared. Without them all that was asked then is. `query` narrows
    the matrix behind each number, where the framework is the same. Of one subject where a `check` is given.
    """
    past = [one for one in cycles if one.opens_on < cycle.opens_on] + [cycle]
    past.sort(key=lambda one: (one.opens_on, one.pk))
    checks = HealthCheck.objects.filter(cycle__in=[one.pk for one in past])
    checks = checks.filter(borough=check.borough_id) if check else checks.of_boroughs()
    boroughs: dict[int, list[bool]] = {one.pk: [] for one in past}
    for of_cycle, is_visible in checks.with_visibility(user).order_by().values_list("cycle_id", IS_VISIBLE):
        boroughs[of_cycle].append(is_visible)
    counted = (
        Rating.objects.filter(health_check__in=checks.visible_to(user).values("pk"))
        .order_by()
        .values_list("health_check__cycle", "criterion__code", "value")
        .annotate(number=Count("pk"))
    )
    by_cycle: dict[int, list[tuple[str, str, int]]] = {one.pk: [] for one in past}
    for of_cycle, code, value, number in counted:
        by_cycle[of_cycle].append((code, value, number))
    kept = continuities(cycle.framework_id, [one.framework_id for one in past]) if codes is not None else {}
    points = []
    for one in past:
        then = None if codes is None else _then(codes, kept[one.framework_id])
        url = _url(one, cycle, query or {}, check)
        points.append(_point(one, url, boroughs[one.pk], then, by_cycle[one.pk]))
    return Trend(subject, points)


def _then(codes: Collection[str], kept: Continuity) -> set[str]:
    """What the earlier framework asked of the same, in words that can be compared."""
    earlier = [kept.earlier(code) for code in codes]
    return {one.code for one in earlier if one and one.is_comparable}


def _url(one: ReviewCycle, cycle: ReviewCycle, query: Mapping[str, str], check: HealthCheck | None) -> str:
    address = one.get_absolute_url()
    if check:
        return f"{address}{check.subject_slug}/"
    narrowed = {name: value for name, value in query.items() if value}
    if narrowed and one.framework_id == cycle.framework_id:
        return f"{address}?{urlencode(narrowed)}"
    return address


def _point(
    one: ReviewCycle,
    url: str,
    boroughs: list[bool],
    codes: Collection[str] | None,
    counted: list[tuple[str, str, int]],
) -> Point:
    counts = dict.fromkeys(Status, 0)
    for code, value, number in counted:
        if codes is None or code in codes:
            counts[Status(value)] += number
    return Point(one, url, sum(boroughs), len(boroughs), codes is None or bool(codes), counts)
