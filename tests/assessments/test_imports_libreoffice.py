"""QUALITY row 26: taken away, edited in LibreOffice and brought back, nothing is lost or invented."""

import random
from datetime import timedelta

import pytest
from django.utils import timezone

from assessments import actions
from assessments.models import Rating
from cdrp_portal.status import Status
from tests import factories
from tests.assessments.grid import make_framework
from tests.assessments.libreoffice import edited_in_libreoffice
from tests.assessments.sheets import HEADS, accept, bring, edit_csv, take, ticked
from tests.spreadsheet_readers import read_csv

EDITS = 100
TEXTS = [
    "-5",
    "=1+1",
    "'=1+1",
    "'quoted'",
    "+44 20 7202 0202",
    "007",
    "1234567890123456",
    "14/10/2010",
    "14 October 2010",
    "1e5",
    "TRUE",
    "50%",
    "one\ntwo\n\nfour",
    "two  spaces   inside",
    "a\ttab",
    '_x000D_ <b>&amp;</b> “quoted” "plain"',
    "@SUM(1)",
    "http://127.0.0.1/",
    "Ĉu naïve £238,000 – “agreed” 😀",
]
Said = dict[tuple[str, str], list[str]]


@pytest.fixture
def cycle(head):
    """Eight boroughs by twenty-five criteria, two in three of them answered with awkward texts."""
    for _ in range(8):
        factories.BoroughFactory()
    today = timezone.localdate()
    cycle = actions.open_cycle(
        framework=make_framework(25),
        name="Autumn 2010",
        opens_on=today,
        closes_on=today + timedelta(days=60),
        previous=None,
        by=head,
    )
    for number, rating in enumerate(Rating.objects.order_by("pk")):
        if number % 3:
            rating.value = list(Status)[number % 4]
            rating.rationale = TEXTS[number % len(TEXTS)]
            rating.next_step = TEXTS[(number * 7) % len(TEXTS)]
            rating.rated_at, rating.rated_by = timezone.now(), head
            rating.save()
    return cycle


def stands(cycle) -> Said:
    """What each row of the file says, by borough and code, from the database."""
    ratings = Rating.objects.filter(health_check__cycle=cycle).select_related("criterion")
    return {
        (rating.health_check.subject_name, rating.criterion.code): [
            str(rating.get_value_display()),
            rating.rationale,
            rating.next_step,
        ]
        for rating in ratings.select_related("criterion", "health_check__borough")
    }


def hundred_edits(rows: list[tuple[str, str]], before: Said) -> list[tuple[int, int, str]]:
    """Of a hundred ratings one column each, as cells (column, row): every one of them says something new."""
    chance = random.Random(2010)
    edits = []
    for at in chance.sample(range(len(rows)), EDITS):
        column = chance.randrange(3)
        choices = ["Green", "Amber", "Red"] if column == 0 else [f"{text} {at}" for text in TEXTS] + TEXTS
        stood = before[rows[at]][column]
        text = chance.choice([choice for choice in choices if choice.strip() != stood.strip()])
        edits.append((HEADS.index("Rating") + column, at + 1, text))
    return edits


def expected(before: Said, rows: list[tuple[str, str]], edits) -> Said:
    after = {place: list(said) for place, said in before.items()}
    for across, down, text in edits:
        after[rows[down - 1]][across - HEADS.index("Rating")] = text
    return after


def found_by(response) -> Said:
    said = {}
    for line in response.context["preview"].lines:
        name, code = line.name.rsplit(", ", 1)
        value, rationale, next_step = line.given.value, line.given.rationale, line.given.next_step
        said[name, code.split(" ")[0]] = [str(Status(value).label), rationale, next_step]
    return said


def wrong_of(response, before: Said, after: Said) -> list[str]:
    preview = response.context["preview"]
    found = found_by(response)
    changed = {place: said for place, said in after.items() if said != before[place]}
    assert len(changed) == EDITS
    return [
        *(f"fault: {fault.place} {fault.reason}" for fault in preview.faults),
        *(f"not found: {place}" for place in changed.keys() - found.keys()),
        *(f"invented: {place} {found[place]}" for place in found.keys() - changed.keys()),
        *(
            f"differs: {place} {found[place]} {changed[place]}"
            for place in changed.keys() & found.keys()
            if found[place] != changed[place]
        ),
    ]


def rows_of(content: bytes) -> list[tuple[str, str]]:
    return [(row[0], row[1]) for row in read_csv(content)[1:]]


@pytest.mark.slow
def test_a_hundred_edits_in_libreoffice_come_back(cycle, head, signed_in, tmp_path):
    client = signed_in(head)
    files = {ending: take(client, cycle, ending) for ending in ("xlsx", "ods", "csv")}
    before, rows = stands(cycle), rows_of(files["csv"])
    edits = hundred_edits(rows, before)
    after = expected(before, rows, edits)

    edited = edited_in_libreoffice(tmp_path, files, edits)

    wrong = {}
    for ending, content in edited.items():
        response = bring(client, cycle, content, f"edited.{ending}")
        wrong[ending] = wrong_of(response, before, after)
    told = ", ".join(f"{ending} {len(found)} / {EDITS}" for ending, found in wrong.items())
    print(f"edits in LibreOffice lost, invented or altered: {told}")
    assert wrong == {"xlsx": [], "ods": [], "csv": []}
    accept(client, response, ticked(response))
    assert stands(cycle) == after


def test_a_hundred_edits_of_the_csv_come_back(cycle, head, signed_in):
    client = signed_in(head)
    content = take(client, cycle, "csv")
    before, rows = stands(cycle), rows_of(content)
    edits = hundred_edits(rows, before)

    edited = edit_csv(content, {(down + 1, HEADS[across]): text for across, down, text in edits})
    response = bring(client, cycle, edited, "edited.csv")

    assert wrong_of(response, before, expected(before, rows, edits)) == []
