"""The file for editing as a test edits it: read and written by openpyxl, odfdo and csv, not by the portal."""

import csv
import io
import re
from collections.abc import Callable

import openpyxl
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from odfdo import Cell, Document

HEADS = ["Borough", "Code", "Criterion", "Rating", "Why", "Next step", "Last cycle", "Key", "Version"]
Edits = dict[tuple[int, str], str]


def edit_xlsx(content: bytes, edits: Edits) -> bytes:
    book = openpyxl.load_workbook(io.BytesIO(content))
    for (row, head), text in edits.items():
        cell = book.worksheets[0].cell(row, HEADS.index(head) + 1)
        cell.value = text or None
        if text:
            cell.data_type = "s"
    written = io.BytesIO()
    book.save(written)
    return written.getvalue()


def edit_ods(content: bytes, edits: Edits) -> bytes:
    book = Document(io.BytesIO(content))
    table = book.body.tables[0]
    for (row, head), text in edits.items():
        place = (HEADS.index(head), row - 1)
        cell = Cell(text) if text else Cell()
        table.set_cell(place, cell)
    written = io.BytesIO()
    book.save(written)
    return written.getvalue()


def edit_csv(content: bytes, edits: Edits) -> bytes:
    rows = list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))
    for (row, head), text in edits.items():
        rows[row - 1][HEADS.index(head)] = text
    written = io.StringIO(newline="")
    csv.writer(written).writerows(rows)
    return written.getvalue().encode("utf-8-sig")


EDITORS: dict[str, Callable[[bytes, Edits], bytes]] = {"xlsx": edit_xlsx, "ods": edit_ods, "csv": edit_csv}


def take(client, cycle, ending: str) -> bytes:
    response = client.get(reverse("assessments:ratings-export", args=[cycle.slug, ending]))
    assert response.status_code == 200, response.content[:300]
    return response.content


def bring(client, cycle, content: bytes, name: str = "camden.xlsx"):
    """The answer to the upload: the preview, or the page that refuses it."""
    address = reverse("assessments:import-upload", args=[cycle.slug])
    return client.post(address, {"file": SimpleUploadedFile(name, content)}, follow=True)


def ticked(response, *, mine: bool = False) -> list[str]:
    """The boxes that are ticked on the page; with `mine`, those of every conflict as well."""
    preview = response.context["preview"]
    ticked_there = re.findall(r'name="cells" value="([^"]+)" id="[^"]+" checked', response.content.decode())
    return ticked_there + [line.cell for line in preview.conflicts if mine and not line.is_ticked]


def accept(client, response, cells: list[str]):
    address = response.redirect_chain[-1][0]
    return client.post(address, {"cells": cells}, follow=True)
