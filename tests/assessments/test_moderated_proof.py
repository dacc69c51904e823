"""A proof that was promised or shown of an officer's green, while a moderator's value stands in its place."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.permissions import Role
from assessments import actions
from assessments.models import HealthCheck
from tests import factories
from tests.assessments.lives import State, cell, make_check

pytestmark = pytest.mark.django_db


@pytest.fixture
def check(epo, head, camden) -> HealthCheck:
    """Camden, submitted by its officer, with a green."""
    return make_check(State.SUBMITTED, epo, head, borough=camden, criteria=1)


def moderate(check, head) -> None:
    actions.moderate_rating(rating=cell(check), value="amber", reason="Half of it", version=1, by=head)


def test_promised_proof_comes_back_with_the_officers_green(check, head):
    due = timezone.localdate() + timedelta(days=20)
    check.ratings.filter(criterion__code="A1").update(proof_due_on=due)

    moderate(check, head)
    assert cell(check).proof_due_on is None
    actions.undo_moderation(rating=cell(check), version=2, by=head)

    assert cell(check).proof_due_on == due


def test_confirmed_proof_comes_back_only_to_the_answer_that_it_was_shown_of(check, epo, head):
    """The officer wrote anew under the moderator's value: nobody has seen a proof of that."""
    other = factories.UserFactory(role=Role.HEAD)
    due = timezone.localdate() + timedelta(days=20)
    check.ratings.filter(criterion__code="A1").update(proof_due_on=due)
    actions.confirm_proof(rating=cell(check), by=other)
    moderate(check, head)
    actions.return_to_officer(health_check=check, reason="Say more", by=head)
    actions.save_rating(
        health_check=check,
        criterion_code="A1",
        value="amber",
        rationale="More of it",
        next_step="",
        version=2,
        by=other,
    )
    actions.submit(health_check=check, by=epo)

    actions.undo_moderation(rating=cell(check), version=3, by=head)

    found = cell(check)
    assert (found.value, found.rationale) == ("green", "More of it")
    assert (found.proof_due_on, found.proof_confirmed_by) == (due, None)
