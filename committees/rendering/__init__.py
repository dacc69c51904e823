"""Papers as plain data, printed: dict → HTML → tagged PDF. Nothing here knows the database.

The content of a document is a JSON-able dict, frozen with each edition. Dates are ISO texts, statuses
the values of `cdrp_portal.status.Status`. Keys marked ? may be absent.

committee-paper
    {"kind": "committee-paper", "title", "committee", "committee_code", "number" (text: "14a"),
     "date", "by", "summary": [block…],
     "sections": [{"letter", "heading", "blocks": [block…]}],
     "appendices": [{"label": "Appendix 1", "title", "orientation": "portrait" | "landscape",
                     "blocks": [block…]}],
     "supporting_material"?: [block…]      (the heading is printed when the key is present and not null)
     "correction"?: str                     (what a later edition changed, printed under the head)
     "demonstration": bool}

health-check-matrix
    {"kind": "health-check-matrix", "title", "cycle", "date" (as at), "filters"?: [str],
     "matrix": matrix block, "demonstration": bool}

borough-brief (always one page: lists that do not fit end in "and 3 more")
    {"kind": "borough-brief", "borough", "cycle", "compared_with"?: str, "date" (as at), "sentence",
     "counts": {status: int}, "next_meeting"?: {"title", "when", "where"?},
     "better" | "worse" | "overdue": [{"title", "text"}], "questions": [str] (three at most),
     "officers": [str], "demonstration": bool}

Blocks
    {"kind": "paragraph", "number"?: "4" | None, "runs": [{"text", "bold"?: bool}]}
    {"kind": "text", "text": str}           a paragraph without number or bold
    {"kind": "note", "text": str}           an archivist's remark, never part of the report itself
    {"kind": "subheading", "text": str}
    {"kind": "list", "ordered": bool, "step"?: 0 | 1 (1 under a numbered paragraph),
     "items": [{"title"?: str, "runs": [run…]}]}
    {"kind": "lines", "lines": [str]}       lines kept apart, such as telephone numbers
    {"kind": "matrix", "title", "position_at", "themes": [{"code", "title", "criteria":
         [{"code", "short_title"}]}],
     "rows": [{"label", "is_authority": bool, "values": [status…],
         "not_reconfirmed"?: [int]  (places in `values`: carried forward, or on lapsed evidence)}],
     "totals": [{"green", "amber", "red", "rated", "not_reconfirmed"?: int}]  one for each criterion;
         `rated` is the denominator, which leaves less relevant and not assessed out,
     "authority_alone"?: [{"code", "short_title", "value": status}], "note"?: str}
    {"kind": "progress", "title"?: str, "position_date", "recommendations": [{"number", "text",
         "rows": [{"key_point", "action", "lead", "position": {"status", "text", "date"?}}]}]}
         neighbouring rows with one key point are printed under it together
"""

from committees.rendering.digest import EditionMark, content_digest, short_digest
from committees.rendering.errors import (
    DocumentInvalid,
    DocumentRefused,
    DocumentTooLarge,
    RenderCancelled,
    RenderCrashed,
    RenderFailed,
)
from committees.rendering.html import render_html
from committees.rendering.kinds import KINDS, DocumentKind
from committees.rendering.pdf import RenderedDocument, render_pdf

__all__ = [
    "KINDS",
    "DocumentInvalid",
    "DocumentKind",
    "DocumentRefused",
    "DocumentTooLarge",
    "EditionMark",
    "RenderCancelled",
    "RenderCrashed",
    "RenderFailed",
    "RenderedDocument",
    "content_digest",
    "render_html",
    "render_pdf",
    "short_digest",
]
