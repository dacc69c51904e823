"""What shows that a rating is right, as its page, the matrix's panel and the submission say it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from urllib.parse import urlsplit

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Exists, OuterRef
from django.db.models.functions import JSONObject
from django.urls import reverse

from accounts.models import User
from accounts.permissions import Permission
from assessments.actions import Missing, may_confirm, takes_evidence
from assessments.models import Evidence, HealthCheck, Rating
from cdrp_portal.dates import uk_date
from cdrp_portal.status import Status
from cdrp_portal.uploads import NAME_OF, size_words

ASKS = "Green asks for evidence, and there is none yet."
NONE_YET = "No evidence yet"
# What a row of the health check tells of its evidence, beside its own fields.
NOTED = ("proof_due_on", "proof_confirmed_at", "evidence_until")


@dataclass(frozen=True)
class Piece:
    """One piece of evidence as a row of the health check lists it."""

    pk: int
    title: str
    link: str
    kind: str
    dated_on: date


@dataclass(frozen=True)
class Item:
    """One piece of evidence, in words."""

    pk: int
    title: str
    url: str
    is_link: bool
    kind: str
    dated_on: date
    held: str
    is_lapsed: bool
    added: str
    withdrawn: str
    edit_url: str
    withdraw_url: str
    restore_url: str


@dataclass(frozen=True)
class Proof:
    """Whether a green waits for its proof; `sentence` is empty where none was promised."""

    sentence: str
    is_overdue: bool
    may_promise: bool
    may_confirm: bool
    due_on: date | None


@dataclass(frozen=True)
class EvidencePart:
    """The evidence of one rating; `withdrawn` is for whoever may rate there."""

    items: list[Item]
    withdrawn: list[Item]
    may_change: bool
    asks: str
    lapsed: str
    proof: Proof
    url: str
    add_url: str
    promise_url: str
    confirm_url: str

    @property
    def count_words(self) -> str:
        return count_words(len(self.items))


def count_words(count: int) -> str:
    return f"{count or 'No'} piece{'' if count == 1 else 's'} of evidence" if count else "No evidence"


def evidence_of(rating: Rating, user: User, today: date) -> EvidencePart:
    """`rating` with its health check, cycle, borough and criterion. One question, and one of the person."""
    check = rating.health_check
    may_rate = user.may(Permission.RATE, check)
    may_change = may_rate and takes_evidence(check)
    found = Evidence.objects.filter(rating=rating).select_related("added_by", "withdrawn_by")
    items = [(one, _item(one, check, rating.criterion.code, today)) for one in found]
    standing = [item for one, item in items if one.withdrawn_at is None]
    address = [check.cycle.slug, check.subject_slug, rating.criterion.code]
    return EvidencePart(
        items=standing,
        withdrawn=[item for one, item in items if one.withdrawn_at is not None] if may_rate else [],
        may_change=may_change,
        asks=ASKS if asks_for_evidence(rating, bool(standing)) else "",
        lapsed=lapsed_words(rating.evidence_until, today),
        proof=_proof(rating, user, today, may_change=may_change, has_evidence=bool(standing)),
        url=reverse("assessments:evidence-list", args=address),
        add_url=reverse("assessments:evidence-add", args=address),
        promise_url=reverse("assessments:proof-promise", args=address),
        confirm_url=reverse("assessments:proof-confirm", args=address),
    )


def asks_for_evidence(rating: Rating, has_evidence: bool) -> bool:
    """A green without evidence that no day was promised for: said, never refused (decision 13)."""
    is_bare = rating.value == Status.GREEN and not has_evidence
    return is_bare and rating.proof_due_on is None


def lapsed_words(until: date | None, today: date) -> str:
    if until is None or until >= today:
        return ""
    return f"Look at this again: its evidence held until {uk_date(until)}."


def proof_words(rating: Rating, today: date) -> str:
    """Where the promised proof is; empty where none was promised."""
    if rating.proof_due_on is None:
        return ""
    if rating.proof_confirmed_at is not None:
        return f"Proof confirmed on {uk_date(rating.proof_confirmed_at)} by {rating.proof_confirmed_by}."
    if rating.proof_due_on < today:
        return f"Proof was due on {uk_date(rating.proof_due_on)}."
    return f"Green, awaiting proof until {uk_date(rating.proof_due_on)}."


def _proof(rating: Rating, user: User, today: date, *, may_change: bool, has_evidence: bool) -> Proof:
    is_open = rating.health_check.cycle.is_open
    # A green that has its evidence has nothing to promise; a promise that stands can be changed all the same.
    is_wanting = rating.proof_due_on is not None or not has_evidence
    is_unsettled = rating.value == Status.GREEN and rating.proof_confirmed_at is None
    return Proof(
        sentence=proof_words(rating, today),
        is_overdue=rating.awaits_proof and rating.proof_due_on is not None and rating.proof_due_on < today,
        may_promise=may_change and is_unsettled and is_wanting,
        may_confirm=is_open and rating.awaits_proof and may_confirm(user, rating),
        due_on=rating.proof_due_on,
    )


def _item(one: Evidence, check: HealthCheck, code: str, today: date) -> Item:
    address = [check.cycle.slug, check.subject_slug, code, one.pk]
    is_lapsed = one.look_again_on is not None and one.look_again_on < today
    withdrawn = ""
    if one.withdrawn_at is not None:
        withdrawn = f"Withdrawn on {uk_date(one.withdrawn_at)} by {one.withdrawn_by}."
    return Item(
        pk=one.pk,
        title=one.title,
        url=one.url or reverse("assessments:evidence-file", args=address),
        is_link=not one.is_file,
        kind=kind_words(one),
        dated_on=one.dated_on,
        held=_held_words(one.look_again_on, today),
        is_lapsed=is_lapsed,
        added=f"{uk_date(one.added_at)}, {one.added_by}",
        withdrawn=withdrawn,
        edit_url=reverse("assessments:evidence-edit", args=address),
        withdraw_url=reverse("assessments:evidence-withdraw", args=address),
        restore_url=reverse("assessments:evidence-restore", args=address),
    )


def kind_words(one: Evidence) -> str:
    return _kind_words(one.url, one.content_type, one.size)


def _kind_words(url: str, content_type: str, size: int) -> str:
    """ "PDF, 214 KB", or where a link leads."""
    if url:
        return f"Link to {urlsplit(url).hostname or url}"
    return f"{NAME_OF.get(content_type, 'File')}, {size_words(size)}"


def _held_words(until: date | None, today: date) -> str:
    if until is None:
        return ""
    return f"held until {uk_date(until)}" if until < today else f"holds until {uk_date(until)}"


def pieces() -> ArraySubquery:
    """The standing evidence of each rating, as a part of the question for the ratings themselves."""
    rows = Evidence.objects.standing().filter(rating=OuterRef("pk"))
    names = ("pk", "title", "url", "content_type", "size", "dated_on")
    return ArraySubquery(rows.values(piece=JSONObject(**{name: name for name in names})))


def pieces_of(found: Iterable[Mapping[str, Any]]) -> list[Piece]:
    return [
        Piece(
            pk=one["pk"],
            title=one["title"],
            link=one["url"],
            kind=_kind_words(one["url"], one["content_type"], one["size"]),
            dated_on=date.fromisoformat(one["dated_on"]),
        )
        for one in found
    ]


def note_of(value: str, rating: Mapping[str, Any], today: date, *, has_evidence: bool) -> str:
    """What a row says of its evidence beside its save state; `rating` has the fields of NOTED."""
    due_on = rating["proof_due_on"]
    if lapsed := lapsed_words(rating["evidence_until"], today):
        return lapsed
    if due_on is not None and rating["proof_confirmed_at"] is None:
        return f"Proof was due on {uk_date(due_on)}" if due_on < today else f"Proof due {uk_date(due_on)}"
    return NONE_YET if value == Status.GREEN and not has_evidence and due_on is None else ""


def greens_without_evidence(check: HealthCheck) -> list[Missing]:
    """What a submission warns of and does not refuse: greens with neither evidence nor a promised day."""
    evidence = Evidence.objects.standing().filter(rating=OuterRef("pk"))
    bare = check.ratings.filter(~Exists(evidence), value=Status.GREEN, proof_due_on=None)
    rows = bare.select_related("criterion").order_by("criterion__position")
    return [Missing(row.criterion.code, f"Add evidence for {row.criterion}") for row in rows]


def proofs_of(ratings: Iterable[Rating], today: date) -> list[tuple[Rating, str, bool]]:
    """The greens that wait for their proof, the soonest first: each with its words and whether it is late."""
    waiting = [rating for rating in ratings if rating.awaits_proof]
    waiting.sort(key=lambda rating: rating.proof_due_on or today)
    return [
        (rating, proof_words(rating, today), rating.proof_due_on is not None and rating.proof_due_on < today)
        for rating in waiting
    ]
