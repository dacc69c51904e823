"""What the greens of a matrix stand on, as plain paragraphs under it: no new kind of block to print."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date
from itertools import groupby

from django.utils.text import get_text_list

from accounts.models import User
from assessments.models import Criterion, Evidence, Rating, ReviewCycle
from cdrp_portal.dates import uk_date
from cdrp_portal.status import Status
from committees.markup import Block

TITLE = "What the greens stand on"


def evidence_blocks(cycle: ReviewCycle, reader: User, *, theme: str | None, at: date) -> list[Block]:
    """An item for each criterion that is green somewhere: each subject with its evidence, then those without.

    Of the health checks that `reader` may read, as the matrix above it is; neither links nor file names.
    """
    greens = (
        Rating.objects.visible_to(reader)
        .filter(health_check__cycle=cycle, value=Status.GREEN)
        .select_related("criterion", "health_check__borough")
        .order_by("criterion__position", "health_check__borough__name")
    )
    if theme:
        greens = greens.filter(criterion__theme__code=theme)
    pieces: dict[int, list[Evidence]] = defaultdict(list)
    for one in Evidence.objects.standing().filter(rating__in=greens).order_by("dated_on", "pk"):
        pieces[one.rating_id].append(one)
    items = [
        _item(criterion, list(ratings), pieces, at)
        for criterion, ratings in groupby(greens, key=lambda rating: rating.criterion)
    ]
    if not items:
        return []
    return [
        {"kind": "subheading", "text": TITLE},
        {"kind": "list", "ordered": False, "step": 0, "items": items},
    ]


def _item(
    criterion: Criterion, greens: Sequence[Rating], pieces: dict[int, list[Evidence]], at: date
) -> Block:
    shown = [rating for rating in greens if pieces[rating.pk]]
    awaited = [rating for rating in greens if not pieces[rating.pk] and rating.awaits_proof]
    bare = [rating for rating in greens if not pieces[rating.pk] and not rating.awaits_proof]
    runs = [run for rating in shown for run in _runs(rating, pieces[rating.pk], at)]
    runs += [{"text": f"{words} {_subjects(some)}. "} for words, some in _without(awaited, bare) if some]
    return {"title": f"{criterion.code} {criterion.short_title}.", "runs": runs}


def _without(awaited: list[Rating], bare: list[Rating]) -> list[tuple[str, list[Rating]]]:
    return [("Proof is awaited from", awaited), ("No evidence was given for", bare)]


def _runs(rating: Rating, pieces: Sequence[Evidence], at: date) -> list[Block]:
    told = "; ".join(_words(one, at) for one in pieces)
    return [{"text": f"{rating.health_check.subject_name}:", "bold": True}, {"text": f" {told}. "}]


def _words(one: Evidence, at: date) -> str:
    until = one.look_again_on
    held = f", held until {uk_date(until)}" if until is not None and until < at else ""
    return f"{one.title.rstrip('.')} ({uk_date(one.dated_on)}{held})"


def _subjects(ratings: Sequence[Rating]) -> str:
    return str(get_text_list([rating.health_check.subject_name for rating in ratings], "and"))
