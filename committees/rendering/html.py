"""Content → HTML. The same page serves as the printed paper's source and as the HTML edition."""

import datetime as dt
import unicodedata
from typing import Any

from django.template.loader import render_to_string

from cdrp_portal.dates import uk_date
from cdrp_portal.status import Status
from committees.rendering.checks import check_content
from committees.rendering.digest import EditionMark, content_digest, short_digest
from committees.rendering.kinds import kind_of
from committees.rendering.matrix import SHAPE, matrix_key, matrix_parts, shaped
from committees.rendering.progress import progress_groups

ORDINARY_BRIEF_ITEMS = 6
MOST_QUESTIONS = 3


def render_html(
    content: dict[str, Any],
    *,
    edition: EditionMark | None = None,
    draft: bool = False,
    version: int | None = None,
) -> str:
    """The whole document as HTML, without stylesheets.

    Raises DocumentInvalid or DocumentTooLarge.
    """
    kind = kind_of(content, version)
    check_content(content)
    return compose(content, template=kind.template, edition=edition, draft=draft)


def compose(
    content: dict[str, Any],
    *,
    template: str,
    edition: EditionMark | None,
    draft: bool,
    items: int | None = None,
    compact: bool = False,
) -> str:
    """`items` is how many lines of each list a brief prints before it says how many more there are;
    `compact` sets it in smaller type.
    """
    context = paper_context(content, items=items)
    context["reference"] = reference(content, edition=edition, draft=draft)
    context["draft"] = draft
    context["compact"] = compact
    # One spelling for letters with accents: the typeface holds the composed ones.
    return unicodedata.normalize("NFC", render_to_string(template, context))


def paper_context(content: dict[str, Any], *, items: int | None = None) -> dict[str, Any]:
    """What the templates of documents/ are given; `_paper_body_v1.html` may be used on a page as well."""
    context: dict[str, Any] = {"paper": content, "date": _day(content["date"])}
    if content["kind"] == "committee-paper":
        context["summary"] = _blocks(content.get("summary", []), "h3")
        context["sections"] = [
            {**section, "blocks": _blocks(section["blocks"], "h3")} for section in content["sections"]
        ]
        context["appendices"] = [_appendix(appendix) for appendix in content.get("appendices", [])]
        supporting = content.get("supporting_material")
        context["has_supporting_material"] = supporting is not None
        context["supporting_material"] = _blocks(supporting or [], "h3")
    elif content["kind"] == "health-check-matrix":
        context["matrix"] = _block({"kind": "matrix", **content["matrix"]}, "h2", title=content["title"])
        context["matrix"]["parts"][0]["heading"] = "h1"
    else:
        context["brief"] = _brief(content, items or ORDINARY_BRIEF_ITEMS)
    return context


def reference(content: dict[str, Any], *, edition: EditionMark | None, draft: bool) -> str:
    """The footer's left side: what this is, which edition, and the short digest of its frozen content."""
    date = _day(content["date"])
    if content["kind"] == "committee-paper":
        what = f"{content['committee_code'].upper()} {date}, report {content['number']}."
    elif content["kind"] == "health-check-matrix":
        what = f"{content['cycle']}, position at {date}."
    else:
        what = f"{content['borough']}, {content['cycle']}, {date}."
    state = "DRAFT, " if draft else f"Edition {edition.number}, " if edition else ""
    return f"{what} {state}SHA-256 {short_digest(content_digest(content))}"


def _day(iso: str) -> str:
    return uk_date(dt.date.fromisoformat(iso))


def _appendix(appendix: dict[str, Any]) -> dict[str, Any]:
    """An appendix that opens with a matrix has its heading in the matrix's captions."""
    blocks = appendix["blocks"]
    title = appendix.get("title") or ""
    heading = f"{appendix['label']}: {title}" if title else appendix["label"]
    opens_with_matrix = bool(blocks) and blocks[0]["kind"] == "matrix"
    prepared = _blocks(blocks, "h3")
    if opens_with_matrix:
        prepared[0] = _block(blocks[0], "h2", title=heading)
    return {**appendix, "heading": "" if opens_with_matrix else heading, "blocks": prepared}


def _blocks(blocks: list[dict[str, Any]], heading: str) -> list[dict[str, Any]]:
    return [_block(block, heading) for block in blocks]


def _block(block: dict[str, Any], heading: str, *, title: str | None = None) -> dict[str, Any]:
    if block["kind"] == "matrix":
        return _matrix(block, heading, title or block["title"])
    if block["kind"] == "progress":
        return {
            **block,
            "position_date": _day(block["position_date"]),
            "recommendations": [
                {**found, "groups": progress_groups(found["rows"])} for found in block["recommendations"]
            ],
        }
    return block


def _matrix(block: dict[str, Any], heading: str, title: str) -> dict[str, Any]:
    return {
        **block,
        "position_at": _day(block["position_at"]),
        "key": matrix_key(block),
        "parts": [{"heading": heading, "table": part} for part in matrix_parts(block, title)],
        "authority_alone": [
            {**item, "text": shaped(item["value"])} for item in block.get("authority_alone") or []
        ],
    }


def _brief(content: dict[str, Any], items: int) -> dict[str, Any]:
    counts = content["counts"]
    questions = content.get("questions", [])[:MOST_QUESTIONS]
    return {
        "counts": [
            {"css": status.css_class, "text": f"{SHAPE[status]} {counts[status]} {status.label}"}
            for status in Status
            if counts.get(status)
        ],
        "lists": [
            _brief_list(content.get("better", []), items, "↑", "Got better", "Nothing got better."),
            _brief_list(content.get("worse", []), items, "↓", "Got worse", "Nothing got worse."),
            _brief_list(content.get("overdue", []), items, "!", "Overdue", "Nothing is overdue."),
        ],
        "questions": questions,
        "questions_title": ("", "One question", "Two questions", "Three questions")[len(questions)]
        + " to ask",
    }


def _brief_list(
    entries: list[dict[str, str]], items: int, mark: str, title: str, empty: str
) -> dict[str, Any]:
    more = len(entries) - items
    # A line "and 1 more" would take the room of the one it hides.
    shown = entries if more <= 1 else entries[:items]
    return {
        "mark": mark,
        "title": title,
        "empty": empty,
        "entries": shown,
        "more": max(len(entries) - len(shown), 0),
    }
