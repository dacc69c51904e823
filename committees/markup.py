"""A section's text → the blocks of a paper.

The text is CommonMark (markdown-it), of which a committee report needs little: paragraphs, `## sub-headings`,
numbered and bulleted lists, **bold**. Two live blocks stand on a line of their own:

    [matrix: autumn-2009]            the matrix of a cycle
    [matrix: autumn-2009, theme C]   one theme of it
    [matrix: autumn-2009, evidence]  the same, and under it what its greens stand on
    [progress: 12, 31-33]            Key points | Actions | Lead | Position at the paper's cut-off date
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.token import Token

from committees.models import Numbering

LIVE = re.compile(r"^\[(?P<kind>matrix|progress):\s*(?P<settings>[^\]]*)\]$", re.IGNORECASE)
CYCLE = re.compile(
    r"^(?P<cycle>[a-z0-9-]+)(?:,\s*theme\s+(?P<theme>[A-Z]{1,2}))?(?P<evidence>,\s*evidence)?$", re.IGNORECASE
)
NUMBERS = re.compile(r"^\d+(?:\s*-\s*\d+)?(?:\s*,\s*\d+(?:\s*-\s*\d+)?)*$")
LONGEST_RANGE = 200

Block = dict[str, Any]


class MarkupError(Exception):
    """A line that cannot be understood; the message is a sentence that quotes it."""


@dataclass(frozen=True)
class LiveMatrix:
    cycle: str
    theme: str | None
    with_evidence: bool = False


@dataclass(frozen=True)
class LiveProgress:
    numbers: tuple[int, ...]


Live = LiveMatrix | LiveProgress


def parser() -> MarkdownIt:
    return MarkdownIt("zero").enable(["heading", "list", "emphasis", "newline", "escape"])


def parse(text: str, numbering: str) -> list[Block | Live]:
    """The blocks of one section, paragraphs numbered as the section asks. Raises MarkupError."""
    blocks = list(_blocks(parser().parse(text.replace("\r\n", "\n")), numbering))
    if numbering == Numbering.THAT:
        return _that(blocks)
    if numbering == Numbering.PARAGRAPHS:
        return _numbered(blocks)
    return blocks


def live_blocks(text: str) -> list[Live]:
    """The live blocks of a text, in their order. Raises MarkupError."""
    return [block for block in parse(text, Numbering.NONE) if isinstance(block, Live)]


def _blocks(tokens: list[Token], numbering: str) -> Iterator[Block | Live]:
    at = 0
    while at < len(tokens):
        token = tokens[at]
        if token.type == "heading_open":
            yield {"kind": "subheading", "text": _plain(tokens[at + 1])}
            at += 3
        elif token.type == "paragraph_open":
            yield _paragraph(tokens[at + 1], numbering)
            at += 3
        elif token.type in ("bullet_list_open", "ordered_list_open"):
            end = _closing(tokens, at)
            yield {
                "kind": "list",
                "ordered": token.type == "ordered_list_open",
                "step": 0,
                "items": _items(tokens[at + 1 : end]),
            }
            at = end + 1
        else:
            at += 1


def _paragraph(inline: Token, numbering: str) -> Block | Live:
    live = LIVE.match(inline.content.strip())
    if live:
        return _live(live["kind"].lower(), live["settings"].strip(), inline.content.strip())
    lines = inline.content.split("\n")
    if numbering == Numbering.NONE and len(lines) > 1:
        return {"kind": "lines", "lines": [line.strip() for line in lines]}
    return {"kind": "paragraph", "number": None, "runs": _runs(inline)}


def _live(kind: str, settings: str, line: str) -> Live:
    if kind == "matrix":
        found = CYCLE.match(settings)
        if found is None:
            raise MarkupError(f"“{line}” names no cycle. Write for example [matrix: autumn-2009].")
        theme = found["theme"]
        return LiveMatrix(found["cycle"].lower(), theme.upper() if theme else None, bool(found["evidence"]))
    if NUMBERS.match(settings) is None:
        raise MarkupError(f"“{line}” names no recommendations. Write for example [progress: 12, 31-33].")
    return LiveProgress(tuple(_numbers(settings, line)))


def _numbers(settings: str, line: str) -> Iterator[int]:
    for part in settings.split(","):
        first, _, last = part.partition("-")
        low, high = int(first), int(last or first)
        if high < low or high - low > LONGEST_RANGE:
            raise MarkupError(f"“{line}” has a range that runs backwards or is too long.")
        yield from range(low, high + 1)


def _closing(tokens: list[Token], at: int) -> int:
    level = tokens[at].level
    closing = tokens[at].type.replace("_open", "_close")
    return next(
        place
        for place in range(at + 1, len(tokens))
        if tokens[place].type == closing and tokens[place].level == level
    )


def _items(tokens: list[Token]) -> list[Block]:
    """The items of one list; what a list inside an item says follows the item's own words."""
    items: list[Block] = []
    for token in tokens:
        if token.type == "list_item_open" and token.level == tokens[0].level:
            items.append({"runs": []})
        elif token.type == "inline":
            if items[-1]["runs"]:
                items[-1]["runs"].append({"text": " "})
            items[-1]["runs"] += _runs(token)
    return items


def _runs(inline: Token) -> list[Block]:
    runs: list[Block] = []
    bold = False
    for child in inline.children or []:
        if child.type in ("strong_open", "strong_close"):
            bold = child.type == "strong_open"
            continue
        text = " " if child.type in ("softbreak", "hardbreak") else child.content
        if not text:
            continue
        if runs and runs[-1].get("bold", False) == bold:
            runs[-1]["text"] += text
        else:
            runs.append({"text": text, "bold": True} if bold else {"text": text})
    return runs


def _plain(inline: Token) -> str:
    return "".join(run["text"] for run in _runs(inline))


def _numbered(blocks: list[Block | Live]) -> list[Block | Live]:
    """Numbers straight through, across sub-headings; a lone paragraph has none (DOMAIN §7)."""
    paragraphs = [block for block in blocks if isinstance(block, dict) and block["kind"] == "paragraph"]
    if len(paragraphs) > 1:
        for number, paragraph in enumerate(paragraphs, start=1):
            paragraph["number"] = str(number)
        for block in blocks:
            if isinstance(block, dict) and block["kind"] == "list":
                block["step"] = 1
    return blocks


def _that(blocks: list[Block | Live]) -> list[Block | Live]:
    """ "That", then a numbered list; a single one is a sentence without a number (DOMAIN §7)."""
    asked: list[list[Block]] = []
    others: list[Block | Live] = []
    for block in blocks:
        if isinstance(block, dict) and block["kind"] == "list":
            asked += [item["runs"] for item in block["items"]]
        elif isinstance(block, dict) and block["kind"] == "paragraph":
            asked.append(block["runs"])
        else:
            others.append(block)
    asked = [runs for runs in asked if runs]
    if not asked:
        return others
    if len(asked) == 1:
        that = [] if asked[0][0]["text"].startswith("That ") else [{"text": "That "}]
        return [{"kind": "paragraph", "number": None, "runs": [*that, *asked[0]]}, *others]
    return [
        {"kind": "paragraph", "number": None, "runs": [{"text": "That"}]},
        {"kind": "list", "ordered": True, "step": 0, "items": [{"runs": runs} for runs in asked]},
        *others,
    ]


def count_of_recommendations(text: str) -> int:
    """How many recommendations a section asks for: its heading is singular for one (DOMAIN §7)."""
    blocks = parse(text, Numbering.THAT)
    if len(blocks) > 1 and isinstance(blocks[1], dict) and blocks[1]["kind"] == "list":
        return len(blocks[1]["items"])
    return sum(1 for block in blocks if isinstance(block, dict) and block["kind"] == "paragraph")
