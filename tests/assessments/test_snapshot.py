"""What a closed cycle keeps: one moment, with a digest by which a later change shows (QUALITY row 72)."""

import random
import threading

import pgtrigger
import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection, transaction

from accounts.models import User
from accounts.permissions import Role
from assessments import actions
from assessments.content.snapshot import canonical, content_of, digest_of, first_difference, what_is_wrong
from assessments.models import CycleSnapshot, Rating
from tests import factories
from tests.assessments.grid import make_boroughs, make_cycle, make_framework

BOROUGHS, CRITERIA = 6, 5


@pytest.fixture
def closed(db, head) -> CycleSnapshot:
    cycle = _cycle(head)
    check = cycle.health_checks.of_boroughs().first()
    _save(check, "A1", "Half of it", 0, head)
    return actions.close_cycle(cycle=cycle, by=head).snapshot


def _cycle(head, boroughs=1, criteria=2):
    make_boroughs(boroughs)
    cycle = make_cycle(make_framework(criteria))
    return actions.open_cycle(
        framework=cycle.framework,
        name="Autumn 2010",
        opens_on=cycle.opens_on,
        closes_on=cycle.closes_on,
        previous=cycle,
        by=head,
    )


def _save(check, code, text, version, by) -> Rating:
    return actions.save_rating(
        health_check=check,
        criterion_code=code,
        value="amber",
        rationale=text,
        next_step="",
        version=version,
        by=by,
    )


def test_snapshot_holds_every_answer_and_who_gave_it(closed, head):
    check = closed.content["health_checks"]["authority"]
    borough = next(name for name in closed.content["health_checks"] if name != "authority")
    rating = closed.content["health_checks"][borough]["ratings"]["A1"]

    assert (rating["value"], rating["rationale"], rating["version"]) == ("amber", "Half of it", 1)
    assert closed.content["people"][str(rating["rated_by"])] == "Demo Head"
    assert sorted(check["ratings"]) == ["A1", "A2"]
    assert closed.content["cycle"]["closed_by"] == head.pk
    assert closed.sha256 == digest_of(closed.content)
    assert what_is_wrong(closed) == ""


def test_digest_does_not_go_by_the_order_in_which_things_are_named():
    assert digest_of({"a": 1, "b": ["é"]}) == digest_of({"b": ["é"], "a": 1})
    assert canonical({"b": "é", "a": 1}) == '{"a":1,"b":"é"}'.encode()


@pytest.mark.parametrize(
    ("kept", "now", "said"),
    [
        ({"a": {"b": 1}}, {"a": {"b": 2}}, "a, b: was 1, is 2"),
        ({"a": 1}, {}, "a: is gone"),
        ({}, {"a": 1}, "a: was not there"),
        ({"a": [1, 2]}, {"a": [1, 3]}, "a, 2: was 2, is 3"),
        ({"a": [1]}, {"a": [1, 2]}, "a: was [1], is [1, 2]"),
        ({"a": [1, {"b": 2}]}, {"a": [1, {"b": 2}]}, ""),
    ],
)
def test_first_difference_is_named_by_the_way_to_it(kept, now, said):
    assert first_difference(kept, now) == said


def test_whoever_is_renamed_changes_nothing_that_was_kept(closed, head):
    User.objects.filter(pk=head.pk).update(name="Demo Head B")

    assert what_is_wrong(closed) == ""


def test_snapshot_is_never_changed(closed):
    with pytest.raises(IntegrityError), transaction.atomic():
        CycleSnapshot.objects.update(sha256="0" * 64)


def test_command_says_that_all_is_as_it_was(closed, capsys):
    call_command("verify_snapshots")

    assert "1 of 1 closed cycles are what they were" in capsys.readouterr().out


def test_command_names_the_first_thing_that_was_changed_behind_the_database(closed, capsys):
    with pgtrigger.ignore():
        Rating.objects.filter(health_check__cycle=closed.cycle, rationale="Half of it").update(
            rationale="All"
        )

    with pytest.raises(CommandError, match="1 of 1 closed cycles differ"):
        call_command("verify_snapshots")

    assert "A1, rationale: was 'Half of it', is 'All'." in capsys.readouterr().err


def test_command_names_a_snapshot_that_was_changed_and_one_that_is_missing(closed, capsys):
    content = {**closed.content, "people": {}}
    with pgtrigger.ignore():
        CycleSnapshot.objects.update(content=content)
        other = make_cycle(make_framework(1))
        type(other).objects.filter(pk=other.pk).update(
            closed_at=closed.taken_at, closed_by=closed.cycle.closed_by
        )

    with pytest.raises(CommandError, match="2 of 2"):
        call_command("verify_snapshots")

    said = capsys.readouterr().err
    assert "the snapshot was changed: its digest is" in said
    assert "no snapshot was taken" in said


@pytest.mark.django_db(transaction=True)
def test_snapshot_is_of_one_moment_whatever_is_being_saved():
    """Every save that was taken is in the snapshot, none that was refused is, and nothing moves after it."""
    head, *people = (factories.UserFactory(role=Role.HEAD) for _ in range(4))
    cycle = _cycle(head, BOROUGHS, CRITERIA)
    checks = list(cycle.health_checks.select_related("borough", "cycle"))
    codes = sorted({rating.criterion.code for rating in checks[0].ratings.select_related("criterion")})
    start, taken, stopped = threading.Barrier(4, timeout=60), [], threading.Event()
    errors: list[Exception] = []

    def write(who: User, seed: int) -> None:
        chance = random.Random(seed)
        try:
            start.wait()
            while not stopped.is_set():
                check, code = chance.choice(checks), chance.choice(codes)
                version = check.ratings.values_list("version", flat=True).get(criterion__code=code)
                text = f"{seed} {chance.random()}"
                try:
                    saved = _save(check, code, text, version, who)
                except actions.RatingConflict:
                    continue
                except actions.NotOpen:
                    return
                taken.append((check.subject_slug, code, saved.version, text))
        except Exception as error:  # noqa: BLE001 - a thread's error is the test's to judge
            errors.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=write, args=(who, seed)) for seed, who in enumerate(people)]
    for thread in threads:
        thread.start()
    start.wait()
    stopped.wait(0.5)
    snapshot = actions.close_cycle(cycle=cycle, by=head).snapshot
    for thread in threads:
        thread.join(timeout=60)
    stopped.set()

    last: dict[tuple[str, str], tuple[int, str]] = {}
    for subject, code, version, text in taken:
        last[subject, code] = max(last.get((subject, code), (0, "")), (version, text))
    kept = {
        (subject, code): (rating["version"], rating["rationale"])
        for subject, check in snapshot.content["health_checks"].items()
        for code, rating in check["ratings"].items()
        if rating["version"]
    }
    wrong = {cell for cell in {*kept, *last} if kept.get(cell) != last.get(cell)}
    print(f"row 72, the end of a cycle: {len(wrong)} / {len(kept)} cells wrong after {len(taken)} saves")
    assert (errors, wrong) == ([], set())
    assert len(taken) > 0
    assert what_is_wrong(snapshot) == ""
    assert content_of(snapshot.cycle)["health_checks"] == snapshot.content["health_checks"]
