"""What a reader had typed on a health check and not saved, offered to them again."""

from dataclasses import replace
from datetime import date

from django.http import QueryDict

from accounts.models import User
from assessments.content.health_check import Page
from assessments.content.rows import Offer, Row
from assessments.models import HealthCheck, RatingDraft
from cdrp_portal.dates import london_date, uk_date, uk_time
from cdrp_portal.status import Status


def with_drafts(page: Page, check: HealthCheck, user: User, *, today: date) -> Page:
    """The page with the drafts of this reader in its rows: nobody else's are ever read."""
    kept = {
        draft.rating_id: draft
        for draft in RatingDraft.objects.filter(person=user, rating__health_check=check)
    }
    if not kept:
        return page
    return replace(
        page,
        rows=[
            replace(row, draft=offer(kept[row.pk], row, check, today)) if row.pk in kept else row
            for row in page.rows
        ],
    )


def offer(draft: RatingDraft, row: Row, check: HealthCheck, today: date) -> Offer:
    at = uk_time(draft.kept_at)
    kept_on = london_date(draft.kept_at)
    value = Status(draft.value or row.value)
    return Offer(
        url=f"{check.get_absolute_url()}{row.code}/draft/",
        when=f"at {at}" if kept_on == today else f"on {uk_date(kept_on)} at {at}",
        value=value if value != Status.NOT_ASSESSED else None,
        rationale=draft.rationale,
        next_step=draft.next_step,
        has_moved=draft.version != row.version,
    )


def taken_up(sent: QueryDict, check: HealthCheck, code: str, user: User) -> QueryDict:
    """What a form sent; by its button "Use it" with what is kept on the server in the place of its fields.

    The version is the one that the draft was begun on, so that what was saved since is met, not lost.
    """
    if "use_draft" not in sent:
        return sent
    draft = RatingDraft.objects.filter(
        person=user, rating__health_check=check, rating__criterion__code=code
    ).first()
    if draft is None:
        return sent
    data = sent.copy()
    if draft.value:
        data["value"] = draft.value
    data["rationale"], data["next_step"], data["version"] = (
        draft.rationale,
        draft.next_step,
        str(draft.version),
    )
    return data
