"""PDFs: every object looked at, saved anew without author, hidden parts or anything that acts by itself."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pikepdf

from . import Refused
from .images import without_segments
from .marks import refuse_two_kinds

ACTIVE_KEYS = frozenset({"/JS", "/JavaScript", "/EmbeddedFiles", "/EF", "/XFA", "/RichMediaContent"})
ACTIVE_ACTIONS = frozenset(
    {
        "/JavaScript",
        "/Launch",
        "/SubmitForm",
        "/ImportData",
        "/GoToE",
        "/GoToR",
        "/Rendition",
        "/Movie",
        "/Sound",
        "/RichMediaExecute",
    }
)
ACTIVE_PARTS = frozenset({"/RichMedia", "/FileAttachment", "/Movie", "/Sound", "/Screen", "/3D"})
NESTED = 60


def read(source: Path, target: Path) -> None:
    refuse_two_kinds(source, is_pdf=True)
    try:
        with pikepdf.open(source) as pdf:
            if pdf.is_encrypted:
                raise Refused("It is locked with a password. Save it without one.")
            if len(pdf.pages) == 0:
                raise Refused("It has no pages.")
            for found in pdf.objects:
                for part in _dictionaries(found, 0):
                    _refuse_active(part)
                    _forget_makers(part)
                _forget_place(found)
            _forget_author(pdf)
            pdf.save(target, deterministic_id=True)
    except pikepdf.PasswordError as locked:
        raise Refused("It is locked with a password. Save it without one.") from locked
    except (pikepdf.PdfError, ValueError, RuntimeError, TypeError, KeyError) as wrong:
        raise Refused("It cannot be read as a PDF.") from wrong


def _dictionaries(found: Any, depth: int) -> Iterator[Any]:
    """The object's own dictionary and those written inside it; what it only points at is met elsewhere."""
    if depth > NESTED:
        raise Refused("Its parts are nested too deeply.")
    if isinstance(found, pikepdf.Dictionary | pikepdf.Stream):
        yield found
        inside = [value for _key, value in found.items()]
    elif isinstance(found, pikepdf.Array):
        inside = list(found)
    else:
        return
    for value in inside:
        if isinstance(value, pikepdf.Object) and not value.is_indirect:
            yield from _dictionaries(value, depth + 1)


def _refuse_active(part: Any) -> None:
    names = set(part.keys())
    if "/EF" in names or "/EmbeddedFiles" in names or str(part.get("/Subtype", "")) == "/FileAttachment":
        raise Refused("There are files attached inside it. Add each as evidence of its own.")
    acts = str(part.get("/S", "")) in ACTIVE_ACTIONS or str(part.get("/Subtype", "")) in ACTIVE_PARTS
    if acts or not ACTIVE_KEYS.isdisjoint(names):
        raise Refused("It runs scripts or opens other things by itself. Print it to a plain PDF.")


def _forget_makers(part: Any) -> None:
    for key in ("/Metadata", "/PieceInfo", "/LastModified"):
        if key in part:
            del part[key]


def _forget_place(found: Any) -> None:
    if not isinstance(found, pikepdf.Stream):
        return
    kind, parameters = _only(found.get("/Filter")), _only(found.get("/DecodeParms"))
    if str(kind) == "/DCTDecode":
        picture = without_segments(found.read_raw_bytes())
        found.write(picture, filter=pikepdf.Name.DCTDecode, decode_parms=parameters)


def _only(named: Any) -> Any:
    """One filter may stand alone or as a list of one."""
    return named[0] if isinstance(named, pikepdf.Array) and len(named) == 1 else named


def _forget_author(pdf: pikepdf.Pdf) -> None:
    if "/Info" in pdf.trailer:
        for key in list(pdf.docinfo.keys()):
            if key != "/Title":
                del pdf.docinfo[key]
