"""Reads exports back without any code of the writer: openpyxl, odfdo and the csv module."""

import csv
import io
from typing import Any

import openpyxl
from odfdo import Document


def read_xlsx(content: bytes, sheet: int = 0) -> list[list[Any]]:
    book = openpyxl.load_workbook(io.BytesIO(content))
    return [list(row) for row in book.worksheets[sheet].iter_rows(values_only=True)]


def read_ods(content: bytes, sheet: int = 0) -> list[list[Any]]:
    return [list(row) for row in Document(io.BytesIO(content)).body.tables[sheet].get_values()]


def read_csv(content: bytes) -> list[list[str]]:
    """The table alone: the last column, whose heading is about the file, is left out."""
    lines = csv.reader(io.StringIO(content.decode("utf-8-sig"), newline=""))
    return [line[:-1] for line in lines]


def about_csv(content: bytes) -> str:
    return next(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))[-1]
