from datetime import date, timedelta

from django.db import IntegrityError, transaction
from django.db.backends.postgresql.psycopg_any import DateRange

from accounts.models import User
from accounts.permissions import Role
from boroughs.models import Borough, BoroughLink, Meeting, Visit
from cdrp_portal.dates import uk_date

Kind = BoroughLink.Kind
ROLE_OF_KIND = {
    Kind.MEMBER: Role.MEMBER,
    Kind.MEMBER_COVER: Role.MEMBER,
    Kind.OFFICER: Role.EPO,
    Kind.OFFICER_COVER: Role.EPO,
}
# The Authority's first day: nobody was linked and nothing visited before.
EARLIEST = date(2000, 7, 3)
# Appointments last until an annual meeting; a year beyond this one is a slip of the hand.
LATEST = date(2099, 12, 31)


class LinkError(ValueError):
    """The link cannot be made or ended so; the message says what to do."""


class LinkOverlapError(LinkError):
    """Somebody is linked on some of those days already; the message names them and their days."""


class LinkConflictError(LinkError):
    """The link was changed after the person read it. `mine` and `theirs` are both days in words."""

    def __init__(self, mine: str, theirs: str) -> None:
        super().__init__(
            f"This link was changed while you were reading it: it now runs {theirs}. You wrote: {mine}."
        )
        self.mine = mine
        self.theirs = theirs


class VisitError(ValueError):
    """The visit cannot be noted so; the message says what to write instead."""


def assign_link(
    *,
    borough: Borough,
    person: User,
    kind: str,
    starts_on: date,
    ends_on: date | None,
    by: User,
    appointed_by: str = "",
) -> BoroughLink:
    """Link a person to a borough from the first day to the last, both included; None has no end yet.

    Raises LinkOverlapError where the database's rule against overlaps refuses it, else LinkError.
    """
    if ROLE_OF_KIND.get(Kind(kind)) != person.role or not person.is_active:
        raise LinkError(f"{person} is not somebody who can be {Kind(kind).label.lower()}.")
    if starts_on < EARLIEST:
        raise LinkError(f"Give a first day from {uk_date(EARLIEST)}, when the Authority began.")
    if max(starts_on, ends_on or starts_on) > LATEST:
        raise LinkError(f"Give a last day up to {uk_date(LATEST)}, or leave it empty.")
    if ends_on is not None and ends_on < starts_on:
        raise LinkError(f"The last day cannot be before the first, {uk_date(starts_on)}.")
    link = BoroughLink(
        borough=borough,
        person=person,
        kind=kind,
        period=period_of(starts_on, ends_on),
        appointed_by=appointed_by,
    )
    try:
        with transaction.atomic():
            # One at a time for each borough, so that two who assign at once do not wait for one another;
            # that no two links overlap is left to the exclusion constraints.
            Borough.objects.select_for_update().get(pk=borough.pk)
            link.save()
    except IntegrityError as error:
        raise LinkOverlapError(_overlap_words(link)) from error
    return link


@transaction.atomic
def end_link(*, link: BoroughLink, ends_on: date, by: User, version: int | None = None) -> BoroughLink:
    """Let a link end with that day, which still belongs to it.

    `version` is that of the link as the person read it (default: of `link` as it was fetched). Raises
    LinkConflictError where it has changed since, else LinkError.
    """
    locked = BoroughLink.objects.select_for_update().get(pk=link.pk)
    first, last = locked.period.lower, last_day(locked)
    if locked.version != (link.version if version is None else version):
        raise LinkConflictError(mine=f"until {uk_date(ends_on)}", theirs=period_words(locked))
    if ends_on > LATEST:
        raise LinkError(f"Give a last day up to {uk_date(LATEST)}.")
    if ends_on < first:
        raise LinkError(f"The last day cannot be before the first, {uk_date(first)}.")
    if last is not None and ends_on > last:
        raise LinkError(f"It ends on {uk_date(last)} already. Assign a new link for the time after.")
    locked.period = period_of(first, ends_on)
    locked.version += 1
    locked.save(update_fields=["period", "version"])
    return locked


@transaction.atomic
def note_visit(
    *, borough: Borough, visited_on: date, note: str, meeting: Meeting | None, today: date, by: User
) -> Visit:
    """Note that `by` visited or attended. The same note sent twice is kept once. Raises VisitError."""
    if visited_on > today:
        raise VisitError(f"{uk_date(visited_on)} has not come yet. Note a visit once it has taken place.")
    if visited_on < EARLIEST:
        raise VisitError(f"Give a day from {uk_date(EARLIEST)}, when the Authority began.")
    if not note.strip():
        raise VisitError("Say in a sentence whom you met or what was discussed.")
    if meeting is not None and meeting.borough_id != borough.pk:
        raise VisitError("That meeting is not one of this borough's.")
    Borough.objects.select_for_update().get(pk=borough.pk)
    said = {"visited_on": visited_on, "note": note.strip(), "meeting": meeting, "noted_by": by}
    return borough.visits.filter(**said).first() or borough.visits.create(**said)


def period_of(starts_on: date, ends_on: date | None) -> DateRange:
    """The stored range, which leaves its end out, of a link whose last day is `ends_on`."""
    return DateRange(starts_on, None if ends_on is None else ends_on + timedelta(days=1))


def last_day(link: BoroughLink) -> date | None:
    """The last day that belongs to the link; None while no end is set."""
    return link.period.upper - timedelta(days=1) if link.period.upper else None


def period_words(link: BoroughLink) -> str:
    last = last_day(link)
    return f"from {uk_date(link.period.lower)}" + (f" until {uk_date(last)}" if last else ", no end set")


def _overlap_words(link: BoroughLink) -> str:
    """Who stands in the way; the link itself was not saved."""
    clashing = BoroughLink.objects.filter(borough=link.borough, period__overlap=link.period).select_related(
        "person"
    )
    same_person = clashing.filter(person=link.person).first()
    if same_person is not None:
        return (
            f"{link.person} is already linked to {link.borough} {period_words(same_person)}. "
            "Choose other days, or end that link first."
        )
    officer = clashing.filter(kind=Kind.OFFICER).first()
    name = f"{officer.person}, {period_words(officer)}" if officer else "somebody else"
    return (
        f"{link.borough} has an officer on some of these days: {name}. End that link first, or assign cover."
    )
