"""Rows of a file beside the ratings as they stand: new, changed, met by another's change, or wrong."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from accounts.models import User
from assessments.actions import Answer
from assessments.actions.ratings import say_why
from assessments.actions.sets import shut_to
from assessments.imports.columns import BOROUGH, CODE, KEY, VERSION, WHY, is_same
from assessments.imports.reading import Fault, Row
from assessments.models import HealthCheck, Rating, ReviewCycle
from cdrp_portal.status import Status


class Kind(StrEnum):
    NEW = "new"
    CHANGED = "changed"
    # Somebody else changed the rating after the file was made, and the file changes it too.
    CONFLICT = "conflict"


@dataclass(frozen=True)
class Difference:
    """One rating that the file would change, with the answer that would stand then."""

    kind: Kind
    rating: Rating
    row: Row
    mine: Answer

    @property
    def theirs(self) -> Answer:
        return Answer.of(self.rating)


@dataclass(frozen=True)
class Comparison:
    differences: list[Difference]
    faults: list[Fault]
    # Why rows of a health check are not taken, each with how many they are.
    left_out: list[tuple[str, int]]
    unchanged: int

    def of(self, *kinds: Kind) -> list[Difference]:
        return [one for one in self.differences if one.kind in kinds]


def compare(cycle: ReviewCycle, user: User, rows: Sequence[Row]) -> Comparison:
    """Each row against its rating now; one that says what it said when the file was made changes nothing."""
    checks = {check.subject_slug: check for check in _checks(cycle)}
    shut = shut_to(user, checks.values())
    wanted = {row.subject for row in rows}
    ratings = _ratings(user, [check for subject, check in checks.items() if subject in wanted])
    earlier = _earlier(rows, ratings)
    differences: list[Difference] = []
    faults: list[Fault] = []
    left_out: Counter[str] = Counter()
    unchanged = 0
    for row in rows:
        check, rating = checks.get(row.subject), ratings.get((row.subject, row.code))
        if check is not None and check.pk in shut:
            left_out[_told(check, shut[check.pk])] += 1
            continue
        if check is None or rating is None:
            faults.append(row.fault(KEY, "There is no such rating in this cycle."))
            continue
        rating.health_check = check
        wrong = _wrong_place(row, rating) or _wrong_version(row, rating, earlier)
        if wrong:
            faults.append(wrong)
            continue
        stands = Answer.of(rating)
        began = stands if row.version == rating.version else earlier[rating.pk, row.version]
        mine = _given(row, began)
        if mine in (began, stands) or _given(row, stands) == stands:
            unchanged += 1
        elif mine.value == Status.LESS_RELEVANT and not mine.rationale:
            faults.append(row.fault(WHY, f"{say_why(rating.criterion, mine.value)}."))
        else:
            differences.append(Difference(_kind(row, rating), rating, row, mine))
    return Comparison(differences, faults, sorted(left_out.items()), unchanged)


def _kind(row: Row, rating: Rating) -> Kind:
    if row.version != rating.version:
        return Kind.CONFLICT
    return Kind.NEW if rating.value == Status.NOT_ASSESSED else Kind.CHANGED


def _given(row: Row, began: Answer) -> Answer:
    """The row's answer; a text that differs only by what a file cannot hold is the one that stood there."""
    return Answer(
        row.value, _same_or(row.rationale, began.rationale), _same_or(row.next_step, began.next_step)
    )


def _same_or(text: str, began: str) -> str:
    return began if is_same(text, began) else text.strip()


def _wrong_place(row: Row, rating: Rating) -> Fault | None:
    """Columns that were sorted without the others put a text beside another's key."""
    subject = rating.health_check.subject_name
    if row.borough_cell != subject:
        return row.fault(BOROUGH, f"Its hidden key is of {subject}. Sort whole rows only.")
    if row.code_cell != rating.criterion.code:
        return row.fault(CODE, f"Its hidden key is of {rating.criterion.code}. Sort whole rows only.")
    return None


def _wrong_version(row: Row, rating: Rating, earlier: dict[tuple[int, int], Answer]) -> Fault | None:
    if row.version == rating.version or (rating.pk, row.version) in earlier:
        return None
    return row.fault(VERSION, "The rating never had this version. Download the file again.")


def _checks(cycle: ReviewCycle) -> list[HealthCheck]:
    checks = list(cycle.health_checks.select_related("borough"))
    for check in checks:
        check.cycle = cycle
    return checks


def _told(check: HealthCheck, why: str) -> str:
    return why if check.subject_name in why else f"{check.subject_name}: {why}"


def _ratings(user: User, checks: list[HealthCheck]) -> dict[tuple[str, str], Rating]:
    subjects = {check.pk: check.subject_slug for check in checks}
    ratings = Rating.objects.visible_to(user).filter(health_check__in=list(subjects))
    return {
        (subjects[rating.health_check_id], rating.criterion.code): rating
        for rating in ratings.select_related("criterion", "rated_by")
    }


def _earlier(rows: Sequence[Row], ratings: dict[tuple[str, str], Rating]) -> dict[tuple[int, int], Answer]:
    """What the moved ratings said when the file was made, from their history."""
    moved = set()
    for row in rows:
        rating = ratings.get((row.subject, row.code))
        if rating is not None and row.version < rating.version:
            moved.add((rating.pk, row.version))
    if not moved:
        return {}
    events = Rating.pgh_event_model.objects.filter(  # type: ignore[attr-defined]
        pgh_obj_id__in={pk for pk, _version in moved}, version__in={version for _pk, version in moved}
    ).order_by("pgh_id")
    fields = "pgh_obj_id", "version", "value", "rationale", "next_step"
    return {
        (pk, version): Answer(Status(value), rationale, next_step)
        for pk, version, value, rationale, next_step in events.values_list(*fields)
        if (pk, version) in moved
    }
