"""People who meet on one rating, or beside one another: nothing typed is lost (QUALITY rows 69 to 71)."""

import random
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import timedelta
from itertools import permutations

import pytest
from django.db import connection, transaction
from django.utils import timezone

from accounts.models import User
from accounts.permissions import Role
from assessments import actions
from assessments.actions.cycles import set_officers
from assessments.models import HealthCheck, Rating, ReviewCycle
from tests import factories
from tests.assessments.grid import make_framework
from tests.quality.soak import size
from tests.threads import at_once

# Each interleaving has four saves.
INTERLEAVINGS = 250
RACES = 150
SAVES_SIDE_BY_SIDE = size(1_000, 10_000)
COLOURS = ("green", "amber", "red", "less_relevant")


def commit_without_waiting() -> None:
    """Only how the writes order themselves is looked at here, not whether they outlive the machine."""
    with connection.cursor() as cursor:
        cursor.execute("SET synchronous_commit TO off")


def opened(head: User, *, boroughs: int, criteria: int) -> ReviewCycle:
    commit_without_waiting()
    factories.BoroughFactory.create_batch(boroughs)
    today = timezone.localdate()
    return actions.open_cycle(
        framework=make_framework(criteria),
        name="Autumn 2010",
        opens_on=today,
        closes_on=today + timedelta(days=60),
        previous=None,
        by=head,
    )


def heads(count: int) -> list[User]:
    return [factories.UserFactory(name=f"Demo Head {n}", role=Role.HEAD) for n in range(count)]


def read(check: HealthCheck, code: str) -> tuple[int, str]:
    return check.ratings.values_list("version", "rationale").get(criterion__code=code)


def save(check: HealthCheck, code: str, text: str, version: int, by: User, value: str = "amber") -> bool:
    """Whether it was saved; False where the other person's text was met, and both came back."""
    try:
        actions.save_rating(
            health_check=check,
            criterion_code=code,
            value=value,
            rationale=text,
            next_step="",
            version=version,
            by=by,
        )
    except actions.RatingConflict as conflict:
        met = conflict
    else:
        return True
    assert (met.mine.rationale, met.theirs.rationale) == (text, read(check, code)[1])
    return False


def orders() -> list[tuple[int, ...]]:
    """Every order in which two people, each opening the cell and saving it twice, can take their turns."""
    return sorted(set(permutations((0, 0, 0, 0, 1, 1, 1, 1))))


def silent_losses(
    check: HealthCheck, people: list[User], order: tuple[int, ...], chance: random.Random
) -> int:
    """Plays one interleaving: a text that was overwritten by someone who never saw it is a silent loss."""
    seen: dict[int, tuple[int, str]] = {}
    turns = [0, 0]
    lost = 0
    for who in order:
        if turns[who] % 2 == 0:
            seen[who] = read(check, "A1")
        else:
            standing = read(check, "A1")[1]
            text = f"{people[who]} {chance.random()}"
            saved = save(check, "A1", text, seen[who][0], people[who], chance.choice(COLOURS))
            lost += saved and standing != seen[who][1]
        turns[who] += 1
    return lost


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_two_people_on_one_cell_lose_nothing_in_any_order():
    head, *people = heads(3)
    check = opened(head, boroughs=1, criteria=1).health_checks.get(borough__isnull=False)
    chance, every = random.Random(69), orders()

    lost = sum(
        silent_losses(check, people, every[number % len(every)], chance) for number in range(INTERLEAVINGS)
    )

    print(
        f"row 69, two people on one cell in {len(every)} orders: {lost} / {INTERLEAVINGS * 4} silent losses"
    )
    assert (len(every), lost) == (70, 0)


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_control_two_people_on_one_cell_lose_texts_without_the_version_check(monkeypatch):
    monkeypatch.setattr(actions.ratings, "check_version", lambda rating, version: True)
    head, *people = heads(3)
    check = opened(head, boroughs=1, criteria=1).health_checks.get(borough__isnull=False)
    chance = random.Random(70)

    shown = sum(silent_losses(check, people, (0, 1, 0, 1, 0, 1, 0, 1), chance) > 0 for _ in range(50))

    print(f"row 70, control without the version check: loss in {shown} / 50 runs")
    assert shown == 50


def without_waiting(*jobs: Callable[[], object]) -> list[object]:
    return at_once(*jobs, opening=commit_without_waiting)


def races(check: HealthCheck, people: list[User]) -> list[object]:
    """Both read the cell, wait for one another, and save: RACES times. How often each was saved."""
    meet = threading.Barrier(len(people), timeout=60)

    def race(who: int) -> Callable[[], list[bool]]:
        def run() -> list[bool]:
            saved = []
            for number in range(RACES):
                version = read(check, "A1")[0]
                meet.wait()
                saved.append(save(check, "A1", f"{people[who]} {number}", version, people[who]))
                meet.wait()
            return saved

        return run

    return without_waiting(*(race(who) for who in range(len(people))))


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_two_people_saving_one_cell_at_once_lose_nothing():
    head, *people = heads(3)
    check = opened(head, boroughs=1, criteria=1).health_checks.get(borough__isnull=False)

    first, second = races(check, people)

    both = sum(one and other for one, other in zip(first, second, strict=True))
    neither = sum(not one and not other for one, other in zip(first, second, strict=True))
    print(f"row 69, real races on one cell: {both + neither} / {RACES} lost or refused to both")
    assert (both, neither, check.ratings.get().version) == (0, 0, RACES)


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_control_two_people_saving_one_cell_at_once_lose_texts_without_the_version_check(monkeypatch):
    monkeypatch.setattr(actions.ratings, "check_version", lambda rating, version: True)
    head, *people = heads(3)
    check = opened(head, boroughs=1, criteria=1).health_checks.get(borough__isnull=False)

    first, second = races(check, people)

    both = sum(one and other for one, other in zip(first, second, strict=True))
    print(f"row 70, control of the races without the version check: loss in {both} / {RACES}")
    assert both == RACES


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_ten_people_saving_different_cells_meet_no_false_conflict():
    head, *people = heads(11)
    cycle = opened(head, boroughs=5, criteria=2)
    checks = list(cycle.health_checks.of_boroughs())
    # Two people in each borough, each on a cell of their own.
    cells = [(check, code) for check in checks for code in ("A1", "A2")]
    each = SAVES_SIDE_BY_SIDE // len(people)

    def write(who: int) -> Callable[[], int]:
        def run() -> int:
            check, code = cells[who]
            return sum(
                save(check, code, f"{people[who]} {number}", number, people[who]) for number in range(each)
            )

        return run

    saved = without_waiting(*(write(who) for who in range(len(people))))

    bad = SAVES_SIDE_BY_SIDE - sum(count for count in saved if isinstance(count, int))
    print(f"row 71, ten people on different cells: {bad} / {SAVES_SIDE_BY_SIDE} refused or lost")
    assert saved == [each] * len(people)
    assert set(Rating.objects.exclude(version=0).values_list("version", flat=True)) == {each}


@pytest.mark.django_db(transaction=True)
def test_saves_that_meet_a_submission_or_the_end_of_the_cycle_are_refused_or_in_time():
    head, *people = heads(3)
    cycle = opened(head, boroughs=20, criteria=1)
    checks = list(cycle.health_checks.of_boroughs())
    for check in checks:
        save(check, "A1", "First", 0, head)

    def late(who: int) -> Callable[[], list[object]]:
        def run() -> list[object]:
            told = []
            for check in checks:
                try:
                    told.append(save(check, "A1", f"{people[who]}", 1, people[who]))
                except actions.NotOpen as error:
                    told.append(error)
            return told

        return run

    def end() -> None:
        for check in checks[::2]:
            actions.submit(health_check=check, by=head)
        actions.close_cycle(cycle=cycle, by=head)

    first, second, ended = without_waiting(late(0), late(1), end)

    assert ended is None
    bad = 0
    for number, check in enumerate(checks):
        saved_by = [str(people[who]) for who, told in enumerate((first, second)) if told[number] is True]
        standing = read(check, "A1")[1]
        bad += standing != (saved_by[0] if saved_by else "First") or len(saved_by) > 1
    print(f"saves that met the end: {bad} / {len(checks)} wrong")
    assert bad == 0


def until_waiting() -> None:
    """Until another connection waits for a lock that this one holds."""
    with connection.cursor() as cursor:
        for _ in range(500):
            cursor.execute(
                "SELECT 1 FROM pg_locks WHERE NOT granted AND pg_backend_pid() = ANY(pg_blocking_pids(pid))"
            )
            if cursor.fetchone():
                return
            time.sleep(0.01)
    raise AssertionError("Nobody waits.")


@pytest.mark.django_db(transaction=True)
def test_comment_that_meets_the_end_of_the_cycle_is_refused_and_officers_wait_before_they_hold_the_cycle():
    head = heads(1)[0]
    cycle = opened(head, boroughs=2, criteria=1)
    first, last = cycle.health_checks.of_boroughs().order_by("pk")
    rating = first.ratings.select_related("health_check").get()

    with ThreadPoolExecutor(2) as beside:

        def begin(job: Callable[[], object]) -> Future[list[object]]:
            job_begun = beside.submit(without_waiting, job)
            until_waiting()
            return job_begun

        with transaction.atomic():
            HealthCheck.objects.select_for_update().get(pk=last.pk)
            named = begin(
                lambda: set_officers(chosen={first.pk: (head, None), last.pk: (head, None)}, by=head)
            )
            # As a change set does that was written into the last of them.
            ReviewCycle.objects.select_for_update(nowait=True).get(pk=cycle.pk)
        assert named.result() == [None]

        with transaction.atomic():
            actions.close_cycle(cycle=cycle, by=head)
            written = begin(lambda: actions.write_comment(rating=rating, text="Too late", by=head))
        assert [type(told) for told in written.result()] == [actions.NotOpen]
    assert not rating.comments.exists()
