"""Where a health check is in its life: what its page says of that, and what waits for the head."""

import datetime as dt
from dataclasses import dataclass, field

from django.db.models import Count, Q

from accounts.models import User
from accounts.permissions import Permission
from assessments.actions import is_own_work
from assessments.models import HealthCheck
from cdrp_portal.dates import london_date, uk_date
from cdrp_portal.history import changes_of

State = HealthCheck.State
WITH_THE_HEAD = (State.SUBMITTED, State.MODERATED)


@dataclass(frozen=True)
class ToLookAt:
    """A rating that is flagged, or has comments that were not resolved."""

    code: str
    name: str
    flag: str
    threads: int

    @property
    def words(self) -> str:
        comments = f"{self.threads} open comment{'' if self.threads == 1 else 's'}" if self.threads else ""
        return ", ".join(one for one in (self.flag, comments) if one)


@dataclass(frozen=True)
class Life:
    """What the page of a health check says of its state to whoever reads it, and what they may do next."""

    check: HealthCheck
    url: str
    returned: str = ""
    reason: str = ""
    to_look_at: list[ToLookAt] = field(default_factory=list)
    may_withdraw: bool = False
    may_moderate: bool = False
    may_sign_off: bool = False
    may_reopen: bool = False

    @property
    def is_silent(self) -> bool:
        """Whether there is nothing to say beyond the sentence under the page's heading."""
        may = self.may_withdraw or self.may_moderate or self.may_reopen
        return not (may or self.returned or self.to_look_at)


def life_of(check: HealthCheck, user: User, *, may_rate: bool) -> Life:
    """Flags, comments and reasons are told to whoever may rate or moderate there, and to nobody else."""
    url = check.get_absolute_url()
    may_moderate = user.may(Permission.MODERATE, check)
    if not (may_rate or may_moderate):
        return Life(check, url)
    moderates = may_moderate and check.cycle.is_open
    is_returned = check.state == State.RETURNED
    return Life(
        check=check,
        url=url,
        returned=_returned_words(check) if is_returned else "",
        reason=check.state_reason if is_returned else "",
        to_look_at=[] if check.state == State.SIGNED_OFF else to_look_at(check),
        may_withdraw=may_rate and check.cycle.is_open and check.state == State.SUBMITTED,
        may_moderate=moderates and check.state in WITH_THE_HEAD,
        may_sign_off=moderates and check.state in WITH_THE_HEAD and not is_own_work(check, user),
        may_reopen=moderates and check.state == State.SIGNED_OFF,
    )


def to_look_at(check: HealthCheck) -> list[ToLookAt]:
    """Flags first, then open comments, each in the order of the criteria."""
    is_open = Q(comments__reply_to=None, comments__resolved_at=None, comments__isnull=False)
    rows = (
        check.ratings.annotate(threads=Count("comments", filter=is_open))
        .exclude(flag_note="", threads=0)
        .order_by("criterion__position")
        .values_list("criterion__code", "criterion__short_title", "flag_note", "threads")
    )
    found = [ToLookAt(code, f"{code} {title}", flag, threads) for code, title, flag, threads in rows]
    return sorted(found, key=lambda one: not one.flag)


def _returned_words(check: HealthCheck) -> str:
    """Who returned it and when, from the history: the state itself keeps the reason alone."""
    last = next((one for one in changes_of(check, fields=("state",)) if one.field), None)
    if last is None:
        return "Returned to be changed."
    verb = "opened it again" if last.before == State.SIGNED_OFF.label else "returned it"
    return f"{last.who} {verb} on {uk_date(london_date(last.at))}."


@dataclass(frozen=True)
class Waiting:
    """A health check that waits for the head, and for how long it has."""

    check: HealthCheck
    submitted_on: dt.date
    days: int
    url: str

    @property
    def words(self) -> str:
        if self.check.state == State.MODERATED:
            return "Moderated, to sign off"
        return "To moderate"

    @property
    def days_words(self) -> str:
        return "today" if not self.days else f"{self.days} day{'' if self.days == 1 else 's'} ago"


def waiting(user: User, on: dt.date) -> list[Waiting]:
    """What was submitted and not signed off in open cycles, the oldest first, to whoever moderates."""
    if not user.may(Permission.MODERATE):
        return []
    checks = (
        HealthCheck.objects.visible_to(user)
        .filter(state__in=WITH_THE_HEAD, cycle__closed_at=None)
        .select_related("cycle", "borough", "submitted_by")
        .order_by("submitted_at", "pk")
    )
    rows = []
    for check in checks:
        day = london_date(check.submitted_at) if check.submitted_at else on
        rows.append(Waiting(check, day, (on - day).days, f"{check.get_absolute_url()}moderate/"))
    return rows


def state_words(check: HealthCheck) -> str:
    """Where the health check stands, as a sentence."""
    if check.signed_off_at is not None:
        return f"Signed off on {uk_date(check.signed_off_at)} by {check.signed_off_by}."
    if check.submitted_at is not None:
        so_far = "moderated, not signed off yet" if check.moderated_at else "not signed off yet"
        return f"Submitted on {uk_date(check.submitted_at)} by {check.submitted_by}; {so_far}."
    if check.cycle.closed_at is not None:
        return f"Never submitted. {check.cycle} was closed on {uk_date(check.cycle.closed_at)}."
    returned = "Returned to be changed. " if check.state == HealthCheck.State.RETURNED else ""
    return f"{returned}Open until {uk_date(check.cycle.closes_on)}."
