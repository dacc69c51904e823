import hashlib
import json
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class EditionMark:
    """The number under which a paper was issued: 1 first, one more for each correction."""

    number: int


def canonical_json(content: dict[str, Any]) -> bytes:
    """One spelling for equal content, whatever the order in which its keys were written."""
    return json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def content_digest(content: dict[str, Any]) -> str:
    return hashlib.sha256(canonical_json(content)).hexdigest()


def short_digest(digest: str) -> str:
    """The first sixteen digits in fours, as the footer prints them: "7dc6 4a73 52e7 5aff"."""
    return " ".join(digest[start : start + 4] for start in range(0, 16, 4))
