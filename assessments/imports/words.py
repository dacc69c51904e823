"""What the pages of an import say."""

from collections.abc import Sequence
from dataclasses import dataclass

from assessments.actions import Answer, SetRefused
from assessments.content.sets import Said
from assessments.imports.differences import Comparison, Difference, Kind
from assessments.imports.kept import Kept
from assessments.imports.reading import Fault

# A request's fields are counted (DATA_UPLOAD_MAX_NUMBER_FIELDS), and each tick is one.
AT_ONCE = 900
FAULTS_SHOWN = 200


@dataclass(frozen=True)
class Line:
    """One difference: what stands, what the file says, and what to send to take it."""

    name: str
    place: str
    cell: str
    kind: str
    stands: Said
    given: Said
    who: str
    is_ticked: bool


@dataclass(frozen=True)
class Preview:
    """The page of differences, its sentences first."""

    opening: str
    lines: list[Line]
    conflicts: list[Line]
    faults: list[Fault]
    more_faults: int
    left_out: list[str]
    later: int
    refusals: list[str]

    @property
    def has_any(self) -> bool:
        return bool(self.lines or self.conflicts)


def preview_of(
    kept: Kept, compared: Comparison, refused: SetRefused | None = None, *, sent: set[str] | None = None
) -> Preview:
    """`sent`: the cells that were ticked in what was refused; None the first time."""
    plain = compared.of(Kind.NEW, Kind.CHANGED)
    met = compared.of(Kind.CONFLICT)
    shown = plain[:AT_ONCE]
    conflicts = met[: AT_ONCE - len(shown)]
    # Some are found while the file is read, others beside the ratings: told in the order of the file.
    faults = sorted([*kept.faults, *compared.faults], key=lambda fault: (fault.sheet, fault.row))
    left_out = [*kept.left_out, *compared.left_out]
    refusals = refused.refusals if refused else []
    return Preview(
        opening=_opening(kept, compared, len(faults)),
        lines=[_line(one, sent) for one in shown],
        conflicts=[_line(one, sent) for one in conflicts],
        faults=faults[:FAULTS_SHOWN],
        more_faults=max(0, len(faults) - FAULTS_SHOWN),
        left_out=[f"{why} {_counted(number, 'row')} left out." for why, number in left_out],
        later=len(plain) + len(met) - len(shown) - len(conflicts),
        refusals=[f"{one.rating.criterion}: {one.why}" for one in refusals],
    )


def _opening(kept: Kept, compared: Comparison, faults: int) -> str:
    """ "ratings.xlsx: 3 new, 12 changed, 1 changed by somebody else too, 2 not valid, 157 unchanged." """
    figures = [
        (len(compared.of(Kind.NEW)), "new"),
        (len(compared.of(Kind.CHANGED)), "changed"),
        (len(compared.of(Kind.CONFLICT)), "changed by somebody else too"),
        (faults, "not valid"),
        (sum(number for _why, number in (*kept.left_out, *compared.left_out)), "left out"),
        (kept.unchanged + compared.unchanged, "unchanged"),
    ]
    told = ", ".join(f"{number:,} {word}" for number, word in figures if number)
    return f"{kept.name}: {told}."


def _line(one: Difference, sent: set[str] | None) -> Line:
    rating = one.rating
    cell = f"{rating.pk}.{rating.version}"
    return Line(
        name=f"{rating.health_check.subject_name}, {rating.criterion}",
        place=one.row.place,
        cell=cell,
        kind=one.kind.capitalize(),
        stands=_said(one.theirs),
        given=_said(one.mine),
        who=str(rating.rated_by or "Somebody"),
        # With its version: what has moved since it was ticked is another question now.
        is_ticked=one.kind != Kind.CONFLICT if sent is None else cell in sent,
    )


def _said(answer: Answer) -> Said:
    return Said(answer.value, answer.rationale, answer.next_step, is_carried=False)


def set_title(name: str, accepted: Sequence[Difference]) -> str:
    """ "12 ratings from camden.xlsx"."""
    return f"{_counted(len(accepted), 'rating')} from {name}"


def _counted(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
