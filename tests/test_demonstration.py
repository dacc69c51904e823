"""The demonstration: deterministic, plainly invented, and as large as asked for."""

import datetime as dt
from collections import Counter
from itertools import pairwise

import pytest
from django.core.management import CommandError, call_command
from django.db import transaction
from django.utils import timezone

from accounts.models import User
from assessments.matrix import MatrixFilters, load_matrix
from assessments.models import Criterion, HealthCheck, Rating, ReviewCycle
from boroughs.models import Borough, BoroughLink
from cdrp_portal.dates import end_of_day, london_date, uk_date
from cdrp_portal.history import changes_of
from cdrp_portal.past import rows_at
from recommendations.models import Action


@pytest.fixture
def demo(settings) -> None:
    settings.DEMO = True


def test_every_state_can_be_seen_and_nobody_real_is_named(db, demo):
    call_command("load_demo_data", without_papers=True)

    open_cycle = ReviewCycle.objects.open().get()
    states = Counter(open_cycle.health_checks.values_list("state", flat=True))
    load = Counter(BoroughLink.objects.of_kind("officer").values_list("person__name", flat=True))
    assert ReviewCycle.objects.count() == 3
    assert states == {"signed_off": 23, "draft": 5, "returned": 1, "submitted": 2, "moderated": 2}
    assert sorted(load.values()) == [6, 6, 6, 7, 7]
    assert Rating.objects.filter(health_check__borough__isnull=False).count() == 3 * 800
    assert Action.objects.filter(is_demonstration=True).exists()
    assert all(name.startswith("Demo ") for name in User.objects.values_list("name", flat=True))


Cells = dict[tuple[str, str], str]


def cells_of(cycle: ReviewCycle, user: User, day: dt.date | None) -> Cells:
    """What the matrix shows, of a past day or of today."""
    query = {"as_at": day.isoformat()} if day else {}
    matrix = load_matrix(cycle=cycle, user=user, filters=MatrixFilters.from_query(query))
    return {
        (row.name, column.code): value
        for row in matrix.rows
        for column, value in zip(matrix.columns, row.values, strict=True)
    }


def replayed(cycle: ReviewCycle, day: dt.date) -> Cells:
    """The same from the rows themselves: what was answered by then, else what was carried forward."""
    end = end_of_day(day)
    cells = {}
    for rating in (
        Rating.objects.filter(health_check__cycle=cycle, health_check__borough__isnull=False)
        .select_related("health_check__borough", "criterion")
        .prefetch_related("set_changes__change_set")
    ):
        carried = [change for change in rating.set_changes.all() if change.change_set.made_at < end]
        value = carried[-1].after["value"] if carried else "not_assessed"
        if rating.rated_at and rating.rated_at < end:
            value = rating.officer_value or rating.value
        cells[rating.health_check.subject_name, rating.criterion.code] = value
    return cells


def out_of_order(model) -> int:
    """Events that are numbered after one that came later: their numbers are read as their order."""
    events = model.pgh_event_model.objects.order_by("pgh_id")
    moments = list(events.values_list("pgh_created_at", flat=True))
    return sum(later < earlier for earlier, later in pairwise(moments))


def assert_history_tells_who_answered_and_when() -> None:
    of_open = Rating.objects.filter(health_check__cycle=ReviewCycle.objects.open().get())
    answered = of_open.get(health_check__borough__slug="camden", criterion__code="E1")
    returned = of_open.filter(health_check__borough__slug="bromley")
    newest, *_, oldest = changes_of(answered, fields={"value": "rating"})
    assert (newest.text, newest.at) == (
        "Demo Officer A changed the rating from Not assessed to Amber",
        answered.rated_at,
    )
    assert london_date(oldest.at) == answered.health_check.cycle.opens_on
    flagged = changes_of(returned, fields={"flag_note": "flag"})
    assert [change.who for change in flagged[:2]] == ["Demo Head", "Demo Head"]
    assert {london_date(change.at) for change in flagged[:2]} == {timezone.localdate() - dt.timedelta(days=6)}
    carried = returned.filter(is_carried=True)[0]
    assert [change.after for change in changes_of(carried, fields=["value"])][1] == "Not assessed"
    link = BoroughLink.objects.of_kind("officer")[0]
    assert london_date(changes_of(link)[0].at) == link.period.lower
    assert changes_of(Criterion.objects.all()[0])[0].at < changes_of(link)[0].at


@pytest.mark.slow
def test_past_and_history_are_those_of_its_invented_days(db, demo, client):
    call_command("load_demo_data", without_papers=True)

    head = User.objects.get(email="head@demo.test")
    cycles = list(ReviewCycle.objects.order_by("opens_on"))
    wrong, answered = 0, []
    for cycle in cycles:
        day = cycle.opens_on + dt.timedelta(days=45)
        then, today, expected = cells_of(cycle, head, day), cells_of(cycle, head, None), replayed(cycle, day)
        # What was taken out of the returned one stood there on that day: no row tells of it any more.
        taken_out = {key for key in then if key[0] == "Bromley"} if cycle.is_open else set()
        wrong += sum(then[key] != expected[key] for key in then.keys() - taken_out)
        answered.append(sum(value != "not_assessed" for value in then.values()) / len(then))
        assert then != today
    assert wrong == 0
    assert all(0.4 < share < 0.99 for share in answered)
    assert [out_of_order(model) for model in (Rating, HealthCheck)] == [0, 0]

    days = [cycles[0].opens_on + dt.timedelta(days=days) for days in (61, 66, 78)]
    states = [
        Counter(state for (state,) in rows_at(HealthCheck, end_of_day(day), "state", cycle=cycles[0].pk))
        for day in days
    ]
    assert states[0] == {"draft": 33}
    assert set(states[1]) == {"draft", "submitted"}
    assert states[2] == {"signed_off": 33}

    client.force_login(head)
    before = cycles[0].opens_on - dt.timedelta(days=1)
    page = client.get(cycles[0].get_absolute_url(), {"as_at": before.isoformat()}).content.decode()
    assert f"{cycles[0]} opened on {uk_date(cycles[0].opens_on)}" in page
    assert_history_tells_who_answered_and_when()


@pytest.mark.slow
def test_the_seed_decides_the_ratings(db, demo):
    """Three runs in one transaction, each taken back."""
    first, again, other = (values_of(seed) for seed in (7, 7, 8))

    assert again == first
    assert other != first


def values_of(seed: int) -> list[tuple[str, str]]:
    with transaction.atomic():
        call_command("load_demo_data", without_papers=True, cycles=1, seed=seed)
        values = list(Rating.objects.order_by("pk").values_list("value", "rationale"))
        transaction.set_rollback(True)
    return values


def test_scale_adds_plainly_named_partnerships_and_criteria(db, demo):
    call_command("load_demo_data", without_papers=True, boroughs=40, criteria=35, cycles=1)

    assert Borough.objects.filter(is_generated=True).count() == 8
    assert Criterion.objects.count() == 35
    assert HealthCheck.objects.count() == 41
    assert "Demonstration partnership 40" in Borough.objects.values_list("name", flat=True)


def test_it_is_made_in_a_demonstration_and_an_empty_portal_only(db, settings, clerk):
    settings.DEMO = False
    with pytest.raises(CommandError, match="DEMO=1"):
        call_command("load_demo_data")

    settings.DEMO = True
    with pytest.raises(CommandError, match="empty portal"):
        call_command("load_demo_data")
