"""What a moderator has said so far of the open cycle: one returned, two moderated, flags and a thread."""

from datetime import timedelta

from django.utils import timezone

from accounts.models import User
from assessments import actions
from assessments.models import HealthCheck, Rating, ReviewCycle
from cdrp_portal.status import Status

RETURNED, MODERATED, CHANGED, WAITING = "bromley", "newham", "islington", "sutton"


def load_life(cycle: ReviewCycle, head: User) -> None:
    """Of the submitted ones Newham and Islington are moderated, and Sutton waits; Bromley came back."""
    open_ones = cycle.health_checks.exclude(state=HealthCheck.State.SIGNED_OFF).select_related("borough")
    checks = {check.borough.slug: check for check in open_ones if check.borough is not None}
    _return(checks[RETURNED], head)
    actions.mark_moderated(health_check=checks[MODERATED], by=head)
    _change(_first(checks[CHANGED], Status.GREEN), head)
    actions.mark_moderated(health_check=checks[CHANGED], by=head)
    _discuss(_first(checks[WAITING], Status.GREEN), head)


def _first(check: HealthCheck, value: Status) -> Rating:
    ratings = check.ratings.select_related("criterion").order_by("criterion__position")
    return ratings.filter(value=value).first() or ratings[0]


def _return(check: HealthCheck, head: User) -> None:
    """It was submitted eight days ago; what its officer has taken out since is why it is not complete."""
    officer = check.ratings.exclude(rated_by=None)[0].rated_by
    check.state, check.submitted_by = HealthCheck.State.SUBMITTED, officer
    check.submitted_at = timezone.now() - timedelta(days=8)
    check.save()
    notes = {
        Status.GREEN: "Which minute shows it? The one named is of the year before.",
        Status.AMBER: "Say who does the next step, and by when.",
    }
    for value, note in notes.items():
        rating = _first(check, value)
        actions.flag_rating(rating=rating, note=note, version=rating.version, by=head)
    actions.return_to_officer(
        health_check=check,
        reason="Two answers need a word more before this can be signed off. They are flagged below.",
        by=head,
    )


def _change(rating: Rating, head: User) -> None:
    actions.moderate_rating(
        rating=rating,
        value=Status.AMBER,
        reason="The seat was empty at two of the last four meetings, so it is partly in place.",
        version=rating.version,
        by=head,
    )


def _discuss(rating: Rating, head: User) -> None:
    first = actions.write_comment(rating=rating, text="Is this so for all six partners?", by=head)
    officer = rating.rated_by
    if officer is not None and actions.may_discuss(officer, rating.health_check):
        actions.write_comment(
            rating=rating,
            text="For five of them. The sixth has promised it for next month.",
            reply_to=first,
            by=officer,
        )
