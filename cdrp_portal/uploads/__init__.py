"""Files that people give to the portal: which kinds, how large, and what is kept of them (decision 13)."""

import hashlib
import re
import tempfile
from dataclasses import dataclass
from pathlib import Path

from django.core.files.uploadedfile import UploadedFile

from cdrp_portal.downloads import safe_filename
from cdrp_portal.uploads.limited import read_in_child
from cdrp_portal.uploads.reading import Refused

__all__ = [
    "ACCEPT",
    "KINDS",
    "KINDS_WORDS",
    "LIMIT",
    "TOO_LARGE",
    "Received",
    "Refused",
    "receive",
    "size_words",
]

LIMIT = 10_000_000
TOO_LARGE = "It is larger than 10 MB, which is the limit."


@dataclass(frozen=True)
class Kind:
    """One kind of file that is taken; `begins` are the first bytes of every such file."""

    ending: str
    name: str
    content_type: str
    begins: bytes = b""


_OPEN_XML = "application/vnd.openxmlformats-officedocument."
_OPEN_DOCUMENT = "application/vnd.oasis.opendocument."
_ZIP = b"PK\x03\x04"
_JPEG = Kind("jpg", "JPEG picture", "image/jpeg", b"\xff\xd8\xff")
KINDS: dict[str, Kind] = {
    "pdf": Kind("pdf", "PDF", "application/pdf", b"%PDF-"),
    "png": Kind("png", "PNG picture", "image/png", b"\x89PNG\r\n\x1a\n"),
    "jpg": _JPEG,
    "jpeg": _JPEG,
    "docx": Kind("docx", "Word document", f"{_OPEN_XML}wordprocessingml.document", _ZIP),
    "xlsx": Kind("xlsx", "Excel workbook", f"{_OPEN_XML}spreadsheetml.sheet", _ZIP),
    "odt": Kind("odt", "OpenDocument text", f"{_OPEN_DOCUMENT}text", _ZIP),
    "ods": Kind("ods", "OpenDocument spreadsheet", f"{_OPEN_DOCUMENT}spreadsheet", _ZIP),
    "csv": Kind("csv", "CSV", "text/csv; charset=utf-8"),
    "txt": Kind("txt", "Plain text", "text/plain; charset=utf-8"),
}
NAME_OF = {kind.content_type: kind.name for kind in KINDS.values()}
KINDS_WORDS = "PDF, PNG, JPEG, DOCX, XLSX, ODT, ODS, CSV or TXT"
ACCEPT = ",".join(f".{ending}" for ending in KINDS)
# An ending in the middle of a name is there to be taken for the last one.
_ENDINGS_INSIDE = re.compile(
    r"\.(exe|com|bat|cmd|scr|pif|msi|dll|jar|js|jse|vbs?|vbe|wsf|hta|ps1|sh|lnk|url|iso|img|vhdx?|zip|7z|rar"
    r"|html?|xhtml|mht|svgz?|xml|php|asp|aspx|jsp|docm|xlsm|pptm|dotm|xltm|docx?|xlsx?|od[ts]|pdf|png|jpe?g)"
    r"(?=[ .])",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Received:
    """A file as it is kept: read in full, and written anew without who made it where."""

    name: str
    content_type: str
    content: bytes

    @property
    def size(self) -> int:
        return len(self.content)

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.content).hexdigest()


def receive(upload: UploadedFile) -> Received:
    """What is kept of an uploaded file. Raises Refused with a sentence that says why it is not taken."""
    name = safe_filename(upload.name or "")
    kind = _kind_of(name)
    if not upload.size:
        raise Refused("It is empty.")
    if upload.size > LIMIT:
        raise Refused(TOO_LARGE)
    upload.seek(0)
    if not upload.read(len(kind.begins)) == kind.begins:
        raise Refused(f"It is not a {kind.ending.upper()} file, whatever its name says.")
    with tempfile.TemporaryDirectory(prefix="upload-") as folder:
        source, target = Path(folder) / "source", Path(folder) / "target"
        with source.open("wb") as copy:
            upload.seek(0)
            for chunk in upload.chunks():
                copy.write(chunk)
        read_in_child(kind.ending, source, target)
        content = target.read_bytes()
    if not 0 < len(content) <= LIMIT:
        raise Refused(TOO_LARGE)
    return Received(name=name, content_type=kind.content_type, content=content)


def _kind_of(name: str) -> Kind:
    stem, _, ending = name.rpartition(".")
    kind = KINDS.get(ending.lower())
    if not stem or kind is None:
        raise Refused(f"Files of this kind are not taken. Add {KINDS_WORDS}.")
    if _ENDINGS_INSIDE.search(f"{stem}."):
        raise Refused("Its name has two endings. Give it one, and add it again.")
    return kind


def size_words(size: int) -> str:
    """ "214 KB", "3.2 MB": as a person says it, never as nothing."""
    if size < 1_000_000:
        return f"{max(1, round(size / 1000)):,} KB"
    return f"{size / 1_000_000:.1f} MB"
