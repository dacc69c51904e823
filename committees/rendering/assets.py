"""The typefaces and stylesheets of documents, held in memory: the renderer is given nothing else."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from io import BytesIO
from pathlib import Path
from shutil import rmtree
from threading import Lock
from typing import TYPE_CHECKING, Any
from weakref import finalize

from django.conf import settings
from django.template.loader import render_to_string

from committees.rendering.errors import TypefacesMissing

if TYPE_CHECKING:
    from weasyprint import CSS
    from weasyprint.text.fonts import FontConfiguration

# Family names of our own, so that a typeface of the same name on the machine is never taken instead.
FACES: dict[str, tuple[str, int, str]] = {
    "source-sans-3-latin-400-normal": ("CDRP Text", 400, "normal"),
    "source-sans-3-latin-400-italic": ("CDRP Text", 400, "italic"),
    "source-sans-3-latin-600-normal": ("CDRP Text", 600, "normal"),
    "source-sans-3-latin-700-normal": ("CDRP Text", 700, "normal"),
    "source-sans-3-latin-ext-400-normal": ("CDRP Text More", 400, "normal"),
    "source-sans-3-latin-ext-400-italic": ("CDRP Text More", 400, "italic"),
    "source-sans-3-latin-ext-600-normal": ("CDRP Text More", 600, "normal"),
    "source-sans-3-latin-ext-700-normal": ("CDRP Text More", 700, "normal"),
    "portal-symbols": ("CDRP Symbols", 400, "normal"),
}

_SHAPES_SMALLER = 1.3

# No folders: nothing that is installed on the machine can take part in a document, nor change its bytes.
_ISOLATED_FONTCONFIG = """<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "urn:fontconfig:fonts.dtd">
<fontconfig><cachedir>{folder}</cachedir></fontconfig>
"""


@cache
def typefaces() -> dict[str, bytes]:
    """Each face under its key, already unpacked: unpacking takes a third of a second, once a process."""
    from fontTools.ttLib import woff2

    faces = {}
    for key in FACES:
        unpacked = BytesIO()
        woff2.decompress(BytesIO((Path(settings.FONT_DIR) / f"{key}.woff2").read_bytes()), unpacked)
        faces[key] = unpacked.getvalue()
    faces["portal-symbols"] = _fitted(faces["portal-symbols"], faces["source-sans-3-latin-400-normal"])
    return faces


def _fitted(symbols: bytes, text: bytes) -> bytes:
    """The shapes drawn smaller and on the text's line: as they come they push their line apart."""
    from fontTools.ttLib import TTFont

    shapes, letters = TTFont(BytesIO(symbols), recalcTimestamp=False), TTFont(BytesIO(text))
    em = round(shapes["head"].unitsPerEm * _SHAPES_SMALLER)
    ratio = em / letters["head"].unitsPerEm
    up, down = round(letters["hhea"].ascent * ratio), round(letters["hhea"].descent * ratio)
    shapes["head"].unitsPerEm = em
    shapes["hhea"].ascent, shapes["hhea"].descent, shapes["hhea"].lineGap = up, down, 0
    metrics = shapes["OS/2"]
    metrics.sTypoAscender, metrics.sTypoDescender, metrics.sTypoLineGap = up, down, 0
    metrics.usWinAscent, metrics.usWinDescent = up, -down
    fitted = BytesIO()
    shapes.save(fitted)
    return fitted.getvalue()


@cache
def printable_characters() -> frozenset[str]:
    """The characters that all weights of the text faces hold, with the shapes, spaces and line breaks."""
    from fontTools.ttLib import TTFont

    by_style: dict[tuple[int, str], set[int]] = {}
    symbols: set[int] = set()
    for key, (family, weight, style) in FACES.items():
        held = set(TTFont(BytesIO(typefaces()[key])).getBestCmap())
        if family == "CDRP Symbols":
            symbols = held
        else:
            by_style.setdefault((weight, style), set()).update(held)
    common = set.intersection(*by_style.values())
    return frozenset(map(chr, common | symbols)) | frozenset("\n\t ")


@cache
def fetcher() -> Any:
    """The only way out of a document: it answers the keys of the bundled typefaces and refuses the rest."""
    from weasyprint.urls import FatalURLFetchingError, URLFetcher, URLFetcherResponse

    class BundledFetcher(URLFetcher):
        def fetch(self, url: str, headers: dict[str, str] | None = None) -> URLFetcherResponse:
            face = typefaces().get(url.removeprefix("bundled:")) if url.startswith("bundled:") else None
            if face is None:
                # Fatal, so that a document that asks for anything fails instead of being printed without it.
                raise FatalURLFetchingError("A document may not fetch anything.")
            return URLFetcherResponse(url, face, {"Content-Type": "font/ttf"})

    return BundledFetcher()


@dataclass(frozen=True)
class Press:
    """What one process prints with: its font configuration and the stylesheets parsed for it."""

    process: int
    fonts: "FontConfiguration"
    sheets: dict[tuple[str, bool], "CSS"]

    def sheet(self, name: str, *, draft: bool) -> "CSS":
        if (name, draft) not in self.sheets:
            from weasyprint import CSS

            text = render_to_string(name)
            if draft:
                text += render_to_string("documents/draft_v1.css")
            self.sheets[name, draft] = CSS(string=text, font_config=self.fonts, url_fetcher=fetcher())
        return self.sheets[name, draft]


_press: Press | None = None
# One for each process: a child forked while a thread of its parent holds the parent’s would wait for ever.
_setting_up: dict[int, Lock] = {}


def press() -> Press:
    """The press of this process. A forked child sets up its own: Pango's threads do not survive a fork."""
    global _press
    with _setting_up.setdefault(os.getpid(), Lock()):
        if _press is None or _press.process != os.getpid():
            _press = new_press()
        return _press


def new_press() -> Press:
    """Raise TypefacesMissing rather than set up a press without one of its faces.

    The renderer itself only logs a face that it could not load, and then prints boxes for letters. Called
    with nobody else setting up, as the place of fontconfig's file is a variable of the whole process.
    """
    from weasyprint import CSS
    from weasyprint.text.ffi import fontconfig
    from weasyprint.text.fonts import FontConfiguration

    with isolated_fontconfig():
        fonts = FontConfiguration()
    rules = "".join(
        f'@font-face{{font-family:"{family}";font-weight:{weight};font-style:{style};src:url(bundled:{key})}}'
        for key, (family, weight, style) in FACES.items()
    )
    CSS(string=rules, font_config=fonts, url_fetcher=fetcher())
    loaded = fontconfig.FcConfigGetFonts(fonts._config, fontconfig.FcSetApplication)
    if not loaded or loaded.nfont != len(FACES):
        raise TypefacesMissing
    keep_files_for_this_process(fonts)
    return Press(os.getpid(), fonts, {})


def keep_files_for_this_process(fonts: "FontConfiguration") -> None:
    """The typefaces' files are taken away with their press, but only by the process that wrote them.

    The renderer would delete them wherever the object goes. In a forked child it goes as soon as the child
    sets up its own, and the parent would print boxes from then on.
    """
    finalize(fonts, _take_away, fonts._folder, os.getpid())
    fonts._folder = None


def _take_away(folder: Path, process: int) -> None:
    if process == os.getpid():
        rmtree(folder, ignore_errors=True)


@contextmanager
def isolated_fontconfig() -> Iterator[None]:
    before = os.environ.get("FONTCONFIG_FILE")
    with tempfile.TemporaryDirectory(prefix="cdrp-fonts-") as folder:
        file = Path(folder) / "fonts.conf"
        file.write_text(_ISOLATED_FONTCONFIG.format(folder=folder))
        os.environ["FONTCONFIG_FILE"] = str(file)
        try:
            yield
        finally:
            if before is None:
                del os.environ["FONTCONFIG_FILE"]
            else:
                os.environ["FONTCONFIG_FILE"] = before
