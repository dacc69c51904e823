"""What content must be before it is printed: whole, of bounded size, and within the typeface."""

import unicodedata
from collections.abc import Iterator
from typing import Any

from cdrp_portal.status import Status
from committees.rendering.assets import printable_characters
from committees.rendering.errors import DocumentInvalid, DocumentTooLarge

# A page holds about 3,000 characters. 300,000 are a hundred pages, ten times the longest paper known.
MAX_TEXT = 20_000
MAX_PART = 300_000
MAX_DOCUMENT = 1_000_000
MAX_WORD = 400
MAX_DEPTH = 12
MAX_CELLS = 25_000
MAX_BLOCKS = 2_000

_TOP_KEYS = {
    "committee-paper": ("title", "committee", "committee_code", "number", "date", "by", "sections"),
    "health-check-matrix": ("title", "cycle", "date", "matrix"),
    "borough-brief": ("borough", "cycle", "date", "sentence", "counts"),
}
_BLOCK_KEYS = {
    "paragraph": ("runs",),
    "text": ("text",),
    "note": ("text",),
    "subheading": ("text",),
    "list": ("items",),
    "lines": ("lines",),
    "matrix": ("title", "position_at", "themes", "rows", "totals"),
    "progress": ("position_date", "recommendations"),
}


def check_content(content: dict[str, Any]) -> None:
    """Raise DocumentInvalid or DocumentTooLarge with a sentence that names the place."""
    check_keys(content, _TOP_KEYS[content["kind"]], "The document")
    total = 0
    for place, part in parts_of(content):
        size = 0
        for text in texts_in(part, place):
            check_text(text, place)
            size += len(text)
        if size > MAX_PART:
            raise DocumentTooLarge(
                f"{place} is too long: {size:,} characters, where {MAX_PART:,} fit. Split it in two."
            )
        total += size
    if total > MAX_DOCUMENT:
        raise DocumentTooLarge(
            f"The document is too long: {total:,} characters, where {MAX_DOCUMENT:,} fit. "
            "Move appendices to a paper of their own."
        )
    for place, blocks in block_lists_of(content):
        check_blocks(blocks, place)


def parts_of(content: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    """Each part with the name by which a reader knows it."""
    lists = ("sections", "appendices")
    yield "The head", {key: value for key, value in content.items() if key not in (*lists, "summary")}
    yield "The summary", content.get("summary", [])
    for section in content.get("sections", []):
        yield f"Section {section.get('letter', '')}".strip(), section
    for appendix in content.get("appendices", []):
        yield appendix.get("label") or "An appendix", appendix


def block_lists_of(content: dict[str, Any]) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    if content["kind"] == "health-check-matrix":
        yield "The document", [content["matrix"]]
    for place, part in parts_of(content):
        if isinstance(part, list):
            yield place, part
        elif "blocks" in part:
            yield place, part["blocks"]
    yield "Supporting material", content.get("supporting_material") or []


def texts_in(part: Any, place: str, depth: int = 0) -> Iterator[str]:
    if depth > MAX_DEPTH:
        raise DocumentTooLarge(f"{place} is nested too deeply. Make its lists plainer.")
    if isinstance(part, str):
        yield part
    elif isinstance(part, dict):
        for value in part.values():
            yield from texts_in(value, place, depth + 1)
    elif isinstance(part, list):
        for value in part:
            yield from texts_in(value, place, depth + 1)


def check_text(text: str, place: str) -> None:
    if len(text) > MAX_TEXT:
        raise DocumentTooLarge(
            f"{place} has a paragraph of {len(text):,} characters, where {MAX_TEXT:,} fit. "
            "Break it into shorter ones."
        )
    if len(text) > MAX_WORD and max(map(len, text.split()), default=0) > MAX_WORD:
        raise DocumentTooLarge(
            f"{place} has a word of more than {MAX_WORD} letters. Put spaces into it, or leave it out."
        )
    unknown = set(unicodedata.normalize("NFC", text)) - printable_characters()
    if unknown:
        character = min(unknown)
        shown = (
            f"“{character}” (U+{ord(character):04X})"
            if character.isprintable()
            else f"U+{ord(character):04X}"
        )
        raise DocumentInvalid(
            f"{place} holds the character {shown}, which the typeface of papers does not have. "
            "Write it in another way."
        )


def check_blocks(blocks: list[dict[str, Any]], place: str) -> None:
    if len(blocks) > MAX_BLOCKS:
        raise DocumentTooLarge(
            f"{place} has {len(blocks):,} paragraphs and tables, where {MAX_BLOCKS:,} fit. Split it in two."
        )
    for block in blocks:
        kind = str(block.get("kind"))
        if kind not in _BLOCK_KEYS:
            raise DocumentInvalid(f"{place} holds a block of the unknown kind “{kind}”.")
        check_keys(block, _BLOCK_KEYS[kind], f"A {kind} in {place[0].lower()}{place[1:]}")
        if kind == "matrix":
            check_matrix(block, place)


def check_keys(content: dict[str, Any], keys: tuple[str, ...], what: str) -> None:
    missing = [key for key in keys if key not in content]
    if missing:
        raise DocumentInvalid(f"{what} lacks {', '.join(missing)}.")


def check_matrix(matrix: dict[str, Any], place: str) -> None:
    """A cell that went missing would move the rest of its row under the wrong heads."""
    asked = sum(len(theme["criteria"]) for theme in matrix["themes"])
    if asked == 0 or not matrix["rows"]:
        raise DocumentInvalid(f"The matrix in {place} has no rows or no criteria. Clear its filters.")
    if asked * len(matrix["rows"]) > MAX_CELLS:
        raise DocumentTooLarge(
            f"The matrix in {place} has {asked * len(matrix['rows']):,} cells, where {MAX_CELLS:,} fit. "
            "Choose fewer themes or boroughs."
        )
    for row in matrix["rows"]:
        if len(row["values"]) != asked:
            raise DocumentInvalid(
                f"In the matrix in {place}, {row['label']} has {len(row['values'])} ratings "
                f"for {asked} criteria."
            )
        wrong = [value for value in row["values"] if value not in Status.values]
        if wrong:
            raise DocumentInvalid(f"In the matrix in {place}, {row['label']} is rated “{wrong[0]}”.")
        if not set(row.get("not_reconfirmed", ())) <= set(range(asked)):
            raise DocumentInvalid(
                f"In the matrix in {place}, {row['label']} marks a rating that it does not have."
            )
    if len(matrix["totals"]) != asked:
        raise DocumentInvalid(
            f"The matrix in {place} has {len(matrix['totals'])} totals for {asked} criteria."
        )
