"""A borough's latest health check in brief: counts by theme, and what moved since the cycle before."""

import datetime as dt
from typing import Any

from accounts.models import User
from assessments.content.health_check import Page, Row, ThemeRows, read_page, state_words
from assessments.models import HealthCheck
from boroughs.models import Borough
from cdrp_portal.status import Movement, Status

# Not a column: `with_visibility` adds it.
IS_VISIBLE = "is_visible"


def read_panel(borough: Borough, *, user: User, today: dt.date) -> dict[str, Any]:
    """The newest health check that `user` may see; `newer` is one that they may not see yet. Two queries."""
    checks = (
        HealthCheck.objects.filter(borough=borough)
        .with_visibility(user)
        .select_related("cycle", "cycle__previous", "borough", "submitted_by", "signed_off_by")
        .order_by("-cycle__opens_on", "-cycle")
    )
    found = [(one, getattr(one, IS_VISIBLE)) for one in checks]
    check = next((one for one, is_visible in found if is_visible), None)
    newer = found[0][0] if found and found[0][0] is not check else None
    if check is None:
        return {"check": None, "newer": newer}
    page = read_page(check, user=user, today=today)
    return {
        "check": check,
        "newer": newer,
        "page": page,
        "url": check.get_absolute_url(),
        "state_sentence": state_words(check),
        "themes": [_theme(theme) for theme in page.themes()],
        "worse": _moved(page, Movement.WORSE),
        "better": _moved(page, Movement.BETTER),
    }


def _moved(page: Page, move: Movement) -> list[Row]:
    return [row for row in page.rows if row.move == move]


def _theme(theme: ThemeRows) -> dict[str, Any]:
    counts = [(status, sum(row.value == status for row in theme.rows)) for status in Status]
    return {
        "code": theme.code,
        "title": theme.title,
        "counts": [(status, count) for status, count in counts if count],
    }
