"""Sizes of the checks: short in the suite, the table's own by SOAK=1 (`make soak`)."""

import os

SOAK = os.environ.get("SOAK") == "1"


def size(suite: int, soak: int) -> int:
    return soak if SOAK else suite
