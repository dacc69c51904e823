"""What a moderator has said so far of the open cycle: one returned, two moderated, flags and a thread."""

from datetime import date, datetime, timedelta

from django.db.models import F

from accounts.models import User
from assessments import actions
from assessments.models import HealthCheck, Rating, RatingQuerySet, ReviewCycle
from cdrp_portal.history import acting
from cdrp_portal.status import Status
from committees.demonstration.dating import happened, moment
from committees.demonstration.steps import IN_PROGRESS, RETURNED, carry_on

MODERATED, CHANGED, WAITING = "newham", "islington", "sutton"


def load_return(cycle: ReviewCycle, today: date, head: User) -> None:
    """Bromley was submitted eight days ago and came back; its officer has begun to look at it again."""
    check = cycle.health_checks.select_related("borough", "cycle").get(borough__slug=RETURNED)
    officer = check.ratings.exclude(rated_by=None).select_related("rated_by")[0].rated_by or head
    standing = list(check.ratings.order_by("criterion__position"))[: IN_PROGRESS[RETURNED]]
    _submit(check, moment(today - timedelta(days=8), 16, 20), officer)
    with happened(moment(today - timedelta(days=6), 11, 5), HealthCheck, Rating):
        _return(check, standing, head)
    taken_out = moment(today - timedelta(days=4), 14, 32)
    _take_out(check, standing, taken_out, officer)
    if cycle.previous:
        carry_on(check, at=taken_out + timedelta(minutes=10), by=officer)


def load_life(cycle: ReviewCycle, head: User) -> None:
    """Of the submitted ones Newham and Islington are moderated, and Sutton waits."""
    waiting = cycle.health_checks.filter(state=HealthCheck.State.SUBMITTED).select_related("borough")
    checks = {check.borough.slug: check for check in waiting if check.borough is not None}
    actions.mark_moderated(health_check=checks[MODERATED], by=head)
    _change(_first(checks[CHANGED].ratings.all(), Status.GREEN), head)
    actions.mark_moderated(health_check=checks[CHANGED], by=head)
    _discuss(_first(checks[WAITING].ratings.all(), Status.GREEN), head)


def _first(among: RatingQuerySet, value: Status) -> Rating:
    ratings = among.select_related("criterion").order_by("criterion__position")
    return ratings.filter(value=value).first() or ratings[0]


def _submit(check: HealthCheck, at: datetime, officer: User) -> None:
    with happened(at, HealthCheck), acting(officer):
        check.state, check.submitted_at, check.submitted_by = HealthCheck.State.SUBMITTED, at, officer
        check.save()


def _return(check: HealthCheck, among: list[Rating], head: User) -> None:
    notes = {
        Status.GREEN: "Which minute shows it? The one named is of the year before.",
        Status.AMBER: "Say who does the next step, and by when.",
    }
    for value, note in notes.items():
        rating = _first(check.ratings.filter(pk__in=[rating.pk for rating in among]), value)
        actions.flag_rating(rating=rating, note=note, version=rating.version, by=head)
    actions.return_to_officer(
        health_check=check,
        reason="Two answers need a word more before this can be signed off. They are flagged below.",
        by=head,
    )


def _take_out(check: HealthCheck, standing: list[Rating], at: datetime, officer: User) -> None:
    """What its officer is no longer sure of is blank again."""
    with happened(at, Rating), acting(officer):
        check.ratings.exclude(pk__in=[rating.pk for rating in standing]).update(
            value=Status.NOT_ASSESSED,
            rationale="",
            next_step="",
            version=F("version") + 1,
            rated_at=at,
            rated_by=officer,
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
