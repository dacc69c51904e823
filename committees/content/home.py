"""What each role's home page says: the officer's work list, the clerk's desk, the head's London."""

import datetime as dt
from collections import Counter
from dataclasses import dataclass
from typing import Any

from django.db.models import Count
from django.urls import reverse

from accounts.models import User
from accounts.permissions import Role
from assessments.content.evidence import proofs_of
from assessments.content.life import waiting
from assessments.content.standing import Standing, standings, time_gone
from assessments.models import HealthCheck, Rating, ReviewCycle
from boroughs.models import Borough, Meeting
from cdrp_portal.charts import Series, Tile, line_chart, tile_map
from cdrp_portal.status import Status
from committees.models import CommitteeMeeting, Job, Paper, on_the_agenda
from recommendations.content import actions_needing
from recommendations.models import OPEN_PROGRESS, Action

SHOWN_JOBS = 6
# How long before its day a promised proof is asked for.
PROOF_AHEAD = dt.timedelta(days=14)
CYCLES_IN_CHART = 6
TILE_KEY = (("done", "submitted"), ("progress", "in progress"), ("behind", "behind"))


def current_cycle() -> ReviewCycle | None:
    """The open cycle, or the newest where none is open."""
    newest = ReviewCycle.objects.newest_first()
    return newest.open().first() or newest.first()


def officer_home(user: User, on: dt.date) -> dict[str, Any]:
    """My boroughs, what is unrated, what is due."""
    cycle = current_cycle()
    boroughs = list(Borough.objects.linked_to(user, on))
    rows = standings(cycle, user, on, boroughs=boroughs) if cycle else []
    meetings = _next_meetings(boroughs, on)
    needs = actions_needing(user, on)
    return {
        "cycle": cycle,
        "days_left": (cycle.closes_on - on).days if cycle else None,
        "rows": [
            {
                "standing": row,
                "unrated": row.asked - row.answered,
                "fraction": round(100 * row.answered / row.asked) if row.asked else 0,
                "url": reverse("assessments:health-check", args=[cycle.slug, row.borough.slug]),
                "meeting": meetings.get(row.borough.pk),
            }
            for row in rows
            if cycle
        ],
        "unrated": sum(row.asked - row.answered for row in rows),
        "to_submit": [row for row in rows if not row.is_finished],
        "proofs": _proofs(cycle, boroughs, on) if cycle else [],
        "needs": needs,
        "overdue": sum(need.is_overdue for need in needs),
        "sections": list(
            user.paper_sections.filter(paper__state=Paper.State.DRAFT).select_related(
                "paper__meeting__committee"
            )
        ),
    }


def _proofs(cycle: ReviewCycle, boroughs: list[Borough], on: dt.date) -> list[dict[str, Any]]:
    """The proofs that were promised of the officer's greens and are due, the most overdue first."""
    due = Rating.objects.filter(
        health_check__cycle=cycle,
        health_check__borough__in=boroughs,
        proof_due_on__lte=on + PROOF_AHEAD,
        proof_confirmed_at=None,
    ).select_related("criterion", "health_check__borough", "health_check__cycle")
    return [
        {
            "name": str(rating.criterion),
            "borough": rating.health_check.subject_name,
            "url": f"{rating.health_check.get_absolute_url()}{rating.criterion.code}/",
            "words": words,
            "is_overdue": is_overdue,
        }
        for rating, words, is_overdue in proofs_of(due, on)
    ]


def _next_meetings(boroughs: list[Borough], on: dt.date) -> dict[int, Meeting]:
    coming = Meeting.objects.filter(borough__in=boroughs, starts_at__date__gte=on)
    return {row.borough_id: row for row in coming.order_by("borough_id", "starts_at").distinct("borough_id")}


def clerk_home(user: User, on: dt.date) -> dict[str, Any]:
    """Meetings ahead, papers in hand, jobs; and how far the cycle is that the next paper prints."""
    cycle = current_cycle()
    states = _states(cycle) if cycle else Counter()
    jobs = Job.objects.visible_to(user).select_related("document", "requested_by").defer("document__content")
    return {
        "cycle": cycle,
        "signed_off": states[HealthCheck.State.SIGNED_OFF],
        "submitted": states[HealthCheck.State.SUBMITTED] + states[HealthCheck.State.MODERATED],
        "subjects": sum(states.values()),
        "meetings": list(
            CommitteeMeeting.objects.upcoming(on)
            .select_related("committee")
            .annotate(paper_count=Count("papers"))[:SHOWN_JOBS]
        ),
        "papers": list(
            Paper.objects.drafts()
            .select_related("meeting__committee")
            .annotate(section_count=Count("sections"))
            .order_by("meeting__held_on", *on_the_agenda())
        ),
        "jobs": list(jobs[:SHOWN_JOBS]),
        "running": jobs.unfinished().count(),
    }


def _states(cycle: ReviewCycle) -> Counter[str]:
    rows = cycle.health_checks.of_boroughs().order_by().values_list("state").annotate(count=Count("pk"))
    return Counter(dict(rows))


@dataclass(frozen=True)
class Load:
    """One officer's boroughs: a full box is submitted, a hollow one is not."""

    officer: User
    boroughs: tuple[Standing, ...]
    open_actions: int

    @property
    def finished(self) -> int:
        return sum(row.is_finished for row in self.boroughs)


def head_home(user: User, on: dt.date) -> dict[str, Any]:
    """London at a glance: who is behind, vacancies, five officers' load, ratings over the cycles."""
    cycle = current_cycle()
    if cycle is None:
        return {"cycle": None}
    rows = [row for row in standings(cycle, user, on) if not row.borough.is_generated]
    loads = _loads(rows)
    unfinished = [row for row in rows if not row.is_finished]
    return {
        "cycle": cycle,
        "days_left": (cycle.closes_on - on).days,
        "time_gone": round(100 * time_gone(cycle, on)),
        "rows": rows,
        "finished": len(rows) - len(unfinished),
        "unfinished": sorted(unfinished, key=lambda row: (row.answered, row.borough.name)),
        "behind": [row for row in rows if row.is_behind],
        "vacant": [row for row in rows if row.is_vacant],
        "without_step": _without_next_step(cycle),
        "waiting": waiting(user, on),
        "paper_meeting": CommitteeMeeting.objects.upcoming(on).select_related("committee").first(),
        "map": tile_map([_tile(row, cycle) for row in rows], label="Health checks submitted", key=TILE_KEY),
        "loads": loads,
        "balance": _balance(loads),
        **_over_cycles(cycle),
    }


def _tile(row: Standing, cycle: ReviewCycle) -> Tile:
    state = "done" if row.is_finished else "behind" if row.is_behind else "progress"
    words = row.state_words.lower() if row.is_finished else f"{row.answered} of {row.asked} answered"
    return Tile(
        label=row.borough.tile_label,
        name=row.borough.name,
        column=row.borough.tile_column,
        row=row.borough.tile_row,
        url=reverse("assessments:health-check", args=[cycle.slug, row.borough.slug]),
        words=f"{words}, behind" if row.is_behind else words,
        fact="✓" if row.is_finished else f"{row.answered}/{row.asked}",
        state=state,
        fraction=0.0 if row.is_finished or not row.asked else row.answered / row.asked,
        vacancy=row.is_vacant,
    )


def _without_next_step(cycle: ReviewCycle) -> int:
    return Rating.objects.filter(
        health_check__cycle=cycle,
        health_check__borough__isnull=False,
        value__in=[Status.AMBER, Status.RED],
        next_step="",
    ).count()


def _loads(rows: list[Standing]) -> list[Load]:
    officers = User.objects.active().with_role(Role.EPO)
    open_actions = dict(
        Action.objects.filter(status__in=OPEN_PROGRESS, borough__isnull=False)
        .order_by()
        .values_list("borough")
        .annotate(count=Count("pk"))
    )
    loads = []
    for officer in officers:
        theirs = tuple(row for row in rows if officer in row.officers)
        actions = sum(open_actions.get(row.borough.pk, 0) for row in theirs)
        loads.append(Load(officer, theirs, actions))
    return loads


def _balance(loads: list[Load]) -> dict[str, Load] | None:
    """The officers with most and fewest open actions, where the one has twice the other's."""
    if len(loads) < 2:
        return None
    most = max(loads, key=lambda load: load.open_actions)
    fewest = min(loads, key=lambda load: load.open_actions)
    return {"most": most, "fewest": fewest} if most.open_actions >= 2 * max(fewest.open_actions, 1) else None


def _over_cycles(cycle: ReviewCycle) -> dict[str, Any]:
    """Counts of the boroughs' ratings in this cycle and those before it, oldest first."""
    cycles = list(ReviewCycle.objects.filter(opens_on__lte=cycle.opens_on).newest_first()[:CYCLES_IN_CHART])[
        ::-1
    ]
    counted = (
        Rating.objects.filter(health_check__cycle__in=cycles, health_check__borough__is_generated=False)
        .order_by()
        .values_list("health_check__cycle", "value")
        .annotate(count=Count("pk"))
    )
    counts = {(cycle_pk, value): count for cycle_pk, value, count in counted}
    shown = (Status.GREEN, Status.AMBER, Status.RED)
    series = [
        Series(str(status.label), [counts.get((one.pk, status), 0) for one in cycles], status=status)
        for status in shown
    ]
    others = (Status.LESS_RELEVANT, Status.NOT_ASSESSED)
    table = [
        {
            "cycle": one,
            "figures": [{"status": status, "count": counts.get((one.pk, status), 0)} for status in shown],
            "other": sum(counts.get((one.pk, status), 0) for status in others),
        }
        for one in cycles
    ]
    chart = line_chart([one.name for one in cycles], series, label="Ratings over the cycles")
    return {"chart": chart, "chart_table": table}
