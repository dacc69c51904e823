from dataclasses import dataclass
from typing import Any

from committees.rendering.errors import DocumentInvalid


@dataclass(frozen=True)
class DocumentKind:
    """A kind of document and the version of its template.

    Once a document was issued with a version, its template and stylesheets are never edited again: a
    change is a new version beside it, or `verify_editions` could not rebuild what was issued.
    """

    name: str
    version: int
    template: str
    stylesheet: str


# In the order of their versions. Version 2 of a paper and of a matrix hatches what is not re-confirmed.
_ALL = [
    DocumentKind("committee-paper", 1, "documents/committee_paper_v1.html", "documents/paper_v1.css"),
    DocumentKind("committee-paper", 2, "documents/committee_paper_v1.html", "documents/paper_v2.css"),
    DocumentKind("health-check-matrix", 1, "documents/matrix_v1.html", "documents/paper_v1.css"),
    DocumentKind("health-check-matrix", 2, "documents/matrix_v1.html", "documents/paper_v2.css"),
    DocumentKind("borough-brief", 1, "documents/brief_v1.html", "documents/brief_v1.css"),
]

# The version with which new documents of a kind are made: the last.
KINDS: dict[str, DocumentKind] = {kind.name: kind for kind in _ALL}

_VERSIONS: dict[tuple[str, int], DocumentKind] = {(kind.name, kind.version): kind for kind in _ALL}


def kind_of(content: dict[str, Any], version: int | None = None) -> DocumentKind:
    """The kind of the content, in the version asked for or else the current one."""
    name = content.get("kind")
    kind = KINDS.get(str(name)) if version is None else _VERSIONS.get((str(name), version))
    if kind is None:
        wanted = f"“{name}”" if version is None else f"“{name}” in version {version}"
        raise DocumentInvalid(f"There is no document of the kind {wanted}.")
    return kind
