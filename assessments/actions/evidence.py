"""What shows that a rating is right: added, put right, withdrawn, given back; proof promised and confirmed.

None of it raises the rating's version: nobody's answer is written over by it, and a row of the health
check that is open elsewhere need not conflict with a file.
"""

import hashlib
from datetime import date

from django.core.exceptions import PermissionDenied
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import transaction
from django.utils import timezone

from accounts.models import User
from accounts.permissions import Permission
from assessments.actions.guards import open_to_the_end, require, require_state
from assessments.models import Evidence, HealthCheck, Rating
from cdrp_portal.history import acting
from cdrp_portal.status import Status
from cdrp_portal.uploads import Received

# Until it is signed off: a moderator may ask for a minute of a meeting, and it can then be added.
EVIDENCE_STATES = (
    HealthCheck.State.DRAFT,
    HealthCheck.State.RETURNED,
    HealthCheck.State.SUBMITTED,
    HealthCheck.State.MODERATED,
)


class EvidenceConflict(Exception):
    """Somebody changed the evidence after `mine` was begun. `theirs` is as it stands: nothing was lost."""

    def __init__(self, *, mine: tuple[str, date, date | None], theirs: Evidence) -> None:
        super().__init__(f"“{theirs.title}” was changed while you were writing.")
        self.mine = mine
        self.theirs = theirs


class ProofRefused(Exception):
    """A proof cannot be promised or confirmed so; the message says why."""


def stamp_of(evidence: Evidence) -> str:
    """What a form was opened with: the same stamp means that nobody has changed the words since."""
    words = (evidence.title, evidence.dated_on, evidence.look_again_on, evidence.withdrawn_at)
    return hashlib.sha256(repr(words).encode()).hexdigest()


def takes_evidence(check: HealthCheck) -> bool:
    return check.state in EVIDENCE_STATES and check.cycle.is_open


def may_confirm(user: User, rating: Rating) -> bool:
    """Whoever rates or moderates there, but never who gave the rating (DESIGN §4)."""
    return _reaches(user, rating) and not _gave(user, rating)


def _reaches(user: User, rating: Rating) -> bool:
    check = rating.health_check
    return user.may(Permission.RATE, check) or user.may(Permission.MODERATE, check)


def _gave(user: User, rating: Rating) -> bool:
    """A moderator's value is given by two: by its officer, and by whoever put theirs in its place."""
    return user.pk in (rating.rated_by_id, rating.moderated_by_id)


def add_evidence(
    *,
    rating: Rating,
    title: str,
    dated_on: date,
    look_again_on: date | None,
    url: str = "",
    file: Received | None = None,
    by: User,
) -> Evidence:
    """Keep a link or a file, one of the two. The file is written first: no row ever lacks its file."""
    evidence = Evidence(title=title, url=url, dated_on=dated_on, look_again_on=look_again_on, added_by=by)
    try:
        with transaction.atomic():
            evidence.rating = _locked(rating)
            _require_open(evidence.rating, by)
            evidence.added_at = timezone.now()
            if file is not None:
                evidence.file_name, evidence.content_type = file.name, file.content_type
                evidence.size, evidence.sha256 = file.size, file.sha256
                evidence.file.save(file.name, ContentFile(file.content), save=False)
            with open_to_the_end(evidence.rating.health_check), acting(by):
                evidence.save(force_insert=True)
                _hold(evidence.rating)
    except BaseException:
        # At once where that is possible; what a lost machine leaves behind the sweep finds.
        if evidence.file.name:
            default_storage.delete(evidence.file.name)
        raise
    return evidence


@transaction.atomic
def edit_evidence(
    *, evidence: Evidence, title: str, dated_on: date, look_again_on: date | None, stamp: str, by: User
) -> Evidence:
    """Change its words and dates. Raises EvidenceConflict where `stamp` is not that of the row."""
    rating = _locked(evidence.rating)
    _require_open(rating, by)
    row = Evidence.objects.select_for_update().get(pk=evidence.pk)
    mine = (title, dated_on, look_again_on)
    if mine == (row.title, row.dated_on, row.look_again_on):
        return row
    if stamp != stamp_of(row):
        raise EvidenceConflict(mine=mine, theirs=row)
    row.title, row.dated_on, row.look_again_on = mine
    with open_to_the_end(rating.health_check), acting(by):
        row.save(update_fields=["title", "dated_on", "look_again_on"])
        _hold(rating)
    return row


def withdraw_evidence(*, evidence: Evidence, by: User) -> Evidence:
    """It no longer counts and is shown to nobody but its raters; row, file and history stay."""
    return _set_withdrawn(evidence, is_withdrawn=True, by=by)


def restore_evidence(*, evidence: Evidence, by: User) -> Evidence:
    return _set_withdrawn(evidence, is_withdrawn=False, by=by)


@transaction.atomic
def _set_withdrawn(evidence: Evidence, *, is_withdrawn: bool, by: User) -> Evidence:
    rating = _locked(evidence.rating)
    _require_open(rating, by)
    row = Evidence.objects.select_for_update().get(pk=evidence.pk)
    if (row.withdrawn_at is not None) == is_withdrawn:
        return row
    row.withdrawn_at = timezone.now() if is_withdrawn else None
    row.withdrawn_by = by if is_withdrawn else None
    with open_to_the_end(rating.health_check), acting(by):
        row.save(update_fields=["withdrawn_at", "withdrawn_by"])
        _hold(rating)
    return row


@transaction.atomic
def promise_proof(*, rating: Rating, due_on: date | None, today: date, by: User) -> Rating:
    """Say by when a green is shown to be one; without a day, take the promise back."""
    row = _locked(rating)
    _require_open(row, by)
    if row.value != Status.GREEN:
        raise ProofRefused("Only a green waits for its proof.")
    if row.proof_confirmed_at is not None:
        raise ProofRefused("The proof of this rating has been confirmed already.")
    if due_on is not None and due_on < today:
        raise ProofRefused("Give a day that is still to come.")
    row.proof_due_on = due_on
    with open_to_the_end(row.health_check), acting(by):
        row.save(update_fields=["proof_due_on"])
    return row


@transaction.atomic
def confirm_proof(*, rating: Rating, by: User) -> Rating:
    """Say that the proof was shown: by another than gave the rating, after the sign-off as well."""
    row = _locked(rating)
    check = row.health_check
    if not _reaches(by, row):
        raise PermissionDenied(f"{by} may not confirm a proof here.")
    require_state(check, *HealthCheck.State.values)
    if not row.awaits_proof:
        raise ProofRefused("This rating does not wait for a proof.")
    if _gave(by, row):
        raise ProofRefused("You gave this rating, so another person confirms its proof.")
    row.proof_confirmed_at, row.proof_confirmed_by = timezone.now(), by
    with open_to_the_end(check), acting(by):
        row.save(update_fields=["proof_confirmed_at", "proof_confirmed_by"])
    return row


def _locked(rating: Rating) -> Rating:
    """The health check before the rating, as every save locks them."""
    rows = Rating.objects.select_for_update(of=("health_check", "self"))
    return rows.select_related("health_check__cycle", "health_check__borough", "criterion").get(pk=rating.pk)


def _require_open(rating: Rating, by: User) -> None:
    require(by, Permission.RATE, rating.health_check)
    require_state(rating.health_check, *EVIDENCE_STATES)


def _hold(rating: Rating) -> None:
    """Keep beside the rating until when its evidence holds: its latest day, none where one never lapses."""
    days = list(rating.evidence.standing().values_list("look_again_on", flat=True))
    until = max((day for day in days if day is not None), default=None) if None not in days else None
    if until != rating.evidence_until:
        rating.evidence_until = until
        rating.save(update_fields=["evidence_until"])
