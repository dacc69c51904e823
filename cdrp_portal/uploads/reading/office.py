"""Word and spreadsheet files: an archive whose every part is known, bounded and read before it is kept."""

import re
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path, PurePosixPath
from xml.parsers import expat

from . import Refused
from .images import drawn_again
from .marks import refuse_two_kinds

PARTS = 3_000
UNPACKED_BYTES = 120_000_000
# A part that swells more than this is made to swell; real sheets reach about 60.
SWELLS = 250
SMALL = 1_000_000

XML_ENDINGS = frozenset({".xml", ".rels", ".rdf", ".vml"})
PICTURES = {".png": "PNG", ".jpg": "JPEG", ".jpeg": "JPEG"}
# Pictures in formats of their own, and typefaces: kept as they are.
KEPT_ENDINGS = frozenset({".gif", ".emf", ".wmf", ".bmp", ".tif", ".tiff", ".odttf", ".ttf", ".fntdata"})
# A printer's own settings: the one thing with this ending that does not run or hold another file.
PRINTER = re.compile(r"xl/printerSettings/printerSettings\d+\.bin")

NO_MACROS = "It holds macros or parts that run. Save it without them."
LOCKED = "It is locked with a password. Save it without one."
ODD = "It is not put together as such a file is. Save it anew and add that."
LINKED = "It takes in another file by a link. Break its links and save it anew."

# Elements, by their local names, that make a document run something or fetch it.
RUNS = frozenset({"ddeLink", "dde-source", "event-listener", "script"})
_DDE = re.compile(r"\bDDE(AUTO)?\b", re.IGNORECASE)
_AUTHORS = re.compile(rb"(\b(?:w|w15):(?:author|initials|userId|providerId)\s*=\s*)(?:\"[^\"]*\"|'[^']*')")
_PATH = re.compile(rb"<x15ac:absPath\b[^>]*/>")

NOBODY_CORE = (
    b'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
    b'<cp:coreProperties xmlns:cp="http://schemas.openxmlformats.org/package/2006/metadata/core-properties"/>'
)
NOBODY_APP = (
    b'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
    b'<Properties xmlns="http://schemas.openxmlformats.org/officeDocument/2006/extended-properties"/>'
)
NOBODY_CUSTOM = (
    b'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
    b'<Properties xmlns="http://schemas.openxmlformats.org/officeDocument/2006/custom-properties"/>'
)
NOBODY_META = (
    b'<?xml version="1.0" encoding="UTF-8"?>'
    b'<office:document-meta xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" '
    b'office:version="1.2"><office:meta/></office:document-meta>'
)
# Who made it, when and where: written empty.
NOBODY = {
    "docProps/core.xml": NOBODY_CORE,
    "docProps/app.xml": NOBODY_APP,
    "docProps/custom.xml": NOBODY_CUSTOM,
    "meta.xml": NOBODY_META,
}
ODF = b"application/vnd.oasis.opendocument."


def read_docx(source: Path, target: Path) -> None:
    _read(
        source, target, lambda parts: _require_ooxml(parts, "word/document.xml", b"wordprocessingml.document")
    )


def read_xlsx(source: Path, target: Path) -> None:
    _read(source, target, _require_xlsx)


def read_odt(source: Path, target: Path) -> None:
    _read(source, target, lambda parts: _require_odf(parts, b"text"))


def read_ods(source: Path, target: Path) -> None:
    _read(source, target, _require_ods)


def sheet_parts(source: Path, kind: str) -> dict[str, bytes]:
    """The parts of an XLSX or ODS, by name, each of them read and found fit to keep."""
    require = _require_xlsx if kind == "xlsx" else _require_ods
    return _parts(source, require)


def _read(source: Path, target: Path, require: Callable[[dict[str, bytes]], None]) -> None:
    cleaned = _parts(source, require)
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as written:
        for name, part in cleaned.items():
            plain = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            plain.compress_type = zipfile.ZIP_STORED if name == "mimetype" else zipfile.ZIP_DEFLATED
            written.writestr(plain, part)


def _parts(source: Path, require: Callable[[dict[str, bytes]], None]) -> dict[str, bytes]:
    content = refuse_two_kinds(source, is_zip=True)
    if content[:4] != b"PK\x03\x04":
        raise Refused(ODD)
    try:
        with zipfile.ZipFile(source) as archive:
            if archive.comment:
                raise Refused(ODD)
            infos = archive.infolist()
            _refuse_shape(infos)
            parts = {info.filename: archive.read(info) for info in infos if not info.is_dir()}
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError, ValueError) as wrong:
        raise Refused(ODD) from wrong
    require(parts)
    return {name: _cleaned(name, part) for name, part in parts.items()}


def _refuse_shape(infos: list[zipfile.ZipInfo]) -> None:
    """By the archive's own list, before a byte is unpacked."""
    if len(infos) > PARTS:
        raise Refused(f"It has more than {PARTS:,} parts.")
    if sum(info.file_size for info in infos) > UNPACKED_BYTES:
        raise Refused("It unpacks to more than the portal takes.")
    names = set()
    for info in infos:
        if info.flag_bits & 0x1:
            raise Refused(LOCKED)
        if info.file_size > SMALL and info.file_size > SWELLS * max(info.compress_size, 1):
            raise Refused("It unpacks to more than the portal takes.")
        path = PurePosixPath(info.filename)
        if path.is_absolute() or ".." in path.parts or "\\" in info.filename or "\0" in info.orig_filename:
            raise Refused(ODD)
        if info.filename.lower() in names or (info.external_attr >> 28) == 0xA:
            raise Refused(ODD)
        names.add(info.filename.lower())


def _require_ooxml(parts: dict[str, bytes], main: str, kind: bytes) -> None:
    types = parts.get("[Content_Types].xml", b"")
    if any("encrypt" in name.lower() for name in parts):
        raise Refused(LOCKED)
    if b"macroenabled" in types.lower() or b"vbaproject" in types.lower() or b"macrosheet" in types.lower():
        raise Refused(NO_MACROS)
    if main not in parts or kind not in types:
        raise Refused(ODD)


def _require_xlsx(parts: dict[str, bytes]) -> None:
    _require_ooxml(parts, "xl/workbook.xml", b"spreadsheetml.sheet")


def _require_ods(parts: dict[str, bytes]) -> None:
    _require_odf(parts, b"spreadsheet")


def _require_odf(parts: dict[str, bytes], kind: bytes) -> None:
    if parts.get("mimetype") != ODF + kind or "content.xml" not in parts:
        raise Refused(ODD)
    if b"encryption-data" in parts.get("META-INF/manifest.xml", b""):
        raise Refused(LOCKED)
    if any(name.split("/")[0] in ("Basic", "Scripts") for name in parts):
        raise Refused(NO_MACROS)


def _cleaned(name: str, part: bytes) -> bytes:
    """The part as it is kept; raises Refused for one that has no business in such a file."""
    ending = "." + name.rpartition("/")[2].rpartition(".")[2].lower()
    if name in NOBODY:
        return NOBODY[name]
    if name == "mimetype":
        return part
    if ending in XML_ENDINGS:
        return _cleaned_xml(name, part)
    if ending in PICTURES:
        return drawn_again(part, PICTURES[ending])
    if ending in KEPT_ENDINGS or PRINTER.fullmatch(name):
        return part
    if ending == ".bin" or name.lower().startswith(("word/embeddings/", "xl/embeddings/")):
        raise Refused(NO_MACROS)
    raise Refused(f"There is another file inside it: {PurePosixPath(name).name[:60]}.")


def _cleaned_xml(name: str, part: bytes) -> bytes:
    if not part:
        return part
    _read_xml(part)
    return _PATH.sub(b"", _AUTHORS.sub(rb'\1""', part))


def _read_xml(part: bytes) -> None:
    """Well formed, nothing that runs, no link that is followed by itself; read by elements, so that no
    encoding or escape hides one. No document type: entities that swell or fetch are declared only there."""
    fields: list[str] = []
    inside: list[str] = []

    def refuse(*_: object) -> None:
        raise Refused("It declares entities, which such a file does not need.")

    def start(tag: str, attributes: dict[str, str]) -> None:
        local = tag.rpartition(":")[2]
        inside.append(local)
        if local in RUNS or any("vnd.sun.star.script:" in value for value in attributes.values()):
            raise Refused(NO_MACROS)
        is_outward = local == "Relationship" and attributes.get("TargetMode", "").lower() == "external"
        if is_outward and not attributes.get("Type", "").endswith("/hyperlink"):
            raise Refused(LINKED)
        if _DDE.search(attributes.get("w:instr", "")):
            raise Refused(NO_MACROS)

    def end(_tag: str) -> None:
        inside.pop()

    def letters(text: str) -> None:
        if inside[-1] == "instrText":
            fields.append(text)

    reader = expat.ParserCreate()
    reader.StartDoctypeDeclHandler = refuse
    reader.StartElementHandler = start
    reader.EndElementHandler = end
    reader.CharacterDataHandler = letters
    try:
        reader.Parse(part, True)
    except expat.ExpatError as wrong:
        raise Refused(ODD) from wrong
    if _DDE.search("".join(fields)):
        raise Refused(NO_MACROS)
