"""Reads a PDF's tags back with Poppler, independently of the renderer and of the pass that mends it."""

import re
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

_TAG = re.compile(r"(?P<name>\w+)(?: <(?P<id>[^>]*)>)?(?: \(\w+\))?:?")


@dataclass
class Tag:
    name: str
    attributes: dict[str, str] = field(default_factory=dict)
    children: list["Tag"] = field(default_factory=list)
    own_text: str = ""

    def walk(self) -> Iterator["Tag"]:
        yield self
        for child in self.children:
            yield from child.walk()

    def all(self, *names: str) -> list["Tag"]:
        return [tag for tag in self.walk() if tag.name in names]

    @property
    def text(self) -> str:
        """Lines of one element are joined by a space, as a reader would say them."""
        texts = [self.own_text, *(child.text for child in self.children)]
        return re.sub(r"\s+", " ", " ".join(texts)).strip()


def read_tags(pdf: bytes, folder: Path) -> Tag:
    lines = _poppler("pdfinfo", "-struct-text", pdf=pdf, folder=folder).splitlines()
    root = Tag("Root")
    open_tags: list[tuple[int, Tag]] = [(-1, root)]
    for line in lines:
        depth, content = len(line) - len(line.lstrip()), line.strip()
        while open_tags[-1][0] >= depth:
            open_tags.pop()
        parent = open_tags[-1][1]
        if content.startswith('"'):
            parent.own_text += content[1:-1]
        elif content.startswith("/"):
            key, _, value = content[1:].partition(" ")
            parent.attributes[key] = value.lstrip("/")
        elif match := _TAG.fullmatch(content):
            tag = Tag(match["name"], {"ID": match["id"]} if match["id"] else {})
            parent.children.append(tag)
            open_tags.append((depth, tag))
    return root


def page_text(pdf: bytes, folder: Path) -> str:
    """Everything that is printed, page furniture included."""
    return _poppler("pdftotext", "-layout", pdf=pdf, folder=folder, output="-")


def fonts(pdf: bytes, folder: Path) -> list[list[str]]:
    """Name, whether embedded, whether mapped to Unicode, of each font."""
    lines = _poppler("pdffonts", pdf=pdf, folder=folder).splitlines()[2:]
    return [[line.split()[0], line.split()[-5], line.split()[-3]] for line in lines]


def _poppler(*command: str, pdf: bytes, folder: Path, output: str | None = None) -> str:
    file = folder / "document.pdf"
    file.write_bytes(pdf)
    told = subprocess.run([*command, file, *([output] if output else [])], capture_output=True, check=True)
    return told.stdout.decode()


def squeezed(text: str) -> str:
    """Without any space: lines are broken in other places on paper than in the source."""
    return re.sub(r"\s+", "", text)
