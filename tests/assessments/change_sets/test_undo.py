"""A set is undone exactly, once, and only what has not moved since."""

import random
from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.utils import timezone

from assessments import actions
from assessments.actions import Answer, Given
from assessments.models import ChangeSet, Rating
from cdrp_portal.status import Status
from tests.assessments.change_sets.given import (
    BULK,
    SETS,
    cells,
    give,
    save,
    stands,
    undo_all,
)


@pytest.mark.slow
@pytest.mark.django_db
def test_generated_sets_are_undone_exactly(cycle, head):
    """Sets of any cells and any answers, over moderated, flagged and carried ratings too."""
    chance, every = random.Random(8), cells(cycle, "camden", "islington")
    for rating in every[:3]:
        save(rating, head)
    Rating.objects.filter(pk=every[0].pk).update(
        value="amber",
        officer_value="green",
        moderation_reason="Not agreed yet",
        moderated_at=timezone.now(),
        moderated_by=head,
        flag_note="Look again",
        version=2,
    )
    Rating.objects.filter(pk=every[1].pk).update(is_carried=True, version=2)
    Rating.objects.filter(pk=every[2].pk).update(proof_due_on=timezone.localdate(), version=2)
    first, wrong, done = stands(), 0, 0
    while done < SETS:
        now = {rating.pk: rating for rating in Rating.objects.all()}
        given = [
            Given(
                one.pk,
                now[one.pk].version,
                Answer(chance.choice(list(Status)), f"Reason {chance.random()}", chance.choice(("", "Ask"))),
            )
            for one in chance.sample(every, chance.randint(1, 5))
        ]
        change_set = actions.save_set(cycle=cycle, kind=BULK, title=f"Set {done}", given=given, by=head)
        undo_all(change_set, head)
        wrong += stands() != first
        done += 1

    print(f"generated sets not undone exactly: {wrong} / {done}")
    assert wrong == 0


@pytest.mark.django_db
def test_undo_leaves_what_was_changed_since(cycle, epo):
    first, second, *_others = cells(cycle, "camden")
    change_set = give(cycle, epo, [first, second])
    first.refresh_from_db()
    save(first, epo, "amber", "Half of it since")

    preview = actions.undo_preview(change_set, by=epo)
    undone = undo_all(change_set, epo)

    assert [(step.rating.pk, step.left) for step in preview] == [
        (first.pk, "It has been changed since."),
        (second.pk, ""),
    ]
    assert (undone.kind, undone.undoes) == (ChangeSet.Kind.UNDO, change_set)
    assert list(Rating.objects.filter(pk__in=[first.pk, second.pk]).values_list("value", flat=True)) == [
        "amber",
        "not_assessed",
    ]
    assert undone.changes.get().rating_id == second.pk


@pytest.mark.django_db
def test_undo_leaves_a_green_whose_proof_was_promised_since(cycle, epo):
    first = save(cells(cycle, "camden")[0], epo)
    change_set = give(cycle, epo, [first], "green", "Said better")
    today = timezone.localdate()
    actions.promise_proof(rating=first, due_on=today, today=today, by=epo)

    with pytest.raises(actions.NotUndone, match="Nothing"):
        undo_all(change_set, epo)

    assert [step.left for step in actions.undo_preview(change_set, by=epo)] == ["It has been changed since."]
    assert Rating.objects.get(pk=first.pk).proof_due_on == today


@pytest.mark.django_db
def test_control_undo_overwrites_what_was_changed_since_without_the_version_check(cycle, epo, monkeypatch):
    monkeypatch.setattr(actions.ratings, "check_version", lambda rating, version: True)
    first = cells(cycle, "camden")[0]
    change_set = give(cycle, epo, [first])
    save(first, epo, "amber", "Half of it since")

    undo_all(change_set, epo)

    assert Rating.objects.get(pk=first.pk).rationale == ""


@pytest.mark.django_db
def test_a_set_is_undone_once_within_thirty_days_by_whoever_may_rate_all_of_it(cycle, epo, head, monkeypatch):
    both = cells(cycle, "camden", "islington")
    change_set = give(cycle, head, both)
    with pytest.raises(PermissionDenied):
        undo_all(change_set, epo)

    undone = undo_all(change_set, head)
    for again in (change_set, undone):
        with pytest.raises(actions.NotUndone):
            undo_all(again, head)

    old = give(cycle, head, cells(cycle, "camden"))
    later = timezone.now() + timedelta(days=30, minutes=1)
    monkeypatch.setattr(actions.sets.timezone, "now", lambda: later)
    with pytest.raises(actions.NotUndone, match="30 days"):
        undo_all(old, head)


@pytest.mark.django_db
def test_an_undo_that_would_put_back_nothing_is_refused(cycle, epo, head):
    change_set = give(cycle, epo, cells(cycle, "camden"))
    actions.submit(health_check=cycle.health_checks.get(borough__slug="camden"), by=epo)

    with pytest.raises(actions.NotUndone, match="Nothing"):
        undo_all(change_set, epo)

    assert all("submitted" in step.left for step in actions.undo_preview(change_set, by=epo))


@pytest.mark.django_db
def test_the_proof_of_an_answer_is_not_put_back_under_its_confirmers_own_name(cycle, epo, head):
    first = save(cells(cycle, "camden")[0], epo)
    proof = {"proof_confirmed_at": timezone.now(), "proof_confirmed_by": head}
    Rating.objects.filter(pk=first.pk).update(**proof)
    first.refresh_from_db()

    undo_all(give(cycle, epo, [first]), epo)
    kept = Rating.objects.get(pk=first.pk)
    undo_all(give(cycle, head, [kept]), head)

    assert kept.proof_confirmed_by == head
    assert Rating.objects.get(pk=first.pk).proof_confirmed_by is None


@pytest.mark.django_db
def test_a_set_is_undone_from_its_page_after_a_preview(cycle, epo, signed_in):
    client = signed_in(epo)
    first, *others = cells(cycle, "camden")
    change_set = give(cycle, epo, [first, *others])
    first.refresh_from_db()
    save(first, epo, "amber", "Since then")
    undo = f"{change_set.get_absolute_url()}undo/"

    before = client.get(undo).content.decode()
    answer = client.post(undo)
    after = client.get(change_set.get_absolute_url()).content.decode()
    again = client.post(undo)
    listed = client.get(f"/assessments/{cycle.slug}/sets/").content.decode()
    its_own = client.get(answer.url).content.decode()

    assert all(words in before for words in ("3 of 4 go back", "It has been changed since.", "Put 3 back"))
    assert (answer.status_code, again.status_code) == (302, 409)
    assert all(words in after for words in ("Undone on", "It was undone", "Since then"))
    assert "has been undone already" in again.content.decode()
    assert all(words in listed for words in ("Undone: A set", "An undo is not undone", "Undone on"))
    assert "It put back" in its_own
