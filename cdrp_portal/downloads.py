"""Files that the portal hands out: always named safely, never stored, never run."""

import re
import unicodedata

from django.http import HttpResponse
from django.utils.http import content_disposition_header

NAME_LIMIT = 150
# A download that a browser opens all the same gets no script, no form, no origin of its own.
# Inline, without the sandbox: a browser's own PDF viewer does not start in one.
SHOWN = "default-src 'none'; base-uri 'none'; object-src 'none'; form-action 'none'; frame-ancestors 'none'"
SANDBOX = f"sandbox; {SHOWN}"
# Device names of Windows, with which no file may begin there.
_RESERVED = re.compile(r"(con|prn|aux|nul|com[0-9]|lpt[0-9])(?=\.|$)", re.IGNORECASE)
_FORBIDDEN = re.compile(r'[<>:"|?*;%\\/]+')


def file_response(content: bytes, *, filename: str, content_type: str, inline: bool = False) -> HttpResponse:
    """The bytes as a file to keep; `inline` lets the browser show it (PDF only; anything else is refused)."""
    if inline and content_type != "application/pdf":
        raise ValueError(f"{content_type} is never shown inside the portal's own pages.")
    disposition = content_disposition_header(not inline, safe_filename(filename)) or "attachment"
    return HttpResponse(
        content,
        content_type=content_type,
        headers={
            "Content-Disposition": disposition,
            "Content-Length": str(len(content)),
            "Cache-Control": "no-store",
            "X-Content-Type-Options": "nosniff",
            "Content-Security-Policy": SHOWN if inline else SANDBOX,
        },
    )


def safe_filename(name: str, *, fallback: str = "download") -> str:
    """A name every system accepts, made of the words of `name`: no path, no controls, no reserved word.

    At most 150 bytes, the ending kept; letters of any script stay.
    """
    name = name.encode("utf-8", errors="replace").decode("utf-8")
    name = re.split(r"[\\/]", unicodedata.normalize("NFC", name))[-1]
    # Controls, and the invisible marks that turn "gpj.exe" round into "exe.jpg".
    name = "".join(" " if unicodedata.category(letter).startswith(("C", "Z")) else letter for letter in name)
    name = " ".join(_FORBIDDEN.sub(" ", name).split()).strip(". ")
    stem, ending = _parted(name)
    stem = stem.strip(". ") or fallback
    if _RESERVED.match(stem):
        stem = f"{fallback} {stem}"
    room = NAME_LIMIT - len(ending.encode())
    return stem.encode()[:room].decode(errors="ignore").strip(". ") + ending


def _parted(name: str) -> tuple[str, str]:
    match = re.fullmatch(r"(.*)(\.[A-Za-z0-9]{1,5})", name)
    if match is None or not match[1]:
        return name, ""
    return match[1], match[2]
