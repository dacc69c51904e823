"""Cycles, health checks and the one save path of ratings: what is allowed, and what the database refuses."""

from datetime import date, timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from assessments import actions
from assessments.models import HealthCheck, Rating, ReviewCycle
from cdrp_portal.history import changes_of
from cdrp_portal.status import Status
from tests import factories
from tests.assessments.grid import make_framework

pytestmark = pytest.mark.django_db


@pytest.fixture
def cycle(head, camden, islington) -> ReviewCycle:
    """Three criteria asked of boroughs and one of the Authority alone, in an open cycle."""
    return actions.open_cycle(
        framework=make_framework(3, authority_alone=1),
        name="Autumn 2010",
        opens_on=date(2010, 9, 1),
        closes_on=date(2010, 10, 29),
        previous=None,
        by=head,
    )


@pytest.fixture
def check(cycle, camden) -> HealthCheck:
    return cycle.health_checks.get(borough=camden)


def save(check, by, code="A1", value="green", rationale="", next_step="", version=0) -> Rating:
    return actions.save_rating(
        health_check=check,
        criterion_code=code,
        value=value,
        rationale=rationale,
        next_step=next_step,
        version=version,
        by=by,
    )


def complete(check, by, value="green") -> None:
    for code in check.ratings.values_list("criterion__code", flat=True):
        save(check, by, code, value, rationale="Said so")


def stored(check, code="A1") -> tuple:
    return check.ratings.values_list("value", "rationale", "next_step", "version").get(criterion__code=code)


def test_open_cycle_asks_every_borough_and_the_authority(cycle, camden, islington):
    counts = {check.subject_name: check.ratings.count() for check in cycle.health_checks.all()}

    assert counts == {"The Authority": 4, "Camden": 3, "Islington": 3}
    assert cycle.slug == "autumn-2010"
    assert set(Rating.objects.values_list("value", "version")) == {("not_assessed", 0)}


def test_open_cycle_takes_constant_queries(head, django_assert_max_num_queries):
    factories.BoroughFactory.create_batch(12)
    framework = make_framework(25, authority_alone=5)

    with django_assert_max_num_queries(12):
        actions.open_cycle(
            framework=framework,
            name="Spring 2011",
            opens_on=date(2011, 3, 1),
            closes_on=date(2011, 4, 29),
            previous=None,
            by=head,
        )

    assert Rating.objects.count() == 12 * 25 + 30


@pytest.mark.parametrize("who", ["epo", "clerk", "member", "reader", "administrator", "lead"])
def test_cycles_are_opened_and_closed_by_the_head_alone(who, cycle, request):
    person = request.getfixturevalue(who)

    with pytest.raises(PermissionDenied):
        actions.open_cycle(
            framework=cycle.framework,
            name="Mine",
            opens_on=date(2011, 1, 1),
            closes_on=date(2011, 2, 1),
            previous=None,
            by=person,
        )
    with pytest.raises(PermissionDenied):
        actions.close_cycle(cycle=cycle, by=person)

    assert ReviewCycle.objects.get().is_open


def test_save_keeps_the_answer_and_who_gave_it(check, epo):
    rating = save(check, epo, value="red", rationale="No seat", next_step="Ask for one")

    assert stored(check) == ("red", "No seat", "Ask for one", 1)
    assert (rating.version, rating.rated_by) == (1, epo)
    assert timezone.now() - rating.rated_at < timedelta(minutes=1)
    assert changes_of(rating, fields=["value"])[0].text == (
        "Demo Officer A changed the value from Not assessed to Red"
    )


def test_save_of_what_already_stands_changes_nothing(check, epo, head):
    first = save(check, epo, value="red", rationale="No seat")

    again = save(check, head, value="red", rationale="No seat", version=0)

    assert again.version == 1
    assert Rating.objects.get(pk=first.pk).rated_by == epo


def test_save_over_a_newer_text_is_a_conflict_with_both_texts(check, epo, head):
    save(check, head, value="red", rationale="Theirs")

    with pytest.raises(actions.RatingConflict) as raised:
        save(check, epo, value="amber", rationale="Mine", version=0)

    assert (raised.value.mine.rationale, raised.value.theirs.rationale) == ("Mine", "Theirs")
    assert raised.value.theirs.rated_by == head
    assert "Demo Head changed A1 Title A1 while you were writing" in str(raised.value)
    assert stored(check) == ("red", "Theirs", "", 1)


def test_less_relevant_needs_a_reason(check, epo):
    with pytest.raises(actions.NeedsReason, match="Say why A1 Title A1 is less relevant"):
        save(check, epo, value="less_relevant")

    assert save(check, epo, value="less_relevant", rationale="Not in London").value == Status.LESS_RELEVANT


def test_save_of_an_unknown_value_or_criterion_is_refused(check, epo):
    with pytest.raises(ValueError, match="purple"):
        save(check, epo, value="purple")
    with pytest.raises(Rating.DoesNotExist):
        save(check, epo, code="Z9")


@pytest.mark.parametrize("who", ["other_epo", "clerk", "member", "reader", "administrator", "lead"])
def test_save_is_refused_to_whoever_may_not_rate_here(who, check, request):
    with pytest.raises(PermissionDenied):
        save(check, request.getfixturevalue(who))

    assert stored(check) == ("not_assessed", "", "", 0)


def test_authority_is_rated_by_the_head_alone(cycle, epo, head):
    authority = cycle.health_checks.get(borough=None)

    with pytest.raises(PermissionDenied):
        save(authority, epo)

    assert save(authority, head).value == Status.GREEN


def test_revoked_link_stops_the_next_save(check, epo, camden):
    save(check, epo, rationale="Before")
    camden.links.filter(person=epo).delete()

    refused = 0
    for attempt in range(200):
        with pytest.raises(PermissionDenied):
            save(check, epo, rationale=f"After {attempt}", version=1)
        refused += 1

    print(f"revoked link: {200 - refused} / 200 writes")
    assert stored(check) == ("green", "Before", "", 1)


def test_save_takes_at_most_six_queries(check, epo, django_assert_max_num_queries):
    with django_assert_max_num_queries(6):
        save(check, epo, rationale="Seat held")


def test_submit_says_everything_that_is_missing(check, epo):
    save(check, epo, "A1", "red")
    save(check, epo, "A2", "green")

    with pytest.raises(actions.NotReady) as raised:
        actions.submit(health_check=check, by=epo)

    assert raised.value.missing == [
        actions.Missing("A1", "Say why A1 Title A1 is red"),
        actions.Missing("A3", "Answer A3 Title A3"),
    ]
    assert str(raised.value) == "Say why A1 Title A1 is red. Answer A3 Title A3."


def test_submit_withdraw_and_sign_off(check, epo, head):
    complete(check, epo)

    submitted = actions.submit(health_check=check, by=epo)
    assert (submitted.state, submitted.submitted_by) == ("submitted", epo)
    withdrawn = actions.withdraw(health_check=check, by=epo)
    assert (withdrawn.state, withdrawn.submitted_at) == ("draft", None)
    actions.submit(health_check=check, by=epo)
    signed = actions.sign_off(health_check=check, by=head)
    assert (signed.state, signed.signed_off_by) == ("signed_off", head)
    assert [change.after for change in changes_of(check, fields=["state"])][:1] == ["Signed off"]


def test_submit_allows_green_without_a_reason_but_sign_off_does_not(check, epo, head):
    complete(check, epo)
    save(check, epo, "A2", "green", version=1)
    actions.submit(health_check=check, by=epo)

    with pytest.raises(actions.NotReady, match="Say why A2 Title A2 is green"):
        actions.sign_off(health_check=check, by=head)


@pytest.mark.parametrize("verb", [actions.submit, actions.withdraw])
@pytest.mark.parametrize("who", ["other_epo", "clerk", "member", "reader", "administrator"])
def test_submission_is_the_raters_alone(verb, who, check, request):
    with pytest.raises(PermissionDenied):
        verb(health_check=check, by=request.getfixturevalue(who))


@pytest.mark.parametrize("who", ["epo", "clerk", "member", "reader", "administrator"])
def test_sign_off_is_the_heads_alone(who, check, epo, request):
    complete(check, epo)
    actions.submit(health_check=check, by=epo)

    with pytest.raises(PermissionDenied):
        actions.sign_off(health_check=check, by=request.getfixturevalue(who))


def test_submitted_or_signed_off_cannot_be_changed(check, epo, head):
    complete(check, epo)
    actions.submit(health_check=check, by=epo)
    with pytest.raises(actions.NotOpen, match="Camden has been submitted. Take it back to change it."):
        save(check, epo, value="red", rationale="Late", version=1)
    with pytest.raises(actions.NotOpen, match="has been submitted"):
        actions.submit(health_check=check, by=epo)

    actions.sign_off(health_check=check, by=head)

    with pytest.raises(actions.NotOpen, match="signed off and cannot be changed"):
        save(check, head, value="red", rationale="Later", version=1)
    with pytest.raises(actions.NotOpen, match="signed off"):
        actions.withdraw(health_check=check, by=epo)


def test_withdraw_or_sign_off_of_a_draft_is_refused(check, epo, head):
    for verb, by in ((actions.withdraw, epo), (actions.sign_off, head)):
        with pytest.raises(actions.NotOpen, match="Camden has not been submitted"):
            verb(health_check=check, by=by)


def test_closed_cycle_refuses_every_change(cycle, check, epo, head):
    complete(check, epo)
    closed = actions.close_cycle(cycle=cycle, by=head)
    assert closed.closed_by == head

    with pytest.raises(actions.NotOpen, match="Autumn 2010 is closed"):
        save(check, epo, value="red", rationale="Late", version=1)
    with pytest.raises(actions.NotOpen, match="is closed"):
        actions.submit(health_check=check, by=epo)
    with pytest.raises(actions.NotOpen, match="already closed"):
        actions.close_cycle(cycle=cycle, by=head)


REFUSED_SQL = {
    "closed rating changed": (
        "UPDATE assessments_rating SET value = 'red', rationale = 'x' WHERE id = %(rating)s"
    ),
    "closed rating deleted": "DELETE FROM assessments_rating WHERE id = %(rating)s",
    "rating added to a closed cycle": """
        INSERT INTO assessments_rating
            (health_check_id, criterion_id, value, rationale, next_step, version, is_carried,
            officer_value, moderation_reason, flag_note)
        SELECT health_check_id, %(other)s, 'red', 'x', '', 0, false, '', '', ''
        FROM assessments_rating WHERE id = %(rating)s
    """,
    "closed health check changed": (
        "UPDATE assessments_healthcheck SET state = 'draft', submitted_at = NULL, submitted_by_id = NULL "
        "WHERE id = %(check)s"
    ),
    "closed health check deleted": "DELETE FROM assessments_healthcheck WHERE id = %(check)s",
    "closed cycle reopened": (
        "UPDATE assessments_reviewcycle SET closed_at = NULL, closed_by_id = NULL WHERE id = %(cycle)s"
    ),
    "closed cycle deleted": "DELETE FROM assessments_reviewcycle WHERE id = %(cycle)s",
}


def refused(sql: str, values: dict) -> bool:
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(sql, values)
    except IntegrityError:
        return True
    return False


def test_database_itself_refuses_to_change_a_closed_cycle(cycle, check, epo, head):
    complete(check, epo)
    rating = check.ratings.first()
    other = factories.CriterionFactory(theme=rating.criterion.theme)
    values = {"rating": rating.pk, "check": check.pk, "cycle": cycle.pk, "other": other.pk}
    changed = "closed rating changed"
    assert not refused(REFUSED_SQL[changed], values), "control: an open cycle's rating can be changed"

    actions.close_cycle(cycle=cycle, by=head)

    let_through = [what for what, sql in REFUSED_SQL.items() if not refused(sql, values)]
    print(f"closed cycle by SQL: {len(let_through)} / {len(REFUSED_SQL)} let through")
    assert let_through == []


def test_database_itself_refuses_to_change_a_signed_off_rating(cycle, check, epo, head):
    complete(check, epo)
    values = {"rating": check.ratings.first().pk}
    actions.submit(health_check=check, by=epo)
    actions.sign_off(health_check=check, by=head)

    for what in ("closed rating changed", "closed rating deleted"):
        assert refused(REFUSED_SQL[what], values), what
