"""The 35 recommendations and what the archive holds of the action plans (DOMAIN §2, sources/002 and 003)."""

import calendar
import re
from datetime import date
from pathlib import Path

from django.db import transaction
from django.utils.text import slugify

from cdrp_portal.reference import BadReferenceData, read_rows
from recommendations.models import (
    Action,
    ActionPlan,
    KeyPoint,
    LeadUnit,
    Position,
    Progress,
    Recommendation,
    Scrutiny,
)

DATA = Path(__file__).parent / "data"
COUNT = 35
REPORTED_ON = date(2003, 1, 30)
WHOLE_PLAN = "MPS-all"
NOT_RECORDED = "Not recorded in the archive"

# Units and organisations that the archive names (DOMAIN §2, lead units).
LEAD_UNITS = [
    (NOT_RECORDED, ""),
    ("Community Safety and Partnership Unit", "MPS"),
    ("Territorial Policing", "MPS"),
    ("Corporate Performance Analysis Unit", "MPS"),
    ("Corporate Planning Group", "MPS"),
    ("Directorate of Information", "MPS"),
    ("Human Resources Directorate", "MPS"),
    ("Diversity and Citizen Focus Directorate", "MPS"),
    ("Central MAPPP support unit", "MPS"),
    ("Borough commanders", "MPS"),
    ("MPA Internal Audit", "MPA"),
    ("Metropolitan Police Authority", "MPA"),
    ("Government Office for London", "GOL"),
]

INFERENCE = re.compile(r"\s*\[(?P<note>[^\]]+)\]$")


def acceptance_of(number: int) -> tuple[str, date | None]:
    """What the report of 30 January 2003 asked members to agree; 31, 34 and 35 are in no resolution."""
    if number <= 30:
        return Recommendation.Acceptance.AGREED, REPORTED_ON
    if number in (32, 33):
        return Recommendation.Acceptance.SUBJECT_TO_BUDGET, REPORTED_ON
    return Recommendation.Acceptance.NONE_RECORDED, None


def progress_of(position: str) -> str:
    """ "Complete" is the one status word seen in a position cell; "done" says the same (DOMAIN §2)."""
    if re.match(r"(complete|done)\b", position, re.IGNORECASE):
        return Progress.COMPLETE
    if "ongoing" in position.lower():
        return Progress.ONGOING
    return Progress.IN_PROGRESS


def day_of(text: str) -> tuple[date, str]:
    """A date as the archive gives it: a day, or a month that is taken at its last day."""
    try:
        year, month, *day = [int(part) for part in text.split("-")]
        if not day:
            return date(year, month, calendar.monthrange(year, month)[1]), Position.Precision.MONTH
        return date(year, month, *day), Position.Precision.DAY
    except (ValueError, TypeError) as error:
        raise BadReferenceData(f"“{text}” is not a date.") from error


@transaction.atomic
def load_recommendations(path: Path = DATA / "recommendations.csv") -> int:
    """Load or refresh the 35; raises BadReferenceData and changes nothing otherwise."""
    rows = read_rows(path, expected=COUNT)
    if [int(row["number"]) for row in rows] != list(range(1, COUNT + 1)):
        raise BadReferenceData("The recommendations are not numbered 1 to 35.")
    scrutiny, _ = Scrutiny.objects.update_or_create(
        slug="cdrp-2003",
        defaults={"title": "Crime and Disorder Reduction Partnerships", "reported_on": REPORTED_ON},
    )
    for row in rows:
        number = int(row["number"])
        acceptance, accepted_on = acceptance_of(number)
        facts = {
            "theme": row["theme"],
            "short_title": row["short_title"],
            "full_text": row["full_text"],
            "responsible_body": row["responsible_body"],
            "supporting_bodies": row["supporting_bodies"],
            "is_among_the_twelve": row["probable_mpa_twelve"] == "yes",
            "acceptance": acceptance,
            "accepted_on": accepted_on,
        }
        Recommendation.objects.update_or_create(
            scrutiny=scrutiny,
            number=number,
            defaults=facts,
            create_defaults={**facts, "plan_order": number},
        )
    return len(rows)


@transaction.atomic
def load_action_plan(path: Path = DATA / "action_plan.csv") -> int:
    """Load what is known of the plans' rows, once each: a second run changes nothing."""
    for name, organisation in LEAD_UNITS:
        LeadUnit.objects.update_or_create(
            slug=slugify(name), defaults={"name": name, "organisation": organisation}
        )
    plan, _ = ActionPlan.objects.update_or_create(
        slug="mps", defaults={"name": "MPS implementation plan", "body": "MPS"}
    )
    rows = read_rows(path)
    for order, row in enumerate(rows):
        key_point = _key_point(row, plan)
        lead, _ = LeadUnit.objects.get_or_create(
            name=row["lead"] or NOT_RECORDED, defaults={"slug": slugify(row["lead"])}
        )
        action, _ = Action.objects.get_or_create(
            key_point=key_point, text=row["action"], defaults={"lead_unit": lead, "position": order}
        )
        _add_position(action, row)
    _settle_progress()
    return len(rows)


def _key_point(row: dict[str, str], plan: ActionPlan) -> KeyPoint:
    owner = (
        {"recommendation": None, "plan": plan}
        if row["recommendation"] == WHOLE_PLAN
        else {"recommendation": Recommendation.objects.get(number=row["recommendation"]), "plan": None}
    )
    key_point, _ = KeyPoint.objects.get_or_create(**owner, text=row["key_point"])
    return key_point


def _add_position(action: Action, row: dict[str, str]) -> None:
    stated_on, precision = day_of(row["position_date"])
    inference = INFERENCE.search(row["position"])
    Position.objects.get_or_create(
        action=action,
        stated_on=stated_on,
        text=INFERENCE.sub("", row["position"]),
        defaults={
            "precision": precision,
            "status": progress_of(row["position"]),
            "source": row["source"],
            "source_note": inference["note"] if inference else "",
        },
    )


def _settle_progress() -> None:
    """An action stands where its newest position says; a recommendation with positions is in progress."""
    for position in Position.objects.filter(given_by=None).at(date.max).select_related("action"):
        if position.action.status != position.status:
            position.action.status = position.status
            position.action.save(update_fields=["status"])
    Recommendation.objects.filter(progress="", key_points__actions__positions__isnull=False).update(
        progress=Progress.IN_PROGRESS
    )
