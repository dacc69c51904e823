"""What no accepted file holds in the open, whatever its kind: a second kind of file inside the first."""

import re
import zipfile
from pathlib import Path

from . import Refused

# Long enough that they do not turn up by chance in ten million bytes of pixels.
_PAGE = re.compile(rb"<script|<!doctype\s+html|<html[\s>]|<iframe|<\?php|javascript:", re.IGNORECASE)
TWO_KINDS = "It is two kinds of file at once. Save it anew as one of them."


def refuse_two_kinds(source: Path, *, is_zip: bool = False, is_pdf: bool = False) -> bytes:
    """The file's bytes, unless a web page, an archive or a PDF stands in them beside what it says it is."""
    content = source.read_bytes()
    if _PAGE.search(content):
        raise Refused("There is a web page or a script in it.")
    if not is_zip and zipfile.is_zipfile(source):
        raise Refused(TWO_KINDS)
    if not is_pdf and b"%PDF-" in content[:2048]:
        raise Refused(TWO_KINDS)
    return content
