"""Several ratings changed as one set: all or none, and nothing lost beside a single save."""

import pytest
from django.utils import timezone

from accounts.permissions import Role
from assessments import actions
from assessments.actions import Answer
from assessments.models import ChangeSet, HealthCheck, Rating, ReviewCycle
from cdrp_portal.history import changes_of
from cdrp_portal.status import Status
from tests import factories
from tests.assessments.change_sets.given import (
    BULK,
    CONTROLS,
    RACES,
    SHUT,
    cells,
    give,
    open_cycle,
    race,
    save,
    stands,
)


@pytest.mark.django_db
def test_a_set_gives_every_answer_and_says_what_stood_before(cycle, epo):
    first, *others = cells(cycle, "camden")
    save(first, epo, "green", "Agreed")
    first.refresh_from_db()

    change_set = give(cycle, epo, [first, *others])

    assert set(
        Rating.objects.filter(health_check__borough__slug="camden").values_list("value", "version")
    ) == {
        ("red", 2),
        ("red", 1),
    }
    change = change_set.changes.get(rating=first)
    assert (change.before["value"], change.before["rationale"]) == ("green", "Agreed")
    assert (change.after["value"], change.after["rationale"], change.version) == ("red", "Not heard of", 2)
    assert changes_of(first, fields=["value"])[0].who == "Demo Officer A"
    assert (change_set.made_by, change_set.kind, change_set.changes.count()) == (epo, BULK, 4)


@pytest.mark.django_db
def test_a_set_takes_as_many_questions_for_two_as_for_eight(cycle, head, django_assert_num_queries):
    camden, islington = cells(cycle, "camden"), cells(cycle, "islington")

    with django_assert_num_queries(8):
        give(cycle, head, camden[:2])
    with django_assert_num_queries(8):
        give(cycle, head, camden[2:] + islington)


@pytest.mark.django_db
@pytest.mark.parametrize("state", SHUT)
def test_a_set_is_refused_whole_where_one_health_check_is_not_open(state, cycle, head):
    give(cycle, head, cells(cycle, "camden"), "green", "Seen")
    camden = cycle.health_checks.get(borough__slug="camden")
    if state != "closed":
        actions.submit(health_check=camden, by=head)
    if state == "moderated":
        HealthCheck.objects.filter(pk=camden.pk).update(
            state=state, moderated_at=timezone.now(), moderated_by=head
        )
    if state == "signed_off":
        HealthCheck.objects.filter(pk=camden.pk).update(
            state=state,
            moderated_at=timezone.now(),
            moderated_by=head,
            signed_off_at=timezone.now(),
            signed_off_by=head,
        )
    if state == "closed":
        ReviewCycle.objects.filter(pk=cycle.pk).update(closed_at=timezone.now(), closed_by=head)
    before = stands()

    with pytest.raises(actions.SetRefused) as refused:
        give(cycle, head, cells(cycle, "camden", "islington"))

    reasons = {one.why for one in refused.value.refusals if one.rating.health_check_id == camden.pk}
    assert stands() == before
    assert len(reasons) == 1
    assert SHUT[state] in reasons.pop()


@pytest.mark.django_db
def test_a_set_is_refused_whole_with_a_reason_for_each(cycle, epo, head):
    first, second, third, fourth = cells(cycle, "camden")
    save(second, head, "amber", "Theirs")
    before = stands()

    with pytest.raises(actions.SetRefused) as refused:
        give(cycle, epo, [first, second, third, fourth], "less_relevant", "")

    met = {one.rating.pk: one for one in refused.value.refusals}
    assert stands() == before
    assert set(met) == {first.pk, second.pk, third.pk, fourth.pk}
    assert met[second.pk].mine == Answer(Status.LESS_RELEVANT, "", "")
    assert met[second.pk].rating.rationale == "Theirs"
    assert met[first.pk].why.startswith("Say why")
    assert not ChangeSet.objects.exists()


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("who", "error"), [("member", actions.SetRefused), ("other_epo", Rating.DoesNotExist)]
)
def test_a_set_is_given_by_whoever_may_rate_and_of_what_they_may_see(who, error, cycle, request):
    person = request.getfixturevalue(who)

    with pytest.raises(error):
        give(cycle, person, cells(cycle, "camden"))


@pytest.mark.django_db
def test_a_set_of_another_cycle_or_of_what_stands_already_is_none(cycle, head, epo):
    ratings = cells(cycle, "camden")
    give(cycle, epo, ratings)
    with pytest.raises(actions.NothingChanged):
        give(cycle, epo, ratings)
    with pytest.raises(actions.NothingChanged):
        give(cycle, epo, [])
    with pytest.raises(Rating.DoesNotExist):
        give(factories.ReviewCycleFactory(framework=cycle.framework), head, ratings)


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_a_set_that_meets_single_saves_loses_nothing_and_never_waits_in_a_ring(head, camden, islington):
    people = [factories.UserFactory(role=Role.HEAD) for _ in range(3)]
    cycle = open_cycle(head)

    lost, nobody = race(cycle, people, RACES)

    print(f"a set against two single saves: {lost + nobody} / {RACES} lost or refused to all, 0 deadlocks")
    assert (lost, nobody) == (0, 0)


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_control_a_set_that_meets_single_saves_loses_texts_without_the_version_check(
    head, camden, islington, monkeypatch
):
    monkeypatch.setattr(actions.ratings, "check_version", lambda rating, version: True)
    people = [factories.UserFactory(role=Role.HEAD) for _ in range(3)]
    cycle = open_cycle(head)

    lost, _nobody = race(cycle, people, CONTROLS)

    print(f"control without the version check: loss in {lost} / {CONTROLS}")
    assert lost == CONTROLS
