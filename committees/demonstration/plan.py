"""Invented meetings, actions that answer red and amber ratings, and key points of real recommendations."""

from datetime import date, datetime, timedelta
from random import Random

from django.db.models import DateTimeField, ExpressionWrapper, F, OuterRef, Subquery, Value

from accounts.models import User
from assessments.models import Rating, ReviewCycle
from boroughs.models import Borough, Meeting, Visit
from cdrp_portal.dates import LONDON
from cdrp_portal.history import acting
from cdrp_portal.status import Status
from committees.demonstration.dating import happened, moment, morning_of
from recommendations.models import (
    Action,
    DueDateChange,
    KeyPoint,
    LeadUnit,
    Position,
    Progress,
    Recommendation,
)

VENUES = ["Town Hall, room 2", "Civic Centre, committee room 1", "Police station, conference room"]
LEADS = [
    "borough-commanders",
    "community-safety-and-partnership-unit",
    "metropolitan-police-authority",
    "corporate-performance-analysis-unit",
]
# When a meeting was entered, and an action written, of which no row keeps the day.
ENTERED = ExpressionWrapper(F("starts_at") - Value(timedelta(days=150)), output_field=DateTimeField())
AFTER_ITS_RATING = ExpressionWrapper(
    Subquery(Rating.objects.filter(pk=OuterRef("rating_id")).values("rated_at")) + Value(timedelta(hours=1)),
    output_field=DateTimeField(),
)
ACTION_FOR_EACH = {Status.RED: 0.8, Status.AMBER: 0.25}

# number, key point, action, lead, days until due (None: no date), status, position
PLANNED: list[tuple[int, str, str, str, int | None, Progress, str]] = [
    (
        15,
        "Every CDRP has a protocol",
        "Send the boroughs without a protocol a model text",
        "community-safety-and-partnership-unit",
        -12,
        Progress.IN_PROGRESS,
        "Model text agreed; not yet sent.",
    ),
    (
        15,
        "It follows corporate guidance",
        "Check each protocol against the minimum standards of recommendation 14",
        "corporate-performance-analysis-unit",
        34,
        Progress.IN_PROGRESS,
        "19 protocols checked; three sent back.",
    ),
    (
        15,
        "It follows corporate guidance",
        "Review the guidance each year",
        "community-safety-and-partnership-unit",
        None,
        Progress.ONGOING,
        "A continuing duty; last reviewed in spring.",
    ),
    (
        15,
        "Confidentiality is clear to all partners",
        "Publish a one-page statement for partners",
        "metropolitan-police-authority",
        60,
        Progress.NOT_STARTED,
        "Waits for the check of protocols.",
    ),
    (
        1,
        "A dedicated officer in every BOCU",
        "Get the name and rank of each dedicated officer",
        "borough-commanders",
        -20,
        Progress.IN_PROGRESS,
        "29 of 32 names received.",
    ),
    (
        3,
        "Succession is planned",
        "Draft a handover checklist for borough commanders",
        "human-resources-directorate",
        45,
        Progress.IN_PROGRESS,
        "Draft with the directorate.",
    ),
    (
        11,
        "Courses reflect officers' needs",
        "Hold the first course on working in partnership",
        "human-resources-directorate",
        20,
        Progress.IN_PROGRESS,
        "14 officers enrolled.",
    ),
    (
        14,
        "Minimum standards exist",
        "Agree the standards with the London-wide agencies",
        "community-safety-and-partnership-unit",
        -5,
        Progress.IN_PROGRESS,
        "Four of six agencies have agreed.",
    ),
    (
        23,
        "Communities are represented",
        "List the community seats of each CDRP",
        "metropolitan-police-authority",
        75,
        Progress.NOT_STARTED,
        "",
    ),
    (
        30,
        "Each CDRP has an analyst",
        "Report which boroughs have no analyst",
        "corporate-performance-analysis-unit",
        10,
        Progress.COMPLETE,
        "Complete: list sent to the Authority.",
    ),
]


def load_meetings(today: date, member: User, random: Random) -> None:
    """Each borough's last and next two meetings; the link member's visits to their own boroughs."""
    rows = []
    for borough in Borough.objects.filter(is_generated=False):
        first = random.randrange(4, 40)
        for days in (first - 91, first, first + 91):
            day = today + timedelta(days=days)
            day -= timedelta(days=max(day.weekday() - 4, 0))
            starts_at = datetime(day.year, day.month, day.day, random.choice([10, 14, 18]), tzinfo=LONDON)
            rows.append(
                Meeting(
                    borough=borough,
                    title="Community safety partnership",
                    starts_at=starts_at,
                    venue=random.choice(VENUES),
                )
            )
    with happened(ENTERED, Meeting):
        Meeting.objects.bulk_create(rows)
    visited_on = today - timedelta(days=33)
    with happened(moment(visited_on, 17), Visit), acting(member):
        for borough in Borough.objects.linked_to(member, today):
            Visit.objects.create(
                borough=borough,
                visited_on=visited_on,
                note="Met the borough commander and the community safety manager.",
                noted_by=member,
            )


def load_actions(cycle: ReviewCycle, today: date, random: Random) -> None:
    """Most reds and some ambers get an action; some are late, some were moved."""
    leads = {unit.slug: unit for unit in LeadUnit.objects.all()}
    ratings = (
        Rating.objects.filter(health_check__cycle=cycle, value__in=[Status.RED, Status.AMBER])
        .exclude(health_check__borough=None)
        .exclude(next_step="")
        .filter(health_check__borough__is_generated=False)
        .select_related("health_check__borough", "rated_by")
        .order_by("pk")
    )
    with happened(AFTER_ITS_RATING, Action), happened(morning_of("stated_on"), Position):
        for rating in ratings:
            _answer(rating, leads, today, random)


def _answer(rating: Rating, leads: dict[str, LeadUnit], today: date, random: Random) -> None:
    rater, rated_at = rating.rated_by, rating.rated_at
    if random.random() > ACTION_FOR_EACH[Status(rating.value)] or rater is None or rated_at is None:
        return
    due_on = today + timedelta(days=random.randrange(-30, 90))
    status = random.choice([Progress.NOT_STARTED, Progress.IN_PROGRESS, Progress.IN_PROGRESS])
    with acting(rater):
        action = Action.objects.create(
            origin=Action.Origin.RATING,
            rating=rating,
            text=rating.next_step.rstrip("."),
            lead_unit=leads[random.choice(LEADS)],
            borough=rating.health_check.borough,
            due_on=due_on,
            status=status,
            is_demonstration=True,
        )
        if status == Progress.IN_PROGRESS:
            stated_on = today - timedelta(days=random.randrange(3, 25))
            stated_on = max(stated_on, rated_at.date() + timedelta(days=1))
            _position(action, stated_on, "Raised with the partners; an answer is awaited.", rater)
        if random.random() < 0.1:
            DueDateChange.objects.create(
                action=action,
                from_on=due_on - timedelta(days=30),
                to_on=due_on,
                reason="The partnership's meeting was put off by a month.",
                changed_by=rater,
            )


def load_overdue(cycle: ReviewCycle, today: date) -> None:
    """The late action of the walk-through: Camden's public meeting has no new date."""
    rating = Rating.objects.get(
        health_check__cycle=cycle, health_check__borough__slug="camden", criterion__code="D2"
    )
    with happened(AFTER_ITS_RATING, Action):
        Action.objects.create(
            origin=Action.Origin.RATING,
            rating=rating,
            text="Agree a new date for the public meeting",
            lead_unit=LeadUnit.objects.get(slug="borough-commanders"),
            borough=rating.health_check.borough,
            due_on=today - timedelta(days=14),
            status=Progress.NOT_STARTED,
            is_demonstration=True,
        )


def load_plan(today: date, head: User) -> None:
    """Invented key points and actions under real recommendations, each marked as demonstration."""
    leads = {unit.slug: unit for unit in LeadUnit.objects.all()}
    made_at = moment(today - timedelta(days=40), 15)
    with (
        acting(head),
        happened(made_at, KeyPoint, Action, Recommendation),
        happened(morning_of("stated_on"), Position),
    ):
        for order, (number, key_point, text, lead, days, status, position) in enumerate(PLANNED, start=100):
            recommendation = Recommendation.objects.get(number=number)
            point, _ = KeyPoint.objects.get_or_create(
                recommendation=recommendation, text=key_point, defaults={"position": order}
            )
            action = Action.objects.create(
                key_point=point,
                text=text,
                lead_unit=leads[lead],
                due_on=None if days is None else today + timedelta(days=days),
                status=status,
                position=order,
                is_demonstration=True,
            )
            if position:
                _position(action, today - timedelta(days=10), position, head)
            if recommendation.progress == "":
                recommendation.progress = Progress.IN_PROGRESS
                recommendation.save(update_fields=["progress"])


def _position(action: Action, on: date, text: str, by: User) -> None:
    Position.objects.create(
        action=action, stated_on=on, text=text, status=action.status, given_by=by, source="Demonstration"
    )
