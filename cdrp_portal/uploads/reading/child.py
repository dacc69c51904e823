"""The child's own beginning: limits first, then one reader on one file. It answers by its exit and a line."""

import resource
import sys
from importlib import import_module
from pathlib import Path

from . import Refused

MEMORY_BYTES = 500_000_000
PROCESSOR_SECONDS = 20
WRITTEN_BYTES = 64_000_000
REFUSED_EXIT = 3

# By module and function: a child imports only what its own file needs.
READERS = {
    "pdf": ("pdfs", "read"),
    "png": ("images", "read_png"),
    "jpg": ("images", "read_jpeg"),
    "docx": ("office", "read_docx"),
    "xlsx": ("office", "read_xlsx"),
    "odt": ("office", "read_odt"),
    "ods": ("office", "read_ods"),
    "csv": ("text", "read_csv"),
    "txt": ("text", "read_text"),
    # The cells of a spreadsheet, as JSON: what an import reads.
    "xlsx-cells": ("cells", "read_xlsx"),
    "ods-cells": ("cells", "read_ods"),
    "csv-cells": ("cells", "read_csv"),
}


def main(kind: str, source: str, target: str) -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CPU, (PROCESSOR_SECONDS, PROCESSOR_SECONDS))
    resource.setrlimit(resource.RLIMIT_FSIZE, (WRITTEN_BYTES, WRITTEN_BYTES))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    module, function = READERS[kind]
    try:
        getattr(import_module(f"{__package__}.{module}"), function)(Path(source), Path(target))
    except Refused as refused:
        sys.stdout.write(str(refused))
        sys.exit(REFUSED_EXIT)
    except MemoryError:
        sys.stdout.write("It unpacks to more than the portal takes.")
        sys.exit(REFUSED_EXIT)
