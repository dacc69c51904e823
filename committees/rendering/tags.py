"""The last pass over a PDF: what PDF/UA asks of tables and page furniture and the renderer leaves out.

WeasyPrint 70 writes TH without Scope, follows spans wrongly when it lists a cell's Headers, begins a new
Table on each page, and tags running heads as text that hangs in no tree. Nothing here may depend on the
clock or on chance: the same input gives the same bytes.
"""

import re
from collections.abc import Iterator
from functools import partial
from io import BytesIO
from typing import Any

import pikepdf
from pikepdf import Array, Dictionary, Name, String

_MARKED = re.compile(rb"/\w+\s*<<\s*/MCID (\d+)\s*>>\s*BDC")


def finish_tags(pdf: bytes) -> tuple[bytes, int]:
    """The file with its tables and artefacts put right, and its number of pages."""
    with pikepdf.open(BytesIO(pdf)) as file:
        tree = file.Root.StructTreeRoot
        names: list[tuple[str, Any]] = []
        for number, table in enumerate(_joined_tables(tree)):
            names.extend(_scope_heads(table, number))
        if names:
            pairs = [
                item
                for name, head in sorted(names, key=lambda pair: pair[0])
                for item in (String(name), head)
            ]
            tree.IDTree = file.make_indirect(Dictionary(Names=Array(pairs)))
        _turn_untagged_into_artefacts(file, tree)
        saved = BytesIO()
        file.save(
            saved,
            deterministic_id=True,
            object_stream_mode=pikepdf.ObjectStreamMode.generate,
            compress_streams=True,
            recompress_flate=False,
            fix_metadata_version=False,
        )
        return saved.getvalue(), len(file.pages)


def _kids(element: Any) -> list[Any]:
    kids = element.get("/K")
    if kids is None:
        return []
    return list(kids) if isinstance(kids, Array) else [kids]


def _elements(element: Any) -> Iterator[Any]:
    """The structure elements below this one, in reading order."""
    stack = [kid for kid in reversed(_kids(element)) if isinstance(kid, Dictionary)]
    while stack:
        found = stack.pop()
        yield found
        stack.extend(kid for kid in reversed(_kids(found)) if isinstance(kid, Dictionary))


def _joined_tables(tree: Any) -> list[Any]:
    """All tables; one that went on over a page is joined to its beginning, where its caption is.

    The heads repeated at the top of the page leave the tree: they are page furniture there.
    """
    tables: list[Any] = []
    for table in [found for found in _elements(tree) if found.get("/S") == "/Table"]:
        kinds = [kid.S for kid in _kids(table)]
        if Name.Caption in kinds or not tables:
            tables.append(table)
            continue
        for kid in _kids(table):
            if kid.S != "/THead":
                kid.P = tables[-1]
                tables[-1].K.append(kid)
        table.P.K = Array([kid for kid in _kids(table.P) if not _same(kid, table)])
    return tables


def _same(one: Any, other: Any) -> bool:
    return isinstance(one, Dictionary) and one.objgen == other.objgen


def _scope_heads(table: Any, number: int) -> list[tuple[str, Any]]:
    """Scope on each TH, and for each TD the heads above it and beside it; the heads with their new names."""
    columns: dict[int, list[str]] = {}
    beside: dict[int, list[str]] = {}
    named: list[tuple[str, Any]] = []
    taken: set[tuple[int, int]] = set()
    at_row = 0
    for group in _kids(table):
        for row in (kid for kid in _kids(group) if kid.get("/S") == "/TR"):
            at_column = 0
            for cell in _kids(row):
                while (at_row, at_column) in taken:
                    at_column += 1
                wide, high = int(cell.A.get("/ColSpan", 1)), int(cell.A.get("/RowSpan", 1))
                rows, across = range(at_row, at_row + high), range(at_column, at_column + wide)
                taken.update((down, over) for down in rows for over in across)
                if cell.S == "/TH":
                    name = f"t{number}r{at_row}c{at_column}"
                    cell.ID = String(name)
                    named.append((name, cell))
                    is_column = group.S == "/THead"
                    cell.A.Scope = Name.Column if is_column else Name.Row
                    for place in across if is_column else rows:
                        (columns if is_column else beside).setdefault(place, []).append(name)
                elif group.S == "/THead":
                    del cell.A["/Headers"]
                else:
                    heads = list(dict.fromkeys(name for down in rows for name in beside.get(down, [])))
                    heads += list(dict.fromkeys(name for over in across for name in columns.get(over, [])))
                    cell.A.Headers = Array([String(name) for name in heads])
                at_column += wide
            at_row += 1
    return named


def _turn_untagged_into_artefacts(file: pikepdf.Pdf, tree: Any) -> None:
    """Marked content that hangs in no tree (running heads, feet, repeated table heads) becomes Artifact."""
    tagged: dict[tuple[int, int], set[int]] = {}
    for element in _elements(tree):
        numbers = [int(kid) for kid in _kids(element) if not isinstance(kid, (Dictionary, Array))]
        if numbers:
            tagged.setdefault(element.Pg.objgen, set()).update(numbers)
    by_page = list(tree.ParentTree.Nums)
    for index, page in enumerate(file.pages):
        kept = tagged.get(page.obj.objgen, set())
        page.Contents = file.make_stream(_MARKED.sub(partial(_marker, kept), page.Contents.read_bytes()))
        parents = by_page[2 * index + 1]
        for number in range(len(parents)):
            if number not in kept:
                parents[number] = None


def _marker(kept: set[int], found: re.Match[bytes]) -> bytes:
    return found.group(0) if int(found.group(1)) in kept else b"/Artifact BMC"
