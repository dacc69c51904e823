"""Files that an import is to refuse: broken, disguised, swollen, or of something else. All made here."""

import io
import struct
import zipfile
from collections.abc import Callable, Iterator

from openpyxl import Workbook, load_workbook

from tests.assessments.sheets import HEADS, edit_csv, edit_ods, edit_xlsx

SHEET, STRINGS, CONTENT = "xl/worksheets/sheet1.xml", "xl/sharedStrings.xml", "content.xml"
LAUGHS = '<!DOCTYPE x [<!ENTITY a "ha">{}]>'.format(
    "".join(
        f'<!ENTITY {name} "{f"&{before};" * 10}">'
        for before, name in zip("abcdefghi", "bcdefghij", strict=True)
    )
)
Change = Callable[[bytes], bytes]


def repacked(content: bytes, changes: dict[str, Change], extra: dict[str, bytes] | None = None) -> bytes:
    """The same archive with some parts changed, and others added."""
    written = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as source, zipfile.ZipFile(written, "w") as target:
        for info in source.infolist():
            part = source.read(info)
            target.writestr(info, changes.get(info.filename, lambda same: same)(part), zipfile.ZIP_DEFLATED)
        for name, part in (extra or {}).items():
            target.writestr(name, part, zipfile.ZIP_DEFLATED)
    return written.getvalue()


def declared(declaration: str, reference: str) -> Change:
    """The document type put before the root, and a reference to its entity into the first text."""

    def change(part: bytes) -> bytes:
        head, _, rest = part.partition(b"?>")
        rest = rest.replace(b"Camden", reference.encode(), 1)
        return head + b"?>" + declaration.encode() + rest

    return change


def swap(old: str, new: str) -> Change:
    return lambda part: part.replace(old.encode(), new.encode())


def locked_entry(content: bytes) -> bytes:
    """The archive's entries marked as encrypted, in both of its lists."""
    marked = bytearray(content)
    for signature, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = marked.find(signature)
        while at >= 0:
            flags = struct.unpack_from("<H", marked, at + offset)[0]
            struct.pack_into("<H", marked, at + offset, flags | 1)
            at = marked.find(signature, at + 4)
    return bytes(marked)


def archive_of(parts: dict[str, bytes]) -> bytes:
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as target:
        for name, part in parts.items():
            target.writestr(name, part)
    return written.getvalue()


def with_formula(content: bytes) -> bytes:
    book = load_workbook(io.BytesIO(content))
    book.worksheets[0]["D2"] = '=HYPERLINK("http://127.0.0.1/","Green")'
    return saved(book)


def with_a_date(content: bytes) -> bytes:
    book = load_workbook(io.BytesIO(content))
    cell = book.worksheets[0]["E2"]
    cell.value, cell.number_format = 40465, "d mmmm yyyy"
    return saved(book)


def without_column(content: bytes, head: str) -> bytes:
    book = load_workbook(io.BytesIO(content))
    book.worksheets[0].delete_cols(HEADS.index(head) + 1)
    return saved(book)


def of_something_else() -> bytes:
    book = Workbook()
    book.worksheets[0].append(["Name", "Telephone"])
    book.worksheets[0].append(["Demo Person", "020 7202 0202"])
    return saved(book)


def saved(book: Workbook) -> bytes:
    written = io.BytesIO()
    book.save(written)
    return written.getvalue()


def hostile_files(xlsx: bytes, ods: bytes, plain: bytes, canary: str) -> Iterator[tuple[str, bytes, str]]:
    """Each file's name, its bytes, and a word of the reason that is to be given."""
    entity = f'<!DOCTYPE x [<!ENTITY a SYSTEM "{canary}">]>'
    passwords = '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>'
    rels = '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
    outward = (
        f'{rels}<Relationship Id="rId9" TargetMode="External" Target="{canary}" Type="http://schemas.'
        'openxmlformats.org/officeDocument/2006/relationships/externalLinkPath"/></Relationships>'
    )
    lines = plain.split(b"\r\n")
    yield "empty.xlsx", b"", "empty"
    yield "noise.xlsx", bytes(range(256)) * 40, "not a spreadsheet"
    yield "picture.xlsx", b"\x89PNG\r\n\x1a\n" + b"\0" * 500, "not a spreadsheet"
    yield "paper.csv", b"%PDF-1.7\n1 0 obj\n", "not a file of ratings"
    yield "page.xlsx", b"<html><script>alert(1)</script></html>", "not a file of ratings"
    yield "old.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "password"
    yield (
        "text.docx",
        archive_of({"[Content_Types].xml": b"<Types/>", "word/document.xml": b"<x/>"}),
        "Save it anew",
    )
    yield "other.xlsx", of_something_else(), "not a file of ratings"
    yield "truncated.xlsx", xlsx[: len(xlsx) // 2], "breaks off"
    yield "truncated.ods", ods[: len(ods) // 3], "breaks off"
    yield "truncated.csv", plain[: plain.rindex(b"\r\n", 0, -4)] + b'\r\n"Cam', "breaks off"
    yield "flipped.xlsx", xlsx[:200] + b"\xff" * 60 + xlsx[260:], "Save it anew"
    yield "bomb.xlsx", repacked(xlsx, {SHEET: lambda part: part + b" " * 30_000_000}), "unpacks"
    yield "bomb.ods", repacked(ods, {CONTENT: lambda part: part + b" " * 20_000_000}), "unpacks"
    yield "swollen.xlsx", repacked(xlsx, {}, {"xl/media/image1.emf": b"\0" * 10_000_000}), "unpacks"
    yield "parts.xlsx", repacked(xlsx, {}, {f"xl/{n}.xml": b"<x/>" for n in range(3_100)}), "parts"
    yield "laughs.xlsx", repacked(xlsx, {STRINGS: declared(LAUGHS, "&j;")}), "entities"
    yield "laughs.ods", repacked(ods, {CONTENT: declared(LAUGHS, "&j;")}), "entities"
    yield "fetches.xlsx", repacked(xlsx, {STRINGS: declared(entity, "&a;")}), "entities"
    yield "fetches.ods", repacked(ods, {CONTENT: declared(entity, "&a;")}), "entities"
    yield "passwords.ods", repacked(ods, {CONTENT: declared(passwords, "&a;")}), "entities"
    yield (
        "doctype.ods",
        repacked(ods, {"styles.xml": declared('<!DOCTYPE x SYSTEM "x.dtd">', "x")}),
        "entities",
    )
    yield "macros.xlsx", repacked(xlsx, {}, {"xl/vbaProject.bin": b"\0" * 100}), "macros"
    yield (
        "macros.xlsm",
        repacked(xlsx, {"[Content_Types].xml": swap("sheet.main+xml", "macroEnabled.main+xml")}),
        "macros",
    )
    yield "macros.ods", repacked(ods, {}, {"Basic/Standard/script-lb.xml": b"<x/>"}), "macros"
    yield "carries.xlsx", repacked(xlsx, {}, {"xl/embeddings/a.exe": b"MZ"}), "macros"
    yield (
        "linked.xlsx",
        repacked(xlsx, {}, {"xl/externalLinks/_rels/a.xml.rels": outward.encode()}),
        "Break its links",
    )
    yield "locked.xlsx", locked_entry(xlsx), "password"
    yield (
        "locked.ods",
        repacked(ods, {"META-INF/manifest.xml": swap("</manifest:manifest>", "<x:encryption-data/>")}),
        "password",
    )
    yield "climbs.xlsx", repacked(xlsx, {}, {"../../evil.xml": b"<x/>"}), "put together"
    yield "twice.xlsx", repacked(xlsx, {}, {SHEET.upper(): b"<x/>"}), "put together"
    yield "unclosed.xlsx", repacked(xlsx, {SHEET: lambda part: part[:-40]}), "put together"
    yield (
        "no-sheet.xlsx",
        repacked(xlsx, {"xl/_rels/workbook.xml.rels": swap("sheet1.xml", "no.xml")}),
        "put together",
    )
    yield "no-string.xlsx", repacked(xlsx, {SHEET: swap("<v>1</v>", "<v>999999</v>")}), "put together"
    yield (
        "repeated.ods",
        repacked(ods, {CONTENT: swap('"row">', '"row" table:number-rows-repeated="1000000">')}),
        "larger than",
    )
    yield "rows.csv", lines[0] + b"\r\n" + (lines[1] + b"\r\n") * 26_000, "larger than"
    yield "wide.csv", b"x" * 140_000, "breaks off"
    yield "zeros.csv", plain.replace(b"Camden", b"Cam\0den"), "not a spreadsheet"
    yield "heads.csv", lines[0] + b"\r\n", "no row"
    yield "column.xlsx", without_column(xlsx, "Version"), "lacks the column Version"
    yield "columns.csv", plain.replace(b"Next step", b"Rating", 1), "lacks the column Next step"
    yield "same-heads.csv", plain.replace(b"Last cycle", b"Rating", 1), "Two columns"
    yield "same-row.csv", b"\r\n".join([*lines[:2], *lines[1:]]), "same rating"
    yield "other-cycle.csv", plain.replace(b"autumn-2010/", b"spring-2010/"), "another cycle"
    yield "formula.xlsx", with_formula(xlsx), "holds a formula"
    yield (
        "formula.ods",
        repacked(ods, {CONTENT: swap('-name="list1-3"', '-name="l" table:formula="of:=1"')}),
        "holds a formula",
    )
    yield "date.xlsx", with_a_date(xlsx), "a date or a number"
    yield "word.xlsx", edit_xlsx(xlsx, {(2, "Rating"): "Purple"}), "not a rating"
    yield "word.ods", edit_ods(ods, {(2, "Rating"): "1"}), "not a rating"
    yield "long.xlsx", edit_xlsx(xlsx, {(2, "Why"): "x" * 4_001}), "Shorten"
    yield "long.csv", edit_csv(plain, {(2, "Next step"): "x" * 2_001}), "Shorten"
    yield "key.csv", edit_csv(plain, {(2, "Key"): "../../etc/passwd"}), "key is missing"
    yield "no-such.csv", edit_csv(plain, {(2, "Key"): "autumn-2010/camden/Z9"}), "no such rating"
    yield "version.ods", edit_ods(ods, {(2, "Version"): "-1"}), "version is missing"
    yield "later.csv", edit_csv(plain, {(2, "Version"): "999"}), "never had"
    yield "sorted.csv", edit_csv(plain, {(2, "Code"): "A4"}), "whole rows"
    yield "reason.csv", edit_csv(plain, {(2, "Rating"): "Less relevant"}), "Say why"
