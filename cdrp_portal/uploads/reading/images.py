"""Pictures: drawn in full and written again, so that nothing but the picture is kept."""

import struct
import warnings
from io import BytesIO
from pathlib import Path

from PIL import Image, ImageOps

from . import Refused
from .marks import refuse_two_kinds

PIXELS = 25_000_000
# What belongs to the look of a picture; place, time, camera and author are not among it.
KEPT = ("transparency", "icc_profile", "dpi", "gamma")
NO_PICTURE = "It cannot be read as a picture."
_START_OF_SCAN, _END = 0xDA, 0xD9
# JFIF, colour profile and colour transform; every other application segment and comment goes.
_KEPT_SEGMENTS = frozenset({0xE0, 0xE2, 0xEE})


def read_png(source: Path, target: Path) -> None:
    target.write_bytes(drawn_again(refuse_two_kinds(source), "PNG"))


def read_jpeg(source: Path, target: Path) -> None:
    target.write_bytes(drawn_again(refuse_two_kinds(source), "JPEG"))


def drawn_again(content: bytes, kind: str) -> bytes:
    """The picture and nothing else. Its measures are read first: a huge one is never unpacked."""
    # The pixels are bounded here; a warning on top of it would say nothing more.
    warnings.simplefilter("ignore")
    Image.MAX_IMAGE_PIXELS = None
    try:
        with Image.open(BytesIO(content), formats=[kind]) as image:
            if image.width * image.height > PIXELS:
                raise Refused(
                    f"It is {image.width:,} by {image.height:,} pixels. "
                    f"Make it smaller: {PIXELS // 1_000_000} million pixels are the limit."
                )
            image.load()
            turned = ImageOps.exif_transpose(image)
    except (OSError, SyntaxError, ValueError, struct.error) as wrong:
        raise Refused(NO_PICTURE) from wrong
    turned.info = {name: turned.info[name] for name in KEPT if name in turned.info}
    written = BytesIO()
    if kind == "PNG":
        turned.save(written, "PNG", exif=b"")
    else:
        turned.save(written, "JPEG", quality=90)
    return written.getvalue()


def without_segments(jpeg: bytes) -> bytes:
    """A JPEG inside a document, without its place, camera and comments; the pixels stay as they are."""
    if jpeg[:2] != b"\xff\xd8":
        raise Refused(NO_PICTURE)
    kept, at = [jpeg[:2]], 2
    while at + 4 <= len(jpeg):
        if jpeg[at] != 0xFF:
            raise Refused(NO_PICTURE)
        mark = jpeg[at + 1]
        if mark == 0xFF:
            at += 1
            continue
        if mark in (_START_OF_SCAN, _END):
            return b"".join([*kept, jpeg[at:]])
        length = 2 + int.from_bytes(jpeg[at + 2 : at + 4], "big")
        is_extra = 0xE0 <= mark <= 0xEF or mark == 0xFE
        if not is_extra or mark in _KEPT_SEGMENTS:
            kept.append(jpeg[at : at + length])
        at += length
    raise Refused(NO_PICTURE)
