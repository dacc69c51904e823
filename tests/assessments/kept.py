"""Evidence made in a line, the states that a health check goes through, and what stands in a folder."""

from datetime import date
from pathlib import Path

from django.urls import reverse
from django.utils import timezone

from assessments import actions
from assessments.models import Evidence, HealthCheck, Rating, ReviewCycle
from cdrp_portal.uploads import KINDS, Received

State = HealthCheck.State
DAY = date(2010, 8, 31)


def rating_of(check, code="A1") -> Rating:
    rows = Rating.objects.select_related("health_check__cycle", "health_check__borough", "criterion")
    return rows.get(health_check=check, criterion__code=code)


def kept(name="minutes.pdf", content=b"%PDF-1.7 held") -> Received:
    return Received(name=name, content_type=KINDS[name.rpartition(".")[2]].content_type, content=content)


def add(rating, by, **given) -> Evidence:
    words = {"title": "Minute 7", "dated_on": DAY, "look_again_on": None, **given}
    if "file" not in words:
        words.setdefault("url", "https://example.org/minutes")
    return actions.add_evidence(rating=rating, by=by, **words)


def url_of(rating, name="evidence-list", *more) -> str:
    check = rating.health_check
    return reverse(
        f"assessments:{name}", args=[check.cycle.slug, check.subject_slug, rating.criterion.code, *more]
    )


def move_to(check, state, head) -> None:
    """To any state by the steps that the database allows."""
    now = timezone.now()
    stamps = {"submitted_at": now, "submitted_by": head}
    checks = HealthCheck.objects.filter(pk=check.pk)
    if state == State.DRAFT:
        return
    checks.update(state=State.SUBMITTED, **stamps)
    if state == State.RETURNED:
        checks.update(state=state, state_reason="Look again", submitted_at=None, submitted_by=None)
    elif state == State.MODERATED:
        checks.update(state=state, moderated_at=now, moderated_by=head)
    elif state in (State.SIGNED_OFF, "closed"):
        checks.update(state=State.SIGNED_OFF, signed_off_at=now, signed_off_by=head)
    if state == "closed":
        ReviewCycle.objects.filter(pk=check.cycle_id).update(closed_at=now, closed_by=head)


def files_in(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


def sent(**given) -> dict:
    return {
        "title": "Minute 7",
        "dated_on": "2010-08-31",
        "look_again_on": "",
        "url": "",
        "whole": "1",
        **given,
    }
