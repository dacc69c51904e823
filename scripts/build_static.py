"""Copy the typefaces from node_modules into static/vendor, for pages and documents alike.

The symbol face is cut down to the shapes that statuses use: whole it weighs
380 kB, more than the rest of a page.
Run by scripts/install.py whenever package-lock.json or this file has changed.
"""

import shutil
from pathlib import Path

from fontTools import subset
from house import ROOT

PACKAGES = ROOT / "node_modules" / "@fontsource"
TARGET = ROOT / "static" / "vendor" / "fonts"
TEXT_FACES = [
    f"source-sans-3-{script}-{style}.woff2"
    for script in ("latin", "latin-ext")
    for style in ("400-normal", "400-italic", "600-normal", "700-normal")
]
SYMBOL_FACE = "noto-sans-symbols-2-symbols-400-normal.woff2"
CUT_SYMBOL_FACE = "portal-symbols.woff2"
SYMBOLS = "●▲■○◌✓✔◆◇ \u00a0"  # the spaces, because a space takes the face of the shape before it


def build(packages: Path = PACKAGES, target: Path = TARGET) -> list[Path]:
    """Write the faces and their licences; returns what was written."""
    target.mkdir(parents=True, exist_ok=True)
    written = []
    for name in TEXT_FACES:
        written.append(shutil.copyfile(packages / "source-sans-3" / "files" / name, target / name))
    written.append(
        cut_symbol_face(packages / "noto-sans-symbols-2" / "files" / SYMBOL_FACE, target / CUT_SYMBOL_FACE)
    )
    for package in ("source-sans-3", "noto-sans-symbols-2"):
        written.append(shutil.copyfile(packages / package / "LICENSE", target / f"{package}-LICENSE.txt"))
    return written


def cut_symbol_face(source: Path, target: Path) -> Path:
    options = subset.Options()
    options.flavor = "woff2"
    options.hinting = False
    # The same bytes on every machine, so that a frozen paper can be rebuilt byte for byte.
    options.recalc_timestamp = False
    font = subset.load_font(str(source), options)
    cutter = subset.Subsetter(options)
    cutter.populate(text=SYMBOLS)
    cutter.subset(font)
    subset.save_font(font, str(target), options)
    return target


if __name__ == "__main__":
    build()
