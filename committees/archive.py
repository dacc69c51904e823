"""The five archived reports (DOMAIN.md §7, REPORTS.md set 1) as content for committees.rendering.

The files in data/sources are kept as the archive has them. What is not the report (navigation, warnings,
the description over the title) is left behind; what is the report comes through as printed, errors too:
two sections lettered D, an empty section, a letter lost from "the restructuring".
"""

import datetime as dt
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cdrp_portal.dates import MONTHS

SOURCES = Path(__file__).parent / "data" / "sources"

_LAST_FURNITURE = "See the MOPC website for further information."
_TAIL = {"Send an e-mail linking to this page", "Feedback"}
_SECTION = re.compile(r"([A-Z])\. (.+)")
_PARAGRAPH = re.compile(r"(\d+[a-z]?)\. (.+)")
_ORDERED = re.compile(r"\s+\d+\. (.+)")
_BULLET = re.compile(r"\s*[•-] (.+)")
_APPENDIX = re.compile(r"Appendix \d+")
_TITLED = re.compile(r"([^.]{1,60}\.) (.+)")
_LINE = re.compile(r"(MPA general|Media enquiries): ")


class BadSource(ValueError):
    """A source that is not laid out as a report; the message names what was looked for."""


@dataclass(frozen=True)
class ArchivedReport:
    """One report of the archive. `address` is the path of its page there, where known."""

    file: str
    committee_code: str
    committee: str
    address: str
    missing: str = ""
    titled_items: bool = False

    def text(self) -> str:
        return (SOURCES / self.file).read_text(encoding="utf-8")

    def content(self) -> dict[str, Any]:
        return parse_report(
            self.text(),
            committee=self.committee,
            committee_code=self.committee_code,
            missing=self.missing,
            titled_items=self.titled_items,
        )


REPORTS: tuple[ArchivedReport, ...] = (
    ArchivedReport(
        "2000-12-19-cdo-9.txt",
        "cdo",
        "Consultation, Diversity and Outreach Committee",
        "",
        titled_items=True,
    ),
    ArchivedReport("2003-01-30-mpa-10.txt", "mpa", "Full Authority", "mpa/2003/030130/10"),
    ArchivedReport(
        "2003-05-08-ppr-13.txt",
        "ppr",
        "Planning, Performance & Review Committee",
        "x-ppr/2003/030508/13",
        missing="The implementation plan is not held in the archive.",
    ),
    ArchivedReport("2007-07-26-mpa-10.txt", "mpa", "Full Authority", "mpa/2007/070726/10"),
    ArchivedReport(
        "2009-10-29-cecf-7.txt",
        "cecf",
        "Community Engagement and Citizen Focus Sub-committee",
        "cecf/2009/091029/07",
        missing="Appendix 1, the Health Check Matrix, is not held in the archive.",
    ),
)


def parse_report(
    text: str, *, committee: str, committee_code: str, missing: str = "", titled_items: bool = False
) -> dict[str, Any]:
    """The report as content. `missing` says which supporting material the archive does not hold;
    `titled_items` reads the first sentence of an ordered item within a paragraph as its title.

    Raises BadSource where the head of a report is not found.
    """
    lines = report_lines(text)
    head, body = lines[:4], lines[4:]
    if len(head) < 4 or not all(
        line.startswith(f"{key}: ") for line, key in zip(head[1:], _KEYS, strict=True)
    ):
        raise BadSource("The title is not followed by lines that begin with Report, Date and By.")
    number, date, by = (line.partition(": ")[2] for line in head[1:])
    if body and body[0] == "Summary":
        body = body[1:]
    parts = _parts(body)
    summary = next(parts)[2]
    content: dict[str, Any] = {
        "kind": "committee-paper",
        "title": head[0],
        "committee": committee,
        "committee_code": committee_code,
        "number": number,
        "date": _iso(date),
        "by": by,
        "summary": [_paragraph(line) for line in summary],
        "sections": [],
        "appendices": [],
        "supporting_material": None,
        "demonstration": False,
    }
    for kind, heading, found in parts:
        if kind == "section":
            letter, _, title = heading.partition(". ")
            blocks = list(_blocks(found, titled_items))
            content["sections"].append({"letter": letter, "heading": title, "blocks": blocks})
        elif kind == "appendix":
            content["appendices"].append(_appendix(heading, found))
        else:
            content["supporting_material"] = [{"kind": "note", "text": missing}] if missing else []
    return content


_KEYS = ("Report", "Date", "By")


def report_lines(text: str) -> list[str]:
    """The lines of the report itself, from its title on, without the archive's page furniture."""
    _, found, rest = text.partition(_LAST_FURNITURE)
    if not found:
        raise BadSource(f"The line “{_LAST_FURNITURE}” is missing.")
    return [line.rstrip() for line in rest.splitlines() if line.strip() and line.strip() not in _TAIL]


def _iso(date: str) -> str:
    try:
        day, month, year = date.split()
        return dt.date(int(year), MONTHS.index(month) + 1, int(day)).isoformat()
    except ValueError as error:
        raise BadSource(f"“{date}” is not a date such as 29 October 2009.") from error


def _parts(lines: list[str]) -> Iterator[tuple[str, str, list[str]]]:
    """The summary first, then each section, appendix or list of supporting material with its lines."""
    kind, heading, found = "summary", "", list[str]()
    for line in lines:
        new = _kind_of_heading(line)
        if new:
            yield kind, heading, found
            kind, heading, found = new, line, []
        else:
            found.append(line)
    yield kind, heading, found


def _kind_of_heading(line: str) -> str:
    if _SECTION.fullmatch(line):
        return "section"
    if _APPENDIX.fullmatch(line):
        return "appendix"
    return "supporting" if line == "Supporting material" else ""


def _blocks(lines: list[str], titled_items: bool) -> Iterator[dict[str, Any]]:
    numbered = False
    at = 0
    while at < len(lines):
        line = lines[at]
        following = lines[at + 1] if at + 1 < len(lines) else ""
        if _is_item(line):
            end = at
            while end < len(lines) and _is_item(lines[end]):
                end += 1
            yield _list(lines[at:end], under_a_paragraph=numbered, titled=titled_items and numbered)
            at = end
            continue
        if _LINE.match(line):
            yield {"kind": "lines", "lines": [found for found in lines[at:] if _LINE.match(found)]}
            return
        paragraph = _PARAGRAPH.fullmatch(line)
        if paragraph:
            numbered = True
            yield _paragraph(paragraph[2], paragraph[1])
        elif _PARAGRAPH.fullmatch(following) and numbered:
            yield {"kind": "subheading", "text": line}
        else:
            yield _paragraph(line)
        at += 1


def _is_item(line: str) -> bool:
    return bool(_ORDERED.fullmatch(line) or _BULLET.fullmatch(line))


def _list(lines: list[str], *, under_a_paragraph: bool, titled: bool) -> dict[str, Any]:
    ordered = bool(_ORDERED.fullmatch(lines[0]))
    items = []
    for line in lines:
        match = _ORDERED.fullmatch(line) or _BULLET.fullmatch(line)
        text = match[1] if match else line.strip()
        title = _TITLED.fullmatch(text) if titled and ordered else None
        items.append({"title": title[1], "runs": _runs(title[2])} if title else {"runs": _runs(text)})
    return {"kind": "list", "ordered": ordered, "step": int(under_a_paragraph), "items": items}


def _appendix(label: str, lines: list[str]) -> dict[str, Any]:
    """Its first line is its title. A line that ends in a colon is a sub-heading unless another follows."""
    blocks = [
        {"kind": "subheading", "text": line}
        if line.endswith(":") and not following.endswith(":")
        else _paragraph(line)
        for line, following in zip(lines[1:], [*lines[2:], ""], strict=True)
    ]
    return {"label": label, "title": lines[0], "orientation": "portrait", "blocks": blocks}


def _paragraph(text: str, number: str | None = None) -> dict[str, Any]:
    return {"kind": "paragraph", "number": number, "runs": _runs(text)}


def _runs(text: str) -> list[dict[str, Any]]:
    """References to an appendix stand out, as the Authority printed them."""
    pieces = re.split(rf"({_APPENDIX.pattern})", text)
    return [
        {"text": piece, "bold": True} if _APPENDIX.fullmatch(piece) else {"text": piece}
        for piece in pieces
        if piece
    ]
