"""A borough's latest health check in brief: counts by theme, and what moved since the cycle before."""

import datetime as dt
from typing import Any

from django.urls import reverse

from accounts.models import User
from assessments.content.health_check import Page, read_page
from assessments.content.life import state_words
from assessments.content.past import Past
from assessments.content.past_health_check import NothingThen, NotReadableThen, read_then
from assessments.content.profile import profile_of
from assessments.content.rows import Row
from assessments.models import HealthCheck
from boroughs.models import Borough
from cdrp_portal.status import Movement

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
    changed = reverse("assessments:cycle-between", args=[check.cycle.slug])
    told = _told(check, page, check.get_absolute_url())
    return {
        **told,
        "newer": newer,
        "between_url": f"{changed}?borough={borough.slug}",
        "pictures_url": f"{check.get_absolute_url()}pictures/",
    }


def read_panel_then(borough: Borough, *, user: User, day: dt.date) -> dict[str, Any]:
    """The same as it stood at the end of that day, as far as `user` might read it then."""
    past = Past(day)
    of_borough = HealthCheck.objects.filter(borough=borough, cycle__opens_on__lte=day)
    checks = of_borough.select_related("cycle", "cycle__previous", "borough").order_by(
        "-cycle__opens_on", "-cycle"
    )
    newer = None
    for check in checks:
        try:
            then = read_then(check, user=user, past=past)
        except NotReadableThen:
            newer = newer or check
            continue
        except NothingThen:
            continue
        url = f"{check.get_absolute_url()}?as_at={day.isoformat()}"
        return {**_told(then.check, then.page, url), "newer": newer}
    return {"check": None, "newer": newer}


def _told(check: HealthCheck, page: Page, url: str) -> dict[str, Any]:
    return {
        "check": check,
        "page": page,
        "url": url,
        "state_sentence": state_words(check),
        "profile": profile_of(check, page),
        "worse": _moved(page, Movement.WORSE),
        "better": _moved(page, Movement.BETTER),
    }


def _moved(page: Page, move: Movement) -> list[Row]:
    return [row for row in page.rows if row.move == move]
