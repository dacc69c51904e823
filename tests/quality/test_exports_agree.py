"""What a file holds is what its page shows, to each person, under each filter (QUALITY row 28)."""

import csv
import io
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from django.test import Client
from lxml import html

from accounts.models import User
from assessments.models import ReviewCycle
from cdrp_portal.status import Status
from tests.assessments.change_sets.given import cells, give, open_cycle
from tests.permissions.world import build_world
from tests.quality.soak import size
from tests.quality.world import add_every_state
from tests.test_permissions import again, signed_in_as
from tests.threads import at_once

FILES, OPTIONS, PEOPLE = size(12, 200), size(2, 100), size(2, 3)
LETTERS = {words: status.letter for status in Status for words in (str(status.label), status.short)}
WITHHELD = "Not signed off yet"
Line = tuple[str, ...]


@dataclass(frozen=True)
class Listed:
    """A page, its file, and how a line of each is read into the same words."""

    page: str
    file: str
    table: str
    of_page: Callable[[list[str]], Line]
    of_file: Callable[[dict[str, str]], Line]


def matrix_page(row: list[str]) -> Line:
    return (row[0], WITHHELD) if WITHHELD in row else (row[0], LETTERS.get(row[1], row[1]))


def matrix_file(row: dict[str, str]) -> Line:
    word = next(value for head, value in row.items() if head.startswith("A1 "))
    return (row["Borough"], WITHHELD) if row["State"] == WITHHELD else (row["Borough"], LETTERS[word])


LISTS = [
    Listed("/assessments/cycle/", "/assessments/cycle/matrix.csv", "matrix", matrix_page, matrix_file),
    Listed(
        "/recommendations/",
        "/recommendations/export.csv",
        "table--stack",
        lambda row: (row[0], row[1], row[2], row[3]),
        lambda row: (
            f"{row['Number']} {row['Recommendation']}", row["Responsible"], row["Theme"], row["Acceptance"],
        ),
    ),
    Listed(
        "/boroughs/",
        "/boroughs/export.csv",
        "london",
        lambda row: (row[0], row[2], "Yes" if WITHHELD in row else "No"),
        lambda row: (row["Borough"], row["Officer"] or "No officer", row["Ratings withheld"]),
    ),
    Listed(
        "/assessments/cycle/compare/earlier/",
        "/assessments/cycle/compare/earlier/comparison.csv",
        "table--stack",
        lambda row: (row[0], *row[2:5]),
        lambda row: (row["Borough"], *list(row.values())[3:6]),
    ),
]  # fmt: skip


@pytest.fixture
def people(
    db, epo, other_epo, clerk, member, head, lead, reader, administrator, camden, islington
) -> dict[str, User]:
    found = build_world(epo, other_epo, clerk, member, head, lead, reader, administrator, camden, islington)
    add_every_state(found, epo, head, clerk)
    return dict([("head", head), ("reader", reader), ("epo", epo)][:PEOPLE])


def words(cell: Any) -> str:
    """What a cell says to whoever sees it."""
    hidden = set(cell.xpath(".//*[contains(concat(' ', @class, ' '), ' vh ')]"))
    said = [text for text in cell.xpath(".//text()") if text.getparent() not in hidden or text.is_tail]
    return " ".join("".join(said).split())


def lines_of_page(listed: Listed, tree: Any) -> list[Line]:
    tables = tree.xpath(f"//table[contains(concat(' ', @class, ' '), ' {listed.table} ')]")
    rows = tables[-1].xpath("./tbody/tr") if tables else []
    return [listed.of_page([words(cell) for cell in row.xpath("./th|./td")]) for row in rows]


def lines_of_file(listed: Listed, content: bytes) -> list[Line]:
    rows = list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline="")))
    return [listed.of_file(row) for row in rows if any(value for value in row.values())]


def queries(tree: Any) -> Iterator[str]:
    """Each filter that the page offers; with SOAK=1 each option of it."""
    yield ""
    for form in tree.xpath("//form[translate(@method,'GET','get')='get']"):
        for control in form.inputs:
            if control.tag == "select":
                options = [value for value in control.value_options if value]
                yield from (f"?{control.name}={value}" for value in options[:OPTIONS])
            elif control.get("type") == "radio":
                yield f"?{control.get('name')}={control.get('value')}"
    yield "?q=recommendation"


@pytest.mark.slow
def test_each_file_holds_what_its_page_shows(people):
    """Line for line and in the same order, to who reads all and to who reads little, under each filter."""
    differing, compared, filled = [], 0, 0
    for who, person in people.items():
        client = signed_in_as(person)
        for listed in LISTS:
            asked = dict.fromkeys(queries(html.fromstring(client.get(listed.page).content)))
            for query in asked:
                page, file = client.get(listed.page + query), client.get(listed.file + query)
                assert (page.status_code, file.status_code) == (200, 200), (listed.page, query)
                shown = lines_of_page(listed, html.fromstring(page.content))
                held = lines_of_file(listed, file.content)
                compared += 1
                filled += len(held) > 0
                if shown != held:
                    differing.append(f"{who} {listed.file}{query}: {shown} on the page, {held} in the file")

    print(f"row 28, files that differ from their page: {len(differing)} / {compared}, {filled} with lines")
    assert differing == []
    assert filled > compared / 2


# Each file is of one moment


def colours(client: Client, address: str) -> set[str]:
    rows = csv.reader(io.StringIO(client.get(address).content.decode("utf-8-sig"), newline=""))
    return {cell for row in list(rows)[1:] for cell in row} & {"Green", "Red"}


@pytest.mark.django_db(transaction=True)
def test_each_file_is_of_one_moment(head, camden, islington):
    """All cells of a cycle turn from green to red and back, each time as one set, while files are made."""
    cycle = open_cycle(head, criteria=6)
    turn(cycle, head, "green")
    cookies, over = signed_in_as(head).cookies.output(header="", sep=";"), threading.Event()
    addresses = [f"{cycle.get_absolute_url()}{name}.csv" for name in ("matrix", "edit")]

    def keep_turning() -> int:
        turns = 0
        while not over.is_set():
            turn(cycle, head, "red" if turns % 2 == 0 else "green")
            turns += 1
        return turns

    def take() -> list[set[str]]:
        try:
            return [colours(again(cookies), address) for _ in range(FILES) for address in addresses]
        finally:
            over.set()

    turns, taken = at_once(keep_turning, take)

    mixed = sum(len(found) != 1 for found in taken)
    print(f"row 28, files of more than one moment: {mixed} / {len(taken)} over {turns} turns")
    assert mixed == 0
    assert turns > 1


def turn(cycle: ReviewCycle, by: User, value: str) -> None:
    give(cycle, by, cells(cycle, "camden", "islington"), value, "All of it")
