"""Reads the tags of a PDF and their text back from its structure tree, streams and ToUnicode maps."""

import io
import re
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pikepdf


@dataclass
class Tag:
    name: str
    attributes: dict[str, Any] = field(default_factory=dict)
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


def read_tags(pdf: bytes) -> Tag:
    with pikepdf.open(io.BytesIO(pdf)) as file:
        unicode_maps: dict[Any, dict[int, str]] = {}
        texts = {page.obj.objgen: _marked_texts(page, unicode_maps) for page in file.pages}
        return _tag(file.Root.StructTreeRoot, texts)


def _tag(element: Any, texts: dict[Any, dict[int, str]]) -> Tag:
    tag = Tag(str(element.get("/S", "/Root"))[1:])
    if "/ID" in element:
        tag.attributes["ID"] = str(element.ID)
    if "/A" in element:
        tag.attributes["Scope"] = str(element.A.get("/Scope", ""))[1:]
        tag.attributes["Headers"] = [str(name) for name in element.A.get("/Headers", [])]
    kids = element.get("/K", [])
    for kid in kids if isinstance(kids, pikepdf.Array) else [kids]:
        if isinstance(kid, pikepdf.Dictionary):
            tag.children.append(_tag(kid, texts))
        else:
            tag.own_text += texts[element.Pg.objgen].get(int(kid), "")
    return tag


def _marked_texts(page: pikepdf.Page, unicode_maps: dict[Any, dict[int, str]]) -> dict[int, str]:
    """MCID → text. A mark within a mark takes the text; artefacts have no number and are passed over."""
    texts: dict[int, str] = {}
    marks: list[int | None] = []
    letters: dict[int, str] = {}
    for operands, operator in pikepdf.parse_content_stream(page):
        match str(operator):
            case "BDC":
                marks.append(int(operands[1].get("/MCID", -1)))
            case "BMC":
                marks.append(None)
            case "EMC":
                marks.pop()
            case "Tf":
                font = page.Resources.Font[str(operands[0])]
                letters = unicode_maps.setdefault(font.objgen, {}) or _unicode_map(font, unicode_maps)
            case "Tj" | "TJ":
                pieces = operands[0] if str(operator) == "TJ" else operands
                shown = "".join(_decoded(bytes(p), letters) for p in pieces if isinstance(p, pikepdf.String))
                if marks and marks[-1] is not None:
                    texts[marks[-1]] = texts.get(marks[-1], "") + shown
    return texts


def _decoded(codes: bytes, letters: dict[int, str]) -> str:
    return "".join(letters[int.from_bytes(codes[at : at + 2])] for at in range(0, len(codes), 2))


def _unicode_map(font: Any, unicode_maps: dict[Any, dict[int, str]]) -> dict[int, str]:
    source = font.ToUnicode.read_bytes().decode("ascii")
    letters = unicode_maps[font.objgen]
    for section in re.findall(r"beginbfchar(.*?)endbfchar", source, re.DOTALL):
        for code, text in re.findall(r"<(\w+)>\s*<(\w+)>", section):
            letters[int(code, 16)] = bytes.fromhex(text).decode("utf-16-be")
    assert "beginbfrange" not in source
    return letters


def poppler_text(pdf: bytes, folder: Path) -> str:
    """The tagged text as Poppler reads it; slow where there are many tags."""
    told = _poppler("pdfinfo", "-struct-text", pdf=pdf, folder=folder)
    return " ".join(re.findall(r'^\s*"(.*)"$', told, re.MULTILINE))


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
