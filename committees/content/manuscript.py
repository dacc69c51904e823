"""What a gatherer hands over for printing."""

from dataclasses import dataclass
from typing import Any

from committees.rendering.digest import EditionMark


class NotThere(Exception):
    """The subject is not there, or not for this person to see; which of the two is not told."""

    SENTENCE = "What this document is made from is no longer there, or you may no longer see it."


class BadParameters(ValueError):
    """The request asks for something that cannot be; the message says what may be asked for instead."""


@dataclass(frozen=True)
class Manuscript:
    """The content of a document as plain data, its names, and how it is marked."""

    title: str
    filename: str
    content: dict[str, Any]
    edition: EditionMark | None = None
    draft: bool = False
    template_version: int | None = None
