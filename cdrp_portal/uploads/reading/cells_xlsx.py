"""The cells of an XLSX, from parts that have been checked: no document type, so no entities, is in them."""

import posixpath
import re
from collections.abc import Callable
from typing import Any
from xml.parsers import expat

from . import Refused
from .office import ODD
from .sheets import COLUMNS, SHEETS, Cell, Rows, SheetRows, local_name

# General, whole numbers and text: formats in which a number is written as it is stored.
PLAIN_FORMATS = frozenset({"0", "1", "49"})
_ESCAPED = re.compile("_x([0-9A-Fa-f]{4})_")
_PLACE = re.compile(r"([A-Z]{1,3})(\d{1,7})")
Start = Callable[[str, dict[str, str]], None]


def sheets_of_xlsx(parts: dict[str, bytes]) -> list[SheetRows]:
    sheets: list[tuple[str, str]] = []
    targets: dict[str, str] = {}

    def of_book(tag: str, attributes: dict[str, str]) -> None:
        if tag == "sheet":
            sheets.append((attributes.get("name", ""), attributes.get("id", "")))

    def of_links(tag: str, attributes: dict[str, str]) -> None:
        if tag == "Relationship":
            targets[attributes.get("Id", "")] = posixpath.normpath(
                posixpath.join("/xl", attributes.get("Target", ""))
            ).lstrip("/")

    _parse(parts["xl/workbook.xml"], of_book)
    _parse(parts.get("xl/_rels/workbook.xml.rels", b""), of_links)
    if len(sheets) > SHEETS:
        raise Refused(f"It has more than {SHEETS} sheets.")
    shared = _shared(parts.get("xl/sharedStrings.xml", b""))
    plain = _plain_styles(parts.get("xl/styles.xml", b""))
    found = []
    for name, link in sheets:
        part = parts.get(targets.get(link, ""))
        if part is None:
            raise Refused(ODD)
        found.append(_Sheet(name, shared, plain).read(part))
    return found


def _parse(part: bytes, start: Start, end: Any = None, letters: Any = None) -> None:
    """By local names: what a prefix stands for is for the file to choose."""
    if not part:
        return

    def on_start(tag: str, attributes: dict[str, str]) -> None:
        start(local_name(tag), {local_name(name): value for name, value in attributes.items()})

    reader = expat.ParserCreate(namespace_separator=" ")
    reader.buffer_text = True
    reader.StartElementHandler = on_start
    if end is not None:
        reader.EndElementHandler = lambda tag: end(local_name(tag))
    if letters is not None:
        reader.CharacterDataHandler = letters
    try:
        reader.Parse(part, True)
    except expat.ExpatError as wrong:
        raise Refused(ODD) from wrong


def _unescaped(text: str) -> str:
    return _ESCAPED.sub(_letter, text)


def _letter(match: re.Match[str]) -> str:
    """What no text can hold, here or in the database, stays as the file writes it."""
    number = int(match[1], 16)
    return match[0] if number == 0 or 0xD800 <= number <= 0xDFFF else chr(number)


class _Text:
    """The text of what is open: of `t` elements, save those that say how a word is pronounced."""

    def __init__(self) -> None:
        self.pieces: list[str] = []
        self._in_text = False
        self._in_sound = 0

    def start(self, tag: str) -> None:
        self._in_text = tag == "t"
        self._in_sound += tag == "rPh"

    def end(self, tag: str) -> None:
        self._in_text = False
        self._in_sound -= tag == "rPh"

    def letters(self, text: str) -> None:
        if self._in_text and not self._in_sound:
            self.pieces.append(text)

    def take(self) -> str:
        text = _unescaped("".join(self.pieces))
        self.pieces.clear()
        return text.replace("\r\n", "\n").replace("\r", "\n")


def _shared(part: bytes) -> list[str]:
    texts: list[str] = []
    text = _Text()

    def end(tag: str) -> None:
        text.end(tag)
        if tag == "si":
            texts.append(text.take())

    _parse(part, lambda tag, _attributes: text.start(tag), end, text.letters)
    return texts


def _plain_styles(part: bytes) -> set[int]:
    """Which of the cells' formats show a number as it is; all others may show a date."""
    formats: list[str] = []
    inside: list[str] = []

    def start(tag: str, attributes: dict[str, str]) -> None:
        if tag == "xf" and inside[-1:] == ["cellXfs"]:
            formats.append(attributes.get("numFmtId", "0"))
        inside.append(tag)

    _parse(part, start, lambda _tag: inside.pop())
    return {number for number, of in enumerate(formats) if of in PLAIN_FORMATS}


class _Sheet:
    def __init__(self, name: str, shared: list[str], plain: set[int]) -> None:
        self._rows = Rows(name)
        self._shared = shared
        self._plain = plain
        self._text = _Text()
        self._row = 0
        self._position = -1
        self._cell: dict[str, str] = {}
        self._value: list[str] = []
        self._in_value = False
        self._is_formula = False

    def read(self, part: bytes) -> SheetRows:
        _parse(part, self._start, self._end, self._letters)
        return self._rows.done()

    def _start(self, tag: str, attributes: dict[str, str]) -> None:
        self._text.start(tag)
        if tag == "row":
            number = attributes.get("r", "")
            self._row = int(number) if number.isdecimal() and len(number) < 8 else self._row + 1
            self._position = -1
        elif tag == "c":
            self._cell, self._value, self._is_formula = attributes, [], False
            place = _PLACE.fullmatch(attributes.get("r", ""))
            self._position = _column(place[1]) if place else self._position + 1
        elif tag == "f":
            self._is_formula = True
        self._in_value = tag == "v"

    def _letters(self, text: str) -> None:
        self._text.letters(text)
        if self._in_value:
            self._value.append(text)

    def _end(self, tag: str) -> None:
        self._text.end(tag)
        self._in_value = False
        if tag == "c":
            self._rows.put(self._row, min(self._position, COLUMNS), self._said())

    def _said(self) -> Cell:
        inline, value = self._text.take(), "".join(self._value)
        if self._is_formula:
            return {"is": "a formula"}
        match self._cell.get("t", "n"):
            case "inlineStr":
                return inline
            case "s":
                if not value.isdecimal() or len(value) > 9 or int(value) >= len(self._shared):
                    raise Refused(ODD)
                return self._shared[int(value)]
            case "b":
                return "TRUE" if value == "1" else "FALSE"
            case "n":
                style = self._cell.get("s", "0")
                is_plain = style.isdecimal() and len(style) < 9 and (int(style) in self._plain)
                if value and not is_plain and self._plain:
                    return {"is": "a date or a number in a format of its own"}
                return value
            case "e":
                return {"is": "an error"}
            case _:
                return _unescaped(value)


def _column(letters: str) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number - 1
