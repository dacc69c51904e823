import argparse
import json
import os
import platform
import subprocess
import sys
from pathlib import Path
from typing import Any

from bench.scratch import database, environment

SIZES = ("32x30", "343x60")
RESULTS = Path(__file__).parent / "results.json"
COLUMNS = (
    "Measured",
    "Size",
    "Median ms",
    "Least",
    "Floor ms",
    "Least",
    "Queries",
    "Bytes or kB",
    "Budget",
    "Within",
)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench", description="Measure what DESIGN §9 promises.")
    parser.add_argument("sizes", nargs="*", default=SIZES, metavar="BOROUGHSxCRITERIA")
    results: dict[str, Any] = {"measures": [], "accesses": []}
    for size in parser.parse_args().sizes:
        print(f"Measuring {size.replace('x', ' boroughs by ')} criteria …", flush=True)
        found = measured(size)
        for kind, rows in found.items():
            results[kind] += rows
        print(table([COLUMNS, *(row_of(measure) for measure in found["measures"])]), flush=True)
    results["machine"] = {
        "cores": os.cpu_count(),
        "python": platform.python_version(),
        "load": os.getloadavg(),
    }
    RESULTS.write_text(json.dumps(results, indent=2) + "\n")
    if results["accesses"]:
        heads = ("Page", "Large table", "Reached by", "Index")
        rows = [
            (access["page"], access["table"], access["how"], access["index"] or "none")
            for access in results["accesses"]
        ]
        print(table([heads, *rows]))
    missed = [measure["name"] for measure in results["measures"] if measure["within"] is False]
    said = f"{len(missed)}: {', '.join(missed)}" if missed else "none"
    print(f"Budgets missed: {said}. Written to {RESULTS.name}.")
    return 0


def measured(size: str) -> dict[str, list[dict[str, Any]]]:
    with database(f"cdrp_bench_{size}_{os.getpid()}") as url:
        told = subprocess.run(
            [sys.executable, "-m", "bench.one_size", size],
            env=environment(url),
            stdout=subprocess.PIPE,
            check=True,
        )
    return json.loads(told.stdout.splitlines()[-1])


def row_of(measure: dict[str, Any]) -> tuple[str, ...]:
    return (
        measure["name"],
        measure["size"],
        number(measure["milliseconds"], digits=1),
        number(measure["least"], digits=1),
        number(measure["floor"], digits=1),
        number(measure["floor_least"], digits=1),
        number(measure["queries"]),
        f"{number(measure['quantity'])} {measure['unit']}" if measure["quantity"] is not None else "",
        budget_of(measure),
        {True: "yes", False: "NO", None: ""}[measure["within"]],
    )


def budget_of(measure: dict[str, Any]) -> str:
    parts = (
        (measure["budget"], "ms"),
        (measure["query_budget"], "queries"),
        (measure["quantity_budget"], measure["unit"]),
    )
    return ", ".join(f"{number(limit)} {unit}" for limit, unit in parts if limit is not None)


def number(value: float | None, digits: int = 0) -> str:
    return "" if value is None else f"{value:,.{digits}f}"


def table(rows: list[tuple[str, ...]]) -> str:
    widths = [max(len(cell) for cell in column) for column in zip(*rows, strict=True)]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) for row in rows]
    return "\n".join(["", lines[0], "  ".join("-" * width for width in widths), *lines[1:], ""])


if __name__ == "__main__":
    sys.exit(main())
