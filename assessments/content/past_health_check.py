"""One health check as it stood at the end of a day, read by whoever might read it in the state of then."""

import copy
from dataclasses import dataclass

from accounts.models import User
from assessments.content.health_check import FIELDS, Page, page_of
from assessments.content.london import link_member_words
from assessments.content.past import Past
from assessments.models import HealthCheck
from assessments.reach import Reach
from boroughs.models import BoroughLink
from cdrp_portal.dates import uk_date
from cdrp_portal.past import rows_at

STATE_FIELDS = (
    "state",
    "state_reason",
    "officer_id",
    "submitted_at",
    "submitted_by_id",
    "moderated_at",
    "moderated_by_id",
    "signed_off_at",
    "signed_off_by_id",
)
MEMBER_KINDS = (BoroughLink.Kind.MEMBER, BoroughLink.Kind.MEMBER_COVER)


@dataclass(frozen=True)
class HealthCheckThen:
    """`check` has its state, its dates and its cycle's of that day; it is for reading and never saved."""

    check: HealthCheck
    page: Page
    link_member: str


class NothingThen(Exception):
    """There is nothing to show of that day, or nothing for this reader; the message says which."""


class NotReadableThen(NothingThen):
    """It was not signed off on that day, and the reader may not read drafts of it."""


def read_then(check: HealthCheck, *, user: User, past: Past) -> HealthCheckThen:
    """Raises NothingThen. Four queries, and one more where the frameworks differ."""
    found = rows_at(HealthCheck, past.end, *STATE_FIELDS, id=check.pk)
    if past.day < check.cycle.opens_on:
        raise NothingThen(f"{check.cycle} opened on {uk_date(check.cycle.opens_on)}, after that day.")
    if not found:
        raise NothingThen(f"The portal held nothing of {check.subject_name} in {check.cycle} on that day.")
    then = copy.copy(check)
    for name, value in zip(STATE_FIELDS, found[0], strict=True):
        setattr(then, name, value)
    reach = Reach(user)
    if not reach.reaches(then.state, then.borough_id):
        raise NotReadableThen(f"{check.subject_name} was not signed off on that day.")
    then.cycle = past.cycle(check.cycle)

    earlier = [
        (pk, submitted_at)
        for pk, state, submitted_at in rows_at(
            HealthCheck,
            past.end,
            "id",
            "state",
            "submitted_at",
            cycle=check.cycle.previous_id,
            borough=check.borough_id,
        )
        if reach.reaches(state, check.borough_id)
    ]
    ratings = past.ratings(FIELDS, [check.pk, *(pk for pk, _at in earlier)])
    rows = [dict(zip(FIELDS, row, strict=True)) for row in ratings]
    rows.sort(key=lambda row: row["criterion__position"])
    submitted_at = earlier[0][1] if earlier else None
    page = page_of(then, rows, last_submitted_at=submitted_at, today=past.day)
    return HealthCheckThen(then, page, _link_member(check, past))


def _link_member(check: HealthCheck, past: Past) -> str:
    """Who spoke for the Authority in the borough on that day; empty for the Authority itself."""
    if check.borough_id is None:
        return ""
    fields = ("kind", "person__name", "person_id")
    links = [
        BoroughLink(kind=kind, person=User(pk=pk, name=name))
        for kind, name, pk in sorted(past.links(fields, borough=check.borough_id), key=lambda link: link[1])
        if kind in MEMBER_KINDS
    ]
    return link_member_words(links)
